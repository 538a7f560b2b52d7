"""What organization does when time passes."""

from datetime import datetime

from chassis.service import Timer
from chassis.store import Transaction
from services.organization.commands import handovers


def open_missing_handovers(tx: Transaction, now: datetime) -> None:
    """Whoever left with something in his hands has a case, also where he left before there were any."""
    handovers.open_missing(tx)


def escalate_handovers(tx: Transaction, now: datetime) -> None:
    """A hand-over that is late is brought before the next manager above."""
    handovers.escalate_overdue(tx, now)


TIMERS = (
    Timer("open-missing-handovers", 60, open_missing_handovers),
    Timer("escalate-handovers", 15, escalate_handovers),
)
