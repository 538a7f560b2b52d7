"""`GET /api/v1/stream`: Server-Sent Events that say what changed, for as long as the caller's token holds."""

import contextlib
import socket
import time
from collections.abc import Callable, Iterator

from chassis.auth import Actor
from chassis.errors import Unauthenticated
from gateway import metrics
from gateway.answers import Answer, Environ
from gateway.audience import ears
from gateway.hub import Hub, Viewer
from gateway.wire import held_open

PATH = "/api/v1/stream"
PING_SECONDS = 10.0
LOOK_SECONDS = 2.0
"""How often a stream looks whether its token still holds and its viewer is still there."""
PACE_SECONDS = 0.1
"""Between two writes to one viewer: what comes meanwhile goes out in one piece."""
SILENT_SECONDS = 20
"""A viewer whose machine takes nothing for so long is gone, whatever its connection says."""
GIVE_UP_SILENT = (
    [(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, SILENT_SECONDS * 1000)]
    if hasattr(socket, "TCP_USER_TIMEOUT")
    else []
)
"""The options of a connection that say so."""
UNSENT_BYTES = 64 * 1024
"""What waits for a slow viewer waits in his line, where it can be forgotten, rather than in the system's buffers."""
BEGINNING = b"retry: 2000\n\n"
PING = b": ping\n\n"
HEADERS = [
    ("Content-Type", "text/event-stream; charset=utf-8"),
    ("Cache-Control", "no-store"),
    ("X-Accel-Buffering", "no"),
]
DESCRIBED = {
    PATH: {
        "get": {
            "summary": "What changes among the things the caller may see, as Server-Sent Events",
            "description": (
                "`change` says what (`type`, `subject`, `unit_id`), `reset` to fetch everything again, `hello` that "
                "the stream begins. It ends with the token; come again with a new one and `Last-Event-ID`."
            ),
            "tags": ["stream"],
            "parameters": [{"in": "header", "name": "Last-Event-ID", "schema": {"type": "string"}}],
            "responses": {
                "200": {"description": "OK", "content": {"text/event-stream": {"schema": {"type": "string"}}}},
                "503": {"description": "As many streams as may be are open"},
            },
        }
    }
}
"""The stream as OpenAPI paths."""


class Stream:
    """Opens streams on a hub; `verify` says whether a token still holds."""

    def __init__(self, hub: Hub, verify: Callable[[str], Actor]) -> None:
        self._hub = hub
        self._verify = verify

    def answer(self, environ: Environ, actor: Actor, token: str) -> Answer:
        """Raises Refused when as many streams as may be are open."""
        if environ["REQUEST_METHOD"] == "HEAD":
            return Answer(200, list(HEADERS), b"")
        viewer = self._hub.open(ears(actor), environ.get("HTTP_LAST_EVENT_ID"))
        outflow = Outflow(self._hub, viewer, environ, lambda: self._holds(token))
        return Answer(200, list(HEADERS), b"", stream=outflow)

    def _holds(self, token: str) -> bool:
        try:
            self._verify(token)
        except Unauthenticated:
            return False
        return True


class Outflow:
    """The body of one stream; `close`, which the server calls whatever happens, gives the place back.

    A stream is the last answer on its connection: an idle one would hold up the server's end.
    """

    def __init__(self, hub: Hub, viewer: Viewer, environ: Environ, holds: Callable[[], bool]) -> None:
        self._hub = hub
        self._viewer = viewer
        self._holds = holds
        self._cause = "left"
        self._connection = environ.get("gunicorn.socket")
        self._hung_up: Callable[[], bool] = environ.get("waitress.client_disconnected", lambda: False)
        if self._connection is not None:
            for option in (*GIVE_UP_SILENT, (socket.SOL_SOCKET, socket.SO_SNDBUF, UNSENT_BYTES)):
                self._connection.setsockopt(*option)

    def __iter__(self) -> Iterator[bytes]:
        yield BEGINNING
        told_at = time.monotonic()
        while not self._viewer.ended.is_set():
            messages = self._viewer.take(LOOK_SECONDS)
            if not self._holds():
                self._cause = "token"
                return
            if self._gone():
                return
            if messages:
                metrics.MESSAGES.inc(len(messages))
                yield b"".join(messages)
                told_at = time.monotonic()
                self._viewer.ended.wait(PACE_SECONDS)
            elif time.monotonic() - told_at >= PING_SECONDS:
                yield PING
                told_at = time.monotonic()
        self._cause = "stopping"

    def close(self) -> None:
        self._hub.leave(self._viewer)
        metrics.ENDED.labels(self._cause).inc()
        if self._connection is not None:
            with contextlib.suppress(OSError):
                self._connection.shutdown(socket.SHUT_RDWR)

    def _gone(self) -> bool:
        """Whether the viewer is seen to have hung up; one who only fell silent is found by the pings."""
        return self._hung_up() if self._connection is None else not held_open(self._connection)
