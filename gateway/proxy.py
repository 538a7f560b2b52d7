"""The gateway's hot path: one WSGI function that checks, limits and passes on, in front of its own Flask routes."""

import re
import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

import structlog

from chassis import trace
from chassis.auth import Actor
from chassis.errors import Problem, Refused, Unauthenticated
from gateway import answers, compositions, headers, metrics, stream
from gateway.answers import Answer, Environ, StartResponse
from gateway.bodies import BODY_BYTES, BULK_BYTES, read_body
from gateway.hub import Hub
from gateway.limits import Limiter
from gateway.upstreams import SAFE, Call, Failed, Overloaded, TimedOut, Unavailable, Upstream

TARGET_BYTES = 8190
SIGN_IN = "/api/v1/session"
PUBLIC = frozenset({("POST", SIGN_IN), ("POST", f"{SIGN_IN}/refresh"), ("GET", "/api/v1/keys")})
HALF_WAY = b"second-factor-required"
"""In the answer to a right password whose user has still to give a code: nothing has failed."""
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
QUERY = re.compile(r"[\x21-\x7e]*")
PATH_SAFE = "/:@!$&'()*+,;=~-._"
OWN = "gateway"
OWN_PATHS = (stream.PATH, "/api/docs", "/api/openapi.json", "/health/live", "/health/ready", "/console")

NOT_FOUND = Problem(404, "not-found", ("没有找到", "Not found"))
NOT_ALLOWED = Problem(405, "method-not-allowed", ("不支持该操作", "Method not allowed here"))
TOO_LONG = Problem(414, "address-too-long", ("请求地址过长", "The address is too long"))
BAD_QUERY = Problem(400, "bad-request", ("请求地址无法理解", "The address cannot be understood"))

__all__ = ["BODY_BYTES", "BULK_BYTES", "Gateway"]

log = structlog.get_logger()


@dataclass(slots=True)
class Passing:
    """A request on its way through: where from, where to, and the names it is followed by."""

    environ: Environ
    method: str
    path: str
    address: str
    traceparent: str
    request_id: str
    route: str = "unknown"
    upstream: str = OWN
    composition: compositions.Composition | None = None
    named: Mapping[str, str] = field(default_factory=dict)


class Gateway:
    """`routes` maps path prefixes to upstreams; `own` answers the rest; `verify` turns a token into its actor.

    `hub` tells viewers what changes.
    """

    def __init__(
        self,
        routes: Mapping[str, str],
        upstreams: Mapping[str, Upstream],
        own: Callable[..., Iterable[bytes]],
        verify: Callable[[str], Actor],
        limiter: Limiter,
        hub: Hub,
    ) -> None:
        self._routes = dict(routes)
        self._upstreams = dict(upstreams)
        self._own = own
        self._verify = verify
        self._limiter = limiter
        self._stream = stream.Stream(hub, verify)
        self._composer = compositions.Composer(self._upstreams)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        began = time.perf_counter()
        sent_id = environ.get("HTTP_X_REQUEST_ID")
        passing = Passing(
            environ,
            environ["REQUEST_METHOD"],
            environ.get("PATH_INFO", ""),
            environ.get("REMOTE_ADDR", ""),
            trace.continued(environ.get("HTTP_TRACEPARENT")),
            sent_id if sent_id and headers.REQUEST_ID.fullmatch(sent_id) else secrets.token_hex(8),
        )
        answer = self._answer(passing)
        self._observe(passing, answer.status, time.perf_counter() - began)
        return answers.send(answer, environ, start_response, passing.request_id)

    def _answer(self, passing: Passing) -> Answer:
        try:
            query = self._judge(passing)
            self._find(passing)
            if passing.composition is not None:
                return self._compose(passing, passing.composition)
            if passing.path == stream.PATH:
                return self._open_stream(passing)
            if passing.upstream == OWN:
                return self._answer_ourselves(passing)
            self._admit(passing)
            answer = self._upstreams[passing.upstream].call(self._call(passing, query))
        except Refused as refused:
            return self._problem(passing, refused.problem)
        except Failed as error:
            return self._failed(passing, error)
        except Exception:
            log.exception("request.failed", route=passing.route, trace_id=trace.trace_id(passing.traceparent))
            return self._problem(passing, answers.FAULT)
        if answer.status == 401 and passing.path == SIGN_IN and HALF_WAY not in answer.body:
            self._limiter.sign_in_failed(passing.address)
        return answer

    def _judge(self, passing: Passing) -> str:
        """The query, when method and address are what they should be. Raises Refused."""
        query: str = passing.environ.get("QUERY_STRING", "")
        path = passing.path
        if len(path) + len(query) > TARGET_BYTES:
            raise Refused(TOO_LONG)
        if QUERY.fullmatch(query) is None or "\0" in path:
            raise Refused(BAD_QUERY)
        if "//" in path or ("/." in path and not {".", ".."}.isdisjoint(path.split("/"))):
            raise Refused(NOT_FOUND)
        if passing.method not in METHODS:
            raise Refused(NOT_ALLOWED)
        return query

    def _find(self, passing: Passing) -> None:
        """A composition, else the upstream of the longest prefix of the path, whole segments only; else ourselves."""
        if (found := compositions.find(passing.path)) is not None:
            passing.composition, passing.named = found
            passing.route = passing.composition.path
            return
        prefix = passing.path
        while prefix:
            if prefix in self._routes:
                passing.route, passing.upstream = prefix, self._routes[prefix]
                return
            prefix = prefix.rpartition("/")[0]
        passing.route = next((own for own in OWN_PATHS if passing.path.startswith(own)), "unknown")

    def _compose(self, passing: Passing, composition: compositions.Composition) -> Answer:
        """Raises Refused."""
        if passing.method not in SAFE:
            raise Refused(NOT_ALLOWED)
        self._identified(passing)
        return self._composer.answer(composition, passing.named, self._call(passing, ""))

    def _open_stream(self, passing: Passing) -> Answer:
        """Raises Refused."""
        if passing.method not in SAFE:
            raise Refused(NOT_ALLOWED)
        actor = self._identified(passing)
        return self._stream.answer(passing.environ, actor, _bearer(passing.environ))

    def _answer_ourselves(self, passing: Passing) -> Answer:
        if not passing.path.startswith("/health/"):
            self._limiter.admit(passing.address)
        passing.environ["crm.trace_id"] = trace.trace_id(passing.traceparent)
        begun: list[Answer] = []

        def begin(status: str, sent: answers.Headers, _: object = None) -> None:
            begun[:] = [Answer(int(status[:3]), headers.cleaned(sent), b"")]

        written = self._own(passing.environ, begin)
        try:
            body = b"".join(written)
        finally:
            getattr(written, "close", lambda: None)()
        begun[0].body = body
        return begun[0]

    def _admit(self, passing: Passing) -> None:
        """Raises TooMany, Unauthenticated."""
        if (passing.method, passing.path) in PUBLIC:
            self._limiter.admit(passing.address)
            if passing.path == SIGN_IN:
                self._limiter.admit_sign_in(passing.address)
            return
        self._identified(passing)

    def _identified(self, passing: Passing) -> Actor:
        """Who asks, not too often. Raises TooMany, Unauthenticated."""
        try:
            actor = self._verify(_bearer(passing.environ))
        except Unauthenticated:
            self._limiter.admit(passing.address)
            raise
        self._limiter.admit(str(actor.user_id))
        return actor

    def _call(self, passing: Passing, query: str) -> Call:
        """Raises Refused."""
        sent = headers.passed(passing.environ, passing.path)
        sent["Traceparent"] = passing.traceparent
        sent["X-Request-Id"] = passing.request_id
        path = quote(passing.path.encode("latin-1"), safe=PATH_SAFE)
        return Call(passing.method, f"{path}?{query}" if query else path, sent, read_body(passing.environ))

    def _failed(self, passing: Passing, error: Exception) -> Answer:
        how = type(error).__name__
        metrics.FAILURES.labels(passing.upstream, how).inc()
        log.warning("upstream.failed", upstream=passing.upstream, how=how, error=str(error))
        found = {Unavailable: answers.UNAVAILABLE, Overloaded: answers.BUSY, TimedOut: answers.TIMEOUT}
        return self._problem(passing, found.get(type(error), answers.BROKEN))

    def _problem(self, passing: Passing, problem: Problem) -> Answer:
        return answers.of_problem(problem, passing.environ, trace.trace_id(passing.traceparent))

    def _observe(self, passing: Passing, status: int, seconds: float) -> None:
        if passing.route.startswith("/health"):
            return
        method = passing.method if passing.method in METHODS else "other"
        metrics.watch(passing.upstream, passing.route, method, status, seconds)
        log.info(
            "request",
            upstream=passing.upstream,
            route=passing.route,
            method=method,
            status=status,
            milliseconds=round(seconds * 1000, 1),
            trace_id=trace.trace_id(passing.traceparent),
            request_id=passing.request_id,
        )


def _bearer(environ: Environ) -> str:
    """Raises Unauthenticated."""
    scheme, _, token = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated
    return str(token)
