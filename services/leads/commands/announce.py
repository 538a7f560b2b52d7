"""The events of leads, built from what changed."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa

import contracts.leads as announced
from chassis.store import Transaction
from contracts.base import Money
from services.leads.domain.opportunities import Money as Value
from services.leads.domain.opportunities import Opportunity, Step

CLOSED = {"won": announced.OpportunityWon, "lost": announced.OpportunityLost}


def opened(tx: Transaction, opportunity: Opportunity, path: str) -> None:
    """Tell of a new deal; of one that came in closed, tell also how it ended."""
    tx.record(announced.OpportunityOpened(**state(opportunity)), unitpath=path)
    if opportunity.outcome is not None:
        tx.record(CLOSED[opportunity.outcome](**state(opportunity)), unitpath=path)


def changed(tx: Transaction, step: Step, paths: Mapping[UUID, str]) -> None:
    """Tell of one change by its most telling name: closed, moved, reassigned, or edited."""
    before, after = step.before, step.after
    told: dict[str, Any] = {**state(after)}
    if before.owner_id != after.owner_id:
        told |= {"from_owner_id": before.owner_id, "from_unit_path": paths.get(before.unit_id)}
    if after.outcome is not None and before.outcome is None:
        event: object = CLOSED[after.outcome](**told)
    elif before.stage != after.stage and after.outcome is None:
        entered_at = after.stage_entered_at or after.updated_at
        event = announced.OpportunityStageChanged(**told, from_stage=before.stage, entered_at=entered_at)
    elif before.owner_id != after.owner_id:
        event = announced.OpportunityReassigned(**told)
    else:
        event = announced.OpportunityChanged(**told)
    tx.record(event, unitpath=paths.get(after.unit_id, ""))


def state(opportunity: Opportunity) -> Mapping[str, Any]:
    """The public state of a deal, as every event of it carries it."""
    return {
        "opportunity_id": opportunity.id,
        "name": opportunity.name,
        "customer_id": opportunity.customer_id,
        "lead_id": opportunity.lead_id,
        "pipeline": opportunity.pipeline,
        "stage": opportunity.stage,
        "outcome": opportunity.outcome,
        "lines": tuple(
            announced.Line(product_id=line.product_id, quantity=f"{line.quantity:f}", price=money(line.price))
            for line in opportunity.lines
        ),
        "amount": money(opportunity.value),
        "unit_id": opportunity.unit_id,
        "owner_id": opportunity.owner_id,
        "manager_id": opportunity.manager_id,
        "opened_on": opportunity.opened_on,
        "expected_close_on": opportunity.expected_close_on,
        "closed_on": opportunity.closed_on,
        "imported": opportunity.imported,
    }


def money(value: Value | None) -> Money | None:
    return None if value is None else Money(f"{value.amount:.2f}", value.currency)


def lead_state(lead: Mapping[str, Any] | sa.RowMapping) -> dict[str, Any]:
    """The public state of a lead, as every event of it carries it."""
    kept = ("company", "contact_name", "phone", "email", "source_id", "state", "unit_id", "owner_id", "manager_id")
    lead_id: UUID = lead["id"]
    return {name: lead[name] for name in kept} | {
        "lead_id": lead_id,
        "imported": lead["imported"],
        "captured_at": lead["created_at"],
    }
