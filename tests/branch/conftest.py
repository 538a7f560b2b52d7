"""Headquarters in production processes, two branches with somebody who sells, and the branches' own systems."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from branch.spool import Spool
from crm.cli import cli
from tests.support.runs import PASSWORD, production
from tests.support.servers import RabbitNode
from tests.system.conftest import drop_databases, open_folder


@pytest.fixture(scope="package")
def secrets(tmp_path_factory) -> Path:
    """What `crm secrets` hands out where two branches are let in, one after the other."""
    folder = tmp_path_factory.mktemp("secrets")
    for code in ("EAST", "WEST"):
        done = CliRunner().invoke(cli, ["secrets", str(folder), "--branch", code])
        assert done.exit_code == 0, done.output
    return folder


@pytest.fixture(scope="package")
def hub_broker(tmp_path_factory, secrets) -> RabbitNode:
    """Headquarters' broker, with the users that were handed out; `setup` may do all, since it runs all processes."""
    folder = tmp_path_factory.mktemp("hub")
    definitions = json.loads((secrets / "rabbitmq" / "definitions.json").read_text())
    for permission in definitions["permissions"]:
        if permission["user"] == "setup":
            permission |= {"configure": ".*", "write": ".*", "read": ".*"}
    (folder / "definitions.json").write_text(json.dumps(definitions))
    user = (secrets / "broker" / "amqp-url").read_text().removeprefix("amqp://").partition("@")[0]
    node = RabbitNode(folder, user=user, configuration=f"load_definitions = {folder / 'definitions.json'}\n")
    node.start()
    yield node
    node.stop()


@pytest.fixture(scope="package")
def company(tmp_path_factory, cluster, hub_broker):
    drop_databases(cluster)
    folder = open_folder(tmp_path_factory.mktemp("headquarters"))
    run = production(folder / "var", hub_broker.url, cluster.url("postgres")).start()
    yield run
    run.stop()


@pytest.fixture(scope="package")
def admin(company):
    return company.client()


@pytest.fixture(scope="package")
def units(admin):
    """The branches EAST and WEST, and somebody who sells in each."""
    (root,) = [unit for unit in admin.every("/api/v1/units") if unit["parent_id"] is None]
    made = {}
    for code, name in (("EAST", "杭州分公司"), ("WEST", "成都分公司")):
        body = {"code": code, "name": name, "kind": "branch", "parent_id": root["id"]}
        made[code] = admin.post("/api/v1/units", body)["id"]
        membership = {"unit_id": made[code], "role": "sales", "primary": True}
        person = {"username": f"sales.{code}".lower(), "name": name, "password": PASSWORD, "memberships": [membership]}
        admin.post("/api/v1/users", person)
    return made


@dataclass
class Branch:
    """The system of the branch `code`, its files in `folder`."""

    code: str
    folder: Path
    url: str

    def run(self, *arguments: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            self._command(*arguments), env=self._environment, capture_output=True, text=True, timeout=90
        )

    def start(self, *arguments: str) -> subprocess.Popen:
        return subprocess.Popen(self._command(*arguments), env=self._environment)

    def publish(self, *rows: dict, wait: int = 30) -> subprocess.CompletedProcess:
        return self.run("publish", str(self.write(*rows)), "--wait", str(wait))

    def write(self, *rows: dict) -> Path:
        path = self.folder / "leads.jsonl"
        path.write_text("".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows))
        return path

    @property
    def spool(self) -> Spool:
        return Spool(self.folder / "spool", self.code)

    @property
    def waiting(self) -> int:
        return self.spool.status().waiting

    def _command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "branch", *arguments]

    @property
    def _environment(self) -> dict[str, str]:
        own = {"CODE": self.code, "SPOOL": str(self.folder / "spool"), "AMQP_URL": self.url}
        return os.environ | {f"CRM_BRANCH_{name}": value for name, value in own.items()}


@pytest.fixture
def branch(tmp_path, secrets, hub_broker, units):
    """The system of a branch, with the address it was handed."""

    def of(code: str = "EAST") -> Branch:
        handed = (secrets / "branches" / code / "amqp-url").read_text()
        folder = tmp_path / code
        folder.mkdir(exist_ok=True)
        return Branch(code, folder, handed.replace("rabbitmq:5672", f"127.0.0.1:{hub_broker.port}"))

    return of
