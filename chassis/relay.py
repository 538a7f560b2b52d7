"""The relay: moves unsent events from the outbox to the bus, then to the log. One leader per service.

It reads the unsent rows, never past a cursor, so that an event committing late is found; publishes without an open
transaction; and marks under its lease, so that a leader that hung cannot mark once another has taken over. A crash at
any point may publish twice and never loses.
"""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from chassis import leases
from chassis.bus import Fate, Message, Publisher

BATCH = 500
LEASE = "relay"
LEASE_SECONDS = 5.0
BACKOFF_SECONDS = 30

UNSENT = """
SELECT event_id, type, envelope::text FROM outbox
WHERE next_attempt_at <= clock_timestamp() ORDER BY id LIMIT %(limit)s
"""
MARK = """
WITH sent AS (
    DELETE FROM outbox WHERE event_id = ANY(%(ids)s::uuid[])
    RETURNING id, event_id, type, subject, sequence, recorded_at, envelope
)
INSERT INTO event_log (id, event_id, type, subject, sequence, recorded_at, envelope)
SELECT * FROM sent WHERE type NOT LIKE '%%.watermark.reached'
"""
POSTPONE = """
UPDATE outbox SET attempts = attempts + 1, error = %(error)s,
    next_attempt_at = clock_timestamp() + make_interval(secs => least(2 ^ attempts, %(most)s))
WHERE event_id = ANY(%(ids)s::uuid[])
"""


@dataclass(frozen=True)
class Round:
    """What one round did: how many events were sent, and how many the broker returned or refused."""

    sent: int
    refused: int

    @property
    def full(self) -> bool:
        return self.sent + self.refused >= BATCH


class Relay:
    """One contender for the lead; `step` does nothing but try to acquire while somebody else leads."""

    def __init__(
        self,
        engine: sa.Engine,
        publisher: Publisher,
        *,
        holder: str,
        before_mark: Callable[[], None] = lambda: None,
    ) -> None:
        self._engine = engine
        self._publisher = publisher
        self._holder = holder
        self._before_mark = before_mark
        self._lease: leases.Lease | None = None

    @property
    def leads(self) -> bool:
        return self._lease is not None

    def step(self) -> Round | None:
        """Publish one batch; None while another leads. Raises BusUnavailable, with nothing marked."""
        try:
            if not self._lead():
                return None
            with self._engine.connect() as connection:
                rows = connection.exec_driver_sql(UNSENT, {"limit": BATCH}).all()
            if not rows:
                return Round(0, 0)
            messages = [Message(row[0], row[1], row[2].encode()) for row in rows]
            fates = self._publisher.publish(messages)
            self._before_mark()
            return self._mark(dict(zip((message.id for message in messages), fates, strict=True)))
        except leases.LeaseLost:
            self._lease = None
            return None

    def stop(self) -> None:
        """Give the lead back, so that another need not wait for it to run out."""
        if self._lease is not None:
            with self._engine.begin() as connection:
                self._lease.release(connection)
            self._lease = None
        self._publisher.close()

    def _lead(self) -> bool:
        with self._engine.begin() as connection:
            if self._lease is not None:
                self._lease.renew(connection, LEASE_SECONDS)
            else:
                self._lease = leases.acquire(connection, LEASE, self._holder, LEASE_SECONDS)
        return self._lease is not None

    def _mark(self, fates: dict[UUID, Fate]) -> Round:
        if self._lease is None:
            raise leases.LeaseLost(LEASE)
        sent = [event_id for event_id, fate in fates.items() if fate is Fate.CONFIRMED]
        with self._engine.begin() as connection:
            self._lease.guard(connection)
            connection.exec_driver_sql(MARK, {"ids": sent})
            for fate in (Fate.RETURNED, Fate.REFUSED):
                ids = [event_id for event_id, its in fates.items() if its is fate]
                if ids:
                    connection.exec_driver_sql(POSTPONE, {"ids": ids, "error": fate.value, "most": BACKOFF_SECONDS})
        return Round(len(sent), len(fates) - len(sent))
