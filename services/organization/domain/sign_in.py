"""How wrong passwords slow down whoever tries them, and lock him out in the end."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address

LOCKED_FOR = timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(minutes=30)
NETWORK_BITS = 64
"""Of an IPv6 address: who has one has all that begin with these."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How many failures are free; after them each doubles the wait, up to the lock-out."""

    free: int

    def wait(self, failures: int) -> timedelta:
        """Nothing for the free ones, then 2, 4, 8 … seconds, at most LOCKED_FOR."""
        if failures < self.free:
            return timedelta()
        return min(timedelta(seconds=2 ** min(failures - self.free + 1, 20)), LOCKED_FOR)

    def locks_at(self, failures: int) -> bool:
        """Whether just this failure brings the lock-out."""
        return self.wait(failures) == LOCKED_FOR != self.wait(failures - 1)


ACCOUNT = Patience(free=5)
ADDRESS = Patience(free=30)
"""Many people share one address: an office, a mobile network."""


def network_of(address: str) -> str:
    """What failures from `address` are counted under."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return f"{IPv6Address(int(parsed) >> NETWORK_BITS << NETWORK_BITS)}/{NETWORK_BITS}"


def wait_until(patience: Patience, failures: int, failed_at: datetime) -> datetime:
    """When the next attempt is let in."""
    return failed_at + patience.wait(failures)
