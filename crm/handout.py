"""`crm secrets`: a deployment's secrets, made up once, one folder for each who is to know them and nothing else."""

import base64
import hashlib
import json
import os
import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import click

from contracts.branch import CODE, EXCHANGE, user_of
from crm import company
from crm.secrets import Secrets

SALT_BYTES = 4
NOTHING = "^$"


@click.command("secrets")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--database", default="postgres:5432", show_default=True, help="Where PostgreSQL listens.")
@click.option("--broker", default="rabbitmq:5672", show_default=True, help="Where RabbitMQ listens.")
@click.option("--branch", "branches", multiple=True, help="The code of a branch whose system is to be let in.")
def hand_out(folder: Path, database: str, broker: str, branches: tuple[str, ...]) -> None:
    """Make up the secrets that FOLDER/kept lacks, and write to FOLDER/<who> what each is to know.

    A branch that was let in once stays so; what its system is to know lies in FOLDER/branches/<code>.
    """
    if wrong := [code for code in branches if not CODE.fullmatch(code)]:
        raise click.BadParameter(f"{wrong[0]!r}: 1 to 40 letters, digits, - or _", param_hint="--branch")
    kept = Secrets(folder / "kept")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    kept.folder.mkdir(exist_ok=True)
    for code in branches:
        kept.password(f"broker.{user_of(code)}")
    for who, files in handouts(kept, database, broker).items():
        own = folder / who
        own.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (own / name).write_text(text)


def handouts(kept: Secrets, database: str, broker: str) -> dict[str, dict[str, str]]:
    """Text by file name, for each who is handed some."""

    def amqp(user: str) -> str:
        return f"amqp://{user}:{quote(kept.password(f'broker.{user}'), safe='')}@{broker}//"

    scaler = f"keda:{quote(kept.password('broker.keda'), safe='')}@{broker.partition(':')[0]}"
    roles = {f"crm_{name}": kept.password(f"crm_{name}") for name in company.NAMES}
    services = {
        name: {
            "database-url": f"postgresql://crm_{name}:{quote(roles[f'crm_{name}'], safe='')}@{database}/crm_{name}",
            "amqp-url": amqp(name),
        }
        for name in company.NAMES
    }
    services["organization"] |= {
        "secret-key": kept.key(),
        "admin-password": os.environ.get("CRM_ADMIN_PASSWORD") or kept.password("admin"),
    }
    return {
        **services,
        "gateway": {"amqp-url": amqp("gateway")},
        "broker": {"amqp-url": amqp("setup")},
        **{f"branches/{code}": {"amqp-url": amqp(user_of(code))} for code in _let_in(kept)},
        "keda": {"http-url": f"http://{scaler}:15672/%2F"},
        "rabbitmq": {"definitions.json": json.dumps(definitions(kept), indent=1)},
        "postgres": {"password": kept.password("postgres"), **roles},
        "grafana": {"admin-password": kept.password("grafana")},
    }


def definitions(kept: Secrets) -> dict[str, Any]:
    """The broker's users, each allowed what it does and no more; `setup` alone may declare."""
    allowed = {name: (NOTHING, r"^(crm\.events|amq\.default)$", rf"^crm\.{name}(\.|$)") for name in company.NAMES}
    allowed |= {
        "setup": (r"^crm\.", r"^crm\.", r"^crm\."),
        "gateway": (r"^amq\.gen-", r"^amq\.gen-", r"^(amq\.gen-|crm\.events$)"),
        "keda": (NOTHING, NOTHING, NOTHING),
    }
    branches = [user_of(code) for code in _let_in(kept)]
    allowed |= {user: (NOTHING, rf"^{re.escape(EXCHANGE)}$", NOTHING) for user in branches}
    return {
        "vhosts": [{"name": "/"}],
        "users": [_user(name, kept.password(f"broker.{name}")) for name in allowed],
        "permissions": [
            {"user": name, "vhost": "/", "configure": configure, "write": write, "read": read}
            for name, (configure, write, read) in allowed.items()
        ],
        "topic_permissions": [
            {"user": user, "vhost": "/", "exchange": EXCHANGE, "write": rf"^{re.escape(user)}\.", "read": NOTHING}
            for user in branches
        ],
    }


def _let_in(kept: Secrets) -> list[str]:
    """Codes of the branches whose systems were let in: each has a user who may tell what his branch tells, no more."""
    before = f"broker.{user_of('')}"
    return [whose.removeprefix(before) for whose in kept.passwords() if whose.startswith(before)]


def _user(name: str, password: str) -> Mapping[str, Any]:
    salt = secrets.token_bytes(SALT_BYTES)
    return {
        "name": name,
        "password_hash": base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode(),
        "hashing_algorithm": "rabbit_password_hashing_sha256",
        "tags": ["monitoring"] if name == "keda" else [],
    }
