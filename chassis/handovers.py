"""Hand-overs carried out: what somebody who left holds goes to others, a batch at a time, until nothing is left.

What organization asks for is kept as jobs, one for each kind. The worker gives one batch on in one transaction with the
job's count and the news of it: killed anywhere it has either done a batch or not, and the next one goes on from there.
"""

import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import sqlalchemy as sa
import structlog

from chassis import directory, metrics, succession
from chassis.directory import Place
from chassis.store import Database, Transaction
from contracts.backbone import PROGRESS
from contracts.envelope import Envelope
from contracts.organization import HandoverRequested

BATCH = 200
AGAIN_AFTER = timedelta(seconds=1)
FAILED_AFTER = timedelta(seconds=30)
SWEEP_SECONDS = 30

TABLES = """
CREATE TABLE handover_jobs (
    handover_id uuid NOT NULL,
    kind text NOT NULL,
    user_id uuid NOT NULL,
    manager_id uuid NOT NULL,
    heir_id uuid,
    actor_id uuid NOT NULL,
    requested_at timestamptz NOT NULL,
    moved integer NOT NULL DEFAULT 0,
    done boolean NOT NULL DEFAULT false,
    next_at timestamptz NOT NULL DEFAULT '-infinity',
    sequence bigint NOT NULL,
    PRIMARY KEY (handover_id, kind)
);
CREATE INDEX handover_jobs_open ON handover_jobs (next_at) WHERE NOT done;
CREATE INDEX handover_jobs_user ON handover_jobs (user_id, kind);
"""
KEEP = """
INSERT INTO handover_jobs (handover_id, kind, user_id, manager_id, heir_id, actor_id, requested_at, sequence)
VALUES (%(handover_id)s, %(kind)s, %(user_id)s, %(manager_id)s, %(heir_id)s, %(actor_id)s, %(requested_at)s,
        %(sequence)s)
ON CONFLICT (handover_id, kind) DO NOTHING
"""
# Begun once the copies here know that the user has left and who his heir is: earlier, more would come to him.
NEXT = """
SELECT job.handover_id, job.kind, job.user_id, job.manager_id, job.heir_id, job.actor_id, job.moved
FROM handover_jobs AS job JOIN users ON users.id = job.user_id AND NOT users.active
WHERE NOT job.done AND job.next_at <= %s
    AND (job.heir_id IS NULL OR EXISTS (SELECT FROM users WHERE id = job.heir_id AND sequence > 0))
ORDER BY job.next_at, job.requested_at, job.kind LIMIT 1 FOR UPDATE OF job SKIP LOCKED
"""
ADVANCE = """
UPDATE handover_jobs SET moved = %(moved)s, done = %(done)s, next_at = %(next_at)s
WHERE handover_id = %(handover_id)s AND kind = %(kind)s
"""

jobs = sa.Table(
    "handover_jobs",
    sa.MetaData(),
    sa.Column("handover_id", sa.Uuid, primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("user_id", sa.Uuid),
    sa.Column("done", sa.Boolean),
    sa.Column("next_at", sa.DateTime(timezone=True)),
)

log = structlog.get_logger()


class NobodyTakesOver(Exception):
    """Nobody active is known here who could: the job waits for one."""


@dataclass(frozen=True, slots=True)
class Job:
    """One kind of one hand-over; `heir_id` is None where the pool takes it."""

    handover_id: UUID
    kind: str
    user_id: UUID
    manager_id: UUID
    heir_id: UUID | None
    actor_id: UUID
    moved: int


@dataclass(frozen=True, slots=True)
class Heir:
    """Who gets it and where he stands; locked, so that he is not disabled meanwhile."""

    user_id: UUID
    place: Place


@dataclass(frozen=True)
class Part:
    """A kind that a service owns: rows of `table` with an owner, of which those that are still open are handed over.

    `give` gives locked rows on, to the heir or, without one, by the rules of the pool, and tells of it.
    """

    kind: str
    table: sa.Table
    is_open: sa.ColumnElement[bool]
    give: Callable[[Transaction, Sequence[sa.Row[Any]], Job, Heir | None], None]


def create_handovers(connection: sa.Connection) -> None:
    """The table of jobs; called by a migration of a service that owns what is handed over."""
    connection.exec_driver_sql(TABLES)


def handlers(parts: Sequence[Part]) -> dict[str, Any]:
    """What a service that owns `parts` does when somebody has left."""
    kinds = {part.kind for part in parts}

    def keep(tx: Transaction, event: Envelope, requested: HandoverRequested) -> None:
        directory.keep_acting(tx, event, requested)
        for rule in requested.rules:
            if rule.kind in kinds:
                whose = {"handover_id": requested.handover_id, "user_id": requested.user_id, "kind": rule.kind}
                who = {
                    "manager_id": requested.manager_id,
                    "heir_id": rule.heir_id,
                    "actor_id": _actor(event, requested),
                }
                tx.driver(KEEP, whose | who | {"requested_at": requested.requested_at, "sequence": event.sequence})

    return {"crm.organization.handover.requested": keep} if parts else {}


class Carrier:
    """Carries out the jobs of one service."""

    def __init__(self, database: Database, service: str, parts: Sequence[Part]) -> None:
        self._database = database
        self._service = service
        self._parts = {part.kind: part for part in parts}

    def step(self) -> bool:
        """Give one batch of the job that has waited longest on; False when none is due."""
        with self._database.transaction() as tx:
            rows = tx.driver(NEXT, (tx.clock.now(),))
            if not rows:
                return False
            job = Job(*rows[0])
            part = self._parts[job.kind]
            moved, failed = self._move(tx, part, job)
            held = _held(tx, part, job.user_id)
            self._advance(tx, job, moved, held, failed)
        return True

    def _move(self, tx: Transaction, part: Part, job: Job) -> tuple[int, int]:
        """How many rows were given on, and how many could not be."""
        try:
            heir = _heir(tx, job) if job.heir_id is not None else None
        except NobodyTakesOver:
            metrics.HANDOVER_FAILURES.labels(self._service, job.kind).inc()
            log.error("handover.nobody-takes-over", service=self._service, handover=str(job.handover_id))
            return 0, 1
        rows = _locked(tx, part, job.user_id)
        given = self._give(tx, part, rows, job, heir)
        return given, len(rows) - given

    def _give(self, tx: Transaction, part: Part, rows: Sequence[sa.Row[Any]], job: Job, heir: Heir | None) -> int:
        """One bad row hurts only itself: if the batch fails, its rows are tried one by one."""
        if not rows:
            return 0
        try:
            with tx.connection.begin_nested():
                part.give(tx, rows, job, heir)
                tx.flush()
        except (psycopg.OperationalError, sa.exc.OperationalError):
            raise
        except Exception as error:  # noqa: BLE001 -- each row is then tried alone and judged by name
            tx.forget_recorded()
            if len(rows) > 1:
                return sum(self._give(tx, part, [row], job, heir) for row in rows)
            metrics.HANDOVER_FAILURES.labels(self._service, job.kind).inc()
            self._complain(job, rows[0].id, error)
            return 0
        return len(rows)

    def _complain(self, job: Job, row_id: UUID, error: Exception) -> None:
        """Where it went wrong, without the words of the error: they may name people."""
        where = "".join(traceback.format_tb(error.__traceback__))
        which = {"service": self._service, "kind": job.kind, "id": str(row_id)}
        log.error("handover.row-failed", **which, error=type(error).__name__, where=where)

    def _advance(self, tx: Transaction, job: Job, moved: int, held: int, failed: int) -> None:
        total, done, now = job.moved + moved, held == 0, tx.clock.now()
        wait = FAILED_AFTER if failed else timedelta() if moved else AGAIN_AFTER
        which: dict[str, Any] = {"handover_id": job.handover_id, "kind": job.kind}
        tx.driver(ADVANCE, which | {"moved": total, "done": done, "next_at": now + wait})
        if moved or done:
            metrics.HANDED_OVER.labels(self._service, job.kind).inc(moved)
            tx.record(PROGRESS[self._service](**which, held=held, moved=total, done=done))


def take_over(
    tx: Transaction, table: sa.Table, rows: Sequence[sa.Row[Any]], heir: Heir, at: datetime
) -> list[tuple[sa.Row[Any], sa.Row[Any]]]:
    """The locked rows of `table` belong to the heir from `at` on; each as it was and as it is."""
    whose = {"owner_id": heir.user_id, "unit_id": heir.place.unit_id, "manager_id": heir.place.manager_id}
    changed = sa.update(table).where(table.c.id.in_([row.id for row in rows])).returning(table)
    found = tx.execute(changed.values(**whose, version=table.c.version + 1, updated_at=at))
    after = {row.id: row for row in found}
    return [(row, after[row.id]) for row in rows]


def sweep(parts: Sequence[Part]) -> Callable[[Transaction, datetime], None]:
    """A timer that takes a job up again when something came to somebody who had left already."""

    def reopen(tx: Transaction, now: datetime) -> None:
        for part in parts:
            tx.execute(_slipped(part))

    return reopen


def _slipped(part: Part) -> sa.Update:
    newer = jobs.alias("newer")
    latest = sa.select(newer.c.handover_id).where(newer.c.user_id == jobs.c.user_id, newer.c.kind == part.kind)
    holding = sa.exists().where(part.table.c.owner_id == jobs.c.user_id, part.is_open)
    gone = sa.exists().where(directory.users.c.id == jobs.c.user_id, sa.not_(directory.users.c.active))
    last = latest.order_by(newer.c.handover_id.desc()).limit(1).scalar_subquery()
    done = sa.update(jobs).where(jobs.c.done, jobs.c.kind == part.kind, gone, holding, jobs.c.handover_id == last)
    return done.values(done=False, next_at=sa.text("'-infinity'"))


def _heir(tx: Transaction, job: Job) -> Heir:
    """Raises NobodyTakesOver."""
    for user_id in _line(tx, job):
        place = directory.places(tx, {user_id}).get(user_id)
        if place is not None:
            return Heir(user_id, place)
    raise NobodyTakesOver


def _line(tx: Transaction, job: Job) -> Iterator[UUID]:
    """The heir; where he has left too, who stands above him; then the manager who acts, and who stands above him."""
    passed = {job.user_id}
    for first in (job.heir_id, job.manager_id):
        user_id: UUID | None = first
        while user_id is not None and user_id not in passed:
            passed.add(user_id)
            yield user_id
            user_id = succession.successor_of(tx, user_id)


def _locked(tx: Transaction, part: Part, user_id: UUID) -> Sequence[sa.Row[Any]]:
    """The next rows; those that somebody is working on are left for later, so that nobody waits for anybody."""
    held = sa.select(part.table).where(part.table.c.owner_id == user_id, part.is_open)
    return tx.execute(held.order_by(part.table.c.id).limit(BATCH).with_for_update(skip_locked=True)).all()


def _held(tx: Transaction, part: Part, user_id: UUID) -> int:
    count = sa.select(sa.func.count()).select_from(part.table).where(part.table.c.owner_id == user_id, part.is_open)
    return int(tx.execute(count).scalar_one())


def _actor(event: Envelope, requested: HandoverRequested) -> UUID:
    """Who asked for it; the manager where nobody did."""
    try:
        return UUID(event.actor)
    except ValueError:
        return requested.manager_id
