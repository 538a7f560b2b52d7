"""What a branch's system is told from outside: options of `crm-branch`, or environment variables."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from branch.hub import Hub
from branch.spool import Spool
from contracts.branch import CODE

DEFAULT_SPOOL = Path("branch.spool")


@dataclass(frozen=True, repr=False)
class Settings:
    """Which branch this is, where its spool lies, and how it reaches headquarters; the address holds a password."""

    code: str
    spool_path: Path
    amqp_url: str

    def spool(self) -> Spool:
        return Spool(self.spool_path, self.code)

    def hub(self) -> Hub:
        if not self.amqp_url:
            raise click.UsageError("set CRM_BRANCH_AMQP_URL, or CRM_BRANCH_AMQP_URL_FILE, to headquarters' broker")
        return Hub(self.amqp_url, self.code)


def with_settings(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command its `settings`."""

    def run(code: str, spool_path: Path, **given: Any) -> None:
        if not CODE.fullmatch(code):
            raise click.BadParameter("1 to 40 letters, digits, - or _", param_hint="--branch")
        command(Settings(code, spool_path, _amqp_url()), **given)

    run.__doc__, run.__name__ = command.__doc__, command.__name__
    branch = click.option("--branch", "code", envvar="CRM_BRANCH_CODE", required=True, help="CRM_BRANCH_CODE.")
    spool = click.option(
        "--spool",
        "spool_path",
        envvar="CRM_BRANCH_SPOOL",
        default=DEFAULT_SPOOL,
        show_default=True,
        type=click.Path(path_type=Path, dir_okay=False),
        help="CRM_BRANCH_SPOOL.",
    )
    return branch(spool(run))


def _amqp_url() -> str:
    """From CRM_BRANCH_AMQP_URL, or from the file CRM_BRANCH_AMQP_URL_FILE names; never from the command line."""
    path = os.environ.get("CRM_BRANCH_AMQP_URL_FILE")
    if not path:
        return os.environ.get("CRM_BRANCH_AMQP_URL", "")
    try:
        return Path(path).read_text().strip()
    except OSError as error:
        raise click.UsageError(f"CRM_BRANCH_AMQP_URL_FILE cannot be read: {error.strerror}") from error
