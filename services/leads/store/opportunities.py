"""Opportunities and their stage entries: rows to domain objects and back."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis import scope
from chassis.ids import new_id
from chassis.store import Transaction
from chassis.work import Work
from services.leads.domain.opportunities import Line, Money, Opportunity, Step
from services.leads.store.tables import opportunities, stage_entries

SAME = tuple(column.name for column in opportunities.c if column.name not in ("lines", "amount", "currency", "factors"))
LEAVE = """
UPDATE stage_entries SET left_at = %(at)s WHERE opportunity_id = %(opportunity_id)s AND left_at IS NULL
"""


def get(tx: Transaction, work: Work, opportunity_id: UUID, *, to_write: bool = False) -> Opportunity:
    """Raises NotFound, Forbidden."""
    return of_row(scope.fetch(tx, work.actor, opportunities, opportunity_id, "opportunities", to_write=to_write))


def add(tx: Transaction, added: Sequence[tuple[Opportunity, UUID | None]], actor_id: UUID) -> None:
    """Insert new deals, each with its entry into the stage where it stands and the policy that let it in there."""
    tx.execute(sa.insert(opportunities), [to_row(opportunity) for opportunity, _ in added])
    entries = [_entry(opportunity, actor_id, policy_id) for opportunity, policy_id in added]
    tx.execute(sa.insert(stage_entries), entries)


def save(tx: Transaction, step: Step, actor_id: UUID) -> Opportunity:
    """Write a changed deal under its lock, with the next version; a move also closes and opens stage entries."""
    after = replace(step.after, version=step.before.version + 1)
    tx.execute(sa.update(opportunities).where(opportunities.c.id == after.id).values(to_row(after)))
    if step.before.stage != after.stage:
        left_at = max(filter(None, (after.stage_entered_at, step.before.stage_entered_at)), default=after.updated_at)
        tx.driver(LEAVE, {"opportunity_id": after.id, "at": left_at})
        tx.execute(sa.insert(stage_entries), _entry(after, actor_id, step.policy_id, step.reason))
    return after


def of_row(row: Any) -> Opportunity:
    lines = tuple(_line(line) for line in row.lines)
    value = None if row.amount is None else Money(row.amount, row.currency)
    same = {name: getattr(row, name) for name in SAME}
    return Opportunity(**same, lines=lines, value=value, factors=tuple(row.factors))


def to_row(opportunity: Opportunity) -> dict[str, Any]:
    value = opportunity.value
    return {name: getattr(opportunity, name) for name in SAME} | {
        "lines": [_of_line(line) for line in opportunity.lines],
        "amount": value.amount if value else None,
        "currency": value.currency if value else None,
        "factors": list(opportunity.factors),
    }


def _line(stored: dict[str, Any]) -> Line:
    price = stored["price"]
    return Line(
        UUID(stored["product_id"]),
        Decimal(stored["quantity"]),
        Money(Decimal(price["amount"]), price["currency"]) if price else None,
    )


def _of_line(line: Line) -> dict[str, Any]:
    price = {"amount": str(line.price.amount), "currency": line.price.currency} if line.price else None
    return {"product_id": str(line.product_id), "quantity": f"{line.quantity:f}", "price": price}


def _entry(
    opportunity: Opportunity, actor_id: UUID, policy_id: UUID | None, reason: str | None = None
) -> dict[str, Any]:
    entered_at: datetime | None = opportunity.stage_entered_at
    return {
        "id": new_id(),
        "opportunity_id": opportunity.id,
        "stage": opportunity.stage,
        "entered_at": entered_at,
        "left_at": None,
        "owner_id": opportunity.owner_id,
        "actor_id": actor_id,
        "reason": reason,
        "policy_id": policy_id,
    }
