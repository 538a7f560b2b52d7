"""The tree of units."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from chassis.store import Transaction
from services.organization.store.tables import units


def add(tx: Transaction, row: Mapping[str, Any]) -> bool:
    """Insert a unit; False when its code is taken."""
    statement = insert(units).values(**row).on_conflict_do_nothing().returning(units.c.id)
    return tx.execute(statement).first() is not None


def paths(tx: Transaction, unit_ids: Iterable[UUID]) -> dict[UUID, str]:
    """The paths of the open units among these, locked against closing."""
    query = "SELECT id, path::text FROM units WHERE id = ANY(%s::uuid[]) AND closed_at IS NULL ORDER BY id FOR SHARE"
    return {row[0]: row[1] for row in tx.driver(query, (sorted(set(unit_ids)),))}


def change(tx: Transaction, row: sa.Row[Any], columns: Mapping[str, Any]) -> sa.Row[Any]:
    """The unit with `columns` changed and the next version; it must be locked."""
    statement = sa.update(units).where(units.c.id == row.id)
    return tx.execute(statement.values(**columns, version=row.version + 1).returning(units)).one()


def parent(tx: Transaction, unit_id: UUID) -> UUID | None:
    """The unit above, null at the root."""
    above: UUID | None = tx.driver("SELECT parent_id FROM units WHERE id = %s", (unit_id,))[0][0]
    return above
