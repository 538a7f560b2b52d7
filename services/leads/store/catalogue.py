"""Products and sources: what the whole company shares, found by name and changed under its lock."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from chassis.batch import External
from chassis.errors import NotFound
from chassis.ids import new_id
from chassis.store import Transaction
from chassis.work import Work


def get(tx: Transaction, table: sa.Table, row_id: UUID, *, lock: bool = False) -> sa.Row[Any]:
    """Raises NotFound."""
    query = sa.select(table).where(table.c.id == row_id)
    row = tx.execute(query.with_for_update() if lock else query).first()
    if row is None:
        raise NotFound
    return row


def new(work: Work, external: External | None, history: Mapping[str, Any]) -> dict[str, Any]:
    """The columns that every new row of the catalogue has."""
    created_at = history.get("created_at") or work.clock.now()
    return {
        "id": new_id(),
        "version": 1,
        "created_at": created_at,
        "updated_at": created_at,
        "unit_id": work.actor.unit_id,
        "external_system": external.system if external else None,
        "external_id": external.id if external else None,
    }


def add(tx: Transaction, table: sa.Table, row: Mapping[str, Any]) -> bool:
    """Insert `row`; False when its name is taken."""
    statement = insert(table).values(**row).on_conflict_do_nothing().returning(table.c.id)
    return tx.execute(statement).first() is not None


def change(
    tx: Transaction, table: sa.Table, row: sa.Row[Any], columns: Mapping[str, Any], at: datetime
) -> sa.Row[Any] | None:
    """The row with `columns` changed and the next version; None when the new name is taken."""
    statement = (
        sa.update(table)
        .where(table.c.id == row.id)
        .values(**columns, version=row.version + 1, updated_at=at)
        .returning(table)
    )
    taken = sa.select(table.c.id).where(sa.func.lower(table.c.name) == sa.func.lower(columns.get("name", row.name)))
    if tx.execute(taken.where(table.c.id != row.id)).first() is not None:
        return None
    return tx.execute(statement).one()
