"""What a lead is, when it must be looked at, and what may become of it."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

JUDGE_WITHIN_DAYS = 1
DIALLING_PREFIX = "86"

QUALIFIABLE = ("assigned", "unassigned", "working", "nurturing")
UNJUDGED = ("new", *QUALIFIABLE)
STATE_AFTER = {
    "opportunity": "qualified",
    "potential": "nurturing",
    "invalid": "invalid",
    "duplicate": "duplicate",
}


class NotQualifiable(Exception):
    """The lead was judged before, and its verdict is final."""

    def __init__(self, state: str) -> None:
        super().__init__(state)
        self.state = state


class ReasonMissing(Exception):
    """This verdict needs `field` to be told."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


@dataclass(frozen=True)
class Due:
    """The deadlines of a fresh lead: to judge it, and to have a follow-up plan."""

    judge_by: datetime
    plan_by: datetime


class WorkingTime(Protocol):
    """Whoever knows when people are at work."""

    @property
    def day(self) -> timedelta:
        """The length of one working day."""
        ...

    def after(self, moment: datetime, working: timedelta) -> datetime:
        """When `working` time has gone by since `moment`."""
        ...


def due(captured_at: datetime, calendar: WorkingTime, plan_within: timedelta) -> Due:
    """One working day to judge a lead, `plan_within` in working hours to plan the first follow-up."""
    return Due(
        judge_by=calendar.after(captured_at, JUDGE_WITHIN_DAYS * calendar.day),
        plan_by=calendar.after(captured_at, plan_within),
    )


def phone_key(phone: str | None) -> str | None:
    """The digits that tell a number apart, whatever stands between them and with or without +86."""
    digits = "".join(character for character in unicodedata.normalize("NFKC", phone or "") if character.isdigit())
    if len(digits) > 11:
        digits = digits.removeprefix("00").removeprefix(DIALLING_PREFIX)
    return digits or None


def email_key(email: str | None) -> str | None:
    return (email or "").strip().casefold() or None


def verdict(state: str, outcome: str, *, reason: str | None, duplicate_of: object | None) -> str:
    """The state after judging a lead. Raises NotQualifiable, ReasonMissing."""
    if state not in QUALIFIABLE:
        raise NotQualifiable(state)
    if outcome == "invalid" and not reason:
        raise ReasonMissing("reason")
    if outcome == "duplicate" and duplicate_of is None:
        raise ReasonMissing("duplicate_of_id")
    return STATE_AFTER[outcome]
