"""Row scope: the one predicate that every list, detail and count goes through.

A caller reaches a row by an allow-list only: no grant, no row. What somebody has left behind is reached by who acts for
him as if it were his own. `units` is the service's own copy of the tree, so that
moving a subtree changes what its managers see without touching a row of business.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.auth import Actor, Scope
from chassis.errors import Forbidden, NotFound
from chassis.store import Transaction


class UnitPath(sa.types.UserDefinedType[str]):
    """PostgreSQL's `ltree`: the materialised path of a unit, labels are the hex of unit ids."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "LTREE"


UNIT_PATH = UnitPath()
_tree = sa.table("units", sa.column("id", sa.Uuid), sa.column("path", UNIT_PATH))


def visible(scope: Scope, unit_id: sa.ColumnElement[UUID], owner_id: sa.ColumnElement[UUID]) -> sa.ColumnElement[bool]:
    """Whether the row with this unit and owner is within `scope`."""
    if scope.all:
        return sa.true()
    reached: list[sa.ColumnElement[bool]] = []
    if scope.reach:
        own = owner_id == scope.user_id
        reached.append(owner_id.in_({scope.user_id, *scope.acts_for}) if scope.acts_for else own)
    if within := scope.units("unit"):
        reached.append(unit_id.in_(within))
    if tops := scope.units("subtree"):
        top = _tree.alias("top")
        below = sa.select(_tree.c.id).where(_tree.c.path.op("<@", is_comparison=True)(top.c.path), top.c.id.in_(tops))
        reached.append(unit_id.in_(below))
    return sa.or_(sa.false(), *reached)


def below(unit_id: UUID) -> sa.Select[tuple[UUID]]:
    """The ids of a unit and of all below it."""
    top = _tree.alias("top")
    return sa.select(_tree.c.id).where(_tree.c.path.op("<@", is_comparison=True)(top.c.path), top.c.id == unit_id)


def above(unit_ids: Sequence[UUID]) -> sa.Select[tuple[UUID]]:
    """The ids of units and of all that stand above them."""
    own = _tree.alias("own")
    within = own.c.path.op("<@", is_comparison=True)(_tree.c.path)
    return sa.select(_tree.c.id).where(within, own.c.id.in_(unit_ids))


def readable(actor: Actor, permission: str, table: sa.FromClause) -> sa.ColumnElement[bool]:
    """Whether a row of `table`, which has unit_id and owner_id, is one the actor may reach with `permission`."""
    return visible(actor.scope(permission), table.c.unit_id, table.c.owner_id)


def fetch(
    tx: Transaction, actor: Actor, table: sa.Table, row_id: UUID, resource: str, *, to_write: bool = False
) -> sa.Row[Any]:
    """The row of `table` with this id, locked when it is to be written.

    Raises NotFound when the actor may not read it, Forbidden when he may read and not write it.
    """
    may_write = readable(actor, f"{resource}:write", table).label("may_write")
    query = sa.select(table, may_write).where(table.c.id == row_id, readable(actor, f"{resource}:read", table))
    row = tx.execute(query.with_for_update(of=table) if to_write else query).first()
    if row is None:
        raise NotFound
    if to_write and not row.may_write:
        raise Forbidden(f"{resource}:write")
    return row


def units_within(scope: Scope, unit_id: sa.ColumnElement[UUID]) -> sa.ColumnElement[bool]:
    """Whether a unit is one the caller works in: his own for every role, those below for a manager."""
    if scope.all:
        return sa.true()
    own = {reached for _, reached in scope.reach}
    tops = scope.units("subtree")
    return sa.or_(unit_id.in_(own), *(unit_id.in_(below(top)) for top in tops))


def units_concerned(scope: Scope, unit_id: sa.ColumnElement[UUID]) -> sa.ColumnElement[bool]:
    """Whether what is ruled in a unit concerns the caller: he works there, below it, or sees it from above."""
    own = [reached for _, reached in scope.reach]
    return sa.or_(units_within(scope, unit_id), unit_id.in_(above(own)))
