"""The gateway's hot path: one WSGI function that checks, limits and passes on, in front of its own Flask routes."""

import re
import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import quote

import structlog
from prometheus_client import Counter, Histogram

from chassis import trace
from chassis.auth import Actor
from chassis.errors import Problem, Refused, Unauthenticated
from gateway import answers
from gateway.answers import Answer, Environ, StartResponse
from gateway.limits import Limiter
from gateway.upstreams import Call, Overloaded, TimedOut, Unavailable, Upstream

BODY_BYTES = 1024 * 1024
BULK_BYTES = 8 * BODY_BYTES
SIGN_IN = "/api/v1/session"
PUBLIC = frozenset({("POST", SIGN_IN), ("POST", f"{SIGN_IN}/refresh"), ("GET", "/api/v1/keys")})
PASSED = (
    "ACCEPT", "ACCEPT_LANGUAGE", "AUTHORIZATION", "COOKIE", "IDEMPOTENCY_KEY", "IF_MATCH", "IF_NONE_MATCH",
    "USER_AGENT",
)  # fmt: skip
"""The request headers services get to see; every other, above all any that speaks of identity, ends here."""
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")

REQUESTS = Counter("crm_gateway_requests_total", "Requests answered", ("upstream", "method", "status"))
SECONDS = Histogram("crm_gateway_seconds", "Time until the whole answer was here", ("upstream",))
FAILURES = Counter("crm_gateway_upstream_failures_total", "Upstreams that failed to answer", ("upstream", "how"))

log = structlog.get_logger()


@dataclass(frozen=True)
class Passing:
    """A request on its way through: where from, where to, and the names it is followed by."""

    environ: Environ
    upstream: str
    address: str
    traceparent: str
    request_id: str


class Gateway:
    """`routes` maps path prefixes to upstreams; `own` answers the rest; `verify` turns a token into its actor."""

    def __init__(
        self,
        routes: Mapping[str, str],
        upstreams: Mapping[str, Upstream],
        own: Callable[..., Iterable[bytes]],
        verify: Callable[[str], Actor],
        limiter: Limiter,
    ) -> None:
        self._routes = dict(routes)
        self._upstreams = dict(upstreams)
        self._own = own
        self._verify = verify
        self._limiter = limiter

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        upstream = self._route(environ.get("PATH_INFO", ""))
        if upstream is None:
            return self._own(environ, start_response)
        began = time.perf_counter()
        sent_id = environ.get("HTTP_X_REQUEST_ID", "")
        passing = Passing(
            environ,
            upstream,
            environ.get("REMOTE_ADDR", ""),
            trace.continued(environ.get("HTTP_TRACEPARENT")),
            sent_id if REQUEST_ID.fullmatch(sent_id) else secrets.token_hex(8),
        )
        answer = self._answer(passing)
        self._observe(passing, answer, time.perf_counter() - began)
        return answers.send(answer, environ, start_response, [("X-Request-Id", passing.request_id)])

    def _route(self, path: str) -> str | None:
        """The upstream of the longest prefix of `path`, whole segments only."""
        while path:
            if path in self._routes:
                return self._routes[path]
            path = path.rpartition("/")[0]
        return None

    def _answer(self, passing: Passing) -> Answer:
        try:
            self._admit(passing)
            body = read_body(passing.environ)
            answer = self._upstreams[passing.upstream].call(self._call(passing, body))
        except Refused as refused:
            return self._problem(passing, refused.problem)
        except BodyRefused as refused_body:
            return self._problem(passing, refused_body.problem)
        except (Unavailable, Overloaded, TimedOut) as error:
            FAILURES.labels(passing.upstream, type(error).__name__).inc()
            log.warning("upstream.failed", upstream=passing.upstream, how=type(error).__name__, error=str(error))
            found = {Unavailable: answers.UNAVAILABLE, Overloaded: answers.BUSY, TimedOut: answers.TIMEOUT}
            return self._problem(passing, found[type(error)])
        if answer.status == 401 and passing.environ["PATH_INFO"] == SIGN_IN:
            self._limiter.sign_in_failed(passing.address)
        return answer

    def _admit(self, passing: Passing) -> None:
        """Raises TooMany, Unauthenticated."""
        environ = passing.environ
        if (environ["REQUEST_METHOD"], environ["PATH_INFO"]) in PUBLIC:
            self._limiter.admit(passing.address)
            if environ["PATH_INFO"] == SIGN_IN:
                self._limiter.admit_sign_in(passing.address)
            return
        scheme, _, token = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            self._limiter.admit(passing.address)
            raise Unauthenticated
        try:
            actor = self._verify(token)
        except Unauthenticated:
            self._limiter.admit(passing.address)
            raise
        self._limiter.admit(str(actor.user_id))

    def _call(self, passing: Passing, body: bytes) -> Call:
        environ = passing.environ
        query = environ.get("QUERY_STRING", "")
        path = quote(environ["PATH_INFO"].encode("latin-1"), safe="/:@!$&'()*+,;=~-._")
        headers = {
            name.title().replace("_", "-"): environ[f"HTTP_{name}"] for name in PASSED if f"HTTP_{name}" in environ
        }
        if environ.get("CONTENT_TYPE"):
            headers["Content-Type"] = environ["CONTENT_TYPE"]
        headers |= {
            "Traceparent": passing.traceparent,
            "X-Request-Id": passing.request_id,
            "X-Forwarded-For": passing.address,
            "X-Forwarded-Proto": environ.get("wsgi.url_scheme", "http"),
            "X-Forwarded-Host": environ.get("HTTP_HOST", ""),
        }
        return Call(environ["REQUEST_METHOD"], f"{path}?{query}" if query else path, headers, body)

    def _problem(self, passing: Passing, problem: Problem) -> Answer:
        return answers.of_problem(problem, passing.environ, trace.trace_id(passing.traceparent))

    def _observe(self, passing: Passing, answer: Answer, seconds: float) -> None:
        method = passing.environ["REQUEST_METHOD"]
        REQUESTS.labels(passing.upstream, method, answer.status).inc()
        SECONDS.labels(passing.upstream).observe(seconds)
        log.info(
            "request",
            upstream=passing.upstream,
            method=method,
            status=answer.status,
            milliseconds=round(seconds * 1000, 1),
            trace_id=trace.trace_id(passing.traceparent),
            request_id=passing.request_id,
        )


class BodyRefused(ValueError):
    """A body that is too large, or shorter than it said."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.slug)
        self.problem = problem


def read_body(environ: Environ) -> bytes:
    """The whole body, at most 1 MiB, 8 MiB for bulk routes. Raises BodyRefused."""
    most = BULK_BYTES if environ["PATH_INFO"].endswith("/bulk") else BODY_BYTES
    stated = environ.get("CONTENT_LENGTH") or ""
    if not stated:
        if "HTTP_TRANSFER_ENCODING" not in environ:
            return b""
        body: bytes = environ["wsgi.input"].read(most + 1)
        if len(body) > most:
            raise BodyRefused(answers.TOO_LARGE)
        return body
    if not stated.isdecimal():
        raise BodyRefused(answers.CUT_OFF)
    if int(stated) > most:
        raise BodyRefused(answers.TOO_LARGE)
    body = environ["wsgi.input"].read(int(stated))
    if len(body) != int(stated):
        raise BodyRefused(answers.CUT_OFF)
    return body
