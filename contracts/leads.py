"""Events of the leads service: products, sources, leads and opportunities."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from contracts.base import Moment, Money, Personal, event

SourceKind = Literal[
    "referral", "visit", "event", "website", "phone", "media", "partner", "tender", "existing", "branch"
]
LeadState = Literal[
    "new", "assigned", "unassigned", "working", "qualified", "nurturing", "converted", "invalid", "duplicate"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductState:
    """Something the company sells."""

    product_id: UUID
    name: str
    series: str | None
    list_price: Money | None


@event("crm.leads.product.created", subject="product_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class ProductCreated(ProductState):
    """A product was added."""


@event("crm.leads.product.changed", subject="product_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class ProductChanged(ProductState):
    """A product was edited."""


@event("crm.leads.source.created", subject="source_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class SourceCreated:
    """Somewhere leads come from was added."""

    source_id: UUID
    name: str
    kind: SourceKind


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadStateOf:
    """A signal of interest, with who held it then: owner, his manager and unit.

    Where the event took the lead from somebody, `from_owner_id` and `from_unit_path` say who had it and where he stood.
    """

    lead_id: UUID
    company: str
    contact_name: Annotated[str | None, Personal]
    phone: Annotated[str | None, Personal]
    email: Annotated[str | None, Personal]
    source_id: UUID
    state: LeadState
    unit_id: UUID
    owner_id: UUID | None
    manager_id: UUID | None
    imported: bool
    captured_at: Moment
    from_owner_id: UUID | None = None
    from_unit_path: str | None = None


@event("crm.leads.lead.captured", subject="lead_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class LeadCaptured(LeadStateOf):
    """A lead came in."""


@event("crm.leads.lead.assigned", subject="lead_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class LeadAssigned(LeadStateOf):
    """A lead was given to the person who judges it; `rule` says by what."""

    rule: str


@event("crm.leads.lead.changed", subject="lead_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class LeadChanged(LeadStateOf):
    """What is known of a lead was edited."""


@event("crm.leads.lead.qualified", subject="lead_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class LeadQualified(LeadStateOf):
    """A lead was judged; an opportunity is the deal begun with it."""

    outcome: Literal["opportunity", "potential", "invalid", "duplicate"]
    customer_id: UUID | None
    opportunity_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """A deadline of a lead that went by, and who held the lead then."""

    lead_id: UUID
    unit_id: UUID
    owner_id: UUID | None
    deadline: Literal["judge_by", "plan_by", "contact_by"]
    due_at: Moment
    breached_at: Moment


@event("crm.leads.lead.breached", subject="lead_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class LeadBreached(Breach):
    """A deadline went by with nothing done."""


@event("crm.leads.lead.breach-retracted", subject="lead_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class LeadBreachRetracted(Breach):
    """What was due had been done in time; the news of it came late."""

    met_at: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One product on a deal; quantity is a decimal string, price is for one unit."""

    product_id: UUID
    quantity: Annotated[str, msgspec.Meta(pattern=r"^\d+(\.\d+)?$")]
    price: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpportunityState:
    """A deal, with who was responsible at this event: owner, his manager and unit then.

    `opened_on` is null only for imported history that never said; `outcome` is null while the deal is open. Where the
    event gave the deal to somebody else, `from_owner_id` and `from_unit_path` say who had it and where he stood.
    """

    opportunity_id: UUID
    name: str
    customer_id: UUID | None
    lead_id: UUID | None
    pipeline: str
    stage: str
    outcome: Literal["won", "lost"] | None
    lines: tuple[Line, ...]
    amount: Money | None
    unit_id: UUID
    owner_id: UUID
    manager_id: UUID | None
    opened_on: date | None
    expected_close_on: date | None
    closed_on: date | None
    imported: bool
    from_owner_id: UUID | None = None
    from_unit_path: str | None = None


@event("crm.leads.opportunity.opened", subject="opportunity_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class OpportunityOpened(OpportunityState):
    """A deal was begun."""


@event("crm.leads.opportunity.changed", subject="opportunity_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class OpportunityChanged(OpportunityState):
    """A deal was edited without moving."""


@event("crm.leads.opportunity.reassigned", subject="opportunity_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class OpportunityReassigned(OpportunityState):
    """A deal was given to somebody else."""


@event("crm.leads.opportunity.stage-changed", subject="opportunity_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class OpportunityStageChanged(OpportunityState):
    """A deal moved from stage `from_stage` to its present one at `entered_at`."""

    from_stage: str
    entered_at: Moment


@event("crm.leads.opportunity.won", subject="opportunity_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class OpportunityWon(OpportunityState):
    """A deal was won."""


@event("crm.leads.opportunity.lost", subject="opportunity_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class OpportunityLost(OpportunityState):
    """A deal was lost."""
