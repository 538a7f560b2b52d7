"""Add and edit units."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis import audit
from chassis.batch import Batch, External, Outcome, in_rounds, known_externals, previous, sole
from chassis.errors import Conflict, NotFound, RuleNotMet, UnknownReference
from chassis.ids import new_id
from chassis.store import Transaction
from chassis.work import Work
from contracts.organization import UnitChanged, UnitCreated
from services.organization.commands.tree import move, state
from services.organization.problems import PROBLEMS
from services.organization.store import tree
from services.organization.store.tables import units

MANAGE = "organization:manage"
ONE_ROOT = ("公司只有一个根单元", "A company has one root unit; name the parent")


@dataclass(frozen=True, kw_only=True)
class AddUnit:
    """A node below `parent_id`."""

    code: str
    name: str
    kind: str
    parent_id: UUID | None = None
    external: External | None = None
    history: Mapping[str, Any] = field(default_factory=dict)


def add_units(work: Work, requests: Sequence[AddUnit]) -> list[Outcome]:
    """Add each unit, or bring the one of the same external id up to date."""
    return in_rounds(requests, lambda group: _add_round(work, group))


def add_unit(work: Work, request: AddUnit) -> sa.Row[Any]:
    """Add one unit."""
    with work.transaction() as tx:
        outcome = sole(add_units(work.within(tx), [request]))
        return tx.execute(sa.select(units).where(units.c.id == outcome.id)).one()


def edit_unit(work: Work, unit_id: UUID, version: int, changes: Mapping[str, Any]) -> sa.Row[Any]:
    """Rename a unit, change its kind or hang it below another parent. Raises NotFound, Stale, RuleNotMet."""
    with work.transaction() as tx:
        if "parent_id" in changes:
            tree.one_move_at_a_time(tx)
        row = tx.execute(sa.select(units).where(units.c.id == unit_id).with_for_update()).first()
        if row is None:
            raise NotFound
        work.require_version(version, row.version)
        row = _change(tx, work, row, {name: value for name, value in changes.items() if name != "parent_id"})
        parent_id = changes.get("parent_id", row.parent_id)
        return row if parent_id == row.parent_id else move(tx, work, row, parent_id)


def _add_round(work: Work, requests: Sequence[AddUnit]) -> list[Outcome]:
    batch = Batch(requests, PROBLEMS)
    with work.transaction() as tx:
        known = known_externals(tx, units, requests)
        paths = tree.paths(tx, [request.parent_id for request in requests if request.parent_id])
        for at, request in batch.pending():
            with batch.judging(at):
                row = previous(known, request, MANAGE)
                if row is None:
                    batch.done(at, _add(tx, work, request, paths), created=True)
                else:
                    _change(tx, work, row, {"name": request.name, "kind": request.kind})
                    batch.done(at, row.id, created=False)
    return batch.outcomes


def _add(tx: Transaction, work: Work, request: AddUnit, paths: Mapping[UUID, str]) -> UUID:
    if request.parent_id is None:
        raise RuleNotMet("one-root", ONE_ROOT, {"parent_id": [ONE_ROOT]})
    if request.parent_id not in paths:
        raise UnknownReference(["parent_id"])
    unit_id, now = new_id(), request.history.get("created_at") or work.clock.now()
    path = f"{paths[request.parent_id]}.{unit_id.hex}"
    shown = {"code": request.code, "name": request.name, "kind": request.kind, "parent_id": request.parent_id}
    row = shown | {"id": unit_id, "version": 1, "created_at": now, "updated_at": now, "path": path}
    if request.external is not None:
        row |= {"external_system": request.external.system, "external_id": request.external.id}
    if not tree.add(tx, row):
        raise Conflict("code-taken", (f"编码 {request.code} 已存在", f"There is a unit {request.code}"))
    tx.record(UnitCreated(unit_id=unit_id, path=path, **shown), unitpath=path)  # type: ignore[arg-type]
    audit.record(tx, "unit.created", ("unit", unit_id), after=shown, unitpath=path)
    return unit_id


def _change(tx: Transaction, work: Work, row: sa.Row[Any], changes: Mapping[str, Any]) -> sa.Row[Any]:
    if all(getattr(row, name) == value for name, value in changes.items()):
        return row
    after = tree.change(tx, row, {**changes, "updated_at": work.clock.now()})
    tx.record(UnitChanged(**state(after)), unitpath=after.path)
    before = {name: getattr(row, name) for name in changes}
    audit.record(tx, "unit.changed", ("unit", row.id), before=before, after=changes, unitpath=after.path)
    return after
