"""Days, months and all time: which grain of a roll-up answers a question about a period."""

from dataclasses import dataclass
from datetime import date, timedelta

ALL, MONTH, DAY = "a", "m", "d"
UNKNOWN = date(1, 1, 1)
"""The day of what has none."""


@dataclass(frozen=True)
class Span:
    """Rows of one grain whose day lies from `first` to `last`, both included; None is unbounded."""

    grain: str
    first: date | None = None
    last: date | None = None


def by_unit(grain: str) -> str:
    """The grain of rows that leave people out: for those who may see whole units, and do not ask for people."""
    return grain.upper()


def days_of(day: date | None) -> list[tuple[str, date]]:
    """Where something that happened on `day` is counted: in its day, its month, and all time."""
    known = day or UNKNOWN
    return [(ALL, UNKNOWN), (MONTH, known.replace(day=1)), (DAY, known)]


def spans(first: date | None, last: date | None, *, by_time: bool = False) -> list[Span]:
    """The fewest rows that cover a period: whole months where there are, days at the edges, all time when unbounded.

    `by_time` keeps the months apart although the period is unbounded. An empty period has no span.
    """
    if first is None and last is None:
        return [Span(MONTH)] if by_time else [Span(ALL)]
    from_month = _next_month_start(first) if first is not None else None
    to_month = _previous_month_end(last) if last is not None else None
    if from_month is not None and to_month is not None and from_month > to_month:
        return _days(first, last)
    whole = [Span(MONTH, from_month, to_month.replace(day=1) if to_month else None)]
    before = _days(first, from_month - timedelta(days=1)) if first is not None and from_month is not None else []
    after = _days(to_month + timedelta(days=1), last) if last is not None and to_month is not None else []
    return before + whole + after


def _days(first: date | None, last: date | None) -> list[Span]:
    return [Span(DAY, first, last)] if first is not None and last is not None and first <= last else []


def _next_month_start(day: date) -> date:
    """The first month start on or after `day`."""
    return day if day.day == 1 else (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def _previous_month_end(day: date) -> date:
    """The last month end on or before `day`."""
    following = day + timedelta(days=1)
    return day if following.day == 1 else day.replace(day=1) - timedelta(days=1)
