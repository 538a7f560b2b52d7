"""Judge a lead: an opportunity, a potential customer, invalid or known already."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

import sqlalchemy as sa

from chassis import directory, scope
from chassis.references import Reference, require
from chassis.store import Transaction
from chassis.work import Work
from contracts.leads import LeadQualified
from services.leads.commands.announce import lead_state
from services.leads.commands.opportunities import OpenOpportunity, open_opportunity
from services.leads.domain import leads as domain
from services.leads.store import leads as store
from services.leads.store.replicas import customers
from services.leads.store.tables import leads


@dataclass(frozen=True, kw_only=True)
class Qualify:
    """The verdict on a lead, and the deal to begin when it is an opportunity."""

    outcome: Literal["opportunity", "potential", "invalid", "duplicate"]
    duplicate_of_id: UUID | None = None
    customer_id: UUID | None = None
    criteria: Mapping[str, Any] = field(default_factory=dict)
    reason: str | None = None
    opportunity: OpenOpportunity | None = None


def qualify_lead(work: Work, lead_id: UUID, verdict: Qualify) -> sa.Row[Any]:
    """Judge a lead once, begin its deal in the same transaction, and announce both. Raises NotQualifiable."""
    references = []
    if verdict.customer_id is not None:
        references.append(Reference("customer_id", customers, verdict.customer_id, "customers:read"))
    if verdict.duplicate_of_id is not None:
        references.append(Reference("duplicate_of_id", leads, verdict.duplicate_of_id, "leads:read"))
    with work.transaction() as tx:
        require(tx, work.actor, *references)
        row = scope.fetch(tx, work.actor, leads, lead_id, "leads", to_write=True)
        state = domain.verdict(row.state, verdict.outcome, reason=verdict.reason, duplicate_of=verdict.duplicate_of_id)
        opportunity_id = None
        if verdict.outcome == "opportunity":
            deal = _deal(row, verdict, _owner(tx, work, row))
            opportunity_id = open_opportunity(work.within(tx), deal).id
        columns = {
            "state": state,
            "customer_id": verdict.customer_id,
            "opportunity_id": opportunity_id,
            "duplicate_of_id": verdict.duplicate_of_id or row.duplicate_of_id,
        }
        after = store.change(tx, row, columns, work.clock.now())
        qualified = LeadQualified(
            **lead_state(after._mapping),
            outcome=verdict.outcome,
            customer_id=verdict.customer_id,
            opportunity_id=opportunity_id,
        )
        tx.record(qualified, unitpath=directory.unit_paths(tx, {after.unit_id}).get(after.unit_id, ""))
        return after


def _owner(tx: Transaction, work: Work, lead: sa.Row[Any]) -> UUID | None:
    """Whose the deal becomes: the lead's owner's, or where he has left the one's who acts for him."""
    gone = lead.owner_id is not None and not directory.places(tx, {lead.owner_id})
    return work.actor.user_id if gone else lead.owner_id


def _deal(lead: sa.Row[Any], verdict: Qualify, owner_id: UUID | None) -> OpenOpportunity:
    asked = verdict.opportunity
    return OpenOpportunity(
        name=asked.name if asked else lead.company,
        lines=asked.lines if asked else (),
        amount=asked.amount if asked else None,
        expected_close_on=asked.expected_close_on if asked else None,
        owner_id=(asked.owner_id if asked else None) or owner_id,
        customer_id=verdict.customer_id,
        lead_id=lead.id,
    )
