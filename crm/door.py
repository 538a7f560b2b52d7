"""`python -m crm.door`: the gateway's process. gevent must come before everything that might sleep or open sockets.

A library that took hold of the real `time.sleep` before would stop every request while it waits for the broker. Next
comes where to count, for a metric without labels begins to count when it is declared.
"""

from gevent import monkey

monkey.patch_all()

from crm import counting  # noqa: E402 -- see above

counting.begin()

import contextlib  # noqa: E402 -- see above
import logging  # noqa: E402
import resource  # noqa: E402
import signal  # noqa: E402
import socket  # noqa: E402
from collections.abc import Iterator  # noqa: E402
from typing import Any  # noqa: E402

import gevent  # noqa: E402
import gevent.local  # noqa: E402
from gunicorn.workers.ggevent import GeventWorker  # noqa: E402

from chassis import logs  # noqa: E402
from chassis.settings import Settings  # noqa: E402
from crm import company  # noqa: E402
from crm.processes import Server, options  # noqa: E402
from gateway.hub import Hub  # noqa: E402
from gateway.server import VIEWERS, behind_proxies, create_gateway, start  # noqa: E402

CALLERS = 1000
"""Connections besides those of viewers."""


class DoorWorker(GeventWorker):  # type: ignore[misc]
    """Ends as soon as everybody has his answer: a connection kept open for a next request does not hold it up."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._idle: set[socket.socket] = set()
        self._own = gevent.local.local()

    def handle(self, listener: Any, client: socket.socket, address: Any) -> None:
        self._own.client = client
        super().handle(listener, client, address)

    @contextlib.contextmanager
    def timeout_ctx(self) -> Iterator[None]:
        """Around the wait for the next request of a connection."""
        client = self._own.client
        self._idle.add(client)
        try:
            if not self.alive:
                _expect_no_more(client)
            with gevent.Timeout(self.cfg.keepalive, False):
                yield
        finally:
            self._idle.discard(client)

    def handle_exit(self, number: int, frame: Any) -> None:
        super().handle_exit(number, frame)
        for client in list(self._idle):
            _expect_no_more(client)


def _expect_no_more(client: socket.socket) -> None:
    """What has come by now is still read, then it is as if the caller had hung up."""
    with contextlib.suppress(OSError):
        client.shutdown(socket.SHUT_RD)


def main() -> None:
    """Serve the gateway until SIGTERM; requests under way are finished."""
    settings = Settings.from_environment()
    logs.configure(settings.log_level, process="serve gateway")

    def load() -> Any:
        gateway, trust, hub = create_gateway(settings, company.routes())
        start(settings, trust, hub)
        _end_streams_first(hub)
        logging.getLogger("gunicorn.error").addFilter(_worth_telling)
        return behind_proxies(gateway, settings.trusted_proxies)

    _, most_files = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most_files, most_files))
    Server(load, options(settings, DoorWorker, worker_connections=CALLERS + VIEWERS)).run()


def _end_streams_first(hub: Hub) -> None:
    """The server waits at its end for what is under way, and streams would never end by themselves."""
    finish: Any = signal.getsignal(signal.SIGTERM)

    def end(number: int, frame: Any) -> None:
        gevent.spawn(hub.end)  # a signal may come while somebody holds the hub
        finish(number, frame)

    signal.signal(signal.SIGTERM, end)


def _worth_telling(record: logging.LogRecord) -> bool:
    """Not that a caller's machine fell silent: that is no fault of ours, and gunicorn would show a stack."""
    return not (record.exc_info and isinstance(record.exc_info[1], TimeoutError))


if __name__ == "__main__":
    main()
