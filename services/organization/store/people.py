"""Users and their memberships."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

import contracts.organization as announced
from chassis.store import Transaction
from services.organization.domain.users import Membership
from services.organization.store.tables import memberships, users


def add(tx: Transaction, rows: Sequence[Mapping[str, Any]], held: Mapping[UUID, Sequence[Membership]]) -> set[UUID]:
    """Insert users with their memberships; the ids of those whose username was free."""
    if not rows:
        return set()
    statement = insert(users).on_conflict_do_nothing().returning(users.c.id)
    added = set(tx.execute(statement, [dict(row) for row in rows]).scalars())
    keep_memberships(tx, {user_id: held[user_id] for user_id in added})
    return added


def change(tx: Transaction, row: sa.Row[Any], columns: Mapping[str, Any]) -> sa.Row[Any]:
    """The user with `columns` changed and the next version; it must be locked."""
    statement = sa.update(users).where(users.c.id == row.id)
    return tx.execute(statement.values(**columns, version=row.version + 1).returning(users)).one()


def keep_memberships(tx: Transaction, held: Mapping[UUID, Sequence[Membership]]) -> None:
    """These users have these memberships from now on, and no other."""
    tx.execute(sa.delete(memberships).where(memberships.c.user_id.in_(held)))
    rows = [
        {
            "user_id": user_id,
            "unit_id": membership.unit_id,
            "role": membership.role,
            "manager_id": membership.manager_id,
            "is_primary": membership.primary,
        }
        for user_id, its in held.items()
        for membership in its
    ]
    if rows:
        tx.execute(sa.insert(memberships), rows)


def held_by(tx: Transaction, user_ids: Iterable[UUID]) -> dict[UUID, tuple[Membership, ...]]:
    """The memberships of each user, the primary one first."""
    query = sa.select(memberships).where(memberships.c.user_id.in_(set(user_ids)))
    found: dict[UUID, tuple[Membership, ...]] = {}
    for row in tx.execute(query.order_by(memberships.c.is_primary.desc(), memberships.c.role)):
        membership = Membership(row.unit_id, row.role, row.manager_id, row.is_primary)
        found[row.user_id] = (*found.get(row.user_id, ()), membership)
    return found


def known(tx: Transaction, user_ids: Iterable[UUID]) -> set[UUID]:
    """Which of these users exist and are active, locked so that none is disabled meanwhile."""
    query = "SELECT id FROM users WHERE id = ANY(%s::uuid[]) AND active ORDER BY id FOR SHARE"
    return {row[0] for row in tx.driver(query, (sorted(set(user_ids)),))}


def state(user: Mapping[str, Any] | sa.RowMapping, held: Sequence[Membership]) -> dict[str, Any]:
    """The public state of a user, as every event of him carries it."""
    return {
        "user_id": user["id"],
        "username": user["username"],
        "name": user["name"],
        "email": user["email"],
        "active": user["active"],
        "memberships": tuple(
            announced.Membership(
                unit_id=membership.unit_id,
                role=membership.role,  # type: ignore[arg-type]
                manager_id=membership.manager_id,
                primary=membership.primary,
            )
            for membership in held
        ),
    }
