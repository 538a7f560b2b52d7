"""`crm-branch`: what a branch's own system runs."""

import signal
import sqlite3
import sys
from typing import BinaryIO

import click

from branch import leads
from branch.hub import WrongUser
from branch.sending import Sender
from branch.settings import Settings, with_settings
from branch.spool import NotThisBranch

WAIT_SECONDS = 30

WAITS = (
    "总部暂时联系不上，{waiting} 条留在本地，下次发送 / headquarters is away: {waiting} wait in the spool until then"
)


@click.group()
def cli() -> None:
    """Tongzhou CRM 同舟: a branch's own system tells headquarters what it knows.

    CRM_BRANCH_AMQP_URL names headquarters' broker, as branch.CODE signs in to it.
    """


@cli.command()
@click.argument("file", type=click.File("rb"))
@click.option("--wait", default=WAIT_SECONDS, show_default=True, type=click.IntRange(0, 3600), help="Seconds, at most.")
@with_settings
def publish(settings: Settings, file: BinaryIO, wait: int) -> None:
    """Store the leads in FILE (one JSON object a line, - for standard input), then send all that waits.

    Once it says «stored» nothing is lost, whatever happens; the same file again doubles nothing. Exits with 0 when all
    is stored, sent or not; with 2, having stored nothing, when a line is no lead.
    """
    try:
        told = leads.read(file, settings.code)
    except leads.InvalidLines as error:
        for problem in error.problems:
            click.echo(f"{file.name}:{problem}", err=True)
        sys.exit(2)
    hub, spool = settings.hub(), settings.spool()
    new = spool.store(told)
    click.echo(f"已存 / stored: {len(told)} ({new} new)")
    _send(Sender(spool, hub, _say), wait)


@cli.command()
@click.option("--wait", default=WAIT_SECONDS, show_default=True, type=click.IntRange(0, 3600), help="Seconds, at most.")
@with_settings
def send(settings: Settings, wait: int) -> None:
    """Send what waits; exits with 1 when some still does."""
    sent = _send(Sender(settings.spool(), settings.hub(), _say), wait)
    sys.exit(0 if sent else 1)


@cli.command()
@with_settings
def run(settings: Settings) -> None:
    """Send whatever is stored as soon as it is, until SIGTERM."""
    sender = Sender(settings.spool(), settings.hub(), _say)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sender.stopping.set())
    sender.for_ever()


@cli.command()
@with_settings
def status(settings: Settings) -> None:
    """How many events were stored, and how many wait since when."""
    found = settings.spool().status()
    since = found.waiting_since.isoformat(timespec="seconds") if found.waiting_since else "-"
    click.echo(f"epoch    {found.epoch}\nstored   {found.stored}\nwaiting  {found.waiting}\nsince    {since}")


def _send(sender: Sender, wait: int) -> bool:
    if sender.until_empty(wait):
        click.echo("已送达总部 / all sent")
        return True
    click.echo(WAITS.format(waiting=sender.spool.status().waiting), err=True)
    return False


def _say(reason: str) -> None:
    click.echo(f"crm-branch: {reason}", err=True)


def main() -> None:
    """Run the command line; what a user can mend is said in one line."""
    try:
        cli(prog_name="crm-branch")
    except (WrongUser, NotThisBranch, sqlite3.Error) as error:
        click.echo(f"crm-branch: {error}", err=True)
        sys.exit(2)
