"""An opportunity and its way through the pipeline."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.leads.domain import pipeline


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
    """One change of a deal, both ends."""

    before: Opportunity
    after: Opportunity
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Closing:
    """How a deal ended."""

    outcome: str
    closed_on: date
    value: Money | None = None
    factors: tuple[dict[str, Any], ...] = field(default=())
    competitor: dict[str, Any] | None = None


def advance(opportunity: Opportunity, stage: str, *, at: datetime, reason: str | None = None) -> Step:
    """Move to another open stage, forward or back. Raises AlreadyClosed, UnknownStage."""
    _require_open(opportunity)
    moved = replace(opportunity, stage=pipeline.open_stage(stage), stage_entered_at=at, updated_at=at)
    return Step(opportunity, moved, reason)


def close(opportunity: Opportunity, closing: Closing, *, at: datetime, today: date) -> Step:
    """Win or lose a deal. Raises AlreadyClosed, DaysOutOfOrder, AmountMissing."""
    _require_open(opportunity)
    require_days(opportunity.opened_on, closing.closed_on, today)
    value = closing.value or opportunity.value or total(opportunity.lines)
    if closing.outcome == "won" and value is None:
        raise AmountMissing
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
    return Step(opportunity, closed)


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
