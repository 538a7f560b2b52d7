"""The services behind the gateway: over HTTP with pooled connections, or inside this process."""

import http.client
import io
import select
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from gateway.answers import Answer

CONNECT_SECONDS = 1.0
READ_SECONDS = 30.0
AT_ONCE = 128
OPENS_AFTER = 5
OPEN_SECONDS = 2.0
SAFE = ("GET", "HEAD")
DROPPED = frozenset({"connection", "keep-alive", "transfer-encoding", "server", "date", "content-length", "upgrade"})


class Unavailable(ConnectionError):
    """The service cannot be reached, or is not asked just now because it could not be reached before."""


class Overloaded(RuntimeError):
    """As many requests as may be are under way to the service."""


class TimedOut(TimeoutError):
    """The service did not answer in time; what it did is not known."""


@dataclass(frozen=True)
class Call:
    """One request on its way to a service; `target` is path and query."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


class Upstream(Protocol):
    def call(self, call: Call) -> Answer:
        """Raises Unavailable, Overloaded, TimedOut."""
        ...


@dataclass
class Breaker:
    """Stops asking a service that failed OPENS_AFTER times in a row; after OPEN_SECONDS one request may try."""

    failures: int = 0
    opened_at: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def admit(self) -> None:
        """Raises Unavailable while open."""
        with self._lock:
            if self.failures < OPENS_AFTER:
                return
            if time.monotonic() - self.opened_at < OPEN_SECONDS:
                raise Unavailable("circuit open")
            self.opened_at = time.monotonic()

    def succeeded(self) -> None:
        self.failures = 0

    def failed(self) -> None:
        with self._lock:
            self.failures += 1
            self.opened_at = time.monotonic()


class HttpUpstream:
    """A service at `url`, on kept-alive connections."""

    def __init__(self, url: str, *, read_seconds: float = READ_SECONDS, at_once: int = AT_ONCE) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "127.0.0.1", parts.port or 80
        self._read_seconds = read_seconds
        self._idle: deque[http.client.HTTPConnection] = deque()
        self._room = threading.BoundedSemaphore(at_once)
        self._breaker = Breaker()

    def call(self, call: Call) -> Answer:
        """A GET that breaks before its answer is tried once more; nothing else is, it might be done twice."""
        if not self._room.acquire(blocking=False):
            raise Overloaded
        try:
            self._breaker.admit()
            try:
                answer = self._try(call)
            except (ConnectionError, http.client.HTTPException) as error:
                if call.method not in SAFE:
                    self._breaker.failed()
                    raise Unavailable(type(error).__name__) from error
                answer = self._again(call)
            self._breaker.succeeded()
            return answer
        finally:
            self._room.release()

    def _again(self, call: Call) -> Answer:
        try:
            return self._try(call)
        except (ConnectionError, http.client.HTTPException) as error:
            self._breaker.failed()
            raise Unavailable(type(error).__name__) from error

    def _try(self, call: Call) -> Answer:
        connection = self._connection()
        try:
            connection.request(call.method, call.target, call.body or None, call.headers)
            response = connection.getresponse()
            body = response.read()
        except TimeoutError as error:
            connection.close()
            self._breaker.failed()
            raise TimedOut from error
        except BaseException:
            connection.close()
            raise
        headers = [(name, value) for name, value in response.getheaders() if name.lower() not in DROPPED]
        if response.will_close:
            connection.close()
        else:
            self._idle.append(connection)
        return Answer(response.status, headers, body)

    def _connection(self) -> http.client.HTTPConnection:
        while self._idle:
            connection = self._idle.pop()
            if connection.sock is not None and not select.select([connection.sock], [], [], 0)[0]:
                return connection
            connection.close()
        connection = http.client.HTTPConnection(self._host, self._port, timeout=CONNECT_SECONDS)
        try:
            connection.connect()
        except OSError as error:
            raise ConnectionRefusedError(str(error)) from error
        connection.sock.settimeout(self._read_seconds)
        return connection


class LocalUpstream:
    """A service in this process: its WSGI application, called as a server would."""

    def __init__(self, application: Any) -> None:
        self._application = application

    def call(self, call: Call) -> Answer:
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
        begun: dict[str, Any] = {}

        def start_response(status: str, headers: list[tuple[str, str]], _: Any = None) -> None:
            begun.update(status=int(status[:3]), headers=headers)

        written = self._application(environ, start_response)
        try:
            body = b"".join(written)
        finally:
            if hasattr(written, "close"):
                written.close()
        headers = [(name, value) for name, value in begun["headers"] if name.lower() not in DROPPED]
        return Answer(begun["status"], headers, body)
