"""The tree of units."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from chassis.scope import UNIT_PATH
from chassis.store import Transaction
from services.organization.store.tables import units

HOLDS = """
SELECT
    (SELECT count(*) FROM units WHERE parent_id = %(unit_id)s AND closed_at IS NULL),
    (SELECT count(DISTINCT user_id) FROM memberships JOIN users ON users.id = user_id
     WHERE unit_id = %(unit_id)s AND active),
    (SELECT count(*) FROM holdings WHERE unit_id = %(unit_id)s AND kind = 'customers')
"""


def add(tx: Transaction, row: Mapping[str, Any]) -> bool:
    """Insert a unit; False when its code is taken."""
    statement = insert(units).values(**row).on_conflict_do_nothing().returning(units.c.id)
    return tx.execute(statement).first() is not None


def paths(tx: Transaction, unit_ids: Iterable[UUID]) -> dict[UUID, str]:
    """The paths of the open units among these, locked against closing."""
    query = "SELECT id, path::text FROM units WHERE id = ANY(%s::uuid[]) AND closed_at IS NULL ORDER BY id FOR SHARE"
    return {row[0]: row[1] for row in tx.driver(query, (sorted(set(unit_ids)),))}


def one_move_at_a_time(tx: Transaction) -> None:
    """Two moves at once could each be allowed and together make a ring."""
    tx.driver("SELECT pg_advisory_xact_lock(hashtextextended('organization.tree', 0))")


def move(tx: Transaction, row: sa.Row[Any], parent_id: UUID, parent_path: str, at: datetime) -> Sequence[sa.Row[Any]]:
    """Hang a unit with all below it under another parent; every unit whose path that changes, as it is now.

    The rows are locked before they are changed, so that a unit added below one of them meanwhile is not overlooked.
    """
    below = units.c.path.op("<@", is_comparison=True)(sa.cast(row.path, UNIT_PATH))
    tx.execute(sa.select(units.c.id).where(below).order_by(units.c.id).with_for_update())
    rest = sa.func.subpath(units.c.path, sa.func.nlevel(sa.cast(row.path, UNIT_PATH)) - 1)
    statement = (
        sa.update(units)
        .where(below)
        .values(
            path=sa.cast(parent_path, UNIT_PATH).op("||")(rest),
            parent_id=sa.case((units.c.id == row.id, parent_id), else_=units.c.parent_id),
            version=units.c.version + 1,
            updated_at=at,
        )
    )
    return tx.execute(statement.returning(units)).all()


def holds(tx: Transaction, unit_id: UUID) -> dict[str, int]:
    """How many open units, active people and customers a unit holds, of those that it holds at all."""
    counted = tx.driver(HOLDS, {"unit_id": unit_id})[0]
    return {kind: count for kind, count in zip(("units", "people", "customers"), counted, strict=True) if count}


def change(tx: Transaction, row: sa.Row[Any], columns: Mapping[str, Any]) -> sa.Row[Any]:
    """The unit with `columns` changed and the next version; it must be locked."""
    statement = sa.update(units).where(units.c.id == row.id)
    return tx.execute(statement.values(**columns, version=row.version + 1).returning(units)).one()


def parent(tx: Transaction, unit_id: UUID) -> UUID | None:
    """The unit above, null at the root."""
    above: UUID | None = tx.driver("SELECT parent_id FROM units WHERE id = %s", (unit_id,))[0][0]
    return above
