"""What organization does when time passes."""

from datetime import datetime, timedelta

from chassis.service import Timer
from chassis.store import Transaction
from services.organization.store import sessions
from services.organization.store.attempts import ACCOUNTS, ADDRESSES

ENDED_DAYS = 7
"""How long a session that is over is still known: every refresh leaves a row, every use of an API key a session."""


def forget_sessions(tx: Transaction, now: datetime) -> None:
    """Sessions that ended a week ago, and failed sign-ins that no longer count."""
    sessions.forget(tx, now - timedelta(days=ENDED_DAYS))
    ACCOUNTS.forget(tx, now)
    ADDRESSES.forget(tx, now)


TIMERS = (Timer("forget-sessions", 3600, forget_sessions),)
