"""Which headers pass: from callers only what services need to know, from services nothing about what runs them."""

import re

from chassis.errors import Problem, Refused
from gateway.answers import Environ, Headers

HEADER_BYTES = 16 * 1024
COOKIES_UNDER = "/api/v1/session"
NAMES = ("Accept", "Accept-Language", "Authorization", "Idempotency-Key", "If-Match", "If-None-Match", "User-Agent")
PASSED = tuple((f"HTTP_{name.upper().replace('-', '_')}", name) for name in NAMES)
"""The request headers services get to see; every other, above all any that speaks of identity, ends here."""
WITHHELD = frozenset(
    {
        "connection", "keep-alive", "proxy-authenticate", "proxy-connection", "te", "trailer", "transfer-encoding",
        "upgrade", "server", "x-powered-by", "via", "date", "content-length", "x-request-id",
    }
)  # fmt: skip
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
ONE_LINE = re.compile(r"[^\r\n\0]*")

UNREADABLE = Problem(400, "bad-request", ("请求头无法理解", "A header cannot be understood"))
TOO_LONG = Problem(431, "headers-too-large", ("请求头过长", "The headers are too large"))


def passed(environ: Environ, path: str) -> dict[str, str]:
    """What of the caller's headers goes to the service. Raises Refused."""
    headers = {name: environ[key] for key, name in PASSED if key in environ}
    if "HTTP_COOKIE" in environ and path.startswith(COOKIES_UNDER):
        headers["Cookie"] = environ["HTTP_COOKIE"]
    if environ.get("CONTENT_TYPE"):
        headers["Content-Type"] = environ["CONTENT_TYPE"]
    headers["X-Forwarded-For"] = environ.get("REMOTE_ADDR", "")
    headers["X-Forwarded-Proto"] = environ.get("wsgi.url_scheme", "http")
    headers["X-Forwarded-Host"] = environ.get("HTTP_HOST", "")
    whole = "".join(headers.values())
    if len(whole) > HEADER_BYTES:
        raise Refused(TOO_LONG)
    if ONE_LINE.fullmatch(whole) is None:
        raise Refused(UNREADABLE)
    return headers


def cleaned(headers: Headers) -> Headers:
    """What of a service's headers goes to the caller; the gateway lets no other origin read."""
    return [
        (name, value)
        for name, value in headers
        if (lower := name.lower()) not in WITHHELD and not lower.startswith("access-control-")
    ]
