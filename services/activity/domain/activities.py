"""What may be logged and planned."""

from datetime import datetime, timedelta

CLOCKS_DIFFER = timedelta(minutes=5)


class NotYet(Exception):
    """What was done cannot lie in the future."""


class AlreadyKept(Exception):
    """The plan was done before."""


class ForNobody(Exception):
    """A plan is for a customer, a lead or a deal."""


def require_past(started_at: datetime, now: datetime) -> None:
    """Raises NotYet, with a little patience for clocks that differ."""
    if started_at > now + CLOCKS_DIFFER:
        raise NotYet


def require_subject(*subjects: object) -> None:
    """Raises ForNobody."""
    if all(subject is None for subject in subjects):
        raise ForNobody
