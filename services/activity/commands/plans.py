"""Promise the next activity, and keep the promise."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis import scope
from chassis.directory import Place, unit_paths
from chassis.errors import UnknownReference
from chassis.handovers import Heir, Job, Part, take_over
from chassis.ids import new_id
from chassis.references import require
from chassis.store import Transaction
from chassis.work import Work
from contracts.activity import PlanKept, PlanMade, PlanReassigned
from services.activity.commands.subjects import place_of_caller, references
from services.activity.domain.activities import AlreadyKept, require_subject
from services.activity.store.tables import activities, plans

TOLD = ("customer_id", "lead_id", "opportunity_id", "kind", "due_at", "summary", "unit_id", "owner_id", "manager_id")


@dataclass(frozen=True, kw_only=True)
class MakePlan:
    """The next activity promised, and until when."""

    kind: str
    due_at: datetime
    summary: str
    customer_id: UUID | None = None
    lead_id: UUID | None = None
    opportunity_id: UUID | None = None


def make_plan(work: Work, request: MakePlan) -> sa.Row[Any]:
    """Promise an activity. Raises ForNobody, UnknownReference."""
    with work.transaction() as tx:
        require(tx, work.actor, *references(request))
        return add_plan(tx, work, request, place_of_caller(tx, work))


def add_plan(tx: Transaction, work: Work, request: MakePlan, place: Place) -> sa.Row[Any]:
    """Write down and announce what was promised."""
    require_subject(request.customer_id, request.lead_id, request.opportunity_id)
    now = work.clock.now()
    row = {
        "id": new_id(),
        "version": 1,
        "created_at": now,
        "updated_at": now,
        "unit_id": place.unit_id,
        "owner_id": work.actor.user_id,
        "manager_id": place.manager_id,
        **{name: getattr(request, name) for name in ("kind", "due_at", "summary", "customer_id", "lead_id")},
        "opportunity_id": request.opportunity_id,
    }
    added = tx.execute(sa.insert(plans).values(row).returning(plans)).one()
    tx.record(PlanMade(**_state(added)), unitpath=place.unit_path)
    return added


def keep_plan(work: Work, plan_id: UUID, activity_id: UUID | None) -> sa.Row[Any]:
    """The promise is kept, with the activity that kept it when named.

    Raises NotFound, AlreadyKept, UnknownReference.
    """
    with work.transaction() as tx:
        row = scope.fetch(tx, work.actor, plans, plan_id, "plans", to_write=True)
        if row.kept_at is not None:
            raise AlreadyKept
        if activity_id is not None:
            seen = scope.readable(work.actor, "activities:read", activities)
            if tx.execute(sa.select(activities.c.id).where(activities.c.id == activity_id, seen)).first() is None:
                raise UnknownReference(["activity_id"])
        now = work.clock.now()
        kept = {"kept_at": now, "activity_id": activity_id, "version": row.version + 1, "updated_at": now}
        after = tx.execute(sa.update(plans).where(plans.c.id == plan_id).values(kept).returning(plans)).one()
        path = unit_paths(tx, {after.unit_id}).get(after.unit_id, "")
        tx.record(PlanKept(**_state(after), kept_at=now, activity_id=activity_id), unitpath=path)
        return after


def _state(row: sa.Row[Any]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in TOLD} | {"plan_id": row.id, "made_at": row.created_at}


def hand_over(tx: Transaction, rows: Sequence[sa.Row[Any]], job: Job, heir: Heir | None) -> None:
    """What somebody who left had promised is promised by his heir; what he kept stays his."""
    assert heir is not None  # noqa: S101 -- plans have no pool, organization asks for an heir
    pairs = take_over(tx, plans, rows, heir, tx.clock.now())
    paths = unit_paths(tx, {row.unit_id for pair in pairs for row in pair})
    for before, after in pairs:
        had = {"from_owner_id": before.owner_id, "from_unit_path": paths.get(before.unit_id)}
        tx.record(PlanReassigned(**_state(after), **had), unitpath=paths.get(after.unit_id, ""))


PLANS = Part("plans", plans, plans.c.kept_at.is_(None), hand_over)
