"""Migrations: Alembic, one line of versions per service, forward only."""

from importlib.resources import files
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from chassis.store import open_engine

LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('crm.migrate', 0))"


def upgrade(service: str, database_url: str) -> None:
    """Bring the database to the newest version; several processes at once are let in one after another."""
    engine = open_engine(database_url, pool_size=1)
    try:
        with engine.begin() as connection:
            connection.exec_driver_sql(LOCK)
            if is_current(service, connection):
                return
            config = _config(service)
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    finally:
        engine.dispose()


def is_current(service: str, connection: sa.Connection) -> bool:
    """Whether every migration this build knows has been run, and perhaps a newer build's: it must serve meanwhile."""
    scripts = ScriptDirectory.from_config(_config(service))
    known = {script.revision for script in scripts.walk_revisions()}
    current = set(MigrationContext.configure(connection).get_current_heads())
    return set(scripts.get_heads()) <= current or not current <= known


def _config(service: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(str(files("chassis"))) / "alembic"))
    config.set_main_option("version_locations", str(Path(str(files(f"services.{service}"))) / "migrations"))
    config.set_main_option("path_separator", "newline")
    return config
