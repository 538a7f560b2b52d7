"""Everything in one process: private PostgreSQL, the bus in memory, all services, their workers and the gateway."""

import contextlib
import hashlib
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import structlog
from waitress.server import create_server

from chassis import leases, logs, migrate
from chassis.auth import Actor
from chassis.bus.memory import MemoryBroker
from chassis.clock import SystemClock
from chassis.postgres import Cluster
from chassis.settings import Settings
from chassis.store import Database, open_engine
from chassis.waker import Waker
from chassis.web import create_app
from chassis.web.requests import Runtime
from chassis.worker import CONNECTIONS, Bus, Worker
from crm import company
from crm.demo.command import DemoCompany
from crm.secrets import Secrets, admin_password
from gateway.bodies import BULK_BYTES
from gateway.hub import Hub
from gateway.limits import Limiter
from gateway.listener import HEARD, Listener
from gateway.pages import NO_DEMO, SignIns, create_pages
from gateway.proxy import Gateway
from gateway.stream import GIVE_UP_SILENT
from gateway.upstreams import LocalUpstream

THREADS = 8
VIEWERS = 64
"""Streams at a time; each has a thread of the server to itself, besides those that answer."""
CALLERS = 100
"""Connections besides those of viewers."""
READY_SECONDS = 30
GATEWAY_QUEUE = "crm.gateway"
STATE_FOLDER = Path("/var/lib/tongzhou-crm")

log = structlog.get_logger()


def run(port: int, data: Path, *, with_demo: bool) -> None:
    """Start, print the address and, for a fresh company, the sign-in; serve until SIGINT or SIGTERM.

    `with_demo` lets a fresh company become the demo company; one that was begun is finished.
    """
    logs.configure(os.environ.get("CRM_LOG_LEVEL", "WARNING"))
    data.mkdir(parents=True, exist_ok=True)
    _require_free(port)
    cluster = Cluster(cluster_folder(data))
    cluster.start()
    try:
        hub = Hub(VIEWERS)
        with _company(cluster, data, hub, with_demo=with_demo) as (gateway, made_up):
            server = create_server(
                gateway,
                host="127.0.0.1",
                port=port,
                threads=2 * THREADS + VIEWERS,
                ident=None,
                max_request_body_size=BULK_BYTES + 1,
                connection_limit=CALLERS + VIEWERS,
                channel_request_lookahead=1,  # reads on while it answers, and so sees who hangs up
            )
            server.adj.socket_options = [*server.adj.socket_options, *GIVE_UP_SILENT]
            _announce(port, made_up)
            demo = DemoCompany.found(data)
            if demo is not None:
                demo.load(f"http://127.0.0.1:{port}", _say)
            _serve(server, hub)
    finally:
        cluster.stop("fast")


def cluster_folder(data: Path) -> Path:
    """Where the database's files lie: in the data folder, unless PostgreSQL, which refuses root, cannot enter it."""
    own = data.resolve() / "postgres"
    closed = os.geteuid() == 0 and any(not parent.stat().st_mode & 0o001 for parent in own.parents)
    if not closed:
        return own
    if not own.exists():
        elsewhere = STATE_FOLDER / hashlib.sha256(str(own).encode()).hexdigest()[:16]
        elsewhere.mkdir(parents=True, exist_ok=True)
        own.symlink_to(elsewhere)
    return own.resolve()


@contextlib.contextmanager
def _company(cluster: Cluster, data: Path, hub: Hub, *, with_demo: bool) -> Iterator[tuple[Gateway, str | None]]:
    kept, broker, stopping = Secrets(data), MemoryBroker(), threading.Event()
    broker.setup(company.consumers())
    _listen(broker, hub)
    password, made_up = admin_password()
    key = Settings.from_environment({**os.environ, "CRM_SECRET_KEY": kept.key()}).secret_key
    apps: dict[str, Any] = {}
    workers: list[Worker] = []
    fresh = False
    for name in company.NAMES:
        database_name = f"crm_{name}"
        url = cluster.ensure_database(database_name, kept.password(database_name))
        migrate.upgrade(name, url)
        settings = Settings(database_url=url, secret_key=key, admin_password=password, threads=THREADS)
        if name == "organization":
            fresh = _is_fresh(url)
        apps[name], worker = _service(name, settings, broker, stopping)
        workers.append(worker)
    try:
        trusted: Runtime = apps["organization"].extensions["crm"]
        gateway = _gateway(apps, trusted, hub, lambda: _demo_sign_ins(data))
        _wait_until_ready(apps)
        if fresh and with_demo:
            DemoCompany.begun(data, password if made_up else None)
        yield gateway, password if fresh and made_up else None
    finally:
        stopping.set()
        for worker in workers:
            worker.join(Settings().grace_seconds)


def _listen(broker: MemoryBroker, hub: Hub) -> None:
    """Have the hub hear every event, to the last that the workers send."""
    broker.bind(GATEWAY_QUEUE, HEARD)
    follow, subscriber = Listener((hub.hear,)).follow, broker.subscriber(GATEWAY_QUEUE)
    threading.Thread(target=follow, args=(subscriber,), name="listener", daemon=True).start()


def _service(name: str, settings: Settings, broker: MemoryBroker, stopping: threading.Event) -> tuple[Any, Worker]:
    service = company.service(name)
    app = create_app(service, settings)
    engine = open_engine(settings.database_url, pool_size=CONNECTIONS)
    with engine.begin() as connection:
        leases.end_all(connection)
    database = Database(engine, SystemClock(), f"/services/{name}", Waker(engine).wake)
    if service.on_start is not None:
        service.on_start(database, settings)
    bus = Bus(broker.publisher, lambda: broker.publisher(""), broker.subscriber)
    worker = Worker(service, database, bus)
    worker.start(stopping)
    return app, worker


def _demo_sign_ins(data: Path) -> dict[str, Any]:
    demo = DemoCompany.found(data)
    if demo is None:
        return NO_DEMO
    return {"items": demo.sign_ins() if demo.loaded else [], "loading": not demo.loaded}


def _gateway(apps: dict[str, Any], trusted: Runtime, hub: Hub, sign_ins: SignIns) -> Gateway:
    upstreams = {name: LocalUpstream(app) for name, app in apps.items()}
    pages = create_pages(upstreams, {name: lambda app=app: _is_ready(app) for name, app in apps.items()}, sign_ins)

    def verify(token: str) -> Actor:
        trusted.keeper.refresh()
        return trusted.verifier.verify(token)

    return Gateway(company.routes(), upstreams, pages, verify, Limiter(), hub)


def _is_fresh(url: str) -> bool:
    engine = open_engine(url, pool_size=1)
    try:
        with engine.connect() as connection:
            return connection.exec_driver_sql("SELECT 1 FROM units LIMIT 1").first() is None
    finally:
        engine.dispose()


def _is_ready(app: Any) -> bool:
    return bool(app.test_client().get("/health/ready").status_code == 200)


def _wait_until_ready(apps: dict[str, Any]) -> None:
    until = time.monotonic() + READY_SECONDS
    while not all(_is_ready(app) for app in apps.values()):
        if time.monotonic() > until:
            raise RuntimeError("the services did not become ready; see the log above")
        time.sleep(0.05)


def _require_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            sys.exit(f"端口 {port} 已被占用 / port {port} is taken: choose another with --port")


def _announce(port: int, password: str | None) -> None:
    lines = ["", "  同舟 CRM", f"  http://127.0.0.1:{port}"]
    if password is not None:
        lines.append(f"  用户 / user: admin    密码 / password: {password}   (只显示一次 / shown once)")
    elif os.environ.get("CRM_ADMIN_PASSWORD"):
        lines.append("  用户 / user: admin    密码 / password: $CRM_ADMIN_PASSWORD")
    lines.append("  Ctrl-C 停止 / stops\n")
    _say("\n".join(lines))


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _serve(server: Any, hub: Hub) -> None:
    """Until SIGINT or SIGTERM; then streams end, nobody new is let in, and what was begun is answered."""
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    while not stopping.is_set():
        server.asyncore.loop(timeout=0.2, map=server._map, count=1)
    hub.end()
    server.del_channel()
    server.socket.close()
    until = time.monotonic() + Settings().grace_seconds
    while _busy(server) and time.monotonic() < until:
        server.asyncore.loop(timeout=0.02, map=server._map, count=1)
        _leave_idle(server)
    server.task_dispatcher.shutdown()


def _busy(server: Any) -> bool:
    """Whether a request is under way or an answer not wholly sent."""
    return any(not _idle(channel) for channel in list(server.active_channels.values()))


def _leave_idle(server: Any) -> None:
    """Who keeps a connection for his next request must look for another server, or there would be no end of it."""
    for channel in list(server.active_channels.values()):
        if _idle(channel):
            channel.handle_close()


def _idle(channel: Any) -> bool:
    return not channel.requests and not channel.total_outbufs_len
