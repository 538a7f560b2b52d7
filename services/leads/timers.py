"""What leads does when time passes."""

from datetime import datetime

from chassis import watermarks
from chassis.service import Timer
from chassis.store import Transaction
from services.leads.commands.deadlines import announce_breaches


def breach_late_plans(tx: Transaction, now: datetime) -> None:
    """Leads without a plan in time are late, as far as the activity service has surely told us of every plan."""
    announce_breaches(tx, now, watermarks.horizon(tx, "activity", now))


TIMERS = (Timer("breach-late-plans", 15, breach_late_plans),)
