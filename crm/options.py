"""What the client commands share: where the gateway is, and how errors end them."""

import functools
import sys
from collections.abc import Callable
from typing import Any

import click

from crm.client import CannotConnect, Client, Credentials, Refusal

Command = Callable[..., Any]


def client_command(command: Command) -> Command:
    """Give `command` a signed-in client as its first argument; a refusal or silence ends it with status 2."""

    @click.option("--url", help="The gateway; CRM_URL, else http://127.0.0.1:8000.")
    @functools.wraps(command)
    def connected(url: str | None, **options: Any) -> Any:
        try:
            return command(Client(url, Credentials.from_environment()), **options)
        except (CannotConnect, Refusal) as error:
            click.echo(f"crm: {error}", err=True)
            sys.exit(2)

    return connected
