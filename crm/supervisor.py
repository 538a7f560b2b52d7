"""`crm up`: the production processes on one machine, watched, with one end for all."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg

from chassis import migrate
from chassis.bus import topology
from chassis.bus.rabbit import connect
from chassis.postgres import ensure_database
from crm import company
from crm.secrets import Secrets, admin_password

GRACE_SECONDS = 25
FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 15.0
STEADY_SECONDS = 30.0

_printing = threading.Lock()


@dataclass
class Child:
    """One process: what it runs, with which environment, and how often it died of late."""

    name: str
    arguments: list[str]
    environment: dict[str, str]
    process: subprocess.Popen[str] | None = None
    deaths: int = 0
    started_at: float = field(default=0.0)

    def start(self) -> None:
        self.started_at = time.monotonic()
        self.process = subprocess.Popen(  # noqa: S603 -- our own program and arguments
            [sys.executable, "-m", "crm", *self.arguments],
            env=os.environ | self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        threading.Thread(target=self._prefix, args=(self.process,), daemon=True).start()

    def watch(self, stopping: threading.Event) -> None:
        """Start it, and again whenever it dies, after a pause that grows while it keeps dying."""
        while not stopping.is_set():
            self.start()
            assert self.process is not None  # noqa: S101 -- just started
            status = self.process.wait()
            if stopping.is_set():
                return
            steady = time.monotonic() - self.started_at > STEADY_SECONDS
            self.deaths = 1 if steady else self.deaths + 1
            pause = min(FIRST_PAUSE_SECONDS * 2 ** (self.deaths - 1), LONGEST_PAUSE_SECONDS)
            write(self.name, f"ended with {status}; starting again in {pause:.1f} s")
            stopping.wait(pause)

    def terminate(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def end(self, until: float) -> None:
        """Wait for it to end; kill it when it has not by `until`."""
        if self.process is None:
            return
        try:
            self.process.wait(max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            write(self.name, "did not end in time; killed")
            self.process.kill()
            self.process.wait()

    def _prefix(self, process: subprocess.Popen[str]) -> None:
        for line in process.stdout or ():
            write(self.name, line.rstrip())


def up(amqp_url: str, postgres_url: str, port: int, data: Path) -> None:
    """Create what is absent, start every process, print the address; one SIGINT or SIGTERM ends all."""
    data.mkdir(parents=True, exist_ok=True)
    data.chmod(0o700)
    kept = Secrets(data)
    urls = _databases(postgres_url, kept)
    fresh = _prepare(urls, amqp_url)
    password, made_up = admin_password()
    children = _children(urls, amqp_url, port, kept.key(), password)
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    watchers = [threading.Thread(target=child.watch, args=(stopping,), daemon=True) for child in children]
    for watcher in watchers:
        watcher.start()
    write("up", f"http://127.0.0.1:{port}   user admin" + (f"   password {password}" if fresh and made_up else ""))
    stopping.wait()
    _end(children)


def write(name: str, line: str) -> None:
    with _printing:
        sys.stdout.write(f"{name:<22} | {line}\n")
        sys.stdout.flush()


def _databases(postgres_url: str, kept: Secrets) -> dict[str, str]:
    urls = {}
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        for name in company.NAMES:
            database = f"crm_{name}"
            ensure_database(connection, database, kept.password(database))
            urls[name] = _url(postgres_url, database, kept.password(database))
    return urls


def _url(postgres_url: str, database: str, password: str) -> str:
    parts = urlsplit(postgres_url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{database}:{quote(password, safe='')}@{host}", path=f"/{database}"))


def _prepare(urls: dict[str, str], amqp_url: str) -> bool:
    """Migrate every database and set up the broker; whether the company is a fresh one."""
    for name, url in urls.items():
        migrate.upgrade(name, url)
    with connect(amqp_url) as connection:
        topology.setup(connection, company.consumers())
    with psycopg.connect(urls["organization"]) as connection:
        return connection.execute("SELECT 1 FROM units LIMIT 1").fetchone() is None


def _children(urls: dict[str, str], amqp_url: str, port: int, key: str, password: str) -> list[Child]:
    ports = _free_ports(2 * len(urls) + 1)
    common = {"CRM_AMQP_URL": amqp_url, "CRM_HOST": "127.0.0.1", "CRM_GRACE_SECONDS": str(GRACE_SECONDS)}
    children, upstreams, ready = [], [], []
    for name, url in urls.items():
        serving, watching = ports.pop(), ports.pop()
        own = common | {"CRM_DATABASE_URL": url}
        if name == "organization":
            own |= {"CRM_SECRET_KEY": key, "CRM_ADMIN_PASSWORD": password}
        children.append(Child(f"serve {name}", ["serve", name], own | {"CRM_PORT": str(serving)}))
        children.append(Child(f"work {name}", ["work", name], own | {"CRM_METRICS_PORT": str(watching)}))
        upstreams.append(f"{name}=http://127.0.0.1:{serving}")
        ready += [f"http://127.0.0.1:{number}/health/ready" for number in (serving, watching)]
    gateway = common | {
        "CRM_PORT": str(port),
        "CRM_METRICS_PORT": str(ports.pop()),
        "CRM_UPSTREAMS": ",".join(upstreams),
        "CRM_READY_URLS": ",".join(ready),
    }
    return [*children, Child("serve gateway", ["serve", "gateway"], gateway)]


def _free_ports(count: int) -> list[int]:
    """Ports nobody listens on now, all different."""
    held = [socket.socket() for _ in range(count)]
    for each in held:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in held]
    for each in held:
        each.close()
    return ports


def _end(children: list[Child]) -> None:
    """The door first, then the services, then the workers: what was accepted is finished and sent."""
    until = time.monotonic() + GRACE_SECONDS + 5
    for kind in ("serve gateway", "serve ", "work "):
        ending = [child for child in children if child.name.startswith(kind)]
        for child in ending:
            child.terminate()
        for child in ending:
            child.end(until)
