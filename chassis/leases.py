"""Leases with fencing tokens: one leader per duty, and a leader that hung cannot act once another has taken over."""

from dataclasses import dataclass

import sqlalchemy as sa

ACQUIRE = """
INSERT INTO leases (name, holder, token, expires_at)
VALUES (%(name)s, %(holder)s, 1, clock_timestamp() + make_interval(secs => %(seconds)s))
ON CONFLICT (name) DO UPDATE
SET holder = excluded.holder, token = leases.token + 1, expires_at = excluded.expires_at
WHERE leases.expires_at < clock_timestamp()
RETURNING token
"""
RENEW = """
UPDATE leases SET expires_at = clock_timestamp() + make_interval(secs => %(seconds)s)
WHERE name = %(name)s AND token = %(token)s
"""
HELD = "SELECT 1 FROM leases WHERE name = %(name)s AND token = %(token)s FOR SHARE"
RELEASE = "UPDATE leases SET expires_at = '-infinity' WHERE name = %(name)s AND token = %(token)s"

HOLDER = "SELECT holder FROM leases WHERE name = %(name)s AND expires_at > clock_timestamp()"


class LeaseLost(RuntimeError):
    """Somebody else leads now: whatever was about to be written must not be."""


@dataclass(frozen=True)
class Lease:
    name: str
    token: int

    def renew(self, connection: sa.Connection, seconds: float) -> None:
        """Hold on for `seconds` more. Raises LeaseLost."""
        renewed = connection.exec_driver_sql(RENEW, {"name": self.name, "token": self.token, "seconds": seconds})
        if renewed.rowcount != 1:
            raise LeaseLost(self.name)

    def guard(self, connection: sa.Connection) -> None:
        """Keep the lease ours until the present transaction ends. Raises LeaseLost."""
        if connection.exec_driver_sql(HELD, {"name": self.name, "token": self.token}).first() is None:
            raise LeaseLost(self.name)

    def release(self, connection: sa.Connection) -> None:
        connection.exec_driver_sql(RELEASE, {"name": self.name, "token": self.token})


def acquire(connection: sa.Connection, name: str, holder: str, seconds: float) -> Lease | None:
    """The lease on `name` for `seconds`, or None while somebody else's has not run out."""
    row = connection.exec_driver_sql(ACQUIRE, {"name": name, "holder": holder, "seconds": seconds}).first()
    return Lease(name, row[0]) if row else None


def end_all(connection: sa.Connection) -> None:
    """For who knows that nobody is left who could hold a lease: what a killed process held need not run out first."""
    connection.exec_driver_sql("UPDATE leases SET expires_at = '-infinity'")


def holder(connection: sa.Connection, name: str) -> str | None:
    """Who leads now, if anybody does."""
    found: str | None = connection.exec_driver_sql(HOLDER, {"name": name}).scalar()
    return found
