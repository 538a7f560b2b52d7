"""Take what happened into the read model: the newest state of each deal and lead, and the difference it makes."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from chassis.calendar import CHINA
from chassis.store import Transaction
from contracts.envelope import Envelope
from contracts.leads import LeadStateOf, OpportunityState
from services.analytics.domain.pipeline import Change, Deal
from services.analytics.domain.sources import LeadFact, SourceChange
from services.analytics.store import model, rebuilds
from services.analytics.store.model import Schema

Events = Sequence[tuple[Envelope, Any]]

DEALS = "crm.leads.opportunity."
LEADS = "crm.leads.lead."
EDITED = "crm.leads.opportunity.changed"
REASSIGNED = "crm.leads.opportunity.reassigned"
QUALIFIED = ("qualified", "converted")


def take(tx: Transaction, events: Events) -> None:
    """Apply live events to the model, and to the one being rebuilt beside it."""
    schemas: tuple[Schema, ...] = ("model", "shadow") if rebuilds.running(tx) else ("model",)
    for schema in schemas:
        _apply(tx, schema, events)


def take_replayed(tx: Transaction, rebuild_id: UUID, events: Events) -> None:
    """Apply replayed history to the model being rebuilt and no other; an ended rebuild takes nothing more."""
    if not rebuilds.is_running(tx, rebuild_id):
        return
    fresh = rebuilds.unseen(tx, [event.id for event, _ in events])
    _apply(tx, "shadow", [(event, payload) for event, payload in events if event.id in fresh])
    rebuilds.advance(tx, rebuild_id, len(fresh))


def _apply(tx: Transaction, schema: Schema, events: Events) -> None:
    won = _apply_deals(tx, schema, [pair for pair in events if pair[0].type.startswith(DEALS)])
    _apply_leads(tx, schema, [pair for pair in events if isinstance(pair[1], LeadStateOf)], won)
    if events:
        model.freshen(tx, schema, max(event.time for event, _ in events))


def _apply_deals(tx: Transaction, schema: Schema, events: Events) -> Counter[UUID]:
    """By how many the deals won have changed, for each lead they began with."""
    won: Counter[UUID] = Counter()
    if not events:
        return won
    before = model.lock_deals(tx, schema, (event.subject for event, _ in events))
    after = dict(before)
    for event, payload in events:
        after[event.subject] = told(after[event.subject], event, payload)
    changed = [deal_id for deal_id in before if after[deal_id] != before[deal_id]]
    change = Change.none()
    for deal_id in changed:
        change.count(before[deal_id], -1)
        change.count(after[deal_id], 1)
        for deal, times in ((before[deal_id], -1), (after[deal_id], 1)):
            if deal.lead_id is not None and deal.stage == "won":
                won[deal.lead_id] += times
    if changed:
        model.keep_deals(tx, schema, [after[deal_id] for deal_id in changed])
        model.count_deals(tx, schema, change)
    return won


def told(deal: Deal, event: Envelope, payload: OpportunityState) -> Deal:
    """The deal after one more event, whatever the order in which they come."""
    if event.sequence > deal.sequence:
        deal = replace(
            deal,
            sequence=event.sequence,
            stage=payload.stage,
            lead_id=payload.lead_id,
            opened_on=payload.opened_on,
            closed_on=payload.closed_on,
            amount=Decimal(payload.amount.amount) if payload.amount else None,
            currency=payload.amount.currency if payload.amount else None,
            product_ids=tuple(sorted({line.product_id for line in payload.lines})),
        )
    if _places(event, payload) and event.sequence > deal.placed_sequence:
        deal = replace(
            deal,
            placed_sequence=event.sequence,
            unit_id=payload.unit_id,
            manager_id=payload.manager_id,
            owner_id=payload.owner_id,
        )
    return deal


def _places(event: Envelope, payload: OpportunityState) -> bool:
    """Whether an event says who is responsible: an edit does not, nor a hand-over of what is already closed."""
    return event.type != EDITED and not (event.type == REASSIGNED and payload.outcome is not None)


def _apply_leads(tx: Transaction, schema: Schema, events: Events, won: Counter[UUID]) -> None:
    touched = {event.subject for event, _ in events} | {lead_id for lead_id in won if won[lead_id]}
    if not touched:
        return
    before = model.lock_leads(tx, schema, touched)
    after = {lead_id: replace(lead, won_deals=lead.won_deals + won[lead_id]) for lead_id, lead in before.items()}
    for event, payload in events:
        if event.sequence > after[event.subject].sequence:
            after[event.subject] = _lead(after[event.subject], event, payload)
    changed = [lead_id for lead_id in before if after[lead_id] != before[lead_id]]
    change = SourceChange.none()
    for lead_id in changed:
        change.count(before[lead_id], -1)
        change.count(after[lead_id], 1)
    if changed:
        model.keep_leads(tx, schema, [after[lead_id] for lead_id in changed])
        model.count_leads(tx, schema, change)


def _lead(lead: LeadFact, event: Envelope, payload: LeadStateOf) -> LeadFact:
    return replace(
        lead,
        sequence=event.sequence,
        source_id=payload.source_id,
        unit_id=payload.unit_id,
        owner_id=payload.owner_id,
        captured_on=payload.captured_at.astimezone(CHINA).date(),
        qualified=payload.state in QUALIFIED,
    )
