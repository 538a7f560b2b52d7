"""Move units with all below them, and close those that hold nothing any more."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis import audit
from chassis.errors import Conflict, NotFound, RuleNotMet, Text, UnknownReference
from chassis.store import Transaction
from chassis.work import Work
from contracts.organization import UnitClosed, UnitMoved
from services.organization.store import tree
from services.organization.store.tables import units

ROOT_STAYS: Text = ("根单元不能移动或关闭", "The root unit can neither be moved nor closed")
A_RING: Text = ("不能移到自身或自己的下级", "A unit cannot hang below itself or one of its own")
HELD: Mapping[str, Text] = {
    "units": ("{count} 个下级单元", "units below it: {count}"),
    "people": ("{count} 名在职人员", "active people: {count}"),
    "customers": ("{count} 个客户", "customers: {count}"),
}


def move(tx: Transaction, work: Work, row: sa.Row[Any], parent_id: UUID | None) -> sa.Row[Any]:
    """Hang the locked unit below another; only the tree changes, and what happened keeps the path of its time.

    Raises RuleNotMet, UnknownReference.
    """
    if row.parent_id is None or parent_id is None:
        raise RuleNotMet("one-root", ROOT_STAYS, {"parent_id": [ROOT_STAYS]})
    found = tree.paths(tx, [parent_id])
    if parent_id not in found:
        raise UnknownReference(["parent_id"])
    if f"{found[parent_id]}.".startswith(f"{row.path}."):
        raise RuleNotMet("ring", A_RING, {"parent_id": [A_RING]})
    moved = tree.move(tx, row, parent_id, found[parent_id], work.clock.now())
    for unit in sorted(moved, key=lambda unit: unit.path):
        tx.record(UnitMoved(**state(unit)), unitpath=unit.path)
    audit.record(
        tx, "unit.moved", ("unit", row.id), before={"parent_id": row.parent_id}, after={"parent_id": parent_id}
    )
    return next(unit for unit in moved if unit.id == row.id)


def close_unit(work: Work, unit_id: UUID) -> sa.Row[Any]:
    """Let a unit take nothing new any more; one closed before stays as it is. Raises NotFound, Conflict."""
    with work.transaction() as tx:
        row = tx.execute(sa.select(units).where(units.c.id == unit_id).with_for_update()).first()
        if row is None:
            raise NotFound
        if row.parent_id is None:
            raise Conflict("one-root", ROOT_STAYS)
        if row.closed_at is not None:
            return row
        if held := tree.holds(tx, unit_id):
            raise Conflict("unit-holds", _named(held), extra={"holds": held})
        now = work.clock.now()
        after = tree.change(tx, row, {"closed_at": now, "updated_at": now})
        tx.record(UnitClosed(**state(after)), unitpath=after.path)
        audit.record(tx, "unit.closed", ("unit", unit_id))
        return after


def state(unit: sa.Row[Any]) -> dict[str, Any]:
    """A unit as events tell of it."""
    shown = ("code", "name", "kind", "parent_id", "path", "closed_at")
    return {"unit_id": unit.id} | {name: getattr(unit, name) for name in shown}


def _named(held: Mapping[str, int]) -> Text:
    zh, en = ([HELD[kind][language].format(count=count) for kind, count in held.items()] for language in (0, 1))
    return f"先移走：{'、'.join(zh)}", f"Still there: {', '.join(en)}"
