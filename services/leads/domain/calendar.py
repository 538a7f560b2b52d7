"""Working time: deadlines count the hours in which somebody is at work."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta, timezone, tzinfo

CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")
"""China keeps one zone and no summer time."""


@dataclass(frozen=True)
class Calendar:
    """Monday to Friday, from `opens` to `closes` on the clock of `zone`."""

    zone: tzinfo = CHINA
    opens: time = time(9)
    closes: time = time(18)

    @property
    def day(self) -> timedelta:
        """The length of one working day."""
        return timedelta(hours=self.closes.hour - self.opens.hour, minutes=self.closes.minute - self.opens.minute)

    def after(self, moment: datetime, working: timedelta) -> datetime:
        """When `working` time has gone by since `moment`."""
        left = working
        at = moment.astimezone(self.zone)
        while True:
            start = max(at, self._on(at, self.opens))
            end = self._on(at, self.closes)
            if at.weekday() < 5 and start < end:
                if start + left <= end:
                    return start + left
                left -= end - start
            at = self._on(at + timedelta(days=1), time(0))

    def _on(self, day: datetime, hour: time) -> datetime:
        return datetime.combine(day.date(), hour, self.zone)
