"""How often a caller may ask, and how often signing in may fail from one address."""

import structlog
from limits import RateLimitItem, RateLimitItemPerMinute, RateLimitItemPerSecond
from limits.errors import StorageError
from limits.storage import storage_from_string
from limits.strategies import MovingWindowRateLimiter
from prometheus_client import Counter

from chassis.errors import TooMany

BURST = 2000
BURST_SECONDS = 4
FAILED_SIGN_INS = 30

LIMITED = Counter("crm_gateway_limited_total", "Requests refused because they came too often", ("limit",))

log = structlog.get_logger()


class Limiter:
    """500 requests a second per caller with bursts of 2,000, and 30 failed sign-ins a minute per address."""

    def __init__(self, storage_url: str = "memory://") -> None:
        self._strategy = MovingWindowRateLimiter(storage_from_string(storage_url, wrap_exceptions=True))
        self._requests = RateLimitItemPerSecond(BURST, BURST_SECONDS, namespace="requests")
        self._failures = RateLimitItemPerMinute(FAILED_SIGN_INS, namespace="sign-ins")

    def admit(self, caller: str) -> None:
        """Raises TooMany."""
        if not self._allows(self._strategy.hit, self._requests, caller):
            LIMITED.labels("requests").inc()
            raise TooMany(1)

    def admit_sign_in(self, address: str) -> None:
        """Raises TooMany while too many sign-ins from here have failed."""
        if not self._allows(self._strategy.test, self._failures, address):
            LIMITED.labels("sign-ins").inc()
            raise TooMany(60)

    def sign_in_failed(self, address: str) -> None:
        self._allows(self._strategy.hit, self._failures, address)

    def _allows(self, ask, item: RateLimitItem, caller: str) -> bool:  # type: ignore[no-untyped-def]
        """Without its shared memory the gateway lets everybody in: refusing all would be the greater harm."""
        try:
            return bool(ask(item, caller))
        except StorageError as error:
            log.warning("limits.not-kept", error=type(error.storage_error).__name__)
            return True
