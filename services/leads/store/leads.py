"""Leads, the turn of each unit's round robin, and what makes two leads look alike."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.store import Transaction
from services.leads.store.tables import leads

OPEN_CURSOR = "INSERT INTO assignment_cursors (unit_id) VALUES (%s) ON CONFLICT DO NOTHING"
LOCK_CURSOR = "SELECT last_user_id FROM assignment_cursors WHERE unit_id = %s FOR UPDATE"
MOVE_CURSOR = "UPDATE assignment_cursors SET last_user_id = %s WHERE unit_id = %s"
SALESPEOPLE = """
SELECT DISTINCT users.id FROM memberships
JOIN users ON users.id = memberships.user_id AND users.active
JOIN units ON units.id = memberships.unit_id
JOIN units AS top ON units.path <@ top.path
WHERE memberships.role = 'sales' AND top.id = %s
"""
MANAGERS = """
SELECT DISTINCT users.id FROM memberships
JOIN users ON users.id = memberships.user_id AND users.active
WHERE memberships.role = 'manager' AND memberships.unit_id = %s
"""
ALIKE = """
SELECT DISTINCT ON (key) key, id FROM (
    SELECT phone_key AS key, id, created_at FROM leads WHERE phone_key = ANY(%(phones)s) AND created_at > %(since)s
    UNION ALL
    SELECT email_key, id, created_at FROM leads WHERE email_key = ANY(%(emails)s) AND created_at > %(since)s
) AS found ORDER BY key, created_at
"""

ADD = sa.insert(leads).returning(leads)


def lock_turn(tx: Transaction, unit_id: UUID) -> UUID | None:
    """Who had the last turn in this unit; its round robin waits for us until we commit. Taken last, in id order."""
    held = tx.driver(LOCK_CURSOR, (unit_id,))
    if not held:
        tx.driver(OPEN_CURSOR, (unit_id,))
        held = tx.driver(LOCK_CURSOR, (unit_id,))
    last: UUID | None = held[0][0]
    return last


def move_turn(tx: Transaction, unit_id: UUID, last: UUID) -> None:
    tx.driver(MOVE_CURSOR, (last, unit_id))


def salespeople(tx: Transaction, unit_id: UUID) -> list[UUID]:
    """Active salespeople of the unit and of all below it."""
    return [row[0] for row in tx.driver(SALESPEOPLE, (unit_id,))]


def managers(tx: Transaction, unit_id: UUID) -> list[UUID]:
    """Active managers of the unit itself."""
    return [row[0] for row in tx.driver(MANAGERS, (unit_id,))]


def alike(tx: Transaction, keys: Iterable[tuple[str | None, str | None]], since: datetime) -> dict[str, UUID]:
    """The earliest lead since then with each of these phones and addresses."""
    pairs = list(keys)
    phones = sorted({phone for phone, _ in pairs if phone})
    emails = sorted({email for _, email in pairs if email})
    if not phones and not emails:
        return {}
    return {row[0]: row[1] for row in tx.driver(ALIKE, {"phones": phones, "emails": emails, "since": since})}


def add(tx: Transaction, rows: Sequence[Mapping[str, Any]]) -> list[sa.Row[Any]]:
    """Insert leads; the rows as they stand, in order."""
    given = [dict(row) for row in rows]
    added = {row.id: row for row in tx.execute(ADD, given[0] if len(given) == 1 else given)}
    return [added[row["id"]] for row in rows]


def change(tx: Transaction, row: sa.Row[Any], columns: Mapping[str, Any], at: datetime) -> sa.Row[Any]:
    """The row with `columns` changed and the next version; it must be locked."""
    statement = (
        sa.update(leads)
        .where(leads.c.id == row.id)
        .values(**columns, version=row.version + 1, updated_at=at)
        .returning(leads)
    )
    return tx.execute(statement).one()
