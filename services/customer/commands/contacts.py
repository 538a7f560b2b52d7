"""The people at a customer."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis import directory, scope
from chassis.errors import NotFound
from chassis.ids import new_id
from chassis.store import Transaction
from chassis.work import Work
from contracts.customer import ContactAdded, ContactChanged
from services.customer.store.tables import contacts, customers

TOLD = ("name", "phone", "email", "title", "role", "decision_maker")


def add_contact(work: Work, customer_id: UUID, given: Mapping[str, Any]) -> sa.Row[Any]:
    """Add somebody to a customer the caller may write. Raises NotFound, Forbidden."""
    with work.transaction() as tx:
        customer = scope.fetch(tx, work.actor, customers, customer_id, "customers", to_write=True)
        now = work.clock.now()
        made = {"id": new_id(), "version": 1, "created_at": now, "updated_at": now, "customer_id": customer_id}
        row = tx.execute(sa.insert(contacts).values(**given, **made).returning(contacts)).one()
        tx.record(ContactAdded(**_state(row, customer)), unitpath=_path(tx, customer))
        return row


def edit_contact(
    work: Work, customer_id: UUID, contact_id: UUID, version: int, changes: Mapping[str, Any]
) -> sa.Row[Any]:
    """Change what the caller names. Raises NotFound, Forbidden, Stale."""
    with work.transaction() as tx:
        customer = scope.fetch(tx, work.actor, customers, customer_id, "customers", to_write=True)
        found = contacts.c.id == contact_id, contacts.c.customer_id == customer_id
        row = tx.execute(sa.select(contacts).where(*found)).first()
        if row is None:
            raise NotFound
        work.require_version(version, row.version)
        columns = {**changes, "version": row.version + 1, "updated_at": work.clock.now()}
        after = tx.execute(sa.update(contacts).where(*found).values(columns).returning(contacts)).one()
        tx.record(ContactChanged(**_state(after, customer)), unitpath=_path(tx, customer))
        return after


def _state(row: sa.Row[Any], customer: sa.Row[Any]) -> dict[str, Any]:
    whose = {"customer_id": customer.id, "owner_id": customer.owner_id}
    return {name: getattr(row, name) for name in TOLD} | whose | {"contact_id": row.id}


def _path(tx: Transaction, customer: sa.Row[Any]) -> str:
    return directory.unit_paths(tx, {customer.unit_id}).get(customer.unit_id, "")
