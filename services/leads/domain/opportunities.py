"""An opportunity and its way through the pipeline."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.leads.domain import pipeline
from services.leads.domain.pipeline import Rules


class AlreadyClosed(Exception):
    """The deal was won or lost; it moves no more."""

    def __init__(self, outcome: str) -> None:
        super().__init__(outcome)
        self.outcome = outcome


class DaysOutOfOrder(Exception):
    """A deal cannot close before it was opened, nor in the future."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


class AmountMissing(Exception):
    """A deal is won for an amount: none was given, and its lines have no prices to add up."""


class MixedCurrencies(Exception):
    """The lines of one deal are priced in several currencies."""


@dataclass(frozen=True, slots=True)
class Money:
    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Line:
    """A product on a deal; `price` is for one unit, and may not be known yet."""

    product_id: UUID
    quantity: Decimal
    price: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Opportunity:
    """A deal. `opened_on` is null only for history that never said; `stage_entered_at` likewise."""

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    unit_id: UUID
    owner_id: UUID
    manager_id: UUID | None
    name: str
    stage: str
    opened_on: date | None
    stage_entered_at: datetime | None
    customer_id: UUID | None = None
    lead_id: UUID | None = None
    pipeline: str = pipeline.DEFAULT
    outcome: str | None = None
    lines: tuple[Line, ...] = ()
    value: Money | None = None
    expected_close_on: date | None = None
    closed_on: date | None = None
    factors: tuple[dict[str, Any], ...] = ()
    competitor: dict[str, Any] | None = None
    imported: bool = False
    external_system: str | None = None
    external_id: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One change of a deal, both ends, and the policy by which it was let through a gate."""

    before: Opportunity
    after: Opportunity
    reason: str | None = None
    policy_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Closing:
    """How a deal ended."""

    outcome: str
    closed_on: date
    value: Money | None = None
    factors: tuple[dict[str, Any], ...] = field(default=())
    competitor: dict[str, Any] | None = None


def advance(
    opportunity: Opportunity, stage: str, rules: Rules, *, at: datetime, reason: str | None = None, overridden: bool
) -> Step:
    """Move to another open stage, forward or back. Raises AlreadyClosed, UnknownStage, GateNotMet."""
    _require_open(opportunity)
    moved = replace(opportunity, stage=pipeline.open_stage(stage), stage_entered_at=at, updated_at=at)
    if stage != opportunity.stage and not overridden:
        require_gate(moved, rules)
    return Step(opportunity, moved, reason, rules.policy_id)


def close(opportunity: Opportunity, closing: Closing, rules: Rules, *, at: datetime, today: date) -> Step:
    """Win or lose a deal. Raises AlreadyClosed, DaysOutOfOrder, GateNotMet, UnknownFactor."""
    _require_open(opportunity)
    require_days(opportunity.opened_on, closing.closed_on, today)
    require_factors(closing.factors, rules)
    value = closing.value or opportunity.value or total(opportunity.lines)
    closed = replace(
        opportunity,
        stage=closing.outcome,
        outcome=closing.outcome,
        closed_on=closing.closed_on,
        value=value,
        factors=closing.factors,
        competitor=closing.competitor,
        stage_entered_at=at,
        updated_at=at,
    )
    require_gate(closed, rules)
    return Step(opportunity, closed, policy_id=rules.policy_id)


def require_gate(opportunity: Opportunity, rules: Rules) -> None:
    """Raises GateNotMet for a deal without what its stage asks for; nothing is won without an amount."""
    has = {
        "customer_id": opportunity.customer_id,
        "amount": opportunity.value or total(opportunity.lines),
        "lines": opportunity.lines,
        "expected_close_on": opportunity.expected_close_on,
        "factors": opportunity.factors,
        "competitor": opportunity.competitor,
    }
    asked = {*rules.gates.get(opportunity.stage, ()), *(("amount",) if opportunity.stage == "won" else ())}
    if missing := [name for name, value in has.items() if name in asked and not value]:
        raise pipeline.GateNotMet(opportunity.stage, missing)


def require_factors(factors: Sequence[Mapping[str, Any]], rules: Rules) -> None:
    """Raises UnknownFactor for a code that the company has not agreed on."""
    for factor in factors:
        if factor["code"] not in rules.factors:
            raise pipeline.UnknownFactor(factor["code"], rules.factors)


def require_days(opened_on: date | None, closed_on: date | None, today: date) -> None:
    """Raises DaysOutOfOrder for a deal that opened in the future, or closed there or before it opened."""
    if opened_on is not None and opened_on > today:
        raise DaysOutOfOrder("opened_on")
    if closed_on is not None and (closed_on > today or (opened_on is not None and closed_on < opened_on)):
        raise DaysOutOfOrder("closed_on")


def total(lines: tuple[Line, ...]) -> Money | None:
    """What the lines add up to, to the cent; None while a price is missing. Raises MixedCurrencies."""
    priced = [(line.quantity, line.price) for line in lines if line.price is not None]
    if not priced or len(priced) < len(lines):
        return None
    if len({price.currency for _, price in priced}) > 1:
        raise MixedCurrencies
    amount = sum((quantity * price.amount for quantity, price in priced), Decimal(0))
    return Money(amount.quantize(Decimal("0.01")), priced[0][1].currency)


def _require_open(opportunity: Opportunity) -> None:
    if opportunity.outcome is not None:
        raise AlreadyClosed(opportunity.outcome)
