"""The events of customers, built from what changed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

import contracts.customer as announced
from chassis.store import Transaction

KEPT = (
    "name", "kind", "class_", "lifecycle", "credit_code", "industry", "region", "source_id", "parent_id", "unit_id",
    "owner_id", "manager_id", "imported",
)  # fmt: skip


def created(tx: Transaction, row: Mapping[str, Any], ownership_id: UUID, path: str) -> None:
    """Tell of a new customer and who holds it."""
    tx.record(announced.CustomerCreated(**_state(row)), unitpath=path)
    cause = "imported" if row["imported"] else "created"
    opened(tx, row, ownership_id, row["created_at"], cause, path)


def changed(tx: Transaction, row: sa.RowMapping, path: str) -> None:
    tx.record(announced.CustomerChanged(**_state(row)), unitpath=path)


def opened(
    tx: Transaction, row: Mapping[str, Any] | sa.RowMapping, ownership_id: UUID, at: datetime, cause: Any, path: str
) -> None:
    """Tell that somebody holds a customer from `at` on."""
    held = announced.OwnershipOpened(
        ownership_id=ownership_id,
        customer_id=row["id"],
        owner_id=row["owner_id"],
        manager_id=row["manager_id"],
        unit_id=row["unit_id"],
        cause=cause,
        opened_at=at,
    )
    tx.record(held, unitpath=path)


def closed(tx: Transaction, customer_id: UUID, ownership: Mapping[str, Any], path: str) -> None:
    """Tell that somebody holds a customer no more."""
    tx.record(announced.OwnershipClosed(customer_id=customer_id, **ownership), unitpath=path)


def _state(row: Mapping[str, Any] | sa.RowMapping) -> dict[str, Any]:
    return {name: row[name] for name in KEPT} | {"customer_id": row["id"]}
