"""A service that behaves as told: a raw HTTP server that hangs up, dawdles or answers badly, and says what it got."""

import contextlib
import socket
import threading
import time
from dataclasses import dataclass, field

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"


@dataclass
class Upstream:
    """Answers each request with the next of `acts`, with `OK` when none is left; a test adds to `acts` at any time.

    An act is the bytes to send, or one of "hang up", "silence", "answer and close", "half".
    """

    acts: list[bytes | str] = field(default_factory=list)
    port: int = 0
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0
    _open: list[socket.socket] = field(default_factory=list)

    def start(self) -> "Upstream":
        self._listener = socket.create_server(("127.0.0.1", self.port), reuse_port=False)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()
        return self

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def methods(self) -> list[str]:
        return [request.split(b" ", 1)[0].decode() for request in self.requests]

    def stop(self) -> None:
        """Hang up on everybody and listen no more."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        while self._open:
            with contextlib.suppress(OSError):
                self._open.pop().shutdown(socket.SHUT_RDWR)

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            while (request := _whole_request(connection)) is not None:
                self.requests.append(request)
                act = self.acts.pop(0) if self.acts else OK
                if act == "silence":
                    time.sleep(3)
                if act in ("hang up", "silence"):
                    break
                connection.sendall({"answer and close": OK, "half": OK[:-1]}.get(act, act))
                if act in ("answer and close", "half"):
                    break
        except OSError:
            return
        finally:
            connection.close()


def _whole_request(connection: socket.socket) -> bytes | None:
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        if not more:
            return None
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    stated = [line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
    length = int(stated[0].split(b":")[1]) if stated else 0
    while len(body) < length:
        more = connection.recv(65536)
        if not more:
            return None
        body += more
    return head + b"\r\n\r\n" + body
