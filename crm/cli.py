"""The command line: `crm`."""

import sys
from pathlib import Path

import click

from chassis.bus import BusUnavailable
from chassis.postgres import PostgresUnavailable
from chassis.settings import InvalidSettings, Settings
from crm.company import NAMES
from crm.demo.command import demo
from crm.doctor import doctor, drift
from crm.events import events
from crm.handout import hand_out
from crm.imports.command import import_
from crm.report import report


@click.group()
def cli() -> None:
    """Tongzhou CRM 同舟."""


@cli.command()
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--data", default="./var", show_default=True, type=click.Path(path_type=Path, file_okay=False))
@click.option("--no-demo", is_flag=True, help="Start with an empty company.")
def run(port: int, data: Path, no_demo: bool) -> None:
    """Everything in one process, with a private database."""
    from crm.embedded import run as run_embedded

    run_embedded(port, data, with_demo=not no_demo)


@cli.command()
@click.option("--amqp", "amqp_url", required=True, help="The broker, amqp://…")
@click.option(
    "--postgres", "postgres_url", required=True, help="A server where databases may be created, postgresql://…"
)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--data", default="./var", show_default=True, type=click.Path(path_type=Path, file_okay=False))
def up(amqp_url: str, postgres_url: str, port: int, data: Path) -> None:
    """The production processes on this machine."""
    from crm.supervisor import up as supervise

    supervise(amqp_url, postgres_url, port, data)


@cli.command()
@click.argument("service", type=click.Choice([*NAMES, "gateway"]))
def serve(service: str) -> None:
    """Serve a service, or the gateway, over HTTP."""
    from crm import processes

    processes.serve(service)


@cli.command()
@click.argument("service", type=click.Choice(NAMES))
def work(service: str) -> None:
    """Consume, relay and keep time for a service."""
    from crm import processes

    processes.work(service)


@cli.command()
@click.argument("service", type=click.Choice(NAMES))
def migrate(service: str) -> None:
    """Bring a service's database to the newest version."""
    from crm import processes

    processes.run_migrations(service)


@cli.group()
def broker() -> None:
    """What stands in RabbitMQ."""


@broker.command()
@click.option("--amqp", "amqp_url", default=lambda: Settings.from_environment().amqp_url, help="CRM_AMQP_URL.")
def setup(amqp_url: str) -> None:
    """Declare exchanges, queues and bindings; what stands already is left as it is."""
    from chassis.bus import topology
    from chassis.bus.rabbit import connect
    from crm import company

    with connect(amqp_url) as connection:
        topology.setup(connection, company.consumers())


@broker.command()
@click.option("--amqp", "amqp_url", default=lambda: Settings.from_environment().amqp_url, help="CRM_AMQP_URL.")
def verify(amqp_url: str) -> None:
    """Fail when something is missing or stands otherwise than declared."""
    found = drift(amqp_url)
    for line in found:
        click.echo(line)
    sys.exit(1 if found else 0)


cli.add_command(demo)
cli.add_command(doctor)
cli.add_command(events)
cli.add_command(hand_out)
cli.add_command(import_)
cli.add_command(report)


def main() -> None:
    """Run the command line; what a user can mend is said in one line."""
    try:
        cli(prog_name="crm")
    except (InvalidSettings, BusUnavailable, PostgresUnavailable) as error:
        click.echo(f"crm: {error}", err=True)
        sys.exit(2)
