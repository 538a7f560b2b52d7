"""Reading what a caller sends: whole, bounded, and only when its length is beyond doubt."""

from typing import Any

from chassis.errors import Problem, Refused
from gateway.answers import Environ

BODY_BYTES = 1024 * 1024
BULK_BYTES = 8 * BODY_BYTES
BODY_SECONDS = 30.0

TOO_LARGE = Problem(413, "too-large", ("请求内容过大", "The request is too large"))
CUT_OFF = Problem(400, "bad-request", ("请求不完整", "The request broke off"))
UNCLEAR = Problem(400, "bad-request", ("请求长度不明确", "The length of the request is unclear"))
LENGTH_REQUIRED = Problem(411, "length-required", ("请带上 Content-Length", "Send Content-Length"))
TOO_SLOW = Problem(408, "too-slow", ("请求发送过慢", "The request came too slowly"))


def read_body(environ: Environ) -> bytes:
    """The whole body, at most 1 MiB, 8 MiB for bulk routes. Raises Refused."""
    stated = environ.get("CONTENT_LENGTH") or ""
    coding = environ.get("HTTP_TRANSFER_ENCODING")
    if not stated and coding is None:
        return b""
    most = BULK_BYTES if environ["PATH_INFO"].endswith("/bulk") else BODY_BYTES
    if coding is None:
        return _stated(environ, stated, most)
    if stated or coding.strip().lower() != "chunked":
        raise Refused(UNCLEAR)
    if not environ.get("wsgi.input_terminated"):
        raise Refused(LENGTH_REQUIRED)
    body = _read(environ, most + 1)
    if len(body) > most:
        raise Refused(TOO_LARGE)
    return body


def _stated(environ: Environ, stated: str, most: int) -> bytes:
    if not (stated.isascii() and stated.isdecimal()):
        raise Refused(UNCLEAR)
    if len(stated) > 12 or int(stated) > most:
        raise Refused(TOO_LARGE)
    size = int(stated)
    body = _read(environ, size) if size else b""
    if len(body) != size:
        raise Refused(CUT_OFF)
    return body


def _read(environ: Environ, size: int) -> bytes:
    """Under gunicorn a caller that stops sending is given up: it would hold its place for ever."""
    socket: Any = environ.get("gunicorn.socket")
    if socket is not None:
        socket.settimeout(BODY_SECONDS)
    try:
        body: bytes = environ["wsgi.input"].read(size)
    except TimeoutError:
        raise Refused(TOO_SLOW) from None
    except (OSError, ValueError):
        raise Refused(CUT_OFF) from None
    finally:
        if socket is not None:
            socket.settimeout(None)
    return body
