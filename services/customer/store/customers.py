"""Customers and who holds them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.auth import Actor
from chassis.ids import new_id
from chassis.scope import readable
from chassis.store import Transaction
from services.customer.store.tables import customers

LOCK_NAMES = "SELECT pg_advisory_xact_lock(hashtextextended(key, 1)) FROM unnest(%s::text[]) AS key ORDER BY key"
CLOSE = """
UPDATE ownerships SET closed_cause = %(cause)s,
    period = tstzrange(lower(period), greatest(%(at)s, lower(period) + interval '1 microsecond'))
WHERE customer_id = ANY(%(customer_ids)s::uuid[]) AND upper_inf(period)
RETURNING customer_id, id, owner_id, manager_id, unit_id, cause, lower(period), upper(period)
"""
OPEN = """
INSERT INTO ownerships (id, customer_id, owner_id, manager_id, unit_id, period, cause, actor_id)
SELECT id, customer_id, owner_id, manager_id, unit_id, tstzrange(since, NULL), cause, %s
FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::uuid[], %s::uuid[], %s::timestamptz[], %s::text[])
    AS opened (id, customer_id, owner_id, manager_id, unit_id, since, cause)
"""


def lock_names(tx: Transaction, keys: Iterable[str]) -> None:
    """Nobody else looks for, or adds, a customer of these names until we commit."""
    tx.driver(LOCK_NAMES, (sorted(set(keys)),))


def alike(tx: Transaction, actor: Actor, names: Iterable[str], codes: Iterable[str]) -> list[sa.Row[Any]]:
    """Every customer of these names or credit codes, whoever holds it; `visible` says whether the actor may see it."""
    seen = readable(actor, "customers:read", customers).label("visible")
    found = sa.or_(customers.c.name_key.in_(set(names)), customers.c.credit_code.in_(set(codes)))
    return list(tx.execute(sa.select(customers, seen).where(found).order_by(customers.c.created_at)))


def add(tx: Transaction, rows: Sequence[Mapping[str, Any]], actor_id: UUID) -> list[UUID]:
    """Insert customers, each with its first ownership; the ownerships' ids in order."""
    tx.execute(sa.insert(customers), [dict(row) for row in rows])
    return open_ownerships(tx, rows, actor_id, [row["created_at"] for row in rows])


def open_ownerships(
    tx: Transaction, rows: Sequence[Mapping[str, Any]], actor_id: UUID, since: Sequence[datetime],
    cause: str | None = None,
) -> list[UUID]:  # fmt: skip
    """From `since` on, the customers of `rows` are held by the owners these name."""
    ids = [new_id() for _ in rows]
    columns = [[row[name] for row in rows] for name in ("id", "owner_id", "manager_id", "unit_id")]
    causes = [cause or ("imported" if row["imported"] else "created") for row in rows]
    tx.driver(OPEN, (actor_id, ids, *columns, list(since), causes))
    return ids


def close_ownerships(
    tx: Transaction, customer_ids: Sequence[UUID], at: datetime, cause: str
) -> dict[UUID, dict[str, Any]]:
    """End the open interval of each customer, whose rows must be locked, not before it began; by customer."""
    names = ("ownership_id", "owner_id", "manager_id", "unit_id", "cause", "opened_at", "closed_at")
    closed = tx.driver(CLOSE, {"customer_ids": list(customer_ids), "at": at, "cause": cause})
    return {row[0]: dict(zip(names, row[1:], strict=True)) for row in closed}


def change(tx: Transaction, row: sa.Row[Any], columns: Mapping[str, Any], at: datetime) -> sa.Row[Any]:
    """The customer with `columns` changed and the next version; it must be locked."""
    statement = sa.update(customers).where(customers.c.id == row.id).returning(customers)
    return tx.execute(statement.values({**columns, "version": row.version + 1, "updated_at": at})).one()
