"""How an answer goes out: problem+json in the caller's language, security headers, compression, straight to WSGI."""

import json
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from chassis.errors import Problem
from chassis.web import problems

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Headers = list[tuple[str, str]]

COMPRESS_BYTES = 1024
COMPRESS_LEVEL = 1
LINES = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}
SECURITY = {
    "x-content-type-options": ("X-Content-Type-Options", "nosniff"),
    "referrer-policy": ("Referrer-Policy", "no-referrer"),
    "x-frame-options": ("X-Frame-Options", "DENY"),
    "content-security-policy": ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    "cache-control": ("Cache-Control", "no-store"),
}
ENCRYPTED_ONLY = ("Strict-Transport-Security", "max-age=31536000; includeSubDomains")

UNAVAILABLE = Problem(503, "unavailable", ("服务暂时不可用，请稍后再试", "Not available now, try again"), retry_after=2)
BUSY = Problem(503, "busy", ("服务繁忙，请稍后再试", "Too busy now, try again"), retry_after=1)
BROKEN = Problem(502, "broken", ("服务中断，结果未知", "The service broke off; what it did is not known"))
TIMEOUT = Problem(504, "timeout", ("服务响应超时，结果未知", "The service did not answer in time"))
FAULT = Problem(500, "internal", ("服务器内部错误", "Something went wrong on our side"))


@dataclass(slots=True)
class Answer:
    """One answer; `length` where a HEAD was told how long the body would be, `stream` where it has no end yet."""

    status: int
    headers: Headers
    body: bytes
    length: str | None = None
    stream: Iterable[bytes] | None = None


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


def send(answer: Answer, environ: Environ, start_response: StartResponse, request_id: str) -> Iterable[bytes]:
    """Write `answer` with the security headers it lacks; long text compressed for who accepts it."""
    named = {name.lower(): value for name, value in answer.headers}
    headers, body = answer.headers, answer.body
    if len(body) >= COMPRESS_BYTES and "content-encoding" not in named and _is_text(named.get("content-type", "")):
        headers, body = _compressed(headers, body, environ)
    headers = headers + [header for name, header in SECURITY.items() if name not in named]
    headers.append(("X-Request-Id", request_id))
    if environ.get("wsgi.url_scheme") == "https":
        headers.append(ENCRYPTED_ONLY)
    head = environ["REQUEST_METHOD"] == "HEAD"
    if answer.status not in (204, 304) and answer.stream is None:
        length = answer.length if head else str(len(body))
        headers += [] if length is None else [("Content-Length", length)]
    start_response(LINES.get(answer.status, f"{answer.status} Unknown"), headers)
    if answer.stream is not None:
        return answer.stream
    return [] if head else [body]


def _is_text(kind: str) -> bool:
    return kind.startswith("text/") or "json" in kind or "svg" in kind or "javascript" in kind


def _compressed(headers: Headers, body: bytes, environ: Environ) -> tuple[Headers, bytes]:
    headers = [*headers, ("Vary", "Accept-Encoding")]
    if not accepts_gzip(environ.get("HTTP_ACCEPT_ENCODING", "")):
        return headers, body
    packer = zlib.compressobj(COMPRESS_LEVEL, zlib.DEFLATED, 31)
    headers = [(name, _weak(value) if name.lower() == "etag" else value) for name, value in headers]
    return [*headers, ("Content-Encoding", "gzip")], packer.compress(body) + packer.flush()


def _weak(tag: str) -> str:
    """The compressed bytes are other bytes, so that a strong ETag would promise too much (RFC 9110, 8.8.3)."""
    return tag if tag.startswith("W/") else f"W/{tag}"


def accepts_gzip(accepted: str) -> bool:
    if "gzip" not in accepted:
        return False
    for choice in accepted.split(","):
        name, _, weight = choice.strip().partition(";")
        if name.strip().lower() == "gzip":
            return weight.replace(" ", "").lower() not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False
