"""Events of the activity service: what was done, and what is promised next."""

from dataclasses import dataclass
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from contracts.base import Moment, Personal, event

ActivityKind = Literal["visit", "call", "meeting", "message", "demo", "paperwork", "coordination", "travel", "training"]


@event("crm.activity.activity.logged", subject="activity_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityLogged:
    """A dated act, with who did it: owner, his manager and unit then; `minutes` is its length."""

    activity_id: UUID
    kind: ActivityKind
    customer_id: UUID | None
    lead_id: UUID | None
    opportunity_id: UUID | None
    contact_ids: tuple[UUID, ...]
    decision_maker_met: bool
    started_at: Moment
    minutes: Annotated[int, msgspec.Meta(ge=0, le=1440)]
    summary: Annotated[str, Personal]
    outcome: str | None
    unit_id: UUID
    owner_id: UUID
    manager_id: UUID | None
    imported: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanState:
    """The next activity promised, by whom and until when."""

    plan_id: UUID
    lead_id: UUID | None
    opportunity_id: UUID | None
    customer_id: UUID | None
    kind: ActivityKind
    due_at: Moment
    summary: Annotated[str, Personal]
    unit_id: UUID
    owner_id: UUID
    manager_id: UUID | None
    made_at: Moment


@event("crm.activity.plan.made", subject="plan_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class PlanMade(PlanState):
    """A follow-up was planned."""


@event("crm.activity.plan.reassigned", subject="plan_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class PlanReassigned(PlanState):
    """A promise went over to somebody else; `from_owner_id` made it, and stood where `from_unit_path` says."""

    from_owner_id: UUID
    from_unit_path: str | None


@event("crm.activity.plan.kept", subject="plan_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class PlanKept(PlanState):
    """A planned follow-up was done."""

    kept_at: Moment
    activity_id: UUID | None
