"""A service's database: its engine, and the transaction in which a command changes tables and records events."""

import select
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from importlib.resources import files
from typing import Any

import msgspec
import sqlalchemy as sa
from psycopg.rows import TupleRow

from chassis.clock import Clock
from chassis.ids import new_id
from contracts.base import type_of
from contracts.envelope import UNNUMBERED, Envelope

RECORD = """
WITH recorded AS (
    SELECT * FROM unnest(%s::uuid[], %s::text[], %s::uuid[], %b::text[], %b::text[])
    WITH ORDINALITY AS event (event_id, type, subject, head, tail, at)
), counted AS (
    INSERT INTO event_sequences (subject, sequence)
    SELECT subject, count(*) FROM recorded GROUP BY subject ORDER BY subject
    ON CONFLICT (subject) DO UPDATE SET sequence = event_sequences.sequence + excluded.sequence
    RETURNING subject, sequence AS last
), numbered AS (
    SELECT *,
        last - count(*) OVER (PARTITION BY subject) + row_number() OVER (PARTITION BY subject ORDER BY at) AS sequence
    FROM recorded JOIN counted USING (subject)
)
INSERT INTO outbox (event_id, type, subject, sequence, recorded_at, envelope)
SELECT event_id, type, subject, sequence, %s, (head || sequence || tail)::json FROM numbered ORDER BY at
"""


SESSION = "-c timezone=UTC -c lock_timeout=10s -c idle_in_transaction_session_timeout=10s"
"""Who hangs in mid-transaction is cut off, or his locks would keep everybody else from taking over."""


def open_engine(url: str, *, pool_size: int = 10) -> sa.Engine:
    """Connections to `url` (a libpq URL), checked when taken from the pool; times are UTC."""
    engine = sa.create_engine(
        sa.engine.make_url(url).set(drivername="postgresql+psycopg"),
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=5,
        connect_args={"options": SESSION, "connect_timeout": 5},
    )
    sa.event.listen(engine, "checkout", _refuse_ended)
    return engine


def _refuse_ended(connection: Any, _record: Any, _proxy: Any) -> None:
    """A server that ended an idle connection has said so on it: cheaper to see than a question and its answer."""
    if connection.closed or _readable(connection.fileno()):
        raise sa.exc.DisconnectionError


def _readable(descriptor: int) -> bool:
    looking = select.poll()
    looking.register(descriptor, select.POLLIN)
    return bool(looking.poll(0))


def create_backbone(connection: sa.Connection) -> None:
    """The tables of outbox, log, inbox and leases; called by a service's first migration."""
    connection.exec_driver_sql((files("chassis") / "backbone.sql").read_text())


@dataclass
class Transaction:
    """One database transaction; what it records is published if, and only if, it commits."""

    connection: sa.Connection
    clock: Clock
    source: str
    actor: str = "system"
    traceparent: str = ""
    address: str = ""
    """The network address that the request came from, for the record."""
    _recorded: list[tuple[object, str]] = field(default_factory=list)

    def execute(self, statement: sa.Executable, parameters: Any = None) -> sa.CursorResult[Any]:
        return self.connection.execute(statement, parameters)

    def driver(self, statement: str, parameters: Mapping[str, Any] | Sequence[Any] = ()) -> list[TupleRow]:
        """Run `statement` straight on psycopg, prepared: for the few statements on the hot path."""
        cursor = self.connection.connection.cursor()
        cursor.execute(statement, parameters, prepare=True)  # type: ignore[call-arg]
        result = cursor.pgresult
        return list(cursor.fetchall()) if result is not None and result.nfields else []

    def record(self, event: object, *, unitpath: str = "") -> None:
        """Announce `event`, a declared contract, when this transaction commits. Raises InvalidEvent."""
        self._recorded.append((event, unitpath))

    def forget_recorded(self) -> None:
        """Drop what was recorded since the last flush: what it told of was rolled back to a savepoint."""
        self._recorded.clear()

    def flush(self) -> int:
        """Write recorded events to the outbox; how many there were.

        Each gets the next sequence of its aggregate, those of one aggregate in the order in which they were recorded.
        """
        recorded, self._recorded = self._recorded, []
        if not recorded:
            return 0
        now = self.clock.now()
        envelopes = [self._envelope(event, unitpath, now) for event, unitpath in recorded]
        halves = [envelope.around_sequence() for envelope in envelopes]
        self.driver(RECORD, (
            [envelope.id for envelope in envelopes],
            [envelope.type for envelope in envelopes],
            [envelope.subject for envelope in envelopes],
            [head for head, _ in halves],
            [tail for _, tail in halves],
            now,
        ))  # fmt: skip
        return len(envelopes)

    def _envelope(self, event: object, unitpath: str, now: datetime) -> Envelope:
        declared = type_of(event)
        return Envelope(
            id=new_id(),
            source=self.source,
            type=declared.name,
            subject=declared.subject_of(event),
            time=now,
            dataschema=declared.dataschema,
            sequence=UNNUMBERED,
            data=msgspec.Raw(declared.encode(event)),
            actor=self.actor,
            unitpath=unitpath,
            traceparent=self.traceparent,
        )


@dataclass
class Database:
    """Opens transactions; `on_recorded` is told after each commit that left events in the outbox."""

    engine: sa.Engine
    clock: Clock
    source: str
    on_recorded: Callable[[], None] = lambda: None

    @contextmanager
    def transaction(self, *, actor: str = "system", traceparent: str = "", address: str = "") -> Iterator[Transaction]:
        with self.engine.connect() as connection, connection.begin():
            tx = Transaction(connection, self.clock, self.source, actor, traceparent, address)
            yield tx
            recorded = tx.flush()
        if recorded:
            self.on_recorded()
