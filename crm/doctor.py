"""`crm doctor`: what is wrong with a deployment, and what to do about it."""

import sys
from collections.abc import Callable
from dataclasses import dataclass

import click
import psycopg

from chassis import migrate
from chassis.bus import BusUnavailable, topology
from chassis.bus.rabbit import connect
from chassis.settings import InvalidSettings, Settings
from chassis.store import open_engine
from crm import company

SERVERS = """
SELECT current_setting('server_version_num')::int >= 150000,
       current_setting('server_encoding') = 'UTF8',
       'a' ~ '^[[:alpha:]]$' AND '同' ~ '^[[:alpha:]]$'
"""


@dataclass(frozen=True)
class Check:
    """One thing looked at; `remedy` is what to do when it is not as it should be."""

    name: str
    look: Callable[[], bool]
    remedy: str


@click.command()
@click.option(
    "--service", type=click.Choice(company.NAMES), help="Also check that this service's database is migrated."
)
def doctor(service: str | None) -> None:
    """Check the settings, the database and the broker that CRM_* name; each fault with its remedy."""
    failed = 0
    for check in _checks(service):
        try:
            fine, why = check.look(), ""
        except (InvalidSettings, psycopg.Error, BusUnavailable, OSError) as error:
            fine, why = False, f" ({error})".replace("\n", " ")
        click.echo(f"{'ok   ' if fine else 'FAULT'}  {check.name}{why}")
        if not fine:
            failed += 1
            click.echo(f"       {check.remedy}")
    sys.exit(1 if failed else 0)


def _checks(service: str | None) -> list[Check]:
    checks = [Check("settings", _settings, "correct the variable named; docs/operations.md lists all")]
    url, amqp = _urls()
    if url:
        looked = ("version 15 or newer", "encoding UTF8", "locale knows Chinese")
        remedy = "create the cluster with: initdb --encoding=UTF8 --locale=C.UTF-8 (PostgreSQL 15 or newer)"
        checks += [Check(f"database: {name}", _server(url, at), remedy) for at, name in enumerate(looked)]
        if service:
            checks.append(Check("database: migrated", _migrated(url, service), f"run: crm migrate {service}"))
    if amqp:
        checks.append(Check("broker: queues as declared", lambda: not drift(amqp), "run: crm broker setup"))
    if not url and not amqp:
        checks.append(Check("something to check", lambda: False, "set CRM_DATABASE_URL and CRM_AMQP_URL"))
    return checks


def drift(amqp_url: str) -> list[str]:
    """What is missing in the broker or stands otherwise than declared. Raises BusUnavailable."""
    with connect(amqp_url) as connection:
        return topology.verify(connection, company.consumers())


def _settings() -> bool:
    Settings.from_environment()
    return True


def _urls() -> tuple[str, str]:
    try:
        settings = Settings.from_environment()
    except InvalidSettings:  # the first check tells
        return "", ""
    return settings.database_url, settings.amqp_url


def _server(url: str, at: int) -> Callable[[], bool]:
    def look() -> bool:
        with psycopg.connect(url, connect_timeout=5) as connection:
            row = connection.execute(SERVERS).fetchone()
        return bool(row and row[at])

    return look


def _migrated(url: str, service: str) -> Callable[[], bool]:
    def look() -> bool:
        engine = open_engine(url, pool_size=1)
        try:
            with engine.connect() as connection:
                return migrate.is_current(service, connection)
        finally:
            engine.dispose()

    return look
