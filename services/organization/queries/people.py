"""Units and users as the caller may see them: those of the units he works in, and himself."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.errors import NotFound
from chassis.roles import PERMISSIONS
from chassis.scope import below, units_within
from chassis.store import Transaction
from chassis.web.paging import paginate
from chassis.work import Work
from services.organization.store import people
from services.organization.store.tables import memberships, units, users


def list_units(work: Work, asked: Mapping[str, Any]) -> dict[str, Any]:
    """A page of the units the caller may see; `under` limits it to one unit and all below."""
    query = sa.select(units).where(units_within(work.actor.scope("units:read"), units.c.id))
    if asked["under"] is not None:
        query = query.where(units.c.id.in_(below(asked["under"])))
    if asked["q"]:
        query = query.where(
            sa.or_(*(units.c[name].icontains(asked["q"], autoescape=True) for name in ("code", "name")))
        )
    with work.transaction() as tx:
        return paginate(tx, query, units, asked, "created_at", ("created_at", "updated_at", "code", "name"))


def one_unit(work: Work, unit_id: UUID) -> sa.Row[Any]:
    """Raises NotFound."""
    query = sa.select(units).where(units.c.id == unit_id, units_within(work.actor.scope("units:read"), units.c.id))
    with work.transaction() as tx:
        row = tx.execute(query).first()
    if row is None:
        raise NotFound
    return row


def list_users(work: Work, asked: Mapping[str, Any]) -> dict[str, Any]:
    """A page of the users the caller may see."""
    query = sa.select(users).where(_visible(work))
    if asked["unit_id"] is not None:
        inside = memberships.c.unit_id.in_(below(asked["unit_id"]))
        query = query.where(users.c.id.in_(sa.select(memberships.c.user_id).where(inside)))
    if asked["q"]:
        found = (users.c[name].icontains(asked["q"], autoescape=True) for name in ("username", "name"))
        query = query.where(sa.or_(*found))
    with work.transaction() as tx:
        page = paginate(tx, query, users, asked, "created_at", ("created_at", "updated_at", "username", "name"))
        return page | {"items": _with_memberships(tx, page["items"])}


def one_user(work: Work, user_id: UUID) -> Any:
    """Raises NotFound."""
    with work.transaction() as tx:
        rows = tx.execute(sa.select(users).where(users.c.id == user_id, _visible(work))).all()
        if not rows:
            raise NotFound
        return _with_memberships(tx, rows)[0]


def me(work: Work) -> dict[str, Any]:
    """Who the caller is and what he may do."""
    with work.transaction() as tx:
        row = tx.execute(sa.select(users).where(users.c.id == work.actor.user_id)).one()
        held = people.held_by(tx, [row.id]).get(row.id, ())
    roles = sorted({membership.role for membership in held})
    return {
        "id": row.id,
        "username": row.username,
        "name": row.name,
        "roles": roles,
        "memberships": held,
        "permissions": sorted(work.actor.limited(frozenset().union(*(PERMISSIONS[role] for role in roles)))),
        "locale": row.locale,
    }


def _visible(work: Work) -> sa.ColumnElement[bool]:
    scope = work.actor.scope("users:read")
    if scope.all:
        return sa.true()
    colleagues = sa.select(memberships.c.user_id).where(units_within(scope, memberships.c.unit_id))
    return sa.or_(users.c.id == work.actor.user_id, users.c.id.in_(colleagues))


def _with_memberships(tx: Transaction, rows: Sequence[Any]) -> list[Any]:
    held = people.held_by(tx, [row.id for row in rows])
    return [SeenUser(row, held.get(row.id, ())) for row in rows]


class SeenUser:
    """A user's row together with his memberships."""

    def __init__(self, row: sa.Row[Any], held: tuple[Any, ...]) -> None:
        self._row = row
        self.memberships = held
        self.unit_id = next((membership.unit_id for membership in held if membership.primary), None)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._row, name)
