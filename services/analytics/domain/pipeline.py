"""What a deal counts for, and the figures of a group of deals."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.analytics.domain.periods import by_unit, days_of

NIL = UUID(int=0)
CLOSED = ("won", "lost")

Number = Decimal | None

PipelineKey = tuple[str, date, UUID, UUID, UUID, UUID, str, str]
"""grain, day, product, unit, manager, owner, stage, currency."""
CycleKey = tuple[str, date, UUID, UUID, UUID, UUID, str, int]
"""grain, day, product, unit, manager, owner, outcome, days."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deal:
    """A deal as its newest events say; who is responsible is as it stood at its latest move (or when it closed)."""

    id: UUID
    sequence: int
    placed_sequence: int
    stage: str
    unit_id: UUID | None
    manager_id: UUID | None
    owner_id: UUID | None
    lead_id: UUID | None
    opened_on: date | None
    closed_on: date | None
    amount: Decimal | None
    currency: str | None
    product_ids: tuple[UUID, ...]

    @property
    def closed(self) -> bool:
        return self.stage in CLOSED

    @property
    def cycle_days(self) -> int | None:
        """Days from opening to closing; None for what is open or never said when it was opened."""
        if self.closed_on is None or self.opened_on is None:
            return None
        return (self.closed_on - self.opened_on).days


@dataclass
class Change:
    """By how much roll-ups move; adding a deal and taking it away again leaves nothing."""

    deals: Counter[PipelineKey]
    revenue: dict[PipelineKey, Decimal]
    cycles: Counter[CycleKey]

    @classmethod
    def none(cls) -> "Change":
        return cls(Counter(), {}, Counter())

    def count(self, deal: Deal, times: int) -> None:
        """Count what `deal` contributes `times` times: 1 adds it, -1 takes it away. A blank deal counts nothing."""
        if deal.sequence == 0:
            return
        who = (deal.unit_id or NIL, deal.manager_id or NIL, deal.owner_id or NIL)
        revenue = deal.amount if deal.stage == "won" and deal.amount is not None else Decimal(0)
        for grain, day in days_of(deal.closed_on if deal.closed else deal.opened_on):
            for product_id in (NIL, *sorted(set(deal.product_ids))):
                key = (grain, day, product_id, *who, deal.stage, deal.currency or "")
                self.deals[key] += times
                self.revenue[key] = self.revenue.get(key, Decimal(0)) + times * revenue
                if deal.cycle_days is not None:
                    self.cycles[grain, day, product_id, *who, deal.stage, deal.cycle_days] += times
                    of_unit = (who[0], NIL, NIL)
                    self.cycles[by_unit(grain), day, product_id, *of_unit, deal.stage, deal.cycle_days] += times


def rate(part: int, whole: int) -> float | None:
    """`part` of `whole`, rounded to six digits; None of nothing."""
    return round(part / whole, 6) if whole else None


def figures(stages: Iterable[tuple[str, str, int, Decimal]], medians: tuple[Number, Number]) -> dict[str, Any]:
    """The figures of one group, from (stage, currency, deals, revenue) and its median cycles: of all closed, of won."""
    by_stage: Counter[str] = Counter()
    revenue: dict[str, Decimal] = {}
    for stage, currency, deals, amount in stages:
        by_stage[stage] += deals
        if stage == "won" and currency and deals:
            revenue[currency] = revenue.get(currency, Decimal(0)) + amount
    money = [{"amount": f"{amount:.2f}", "currency": currency} for currency, amount in sorted(revenue.items())]
    closed, won = (shortest(median) for median in medians)
    return {
        "deals": sum(by_stage.values()),
        "by_stage": {stage: deals for stage, deals in sorted(by_stage.items()) if deals},
        "won": by_stage["won"],
        "lost": by_stage["lost"],
        "win_rate": rate(by_stage["won"], by_stage["won"] + by_stage["lost"]),
        "revenue": money[0] if len(money) == 1 else None,
        "revenue_by_currency": money,
        "median_cycle_days_closed": closed,
        "median_cycle_days_won": won,
    }


def shortest(number: Number) -> int | float | None:
    """The number without a fraction that is nothing: 45, not 45.0."""
    if number is None:
        return None
    return int(number) if number == int(number) else float(number)
