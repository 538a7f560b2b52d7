"""One kept-alive HTTP/1.1 connection to a service: a request is one `sendall`, an answer is read whole.

Answers are read by the standard library's `http.client`; what it would forgive and another reader understand
differently is refused here (RFC 9112, 6.3).
"""

import http.client
import select
import socket

CONNECT_SECONDS = 1.0
READ_SECONDS = 30.0
ANSWER_BYTES = 64 * 1024 * 1024
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
        self.lasts = True

    @property
    def quiet(self) -> bool:
        """Whether the service still holds its end open, seen before anything is sent."""
        return held_open(self._socket)

    def exchange(self, request: bytes, method: str) -> tuple[int, list[tuple[str, str]], bytes]:
        """Status, headers and body of the answer. Raises Broken, TimeoutError; the connection is of no use then."""
        begun = False
        try:
            self._socket.sendall(request)
            with http.client.HTTPResponse(self._socket, method=method) as response:
                response.begin()
                begun = True
                body = _body(response)
        except TimeoutError:
            raise
        except http.client.RemoteDisconnected:
            raise Broken("hung up", begun=False) from None
        except http.client.IncompleteRead:
            raise Broken("cut off", begun=True) from None
        except http.client.HTTPException as error:
            raise Broken(type(error).__name__, begun=True) from error
        except OSError as error:
            raise Broken(type(error).__name__, begun=begun) from error
        self.lasts = not response.will_close
        return response.status, response.getheaders(), body

    def close(self) -> None:
        self._socket.close()


def held_open(connection: socket.socket) -> bool:
    """Whether the other side still holds its end of a connection open: asked without waiting."""
    try:
        if hasattr(socket, "TCP_INFO"):
            return connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] == TCP_ESTABLISHED
        return not select.select([connection], [], [], 0)[0]
    except (OSError, ValueError):
        return False


def _body(response: http.client.HTTPResponse) -> bytes:
    """The whole body, at most ANSWER_BYTES. Raises HTTPException where its end is in doubt."""
    _require_one_framing(response)
    body = response.read(ANSWER_BYTES + 1) if (response.length or 0) <= ANSWER_BYTES else b""
    if len(body) > ANSWER_BYTES:
        raise http.client.HTTPException("endless")
    if response.length:
        raise http.client.IncompleteRead(body, response.length)
    return body


def _require_one_framing(response: http.client.HTTPResponse) -> None:
    lengths = response.headers.get_all("Content-Length", [])
    codings = response.headers.get_all("Transfer-Encoding", [])
    clear = all(length.isascii() and length.isdecimal() for length in lengths) and len(set(lengths)) <= 1
    if not clear or (codings and (lengths or [coding.lower() for coding in codings] != ["chunked"])):
        raise http.client.HTTPException("framing unclear")
    if response.headers.defects:
        raise http.client.HTTPException("headers broken")
