"""What a lead counts for."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.analytics.domain.periods import days_of

NIL = UUID(int=0)

SourceKey = tuple[str, date, UUID, UUID, UUID]
"""grain, day, source, unit, owner."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadFact:
    """A lead as its newest event says, and how many deals begun with it are won."""

    id: UUID
    sequence: int
    source_id: UUID | None
    unit_id: UUID | None
    owner_id: UUID | None
    captured_on: date | None
    qualified: bool
    won_deals: int


@dataclass
class SourceChange:
    """By how much the roll-up of sources moves."""

    leads: Counter[SourceKey]
    qualified: Counter[SourceKey]
    won: Counter[SourceKey]

    @classmethod
    def none(cls) -> "SourceChange":
        return cls(Counter(), Counter(), Counter())

    def count(self, lead: LeadFact, times: int) -> None:
        """Count `lead` `times` times; one that only a deal has told of counts nothing yet."""
        if lead.sequence == 0:
            return
        who = (lead.source_id or NIL, lead.unit_id or NIL, lead.owner_id or NIL)
        for grain, day in days_of(lead.captured_on):
            key = (grain, day, *who)
            self.leads[key] += times
            self.qualified[key] += times * lead.qualified
            self.won[key] += times * (lead.won_deals > 0)
