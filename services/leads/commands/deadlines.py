"""Keep the deadline for the first follow-up plan: a breach is announced, and taken back when the plan was in time."""

from datetime import datetime
from typing import Any
from uuid import UUID

from chassis import directory
from chassis.store import Transaction
from contracts.leads import LeadBreached, LeadBreachRetracted

BATCH = 500

OVERDUE = """
UPDATE leads SET breached_at = %(now)s, version = version + 1, updated_at = %(now)s
WHERE id IN (
    SELECT id FROM leads
    WHERE planned_at IS NULL AND breached_at IS NULL AND plan_by < %(horizon)s
      AND state IN ('assigned', 'unassigned', 'working')
    ORDER BY plan_by LIMIT %(batch)s FOR UPDATE SKIP LOCKED
)
RETURNING id, unit_id, owner_id, plan_by
"""
PLANNED = """
UPDATE leads AS lead SET planned_at = %(planned_at)s,
    breached_at = CASE WHEN %(planned_at)s <= lead.plan_by THEN NULL ELSE lead.breached_at END
FROM (SELECT id, breached_at FROM leads WHERE id = %(lead_id)s FOR UPDATE) AS before
WHERE lead.id = before.id AND (lead.planned_at IS NULL OR lead.planned_at > %(planned_at)s)
RETURNING lead.unit_id, lead.owner_id, lead.plan_by, before.breached_at, lead.breached_at
"""


def announce_breaches(tx: Transaction, now: datetime, horizon: datetime) -> int:
    """Mark leads whose plan is late as of `horizon`, up to which every plan made is known here; how many."""
    late = tx.driver(OVERDUE, {"now": now, "horizon": horizon, "batch": BATCH})
    paths = directory.unit_paths(tx, {row[1] for row in late})
    for lead_id, unit_id, owner_id, plan_by in late:
        breached = LeadBreached(**_breach(lead_id, unit_id, owner_id, plan_by, now))
        tx.record(breached, unitpath=paths.get(unit_id, ""))
    return len(late)


def meet_deadline(tx: Transaction, lead_id: UUID, planned_at: datetime) -> None:
    """A follow-up plan was made for a lead; a breach already announced is retracted when it was in time."""
    for unit_id, owner_id, plan_by, was, remains in tx.driver(PLANNED, {"lead_id": lead_id, "planned_at": planned_at}):
        if was is not None and remains is None:
            path = directory.unit_paths(tx, {unit_id}).get(unit_id, "")
            retracted = LeadBreachRetracted(**_breach(lead_id, unit_id, owner_id, plan_by, was), met_at=planned_at)
            tx.record(retracted, unitpath=path)


def _breach(
    lead_id: UUID, unit_id: UUID, owner_id: UUID | None, plan_by: datetime, breached_at: datetime
) -> dict[str, Any]:
    return {
        "lead_id": lead_id,
        "unit_id": unit_id,
        "owner_id": owner_id,
        "deadline": "plan_by",
        "due_at": plan_by,
        "breached_at": breached_at,
    }
