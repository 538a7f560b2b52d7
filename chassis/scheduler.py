"""The scheduler: what a service does when time passes, in one process at a time."""

import threading
from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
import structlog

from chassis import metrics, policies, watermarks
from chassis.service import Timer
from chassis.store import Database, Transaction

TICK_SECONDS = 1.0
KEPT_INBOX_DAYS = 30
MONTHS_AHEAD = 3

# The row's lock keeps other processes out while the timer runs; a run missed while nobody was up is caught up once.
CLAIM = """
INSERT INTO timers (name, ran_at) VALUES (%(name)s, '-infinity') ON CONFLICT DO NOTHING
"""
DUE = """
SELECT name FROM timers WHERE name = %(name)s AND ran_at <= %(before)s FOR UPDATE SKIP LOCKED
"""
RAN = "UPDATE timers SET ran_at = %(now)s WHERE name = %(name)s"

log = structlog.get_logger()


class Scheduler:
    """Runs each timer when it is due; one that fails is logged, counted and tried again, and stops no other."""

    def __init__(self, database: Database, service: str, timers: Sequence[Timer]) -> None:
        self._database = database
        self._service = service
        self._timers = (*timers, *HOUSEKEEPING)

    def run(self, stopping: threading.Event) -> None:
        while not stopping.is_set():
            self.run_due()
            stopping.wait(TICK_SECONDS)

    def run_due(self) -> None:
        """Run every timer that is due now, and announce the watermark when it is time."""
        for timer in self._timers:
            self._guarded(timer.name, lambda timer=timer: self._run_one(timer))
        self._guarded("watermark", self._announce)

    def _guarded(self, name: str, act: object) -> None:
        try:
            act()  # type: ignore[operator]
        except Exception as error:  # noqa: BLE001 -- one timer's failure must not stop the others
            metrics.TIMER_FAILURES.labels(self._service, name).inc()
            log.error("timer.failed", service=self._service, timer=name, error=f"{type(error).__name__}: {error}")

    def _run_one(self, timer: Timer) -> None:
        with self._database.transaction() as tx:
            now = self._database.clock.now()
            if _claim(tx, timer.name, now, timer.every_seconds):
                timer.run(tx, now)

    def _announce(self) -> None:
        """The moment is measured outside the transaction, whose own start would hold it back for ever."""
        now = self._database.clock.now()
        with self._database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            moment = watermarks.reached(connection, self._service, now)
        with self._database.transaction() as tx:
            if _claim(tx, "watermark", now, watermarks.EVERY_SECONDS):
                watermarks.announce(tx, self._service, moment)


def _claim(tx: Transaction, name: str, now: datetime, every_seconds: float) -> bool:
    tx.driver(CLAIM, {"name": name})
    if not tx.driver(DUE, {"name": name, "before": now - timedelta(seconds=every_seconds)}):
        return False
    tx.driver(RAN, {"name": name, "now": now})
    return True


def forget_inbox(tx: Transaction, now: datetime) -> None:
    """Inbox ids are kept thirty days: no broker delivers again after that."""
    tx.driver("DELETE FROM inbox WHERE received_at < %s", (now - timedelta(days=KEPT_INBOX_DAYS),))


def forget_idempotency_keys(tx: Transaction, now: datetime) -> None:
    """The answer to an Idempotency-Key is kept a day."""
    tx.driver("DELETE FROM idempotency_keys WHERE created_at < %s", (now - timedelta(days=1),))


def make_partitions(tx: Transaction, now: datetime) -> None:
    """Monthly partitions of the event log ahead of time; a month that has rows in the default one stays there."""
    first = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    for _ in range(MONTHS_AHEAD + 1):
        following = (first + timedelta(days=32)).replace(day=1)
        name = f"event_log_{first:%Y_%m}"
        taken = tx.driver(
            "SELECT to_regclass(%s) IS NOT NULL OR EXISTS "
            "(SELECT FROM event_log_default WHERE recorded_at >= %s AND recorded_at < %s)",
            (name, first, following),
        )[0][0]
        if not taken:
            tx.connection.execute(
                sa.text(
                    f"CREATE TABLE {name} PARTITION OF event_log FOR VALUES FROM ('{first:%Y-%m-%d}') "
                    f"TO ('{following:%Y-%m-%d}')"
                )
            )
        first = following


HOUSEKEEPING = (
    Timer("apply-policies", policies.EVERY_SECONDS, policies.apply_due),
    Timer("forget-inbox", 3600, forget_inbox),
    Timer("forget-idempotency-keys", 3600, forget_idempotency_keys),
    Timer("make-partitions", 86400, make_partitions),
)
