"""How often a caller may ask, and how often signing in may fail from one address."""

from limits import RateLimitItemPerMinute, RateLimitItemPerSecond
from limits.storage import storage_from_string
from limits.strategies import MovingWindowRateLimiter

from chassis.errors import TooMany

BURST = 2000
BURST_SECONDS = 4
FAILED_SIGN_INS = 30


class Limiter:
    """500 requests a second per caller with bursts of 2,000, and 30 failed sign-ins a minute per address."""

    def __init__(self, storage_url: str = "memory://") -> None:
        self._strategy = MovingWindowRateLimiter(storage_from_string(storage_url))
        self._requests = RateLimitItemPerSecond(BURST, BURST_SECONDS)
        self._failures = RateLimitItemPerMinute(FAILED_SIGN_INS)

    def admit(self, caller: str) -> None:
        """Raises TooMany."""
        if not self._strategy.hit(self._requests, caller):
            raise TooMany(1)

    def admit_sign_in(self, address: str) -> None:
        """Raises TooMany while too many sign-ins from here have failed."""
        if not self._strategy.test(self._failures, address):
            raise TooMany(60)

    def sign_in_failed(self, address: str) -> None:
        self._strategy.hit(self._failures, address)
