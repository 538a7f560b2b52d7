"""The inbox: every event takes effect once, a bad one hurts only itself, and none is forgotten.

A batch is one transaction: ids first, then handlers, commit, and only then may the caller acknowledge. If the batch
fails it is replayed one event at a time. A failing event is stored with its error and retried with back-off; while it
waits, later events of its subject wait behind it. After its last attempt it is parked for an operator, and a parked
event holds nobody back. An invalid event is parked at once.
"""

import random
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

import psycopg
import sqlalchemy as sa
import structlog

from chassis import metrics
from chassis.branches import unheard
from chassis.store import Database, Transaction
from contracts.base import InvalidEvent
from contracts.branch import SOURCE
from contracts.envelope import Envelope, parse

ATTEMPTS = 12
FIRST_RETRY_SECONDS = 1.0
LAST_RETRY_SECONDS = 600.0

Handler = Callable[[Transaction, Envelope, Any], None]
BatchHandler = Callable[[Transaction, Sequence[tuple[Envelope, Any]]], None]
RebuildHandler = Callable[[Transaction, UUID, Sequence[tuple[Envelope, Any]]], None]

ACCEPT = """
INSERT INTO inbox (event_id) SELECT unnest(%(ids)s::uuid[]) ON CONFLICT DO NOTHING RETURNING event_id
"""
HELD = "SELECT DISTINCT subject FROM failed_events WHERE state = 'waiting' AND subject = ANY(%(subjects)s::uuid[])"
STORE = """
INSERT INTO failed_events (event_id, type, subject, sequence, body, state, attempts, error, field, next_attempt_at)
VALUES (%(event_id)s, %(type)s, %(subject)s, %(sequence)s, %(body)s, %(state)s, %(attempts)s, %(error)s, %(field)s,
        clock_timestamp() + make_interval(secs => %(delay)s))
"""
DUE = """
SELECT event_id, body, attempts FROM failed_events AS due
WHERE state = 'waiting' AND next_attempt_at <= clock_timestamp() AND NOT EXISTS (
    SELECT 1 FROM failed_events AS earlier
    WHERE earlier.state = 'waiting' AND earlier.subject = due.subject AND earlier.sequence < due.sequence
)
ORDER BY next_attempt_at LIMIT 1 FOR UPDATE SKIP LOCKED
"""
FORGET = "DELETE FROM failed_events WHERE event_id = %(event_id)s"
FAIL_AGAIN = """
UPDATE failed_events SET attempts = attempts + 1, error = %(error)s, field = %(field)s, state = %(state)s,
    failed_at = clock_timestamp(), next_attempt_at = clock_timestamp() + make_interval(secs => %(delay)s)
WHERE event_id = %(event_id)s AND state = 'waiting'
"""
REQUEUE = """
UPDATE failed_events SET state = 'waiting', attempts = 0, next_attempt_at = clock_timestamp()
WHERE event_id = %(event_id)s AND state = 'parked'
"""
DISCARD = "UPDATE failed_events SET state = 'discarded' WHERE event_id = %(event_id)s AND state = 'parked'"


AWAY = ("08", "53", "57", "58")
"""SQLSTATE classes of a server that is away, out of resources, stopping, or failing at the system's level."""

log = structlog.get_logger()


class DatabaseAway(ConnectionError):
    """The database cannot be used now: nothing was decided about the events, pause and try them again."""


@dataclass(frozen=True)
class Failure:
    """Why an event could not be applied; `never` means that trying again cannot help."""

    error: str
    field: str | None
    never: bool

    @classmethod
    def of(cls, error: Exception) -> "Failure":
        never = isinstance(error, InvalidEvent)
        return cls(f"{type(error).__name__}: {error}"[:2000], getattr(error, "field", None), never)

    def after(self, attempts: int) -> dict[str, Any]:
        """What is stored once `attempts` have failed: parked, or waiting for the next one."""
        parked = self.never or attempts >= ATTEMPTS
        return {
            "error": self.error,
            "field": self.field,
            "state": "parked" if parked else "waiting",
            "delay": retry_delay(attempts),
        }


def retry_delay(attempts: int) -> float:
    """Seconds until the next attempt: doubling from 1 s to 10 min, with jitter, so that failures do not keep step."""
    longest: float = min(FIRST_RETRY_SECONDS * 2 ** (attempts - 1), LAST_RETRY_SECONDS)
    return longest * random.uniform(0.5, 1.0)  # noqa: S311 -- spreads load, guards nothing


def requeue(tx: Transaction, event_id: UUID) -> bool:
    """Give a parked event all its attempts again; False when it is not parked."""
    return tx.connection.exec_driver_sql(REQUEUE, {"event_id": event_id}).rowcount == 1


def discard(tx: Transaction, event_id: UUID) -> bool:
    """Never apply a parked event; it stays on record. False when it is not parked."""
    return tx.connection.exec_driver_sql(DISCARD, {"event_id": event_id}).rowcount == 1


class Inbox:
    """One consumer's door: `accept` what the bus delivers, `retry` what failed before."""

    def __init__(
        self,
        database: Database,
        handlers: Mapping[str, Handler],
        *,
        batch_handler: BatchHandler | None = None,
        batch_types: Collection[str] = (),
    ) -> None:
        """`batch_handler` takes all events of `batch_types` in a batch at once, for consumers on the hot path."""
        self._database = database
        self._service = database.source.rpartition("/")[2]
        self._handlers = handlers
        self._batch_handler = batch_handler
        self._batch_types = frozenset(batch_types)

    def accept(self, bodies: Sequence[bytes]) -> None:
        """Apply or store every event; afterwards all may be acknowledged. Raises DatabaseAway."""
        events = []
        for body in bodies:
            try:
                events.append((parse(body), body))
            except InvalidEvent as unreadable:
                self._store_unread(body, "unreadable", Failure.of(unreadable).after(1))
        try:
            self._apply(events)
        except DatabaseAway:
            raise
        except Exception:  # noqa: BLE001 -- whatever one event did, each is now tried alone and judged by name
            for event, body in events:
                self._accept_one(event, body)

    def refuse(self, body: bytes, forged: InvalidEvent) -> None:
        """Keep on record what somebody told who may not; it is never applied. Raises DatabaseAway."""
        log.error("event.forged", service=self._service, error=str(forged))
        metrics.FORGED.labels(self._service).inc()
        self._store_unread(body, "forged", Failure.of(forged).after(1) | {"state": "discarded"})

    def rebuild(self, bodies: Sequence[bytes], rebuild: str, handler: RebuildHandler) -> None:
        """Give replayed events to the read model being rebuilt, past the inbox: the model knows what it has.

        Raises DatabaseAway. What cannot be read was parked when it first came, and is passed over; what cannot be
        applied is logged and missing in the rebuild's count, so that the rebuild cannot be completed.
        """
        events = []
        for body in bodies:
            with suppress(InvalidEvent):
                event = parse(body)
                events.append((event, event.payload()))
        try:
            with self._transaction() as tx:
                handler(tx, UUID(rebuild), events)
        except DatabaseAway:
            raise
        except Exception as error:  # noqa: BLE001 -- each event is then tried alone and judged by name
            if len(bodies) == 1:
                log.error("rebuild.event-failed", rebuild=rebuild, error=f"{type(error).__name__}: {error}")
                return
            for body in bodies:
                self.rebuild([body], rebuild, handler)

    def retry(self) -> bool:
        """Try the one stored event that is most overdue; False when none is due. Raises DatabaseAway."""
        with self._transaction() as tx:
            due = tx.driver(DUE)
            if not due:
                return False
            event_id, body, attempts = due[0]
            savepoint = tx.connection.begin_nested()
            try:
                self._handle(tx, [parse(bytes(body))])
                tx.flush()
                savepoint.commit()
            except Exception as error:  # noqa: BLE001 -- stored with its name, counted, retried or parked
                _raise_if_away(error)
                savepoint.rollback()
                tx.forget_recorded()
                tx.driver(FAIL_AGAIN, {"event_id": event_id} | Failure.of(error).after(attempts + 1))
            else:
                tx.driver(FORGET, {"event_id": event_id})
        return True

    def _accept_one(self, event: Envelope, body: bytes) -> None:
        try:
            self._apply([(event, body)])
        except DatabaseAway:
            raise
        except Exception as error:  # noqa: BLE001 -- stored with its name, counted, retried or parked
            self._store(event, body, Failure.of(error))

    def _apply(self, events: Sequence[tuple[Envelope, bytes]]) -> None:
        with self._transaction() as tx:
            fresh = {row[0] for row in tx.driver(ACCEPT, {"ids": sorted(event.id for event, _ in events)})}
            held = {row[0] for row in tx.driver(HELD, {"subjects": [event.subject for event, _ in events]})}
            fresh &= {event.id for event in unheard(tx, [event for event, _ in events if event.id in fresh])}
            ready = []
            for event, body in events:
                if event.id not in fresh:
                    continue
                fresh.remove(event.id)
                if event.subject in held:
                    waiting = {"error": "held back by an earlier event", "field": None, "state": "waiting", "delay": 0}
                    tx.driver(STORE, _row(event, body) | waiting | {"attempts": 0})
                else:
                    ready.append(event)
            self._handle(tx, ready)
        self._measure(events, ready)

    def _measure(self, events: Sequence[tuple[Envelope, bytes]], ready: Sequence[Envelope]) -> None:
        now = self._database.clock.now()
        if ready:
            metrics.LAG.labels(self._service).observe(max(0.0, (now - ready[0].time).total_seconds()))
        for branch in {event.source.removeprefix(SOURCE) for event in ready if isinstance(event.epoch, UUID)}:
            metrics.BRANCH_HEARD.labels(self._service, branch).set(now.timestamp())
        metrics.CONSUMED.labels(self._service).inc(len(ready))
        metrics.DUPLICATES.labels(self._service).inc(len(events) - len(ready))

    def _handle(self, tx: Transaction, events: Sequence[Envelope]) -> None:
        together = []
        for event in events:
            handler = self._handlers.get(event.type)
            if event.type in self._batch_types:
                together.append((event, event.payload()))
            elif handler is None:
                event.declared()
            else:
                handler(tx, event, event.payload())
        if together and self._batch_handler is not None:
            self._batch_handler(tx, together)

    def _store(self, event: Envelope, body: bytes, failure: Failure) -> None:
        with self._transaction() as tx:
            if tx.driver(ACCEPT, {"ids": [event.id]}) and unheard(tx, [event]):
                tx.driver(STORE, _row(event, body) | failure.after(1) | {"attempts": 1})

    def _store_unread(self, body: bytes, kind: str, failure: dict[str, Any]) -> None:
        """What has no id to be believed: its content stands for one, so that a redelivery is known again."""
        stand_in = uuid5(NAMESPACE_OID, body.hex())
        row = {"event_id": stand_in, "type": kind, "subject": UUID(int=0), "sequence": 0, "body": body}
        with self._transaction() as tx:
            if tx.driver(ACCEPT, {"ids": [stand_in]}):
                tx.driver(STORE, row | failure | {"attempts": 1})

    @contextmanager
    def _transaction(self) -> Iterator[Transaction]:
        try:
            with self._database.transaction(actor="system") as tx:
                yield tx
        except (sa.exc.SQLAlchemyError, psycopg.Error) as error:
            _raise_if_away(error)
            raise


def _row(event: Envelope, body: bytes) -> dict[str, Any]:
    return {
        "event_id": event.id,
        "type": event.type,
        "subject": event.subject,
        "sequence": event.sequence,
        "body": body,
    }


def _raise_if_away(error: Exception) -> None:
    """Raise DatabaseAway when `error` speaks of the server, not of the event."""
    cause = error.orig if isinstance(error, sa.exc.DBAPIError) else error
    if isinstance(cause, DatabaseAway | sa.exc.TimeoutError):
        raise DatabaseAway(str(error)) from error
    if isinstance(cause, psycopg.InterfaceError):
        raise DatabaseAway(str(error)) from error
    if isinstance(cause, psycopg.OperationalError) and (cause.sqlstate or "08")[:2] in AWAY:
        raise DatabaseAway(str(error)) from error
