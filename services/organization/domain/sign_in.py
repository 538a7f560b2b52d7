"""How wrong passwords slow down whoever tries them."""

from datetime import datetime, timedelta

FREE_FAILURES = 5
LONGEST_WAIT = timedelta(minutes=5)
FORGOTTEN_AFTER = timedelta(minutes=30)


def wait_until(failures: int, failed_at: datetime) -> datetime:
    """When the next attempt is let in: at once for the first five, then after 2, 4, 8 … seconds, at most 5 min."""
    if failures < FREE_FAILURES:
        return failed_at
    return failed_at + min(timedelta(seconds=2 ** min(failures - FREE_FAILURES + 1, 20)), LONGEST_WAIT)
