"""`crm demo`, and the demo company of `crm run`."""

import json
import os
import secrets
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import click
from tqdm import tqdm

from chassis.calendar import CHINA
from chassis.clock import SystemClock
from crm.client import CannotConnect, Client, Credentials, Refusal
from crm.demo.loader import STEPS, Loader, NotEmpty, in_background, sign_ins
from crm.options import client_command

NOT_EMPTY = "这家公司已有自己的客户，不会装入演示数据 / this company has customers of its own; nothing was loaded"
UNFINISHED = (
    "  演示公司未装完，下次启动时继续 / not all of the demo company was loaded, the next start goes on: {error}"
)
ROLES = {
    "admin": "管理员", "executive": "高管", "manager": "经理", "sales": "销售", "marketing": "市场", "service": "服务",
    "finance": "财务", "auditor": "审计",
}  # fmt: skip


@click.command()
@client_command
def demo(client: Client) -> None:
    """Load the demo company into an empty one; the same again goes on where it was broken off.

    Everybody in it signs in with CRM_DEMO_PASSWORD; without it one is made up and printed.
    """
    password = os.environ.get("CRM_DEMO_PASSWORD") or secrets.token_urlsafe(9)
    with tqdm(total=STEPS, desc="demo", file=sys.stderr) as bar:
        loader = Loader(client, client.url, password, today(), lambda done, of: bar.update(done - bar.n))
        try:
            loader.load()
        except NotEmpty:
            click.echo(f"crm: {NOT_EMPTY}", err=True)
            sys.exit(2)
    click.echo(table(sign_ins(password)))


def today() -> date:
    return SystemClock().now().astimezone(CHINA).date()


def table(people: list[dict[str, str]]) -> str:
    """The sign-ins, one a line."""
    rows = [
        f"  {ROLES[who['role']]}\t{who['username']}\t{who['password']}\t{who['name']}, {who['unit']}" for who in people
    ]
    return "\n".join(rows).expandtabs(16)


@dataclass
class DemoCompany:
    """The demo company of a data folder: from which day it tells, with what password, and whether it is all there.

    Its passwords guard made-up people of a server that listens on this machine only; the file is its owner's (0600).
    """

    folder: Path
    day: date
    password: str
    admin_password: str | None
    loaded: bool = False

    @classmethod
    def found(cls, folder: Path) -> "DemoCompany | None":
        path = folder / "demo.json"
        if not path.exists():
            return None
        kept = json.loads(path.read_text())
        return cls(folder, date.fromisoformat(kept.pop("day")), **kept)

    @classmethod
    def begun(cls, folder: Path, admin_password: str | None) -> "DemoCompany":
        """A new one; `admin_password` when it was made up, so that it may be shown."""
        company = cls(folder, today(), secrets.token_urlsafe(9), admin_password)
        company.keep()
        return company

    def keep(self) -> None:
        kept = {"day": self.day.isoformat(), "password": self.password}
        kept |= {"admin_password": self.admin_password, "loaded": self.loaded}  # type: ignore[dict-item]
        partial = self.folder / "demo.new"
        partial.touch(mode=0o600)
        partial.write_text(json.dumps(kept, indent=1))
        partial.rename(self.folder / "demo.json")

    def sign_ins(self) -> list[dict[str, str]]:
        """Whom the sign-in page offers."""
        admin = {
            "username": "admin",
            "password": self.admin_password or "",
            "name": "管理员",
            "role": "admin",
            "unit": "总部",
        }
        return sign_ins(self.password) + ([admin] if self.admin_password else [])

    def load(self, url: str, say: Callable[[str], None]) -> None:
        """Bring it in beside the running server; say how far it is, and at the end who may sign in."""
        if self.loaded:
            say(table(self.sign_ins()))
            return
        password = self.admin_password or os.environ.get("CRM_ADMIN_PASSWORD", "")
        client = Client(url, Credentials(username="admin", password=password))

        def progress(done: int, of: int) -> None:
            say(f"  演示公司 / demo company: {100 * done // of} %")

        def run() -> None:
            try:
                Loader(client, url, self.password, self.day, progress).load()
            except (CannotConnect, Refusal, RuntimeError) as error:
                say(UNFINISHED.format(error=error))
                return
            self.loaded = True
            self.keep()
            say(table(self.sign_ins()))

        in_background(run)
