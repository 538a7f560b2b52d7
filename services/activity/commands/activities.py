"""Log what was done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis import scope
from chassis.batch import Batch, External, Outcome, in_rounds, known_externals, previous, sole
from chassis.directory import Place
from chassis.ids import new_id
from chassis.references import refuse_unknown
from chassis.scope import readable
from chassis.store import Transaction
from chassis.work import Work
from contracts.activity import ActivityLogged
from services.activity.commands.plans import MakePlan, add_plan
from services.activity.commands.subjects import place_of_caller, references
from services.activity.domain.activities import require_past, require_subject
from services.activity.problems import PROBLEMS
from services.activity.store.tables import activities

WRITE = "activities:write"
GIVEN = (
    "kind", "customer_id", "lead_id", "opportunity_id", "decision_maker_met", "started_at", "minutes", "summary",
    "outcome",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class LogActivity:
    """A dated act of `minutes`; `next_plan` is what was promised with it."""

    kind: str
    started_at: datetime
    minutes: int
    summary: str
    customer_id: UUID | None = None
    lead_id: UUID | None = None
    opportunity_id: UUID | None = None
    contact_ids: tuple[UUID, ...] = ()
    decision_maker_met: bool = False
    outcome: str | None = None
    next_plan: Mapping[str, Any] | None = None
    external: External | None = None
    history: Mapping[str, Any] = field(default_factory=dict)


def log_activities(work: Work, requests: Sequence[LogActivity]) -> list[Outcome]:
    """Log each activity; one of the same external id stays as it is."""
    return in_rounds(requests, lambda group: _log_round(work, group))


def log_activity(work: Work, request: LogActivity) -> sa.Row[Any]:
    """Log one activity, and make the plan promised with it in the same transaction."""
    with work.transaction() as tx:
        outcome = sole(log_activities(work.within(tx), [request]))
        return tx.execute(sa.select(activities).where(activities.c.id == outcome.id)).one()


def edit_activity(work: Work, activity_id: UUID, version: int, changes: Mapping[str, Any]) -> sa.Row[Any]:
    """Mend what was written down. Raises NotFound, Forbidden, Stale."""
    with work.transaction() as tx:
        row = scope.fetch(tx, work.actor, activities, activity_id, "activities", to_write=True)
        work.require_version(version, row.version)
        columns = {**changes, "version": row.version + 1, "updated_at": work.clock.now()}
        changed = sa.update(activities).where(activities.c.id == activity_id).values(columns)
        return tx.execute(changed.returning(activities)).one()


def _log_round(work: Work, requests: Sequence[LogActivity]) -> list[Outcome]:
    batch = Batch(requests, PROBLEMS)
    for at, request in batch.pending():
        with batch.judging(at):
            require_past(request.started_at, work.clock.now())
            if request.next_plan is not None:
                require_subject(request.customer_id, request.lead_id, request.opportunity_id)
            if request.history:
                work.actor.require("history:import")
    with work.transaction() as tx:
        refuse_unknown(tx, work.actor, batch, references)
        mine = readable(work.actor, WRITE, activities)
        known = known_externals(tx, activities, [request for _, request in batch.pending()], mine)
        place = place_of_caller(tx, work)
        for at, request in batch.pending():
            with batch.judging(at):
                row = previous(known, request, WRITE)
                batch.done(at, row.id if row is not None else _add(tx, work, request, place), created=row is None)
    return batch.outcomes


def _add(tx: Transaction, work: Work, request: LogActivity, place: Place) -> UUID:
    activity_id = new_id()
    created_at = request.history.get("created_at") or work.clock.now()
    given = {name: getattr(request, name) for name in GIVEN} | {"contact_ids": list(request.contact_ids)}
    whose = {"unit_id": place.unit_id, "owner_id": work.actor.user_id, "manager_id": place.manager_id}
    kept = {"id": activity_id, "version": 1, "created_at": created_at, "updated_at": created_at}
    external = request.external
    came = {
        "imported": bool(request.history),
        "external_system": external.system if external else None,
        "external_id": external.id if external else None,
    }
    tx.execute(sa.insert(activities), given | whose | kept | came)
    logged: dict[str, Any] = given | whose | {"contact_ids": request.contact_ids, "imported": came["imported"]}
    tx.record(ActivityLogged(activity_id=activity_id, **logged), unitpath=place.unit_path)
    if request.next_plan is not None:
        about = {name: getattr(request, name) for name in ("customer_id", "lead_id", "opportunity_id")}
        add_plan(tx, work, MakePlan(**about, **request.next_plan), place)
    return activity_id
