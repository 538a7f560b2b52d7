"""Working time: deadlines count the hours in which somebody is at work.

China's holidays and make-up days (调休) are those the State Council announced, as the library `chinesecalendar` has
them; it ends with the last announced year. Beyond it weekends are free, and what is known besides is given by hand.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone, tzinfo

import chinese_calendar

CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")
"""China keeps one zone and no summer time."""
SATURDAY = 5
ANNOUNCED_UNTIL = date(max(chinese_calendar.holidays).year, 12, 31)
"""The last day of which it is known whether it is a holiday."""


@dataclass(frozen=True)
class Calendar:
    """Working days from `opens` to `closes` on the clock of `zone`; days given by hand go before what was announced."""

    zone: tzinfo = CHINA
    opens: time = time(9)
    closes: time = time(18)
    holidays: frozenset[date] = field(default=frozenset())
    make_up_days: frozenset[date] = field(default=frozenset())

    @property
    def day(self) -> timedelta:
        """The length of one working day."""
        return timedelta(hours=self.closes.hour - self.opens.hour, minutes=self.closes.minute - self.opens.minute)

    def works_on(self, day: date) -> bool:
        """Whether somebody is at work on this day."""
        if day in self.make_up_days:
            return True
        if day in self.holidays:
            return False
        try:
            return bool(chinese_calendar.is_workday(day))
        except NotImplementedError:
            return day.weekday() < SATURDAY

    def after(self, moment: datetime, working: timedelta) -> datetime:
        """The first moment at which `working` time has gone by since `moment`, which has a zone."""
        left = working
        for start, end in self._spells(moment.astimezone(self.zone)):
            if start + left <= end:
                return start + left
            left -= end - start
        raise AssertionError("days never end")

    def between(self, start: datetime, end: datetime) -> timedelta:
        """The working time from `start` to `end`, which have zones; none where `end` is the earlier."""
        total, end = timedelta(), end.astimezone(self.zone)
        for opened, closed in self._spells(start.astimezone(self.zone)):
            if opened >= end:
                return total
            total += min(closed, end) - opened
        raise AssertionError("days never end")

    def _spells(self, moment: datetime) -> Iterator[tuple[datetime, datetime]]:
        """What is left of the working day of `moment`, then the working days that follow."""
        day = moment.date()
        while True:
            if self.works_on(day):
                start = max(moment, datetime.combine(day, self.opens, self.zone))
                end = datetime.combine(day, self.closes, self.zone)
                if start < end:
                    yield start, end
            day += timedelta(days=1)
