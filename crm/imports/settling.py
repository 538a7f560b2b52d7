"""After an import: wait until the figures know of it, so that a report asked for next is right."""

import time

from chassis.clock import SystemClock
from crm.client import Client, Refusal

LOOK_SECONDS = 0.25
QUIET_SECONDS = 3.0
LONGEST_SECONDS = 120.0


def figures_follow(client: Client) -> bool:
    """Whether the figures caught up: they know of something newer than this call, or stood still for QUIET_SECONDS.

    Who may not read figures need not wait for them.
    """
    called_at, until = SystemClock().now().isoformat(), time.monotonic() + LONGEST_SECONDS
    seen, seen_at = "", time.monotonic()
    while time.monotonic() < until:
        try:
            as_of = client.get("/api/v1/analytics/pipeline", group_by="stage")["as_of"] or ""
        except Refusal:
            return True
        if as_of != seen:
            seen, seen_at = as_of, time.monotonic()
        if as_of > called_at or time.monotonic() - seen_at > QUIET_SECONDS:
            return True
        time.sleep(LOOK_SECONDS)
    return False
