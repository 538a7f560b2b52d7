"""Cases of those who left, and how far each kind has come."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.store import Transaction
from services.organization.store.tables import handover_parts, handovers

# Whoever merely refers to one of them, as the manager of another case, need not wait.
LOCK_USERS = "SELECT id, active FROM users WHERE id = ANY(%s::uuid[]) ORDER BY id FOR NO KEY UPDATE"
ADVANCE = """
UPDATE handover_parts SET held = %(held)s, moved = %(moved)s, done = %(done)s, sequence = %(sequence)s
WHERE handover_id = %(handover_id)s AND kind = %(kind)s AND sequence < %(sequence)s RETURNING kind
"""
UNDONE = "SELECT count(*) FROM handover_parts WHERE handover_id = %s AND NOT done"
OVERDUE = """
SELECT id FROM handovers WHERE state = 'running' AND escalated_at IS NULL AND due_at <= %s
ORDER BY due_at LIMIT %s FOR UPDATE SKIP LOCKED
"""


def lock_users(tx: Transaction, user_ids: Iterable[UUID]) -> dict[UUID, bool]:
    """Whether each of these users is active; none is disabled or made an heir elsewhere until we commit."""
    return {row[0]: row[1] for row in tx.driver(LOCK_USERS, (sorted(set(user_ids)),))}


def add(tx: Transaction, row: Mapping[str, Any], held: Mapping[str, int]) -> None:
    """Insert a case, with what the user holds as far as it is known here."""
    tx.execute(sa.insert(handovers).values(row))
    parts = [
        {"handover_id": row["id"], "kind": kind, "held": count, "moved": 0, "done": False, "sequence": 0}
        for kind, count in held.items()
    ]
    tx.execute(sa.insert(handover_parts), parts)


def lock(tx: Transaction, handover_id: UUID) -> sa.Row[Any] | None:
    return tx.execute(sa.select(handovers).where(handovers.c.id == handover_id).with_for_update()).first()


def running(tx: Transaction, user_id: UUID) -> bool:
    """Whether a hand-over of this user is under way."""
    found = sa.select(handovers.c.id).where(handovers.c.user_id == user_id, handovers.c.state == "running")
    return tx.execute(found).first() is not None


def advance(tx: Transaction, progressed: Any, sequence: int) -> bool:
    """Keep how far one kind has come; False when something newer is known."""
    told = {name: getattr(progressed, name) for name in ("handover_id", "kind", "held", "moved", "done")}
    return bool(tx.driver(ADVANCE, told | {"sequence": sequence}))


def undone(tx: Transaction, handover_id: UUID) -> int:
    """How many kinds are not done yet."""
    count: int = tx.driver(UNDONE, (handover_id,))[0][0]
    return count


def change(tx: Transaction, row: sa.Row[Any], columns: Mapping[str, Any]) -> None:
    """The case with `columns` changed and the next version; it must be locked."""
    changed = sa.update(handovers).where(handovers.c.id == row.id)
    tx.execute(changed.values(**columns, version=row.version + 1, updated_at=tx.clock.now()))


def overdue(tx: Transaction, now: Any, limit: int) -> list[UUID]:
    """Cases that should have been done by now and were not told upwards yet; locked."""
    return [row[0] for row in tx.driver(OVERDUE, (now, limit))]


def parts_of(tx: Transaction, handover_ids: Sequence[UUID]) -> dict[UUID, dict[str, dict[str, int]]]:
    """What is held and what has moved, by case and kind."""
    found: dict[UUID, dict[str, dict[str, int]]] = {handover_id: {} for handover_id in handover_ids}
    query = sa.select(handover_parts).where(handover_parts.c.handover_id.in_(handover_ids))
    for row in tx.execute(query.order_by(handover_parts.c.kind)):
        found[row.handover_id][row.kind] = {"held": row.held, "moved": row.moved}
    return found
