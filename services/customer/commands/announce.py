"""The events of customers, built from what changed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

import contracts.customer as announced
from chassis.store import Transaction

TOLD_AS = {"handover": "transferred"}
"""Causes that the events call by a wider name, because theirs were released before; `handover_id` says more."""
KEPT = (
    "name", "kind", "class_", "lifecycle", "credit_code", "industry", "region", "source_id", "parent_id", "unit_id",
    "owner_id", "manager_id", "imported",
)  # fmt: skip


def created(tx: Transaction, row: Mapping[str, Any], ownership_id: UUID, path: str) -> None:
    """Tell of a new customer and who holds it."""
    tx.record(announced.CustomerCreated(**_state(row)), unitpath=path)
    cause = "imported" if row["imported"] else "created"
    opened(tx, row, ownership_id, row["created_at"], cause, path)


def changed(tx: Transaction, before: Any, row: sa.RowMapping, paths: Mapping[UUID, str]) -> None:
    """Tell of an edit, and of one that gave the customer to somebody else also who had it."""
    given = row["owner_id"] != before.owner_id
    had = {"from_owner_id": before.owner_id, "from_unit_path": paths.get(before.unit_id)} if given else {}
    tx.record(announced.CustomerChanged(**_state(row), **had), unitpath=paths.get(row["unit_id"], ""))


def opened(
    tx: Transaction, row: Mapping[str, Any] | sa.RowMapping, ownership_id: UUID, at: datetime, cause: Any, path: str,
    handover_id: UUID | None = None,
) -> None:  # fmt: skip
    """Tell that somebody holds a customer from `at` on."""
    held = announced.OwnershipOpened(
        ownership_id=ownership_id,
        customer_id=row["id"],
        owner_id=row["owner_id"],
        manager_id=row["manager_id"],
        unit_id=row["unit_id"],
        cause=TOLD_AS.get(cause, cause),
        opened_at=at,
        handover_id=handover_id,
    )
    tx.record(held, unitpath=path)


def closed(
    tx: Transaction, customer_id: UUID, ownership: Mapping[str, Any], path: str, handover_id: UUID | None = None
) -> None:
    """Tell that somebody holds a customer no more."""
    told: dict[str, Any] = {**ownership, "cause": TOLD_AS.get(ownership["cause"], ownership["cause"])}
    tx.record(announced.OwnershipClosed(customer_id=customer_id, handover_id=handover_id, **told), unitpath=path)


def _state(row: Mapping[str, Any] | sa.RowMapping) -> dict[str, Any]:
    return {name: row[name] for name in KEPT} | {"customer_id": row["id"]}
