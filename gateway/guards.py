"""What keeps one ailing service from taking the gateway with it: a circuit breaker, and a bound on requests."""

import threading
import time
from collections import deque
from collections.abc import Callable

from prometheus_client import Gauge

AT_ONCE = 128
OPENS_AFTER = 5
OPEN_SECONDS = 2.0

OPEN = Gauge("crm_gateway_breaker_open", "1 while a service is not asked because it kept failing", ("upstream",))
UNDER_WAY = Gauge("crm_gateway_under_way", "Requests waiting for a service now", ("upstream",))


class Unavailable(ConnectionError):
    """The service cannot be reached, or is not asked just now because it kept failing; it got nothing."""


class Overloaded(RuntimeError):
    """As many requests as may be are under way to the service; it got nothing."""


class Breaker:
    """Stops asking a service that failed OPENS_AFTER times in a row; every OPEN_SECONDS one request may try."""

    def __init__(self, upstream: str, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._gauge = OPEN.labels(upstream)
        self._failures = 0
        self._opened_at = 0.0
        self._lock = threading.Lock()

    def admit(self) -> None:
        """Raises Unavailable while open."""
        if self._failures < OPENS_AFTER:
            return
        with self._lock:
            if self._now() - self._opened_at < OPEN_SECONDS:
                raise Unavailable("circuit open")
            self._opened_at = self._now()

    def succeeded(self) -> None:
        if self._failures:
            self._failures = 0
            self._gauge.set(0)

    def failed(self) -> None:
        with self._lock:
            self._failures += 1
            if self._failures >= OPENS_AFTER:
                self._opened_at = self._now()
                self._gauge.set(1)


class Room:
    """At most `at_once` requests under way; more are turned away at once, for a queue would only make all late."""

    def __init__(self, upstream: str, at_once: int = AT_ONCE) -> None:
        self._places = deque(range(at_once))
        UNDER_WAY.labels(upstream).set_function(lambda: at_once - len(self._places))

    def take(self) -> int:
        """A place, to be given back. Raises Overloaded."""
        try:
            return self._places.pop()
        except IndexError:
            raise Overloaded from None

    def give_back(self, place: int) -> None:
        self._places.append(place)
