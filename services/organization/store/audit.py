"""The audit trail: entries are added, and neither changed nor taken away; a trigger sees to it."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from chassis.store import Transaction
from services.organization.store.tables import audit_entries

CALLED = """
SELECT id, username FROM users WHERE id = ANY(%(ids)s::uuid[])
UNION ALL SELECT id, name FROM units WHERE id = ANY(%(ids)s::uuid[])
"""


def add(tx: Transaction, entry: dict[str, Any]) -> None:
    """One entry; one that is there already stays as it is."""
    tx.execute(insert(audit_entries).values(**entry).on_conflict_do_nothing())


def called(tx: Transaction, ids: Iterable[UUID | None]) -> dict[UUID, str]:
    """What the users and units among these are called now."""
    wanted = sorted({each for each in ids if each is not None})
    return {row[0]: row[1] for row in tx.driver(CALLED, {"ids": wanted})}
