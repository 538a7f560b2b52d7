"""The backbone and the tables of organization."""

from alembic import op

from chassis.store import create_backbone
from chassis.trust import create_trust

revision = "organization_0001"
down_revision = None

TABLES = """
CREATE EXTENSION IF NOT EXISTS ltree;

CREATE TABLE units (
    id uuid PRIMARY KEY,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    parent_id uuid REFERENCES units (id),
    path ltree NOT NULL,
    closed_at timestamptz,
    external_system text,
    external_id text
);
CREATE UNIQUE INDEX units_code ON units (lower(code));
CREATE UNIQUE INDEX units_one_root ON units ((parent_id IS NULL)) WHERE parent_id IS NULL;
CREATE UNIQUE INDEX units_external ON units (external_system, external_id);
CREATE INDEX units_path ON units USING gist (path);
CREATE INDEX units_created ON units (created_at, id);

CREATE TABLE users (
    id uuid PRIMARY KEY,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    username text NOT NULL,
    name text NOT NULL,
    email text,
    locale text NOT NULL,
    active boolean NOT NULL,
    password_hash text,
    sequence bigint NOT NULL DEFAULT 1,
    external_system text,
    external_id text
);
CREATE UNIQUE INDEX users_username ON users (lower(username));
CREATE UNIQUE INDEX users_external ON users (external_system, external_id);
CREATE INDEX users_created ON users (created_at, id);

CREATE TABLE memberships (
    user_id uuid NOT NULL REFERENCES users (id),
    unit_id uuid NOT NULL REFERENCES units (id),
    role text NOT NULL,
    manager_id uuid REFERENCES users (id),
    is_primary boolean NOT NULL,
    PRIMARY KEY (user_id, unit_id, role)
);
CREATE INDEX memberships_unit ON memberships (unit_id, role);
CREATE UNIQUE INDEX memberships_one_primary ON memberships (user_id) WHERE is_primary;

CREATE TABLE sessions (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id),
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz
);
CREATE INDEX sessions_user ON sessions (user_id) WHERE revoked_at IS NULL;

-- Refresh tokens rotate: each is used once, and one used again ends its session.
CREATE TABLE refresh_tokens (
    hash bytea PRIMARY KEY,
    session_id uuid NOT NULL REFERENCES sessions (id),
    used_at timestamptz
);

CREATE TABLE api_keys (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id),
    name text NOT NULL,
    hash bytea NOT NULL UNIQUE,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz
);

CREATE TABLE sign_in_failures (
    username text PRIMARY KEY,
    failures integer NOT NULL,
    failed_at timestamptz NOT NULL
);

-- Private keys lie encrypted; each signs from `signs_from` on and is believed until `not_after`.
CREATE TABLE signing_keys (
    kid text PRIMARY KEY,
    x text NOT NULL,
    private bytea NOT NULL,
    created_at timestamptz NOT NULL,
    signs_from timestamptz NOT NULL,
    not_after timestamptz
);
"""


def upgrade() -> None:
    connection = op.get_bind()
    create_backbone(connection)
    create_trust(connection)
    connection.exec_driver_sql(TABLES)
