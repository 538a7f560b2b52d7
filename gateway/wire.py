"""One kept-alive HTTP/1.1 connection to a service: a request is one `sendall`, an answer is read whole.

`http.client` does the same at several times the cost, most of it in reading headers as if they were e-mail.
"""

import re
import select
import socket
from typing import Any

CONNECT_SECONDS = 1.0
READ_SECONDS = 30.0
LINE_BYTES = 65536
HEADERS = 100
ANSWER_BYTES = 64 * 1024 * 1024
STATUS_LINE = re.compile(rb"HTTP/1\.[01] ([1-5][0-9]{2})(?: .*)?\r?\n")
CHUNK_LINE = re.compile(rb"([0-9a-fA-F]{1,8})[ \t]*(?:;.*)?\r?\n")
BODILESS = (204, 304)
FRAMING = ("transfer-encoding", "content-length")
TCP_ESTABLISHED = 1


class Broken(ConnectionError):
    """The service hung up, or answered what is not HTTP; once its answer had `begun` it surely had the request."""

    def __init__(self, reason: str, *, begun: bool) -> None:
        super().__init__(reason)
        self.begun = begun


class Connection:
    """Open from creation; `lasts` says whether another request may follow. Raises OSError."""

    def __init__(self, host: str, port: int, read_seconds: float = READ_SECONDS) -> None:
        self._socket = socket.create_connection((host, port), CONNECT_SECONDS)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.settimeout(read_seconds)
        self._file: Any = self._socket.makefile("rb", LINE_BYTES)
        self.lasts = True

    @property
    def quiet(self) -> bool:
        """Whether the service still holds its end open: asked without waiting, before anything is sent."""
        try:
            if hasattr(socket, "TCP_INFO"):
                return self._socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] == TCP_ESTABLISHED
            return not select.select([self._socket], [], [], 0)[0]
        except (OSError, ValueError):
            return False

    def exchange(self, request: bytes, *, bodiless: bool = False) -> tuple[int, list[tuple[str, str]], bytes]:
        """Status, headers and body of the answer. Raises Broken, TimeoutError; the connection is of no use then."""
        try:
            self._socket.sendall(request)
            status, headers = self._head()
        except TimeoutError:
            raise
        except OSError as error:
            raise error if isinstance(error, Broken) else Broken(type(error).__name__, begun=False) from error
        try:
            return status, headers, b"" if bodiless or status in BODILESS else self._body(headers)
        except TimeoutError:
            raise
        except OSError as error:
            raise error if isinstance(error, Broken) else Broken(type(error).__name__, begun=True) from error

    def close(self) -> None:
        self._file.close()
        self._socket.close()

    def _head(self) -> tuple[int, list[tuple[str, str]]]:
        while True:
            line = self._file.readline(LINE_BYTES)
            if not line:
                raise Broken("hung up", begun=False)
            found = STATUS_LINE.fullmatch(line)
            if found is None:
                raise Broken("not HTTP", begun=True)
            headers = self._headers()
            status = int(found.group(1))
            if status >= 200:
                self._judge(line, headers)
                return status, headers

    def _headers(self) -> list[tuple[str, str]]:
        headers: list[tuple[str, str]] = []
        while (line := self._file.readline(LINE_BYTES)) not in (b"\r\n", b"\n"):
            name, colon, value = line.partition(b":")
            if not colon or not line.endswith(b"\n") or name.strip() != name or not name or len(headers) == HEADERS:
                raise Broken("headers broken", begun=True)
            headers.append((name.decode("latin-1"), value.strip().decode("latin-1")))
        return headers

    def _judge(self, status_line: bytes, headers: list[tuple[str, str]]) -> None:
        stated = next((value.lower() for name, value in headers if name.lower() == "connection"), "")
        self.lasts = "close" not in stated if status_line.startswith(b"HTTP/1.1") else "keep-alive" in stated

    def _body(self, headers: list[tuple[str, str]]) -> bytes:
        framing = {name.lower(): value for name, value in headers if name.lower() in FRAMING}
        if "transfer-encoding" in framing:
            if framing["transfer-encoding"].lower() != "chunked" or "content-length" in framing:
                raise Broken("framing unclear", begun=True)
            return self._chunks()
        if "content-length" not in framing:
            self.lasts = False
            return self._to_the_end()
        if not framing["content-length"].isdecimal():
            raise Broken("framing unclear", begun=True)
        return self._exactly(int(framing["content-length"]))

    def _chunks(self) -> bytes:
        body: list[bytes] = []
        total = 0
        while True:
            found = CHUNK_LINE.fullmatch(self._file.readline(LINE_BYTES))
            size = int(found.group(1), 16) if found else ANSWER_BYTES
            total += size
            if total > ANSWER_BYTES or found is None:
                raise Broken("chunks broken", begun=True)
            if size == 0:
                self._headers()
                return b"".join(body)
            body.append(self._exactly(size))
            if self._file.readline(LINE_BYTES) not in (b"\r\n", b"\n"):
                raise Broken("chunks broken", begun=True)

    def _exactly(self, size: int) -> bytes:
        body: bytes = self._file.read(size) if size <= ANSWER_BYTES else b""
        if len(body) != size:
            raise Broken("cut off", begun=True)
        return body

    def _to_the_end(self) -> bytes:
        body: bytes = self._file.read(ANSWER_BYTES + 1)
        if len(body) > ANSWER_BYTES:
            raise Broken("endless", begun=True)
        return body
