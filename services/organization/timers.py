"""What organization does when time passes."""

from datetime import datetime, timedelta

from chassis.service import Timer
from chassis.store import Transaction
from services.organization.commands import handovers
from services.organization.store import sessions
from services.organization.store.attempts import ACCOUNTS, ADDRESSES

ENDED_DAYS = 7
"""How long a session that is over is still known: every refresh leaves a row, every use of an API key a session."""


def open_missing_handovers(tx: Transaction, now: datetime) -> None:
    """Whoever left with something in his hands has a case, also where he left before there were any."""
    handovers.open_missing(tx)


def escalate_handovers(tx: Transaction, now: datetime) -> None:
    """A hand-over that is late is brought before the next manager above."""
    handovers.escalate_overdue(tx, now)


def forget_sessions(tx: Transaction, now: datetime) -> None:
    """Sessions that ended a week ago, and failed sign-ins that no longer count."""
    sessions.forget(tx, now - timedelta(days=ENDED_DAYS))
    ACCOUNTS.forget(tx, now)
    ADDRESSES.forget(tx, now)


TIMERS = (
    Timer("open-missing-handovers", 60, open_missing_handovers),
    Timer("escalate-handovers", 15, escalate_handovers),
    Timer("forget-sessions", 3600, forget_sessions),
)
