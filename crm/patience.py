"""Ask for what refers to news that is still under way to a service, and ask again for a while until it has come."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from crm.client import Client, Refusal

PATIENCE_SECONDS = 30
PAUSE_SECONDS = 1.0


def in_bulk(client: Client, resource: str, items: Sequence[Any]) -> list[Any]:
    """What became of each of `items`, at most 1,000. Raises Refusal, CannotConnect."""
    results: dict[int, Any] = {}
    waiting = list(range(len(items)))
    until = time.monotonic() + PATIENCE_SECONDS
    while waiting:
        body = {"items": [items[at] for at in waiting]}
        results |= dict(zip(waiting, client.post(f"/api/v1/{resource}/bulk", body)["results"], strict=True))
        waiting = [at for at in waiting if _unknown(results[at].get("problem", {}))]
        if time.monotonic() >= until:
            break
        if waiting:
            time.sleep(PAUSE_SECONDS)
    return [results[at] for at in range(len(items))]


def patiently(ask: Callable[[], Any]) -> Any:
    """What `ask` answers. Raises Refusal, CannotConnect."""
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return ask()
        except Refusal as refusal:
            if not _unknown(refusal.problem) or time.monotonic() >= until:
                raise
        time.sleep(PAUSE_SECONDS)


def _unknown(problem: Mapping[str, Any]) -> bool:
    return str(problem.get("type", "")).endswith("/unknown_reference")
