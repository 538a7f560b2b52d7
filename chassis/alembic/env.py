"""Alembic's entry: runs a service's versions on the connection that `chassis.migrate` opened."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
with context.begin_transaction():
    context.run_migrations()
