"""What the gateway itself answers: problem+json in the caller's language, written straight to WSGI."""

import gzip
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from chassis.errors import Problem
from chassis.web import problems

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Headers = list[tuple[str, str]]

COMPRESS_BYTES = 1024
PHRASES = {
    200: "OK", 201: "Created", 202: "Accepted", 204: "No Content", 304: "Not Modified", 400: "Bad Request",
    401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 409: "Conflict",
    412: "Precondition Failed", 413: "Content Too Large", 415: "Unsupported Media Type", 422: "Unprocessable Content",
    428: "Precondition Required", 429: "Too Many Requests", 500: "Internal Server Error", 502: "Bad Gateway",
    503: "Service Unavailable", 504: "Gateway Timeout",
}  # fmt: skip
SECURITY: Headers = [
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Frame-Options", "DENY"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ("Cache-Control", "no-store"),
]

UNAVAILABLE = Problem(503, "unavailable", ("服务暂时不可用，请稍后再试", "Not available now, try again"), retry_after=2)
BUSY = Problem(503, "busy", ("服务繁忙，请稍后再试", "Too busy now, try again"), retry_after=1)
TIMEOUT = Problem(504, "timeout", ("服务响应超时", "The service did not answer in time"))
TOO_LARGE = Problem(413, "too-large", ("请求内容过大", "The request is too large"))
CUT_OFF = Problem(400, "bad-request", ("请求不完整", "The request broke off"))


@dataclass(frozen=True)
class Answer:
    """One answer, whole."""

    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes


def of_problem(problem: Problem, environ: Environ, trace_id: str) -> Answer:
    """`problem` as an answer to this request."""
    locale = problems.language(environ.get("HTTP_ACCEPT_LANGUAGE"))
    shown = problems.body(problem, locale, instance=environ.get("PATH_INFO", ""), trace_id=trace_id)
    headers = [("Content-Type", "application/problem+json"), ("Content-Language", locale)]
    if problem.retry_after is not None:
        headers.append(("Retry-After", str(problem.retry_after)))
    if problem.status == 401:
        headers.append(("WWW-Authenticate", "Bearer"))
    return Answer(problem.status, headers, json.dumps(shown, ensure_ascii=False).encode())


def send(answer: Answer, environ: Environ, start_response: StartResponse, more: Headers) -> Iterable[bytes]:
    """Write `answer` with the security headers and `more`; long JSON compressed for who accepts it."""
    body, headers = answer.body, [*answer.headers, *SECURITY, *more]
    named = {name.lower(): value for name, value in answer.headers}
    compressible = "json" in named.get("content-type", "") and "content-encoding" not in named
    if compressible and len(body) >= COMPRESS_BYTES and "gzip" in environ.get("HTTP_ACCEPT_ENCODING", ""):
        body = gzip.compress(body, 1)
        headers += [("Content-Encoding", "gzip"), ("Vary", "Accept-Encoding")]
    if answer.status not in (204, 304):
        headers.append(("Content-Length", str(len(body))))
    start_response(f"{answer.status} {PHRASES.get(answer.status, 'Unknown')}", headers)
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]
