#!/bin/sh
# Runs once, when the data volume is empty: for each password handed out, a role and the database it owns.
set -eu
for file in /run/crm/crm_*; do
  psql --set ON_ERROR_STOP=1 --set role="$(basename "$file")" --username "$POSTGRES_USER" --dbname postgres <<SQL
\set password \`cat $file\`
CREATE ROLE :"role" LOGIN PASSWORD :'password';
CREATE DATABASE :"role" OWNER :"role";
REVOKE CONNECT ON DATABASE :"role" FROM PUBLIC;
SQL
done
