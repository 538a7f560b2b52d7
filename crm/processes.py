"""The production processes: `crm serve`, `crm work`, `crm migrate`."""

import os
import signal
import sys
import threading
from typing import Any

import gunicorn.app.base
import structlog
from prometheus_client import CONTENT_TYPE_LATEST
from waitress.server import create_server

from chassis import logs, migrate
from chassis.bus.rabbit import RabbitPublisher
from chassis.bus.subscriber import RabbitSubscriber
from chassis.bus.topology import EVENTS
from chassis.clock import SystemClock
from chassis.settings import Settings
from chassis.store import Database, open_engine
from chassis.waker import Waker
from chassis.web import create_app
from chassis.web.observe import exposition
from chassis.worker import CONNECTIONS, Bus, Worker
from crm import company, counting

log = structlog.get_logger()


class Server(gunicorn.app.base.BaseApplication):  # type: ignore[misc]
    """gunicorn, told everything by us."""

    def __init__(self, load: Any, options: dict[str, Any]) -> None:
        self._load = load
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        return self._load()


def serve(name: str) -> None:
    """Serve one service, or the gateway, over HTTP until SIGTERM; requests under way are finished."""
    settings = Settings.from_environment()
    logs.configure(settings.log_level, process=f"serve {name}")
    counting.choose_folder(name, settings)
    if name == "gateway":
        os.execv(sys.executable, [sys.executable, "-m", "crm.door"])  # noqa: S606 -- our own program
    counting.begin()
    settings.require("database_url")
    service = company.service(name)
    if service.on_start is not None:
        engine = open_engine(settings.database_url, pool_size=1)
        service.on_start(Database(engine, SystemClock(), f"/services/{name}"), settings)
        engine.dispose()
    Server(lambda: create_app(service, settings), options(settings, "gthread", threads=settings.threads)).run()


def work(name: str) -> None:
    """Consume, relay and keep time for one service until SIGTERM; exits with 1 when a duty died."""
    settings = Settings.from_environment()
    logs.configure(settings.log_level, process=f"work {name}")
    settings.require("database_url", "amqp_url")
    engine = open_engine(settings.database_url, pool_size=CONNECTIONS)
    database = Database(engine, SystemClock(), f"/services/{name}", Waker(engine).wake)
    url = settings.amqp_url
    bus = Bus(
        lambda: RabbitPublisher(url, EVENTS),
        lambda: RabbitPublisher(url, ""),
        lambda queue: RabbitSubscriber(url, queue),
    )
    worker = Worker(company.service(name), database, bus)
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    worker.start(stopping)
    if settings.metrics_port:
        _expose(settings, name, worker, engine)
    while not stopping.wait(0.5):
        if worker.failed.is_set():
            stopping.set()
    ended = worker.join(settings.grace_seconds)
    if not ended:
        log.error("worker.not-drained", service=name)
    sys.stdout.flush()
    os._exit(1 if worker.failed.is_set() or not ended else 0)


def run_migrations(name: str) -> None:
    """Bring one service's database to the newest version."""
    settings = Settings.from_environment()
    settings.require("database_url")
    migrate.upgrade(name, settings.database_url)


def options(settings: Settings, worker_class: Any, **more: Any) -> dict[str, Any]:
    """What gunicorn is told."""
    return {
        "bind": f"{settings.host}:{settings.port}",
        "workers": 1,
        "worker_class": worker_class,
        "graceful_timeout": settings.grace_seconds,
        "timeout": 0,
        "keepalive": 75,
        "forwarded_allow_ips": "",
        "control_socket_disable": True,  # it would need a folder to write to
        "loglevel": "warning",
        "limit_request_line": 8190,
        **counting.hooks(),
        **more,
    }


def _expose(settings: Settings, name: str, worker: Worker, engine: Any) -> None:
    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        path = environ["PATH_INFO"]
        if path == "/metrics":
            start_response("200 OK", [("Content-Type", CONTENT_TYPE_LATEST)])
            return [exposition()]
        if path == "/health/live" or (path == "/health/ready" and _works(name, worker, engine)):
            start_response("200 OK", [("Content-Type", "application/json")])
            return [b'{"status": "ready"}']
        status = "503 Service Unavailable" if path == "/health/ready" else "404 Not Found"
        start_response(status, [("Content-Type", "application/json")])
        return [b'{"status": "not ready"}']

    server = create_server(application, host=settings.host, port=settings.metrics_port, threads=2)
    threading.Thread(target=server.run, name="health", daemon=True).start()


def _works(name: str, worker: Worker, engine: Any) -> bool:
    try:
        with engine.connect() as connection:
            return not worker.failed.is_set() and migrate.is_current(name, connection)
    except Exception:  # noqa: BLE001 -- whatever it is, the answer is no
        return False
