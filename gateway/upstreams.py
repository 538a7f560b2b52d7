"""The services behind the gateway: over HTTP with pooled connections, or inside this process."""

import io
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from gateway.answers import Answer
from gateway.guards import AT_ONCE, OPENS_AFTER, Breaker, Overloaded, Room, Unavailable
from gateway.headers import cleaned
from gateway.wire import READ_SECONDS, Broken, Connection

SAFE = ("GET", "HEAD")
IDLE_SECONDS = 30.0
"""Less than the services keep a connection (gunicorn's keepalive 75), so that they rarely hang up first."""

__all__ = [
    "OPENS_AFTER", "Call", "Failed", "HttpUpstream", "LocalUpstream", "Overloaded", "TimedOut", "Unavailable",
    "Upstream",
]  # fmt: skip


class TimedOut(TimeoutError):
    """The service did not answer in time; what it did is not known."""


Failed = (Unavailable, Overloaded, TimedOut, Broken)


@dataclass(frozen=True, slots=True)
class Call:
    """One request on its way to a service; `target` is path and query, headers are checked to be one line each."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


class Upstream(Protocol):
    def call(self, call: Call) -> Answer:
        """Raises one of Failed."""
        ...


class HttpUpstream:
    """A service at `url`, on kept-alive connections."""

    def __init__(
        self,
        url: str,
        name: str = "",
        *,
        read_seconds: float = READ_SECONDS,
        at_once: int = AT_ONCE,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "127.0.0.1", parts.port or 80
        self._host_line = f"Host: {parts.netloc}\r\n"
        self._read_seconds = read_seconds
        self._now = now
        self._idle: deque[tuple[Connection, float]] = deque()
        self._room = Room(name or parts.netloc, at_once)
        self._breaker = Breaker(name or parts.netloc, now)

    def call(self, call: Call) -> Answer:
        place = self._room.take()
        try:
            self._breaker.admit()
            return self._watched(call)
        finally:
            self._room.give_back(place)

    def _watched(self, call: Call) -> Answer:
        try:
            answer = self._attempt(call)
        except (Unavailable, TimedOut, Broken):
            self._breaker.failed()
            raise
        self._breaker.succeeded()
        return answer

    def _attempt(self, call: Call) -> Answer:
        """A GET that breaks before its answer began is tried once more; nothing else is: it might be done twice."""
        request = self._written(call)
        try:
            return self._exchange(request, call.method)
        except (Broken, Unavailable) as error:
            if call.method not in SAFE or (isinstance(error, Broken) and error.begun):
                raise
        return self._exchange(request, call.method)

    def _written(self, call: Call) -> bytes:
        lines = [f"{call.method} {call.target} HTTP/1.1\r\n", self._host_line]
        lines += [f"{name}: {value}\r\n" for name, value in call.headers.items()]
        if call.body or call.method not in SAFE:
            lines.append(f"Content-Length: {len(call.body)}\r\n")
        return "".join((*lines, "\r\n")).encode("latin-1") + call.body

    def _exchange(self, request: bytes, method: str) -> Answer:
        connection = self._connection()
        kept = False
        try:
            status, headers, body = connection.exchange(request, method)
            kept = connection.lasts
        except TimeoutError as error:
            raise TimedOut from error
        finally:
            if kept:
                self._idle.append((connection, self._now()))
            else:
                connection.close()
        length = next((value for name, value in headers if name.lower() == "content-length"), None)
        return Answer(status, cleaned(headers), body, length)

    def _connection(self) -> Connection:
        while self._idle:
            connection, since = self._idle.pop()
            if self._now() - since < IDLE_SECONDS and connection.quiet:
                return connection
            connection.close()
        try:
            return Connection(self._host, self._port, self._read_seconds)
        except TimeoutError as error:
            raise TimedOut("connecting") from error
        except OSError as error:
            raise Unavailable(type(error).__name__) from error


class LocalUpstream:
    """A service in this process: its WSGI application, called as a server would."""

    def __init__(self, application: Any) -> None:
        self._application = application

    def call(self, call: Call) -> Answer:
        begun: dict[str, Any] = {}

        def start_response(status: str, headers: list[tuple[str, str]], _: Any = None) -> None:
            begun.update(status=int(status[:3]), headers=headers)

        written = self._application(_environ(call), start_response)
        try:
            body = b"".join(written)
        finally:
            if hasattr(written, "close"):
                written.close()
        return Answer(begun["status"], cleaned(begun["headers"]), body, str(len(body)))


def _environ(call: Call) -> dict[str, Any]:
    path, _, query = call.target.partition("?")
    environ = {
        "REQUEST_METHOD": call.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(path, "latin-1"),
        "QUERY_STRING": query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "0",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "CONTENT_LENGTH": str(len(call.body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(call.body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in call.headers.items():
        key = name.upper().replace("-", "_")
        environ[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value
    return environ
