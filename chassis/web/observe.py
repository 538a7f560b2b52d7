"""What is seen of a process from outside: health, metrics, and one log line per request."""

import time
from collections.abc import Callable

import flask
import structlog
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Histogram, generate_latest

from chassis import trace
from chassis.counts import SHOWN

REQUESTS = Counter("crm_http_requests_total", "Requests answered", ("service", "route", "method", "status"))
SECONDS = Histogram(
    "crm_http_request_seconds",
    "Time until an answer was ready",
    ("service", "route", "method"),
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)

Check = Callable[[], bool]

log = structlog.get_logger()


def register(app: flask.Flask, service: str, checks: dict[str, Check]) -> None:
    """Add `/health/live`, `/health/ready` and `/metrics` to `app`, and watch its requests."""
    app.add_url_rule("/health/live", "live", lambda: {"status": "live"})
    app.add_url_rule("/health/ready", "ready", lambda: _ready(checks))
    app.add_url_rule("/metrics", "metrics", lambda: flask.Response(exposition(), content_type=CONTENT_TYPE_LATEST))
    app.before_request(_begin)
    app.after_request(lambda response: _end(response, service))


def exposition() -> bytes:
    """Every metric of this process."""
    return generate_latest(SHOWN)


def _ready(checks: dict[str, Check]) -> tuple[dict[str, object], int]:
    found = {name: check() for name, check in checks.items()}
    ready = all(found.values())
    return {"status": "ready" if ready else "not ready", "checks": found}, 200 if ready else 503


def _begin() -> None:
    flask.g.began = time.perf_counter()
    flask.g.traceparent = trace.continued(flask.request.headers.get("traceparent"))
    flask.g.trace_id = trace.trace_id(flask.g.traceparent)


def _end(response: flask.Response, service: str) -> flask.Response:
    rule = flask.request.url_rule
    route = str(rule) if rule else "unknown"
    if route.startswith(("/health", "/metrics")):
        return response
    seconds = time.perf_counter() - flask.g.began
    REQUESTS.labels(service, route, flask.request.method, response.status_code).inc()
    SECONDS.labels(service, route, flask.request.method).observe(seconds)
    log.info(
        "request",
        service=service,
        route=route,
        method=flask.request.method,
        status=response.status_code,
        milliseconds=round(seconds * 1000, 1),
        trace_id=flask.g.trace_id,
    )
    return response
