"""A second read model beside the live one: made empty, filled by replay, put in the live one's place."""

from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.errors import Conflict, NotFound
from chassis.ids import new_id
from chassis.store import Transaction

TABLES = ("deals", "pipeline_cube", "cycle_cube", "lead_facts", "source_cube", "freshness", "replayed")

RUNNING = "SELECT id FROM rebuilds WHERE state = 'running' FOR SHARE"
BEGIN = """
INSERT INTO rebuilds (id, source, state, started_at) VALUES (%s, %s, 'running', %s) ON CONFLICT DO NOTHING RETURNING id
"""
SEEN = """
INSERT INTO shadow.replayed (event_id) SELECT * FROM unnest(%s::uuid[]) ON CONFLICT DO NOTHING RETURNING event_id
"""
ADVANCE = "UPDATE rebuilds SET applied = applied + %s WHERE id = %s"
END = "UPDATE rebuilds SET state = %s, ended_at = %s WHERE id = %s AND state = 'running' RETURNING id"
FIND = "SELECT id, source, state, applied, started_at, ended_at FROM rebuilds WHERE id = %s"
SWAP = (
    "DROP SCHEMA model CASCADE",
    "ALTER SCHEMA shadow RENAME TO model",
    "TRUNCATE model.replayed",
    "ANALYZE model.deals, model.lead_facts, model.pipeline_cube, model.cycle_cube, model.source_cube",
)
"""Without new statistics the first questions to a rebuilt model would be planned as if it were empty."""


def running(tx: Transaction) -> bool:
    """Whether a model is being rebuilt; whoever asked holds off its end until he commits."""
    return bool(tx.driver(RUNNING))


def begin(tx: Transaction, source: str, now: datetime) -> UUID:
    """An empty model beside the live one. Raises Conflict while another is being rebuilt."""
    rebuild_id = new_id()
    if not tx.driver(BEGIN, (rebuild_id, source, now)):
        raise Conflict("rebuilding", ("已有重建在进行", "Another rebuild is running"))
    tx.driver("CREATE SCHEMA shadow")
    for table in TABLES:
        tx.driver(f"CREATE TABLE shadow.{table} (LIKE model.{table} INCLUDING ALL)")
    tx.driver("INSERT INTO shadow.freshness DEFAULT VALUES")
    return rebuild_id


def is_running(tx: Transaction, rebuild_id: UUID) -> bool:
    """Whether this very rebuild is still going on; its end waits until the caller commits."""
    return bool(tx.driver("SELECT id FROM rebuilds WHERE state = 'running' AND id = %s FOR SHARE", (rebuild_id,)))


def unseen(tx: Transaction, event_ids: list[UUID]) -> set[UUID]:
    """Which of these replayed events are new to the model being rebuilt."""
    return {row[0] for row in tx.driver(SEEN, (sorted(event_ids),))}


def advance(tx: Transaction, rebuild_id: UUID, applied: int) -> None:
    tx.driver(ADVANCE, (applied, rebuild_id))


def swap(tx: Transaction, rebuild_id: UUID, now: datetime) -> None:
    """The rebuilt model takes the place of the live one, for everybody at once. Raises Conflict."""
    _end(tx, rebuild_id, "done", now)
    for statement in SWAP:
        tx.driver(statement)


def abort(tx: Transaction, rebuild_id: UUID, now: datetime) -> None:
    """Throw the unfinished model away; the live one was never touched. Raises Conflict."""
    _end(tx, rebuild_id, "aborted", now)
    tx.driver("DROP SCHEMA shadow CASCADE")


def find(tx: Transaction, rebuild_id: UUID) -> dict[str, Any]:
    """Raises NotFound."""
    rows = tx.driver(FIND, (rebuild_id,))
    if not rows:
        raise NotFound
    return dict(zip(("id", "source", "state", "applied", "started_at", "ended_at"), rows[0], strict=True))


def _end(tx: Transaction, rebuild_id: UUID, state: str, now: datetime) -> None:
    if not tx.driver(END, (state, now, rebuild_id)):
        raise Conflict("not-rebuilding", ("没有这个进行中的重建", "No such rebuild is running"))
