"""A service's database: its engine, and the transaction in which a command changes tables and records events."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from psycopg.rows import TupleRow

from chassis.clock import Clock
from chassis.ids import new_id
from contracts.base import type_of
from contracts.envelope import Envelope

RECORD = """
WITH counted AS (
    INSERT INTO event_sequences (subject, sequence)
    SELECT subject, count(*) FROM unnest(%(subjects)s::uuid[]) AS subject GROUP BY subject ORDER BY subject
    ON CONFLICT (subject) DO UPDATE SET sequence = event_sequences.sequence + excluded.sequence
    RETURNING subject, sequence
)
SELECT subject, sequence FROM counted
"""
APPEND = """
INSERT INTO outbox (event_id, type, subject, sequence, recorded_at, envelope)
SELECT * FROM unnest(%s::uuid[], %s::text[], %s::uuid[], %s::bigint[], %s::timestamptz[], %s::json[])
"""


def open_engine(url: str, *, pool_size: int = 10) -> sa.Engine:
    """Connections to `url` (a libpq URL), checked when taken from the pool; times are UTC."""
    return sa.create_engine(
        sa.engine.make_url(url).set(drivername="postgresql+psycopg"),
        pool_size=pool_size,
        max_overflow=0,
        pool_pre_ping=True,
        pool_timeout=5,
        connect_args={"options": "-c timezone=UTC -c lock_timeout=10s", "connect_timeout": 5},
    )


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
    _recorded: list[tuple[object, str]] = field(default_factory=list)

    def execute(self, statement: sa.Executable, parameters: Any = None) -> sa.CursorResult[Any]:
        return self.connection.execute(statement, parameters)

    def driver(self, statement: str, parameters: Mapping[str, Any] | Sequence[Any] = ()) -> list[TupleRow]:
        """Run `statement` straight on psycopg, prepared: for the few statements on the hot path."""
        cursor = self.connection.connection.cursor()
        cursor.execute(statement, parameters, prepare=True)  # type: ignore[call-arg]
        return list(cursor.fetchall()) if cursor.description else []

    def record(self, event: object, *, unitpath: str = "") -> None:
        """Announce `event`, a declared contract, when this transaction commits. Raises InvalidEvent."""
        self._recorded.append((event, unitpath))

    def forget_recorded(self) -> None:
        """Drop what was recorded since the last flush: what it told of was rolled back to a savepoint."""
        self._recorded.clear()

    def flush(self) -> int:
        """Write recorded events to the outbox with their sequences; how many there were."""
        recorded, self._recorded = self._recorded, []
        if not recorded:
            return 0
        declared = [type_of(event) for event, _ in recorded]
        subjects = [kind.subject_of(event) for kind, (event, _) in zip(declared, recorded, strict=True)]
        sequences = self._sequences(subjects)
        now = self.clock.now()
        envelopes = [
            Envelope(
                id=new_id(),
                source=self.source,
                type=kind.name,
                subject=subject,
                time=now,
                dataschema=kind.dataschema,
                sequence=sequence,
                data=msgspec.Raw(kind.encode(event)),
                actor=self.actor,
                unitpath=unitpath,
                traceparent=self.traceparent,
            )
            for kind, subject, sequence, (event, unitpath) in zip(declared, subjects, sequences, recorded, strict=True)
        ]
        self.driver(APPEND, (
            [envelope.id for envelope in envelopes],
            [envelope.type for envelope in envelopes],
            subjects,
            sequences,
            [now] * len(envelopes),
            [envelope.to_json().decode() for envelope in envelopes],
        ))  # fmt: skip
        return len(envelopes)

    def _sequences(self, subjects: list[UUID]) -> list[int]:
        """The sequence of each event: an aggregate's events of one transaction get consecutive ones, in order."""
        last: dict[UUID, int] = {row[0]: row[1] for row in self.driver(RECORD, {"subjects": subjects})}
        following = dict(last)
        for subject in subjects:
            following[subject] -= 1
        sequences = []
        for subject in subjects:
            following[subject] += 1
            sequences.append(following[subject])
        return sequences


@dataclass
class Database:
    """Opens transactions; `on_recorded` is told after each commit that left events in the outbox."""

    engine: sa.Engine
    clock: Clock
    source: str
    on_recorded: Callable[[], None] = lambda: None

    @contextmanager
    def transaction(self, *, actor: str = "system", traceparent: str = "") -> Iterator[Transaction]:
        with self.engine.connect() as connection, connection.begin():
            tx = Transaction(connection, self.clock, self.source, actor, traceparent)
            yield tx
            recorded = tx.flush()
        if recorded:
            self.on_recorded()
