"""What the gateway counts: requests by route prefix, never by path, services that failed it, and streams."""

import functools
from typing import Any

from prometheus_client import Counter, Gauge, Histogram

REQUESTS = Counter("crm_gateway_requests_total", "Requests answered", ("upstream", "route", "method", "status"))
SECONDS = Histogram(
    "crm_gateway_seconds",
    "Time until the whole answer was here",
    ("upstream", "route"),
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
FAILURES = Counter("crm_gateway_upstream_failures_total", "Upstreams that failed to answer", ("upstream", "how"))
VIEWERS = Gauge("crm_gateway_viewers", "Streams open now")
MESSAGES = Counter("crm_gateway_stream_messages_total", "Messages told to viewers, pings apart")
RESETS = Counter("crm_gateway_stream_resets_total", "Viewers told to fetch everything again", ("cause",))
ENDED = Counter("crm_gateway_streams_ended_total", "Streams that ended", ("cause",))


def watch(upstream: str, route: str, method: str, status: int, seconds: float) -> None:
    """Count one answered request."""
    requests, times = _children(upstream, route, method, status)
    requests.inc()
    times.observe(seconds)


@functools.lru_cache(4096)
def _children(upstream: str, route: str, method: str, status: int) -> tuple[Any, Any]:
    """Looking a child up by its labels costs more than counting."""
    return REQUESTS.labels(upstream, route, method, status), SECONDS.labels(upstream, route)
