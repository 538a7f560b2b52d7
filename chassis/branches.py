"""What is told by branches: believed only from the branch itself, and heard once, however often it is told.

Inbox ids are forgotten in time, while a branch may tell something again after any time: its events are known by branch,
epoch and sequence. They are numbered without gaps and nearly in order, so that a mark and the few above it are all that
need be kept, for ever.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from importlib.resources import files
from itertools import groupby
from uuid import UUID

import sqlalchemy as sa

from chassis.store import Transaction
from contracts.base import InvalidEvent
from contracts.branch import CODE, PREFIX, SOURCE, user_of
from contracts.envelope import Envelope, parse

OPEN_MARK = "INSERT INTO branch_marks (branch, epoch, upto) VALUES (%s, %s, 0) ON CONFLICT DO NOTHING"
LOCK_MARK = "SELECT upto FROM branch_marks WHERE branch = %s AND epoch = %s FOR UPDATE"
MOVE_MARK = "UPDATE branch_marks SET upto = %s WHERE branch = %s AND epoch = %s"
AHEAD = "SELECT sequence FROM branch_events_ahead WHERE branch = %s AND epoch = %s"
REACHED = "DELETE FROM branch_events_ahead WHERE branch = %s AND epoch = %s AND sequence <= %s"
ADD_AHEAD = """
INSERT INTO branch_events_ahead (branch, epoch, sequence) SELECT %s, %s, unnest(%s::bigint[]) ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True)
class Heard:
    """What is known of one count of a branch: every number up to `upto`, and those of `ahead` above it."""

    upto: int
    ahead: frozenset[int] = frozenset()

    def hear(self, told: Collection[int]) -> tuple[frozenset[int], "Heard"]:
        """The numbers of `told` that are new, and what is known then."""
        new = frozenset(number for number in told if number > self.upto) - self.ahead
        above, upto = self.ahead | new, self.upto
        while upto + 1 in above:
            upto += 1
        return new, Heard(upto, frozenset(number for number in above if number > upto))


def create_branches(connection: sa.Connection) -> None:
    """The tables of marks; called by a migration of a service that hears branches."""
    connection.exec_driver_sql((files("chassis") / "branches.sql").read_text())


def require_genuine(body: bytes, sender: str) -> Envelope:
    """The event in `body`, which `sender`, a user of the broker, may have told; "" is nobody in particular.

    A branch tells what branches tell, about itself, and never what services tell. Raises InvalidEvent.
    """
    event = parse(body)
    code = event.source.removeprefix(SOURCE)
    if event.type.startswith(PREFIX):
        if sender != user_of(code) or not CODE.fullmatch(code):
            raise InvalidEvent(f"{sender or 'somebody'} may not speak for {event.source}", "$.source")
        if not isinstance(event.epoch, UUID):
            raise InvalidEvent("an event of a branch has an epoch", "$.epoch")
    elif not sender or sender.startswith(user_of("")):
        raise InvalidEvent(f"{sender or 'somebody'} may not tell {event.type}", "$.type")
    return event


def unheard(tx: Transaction, events: Sequence[Envelope]) -> list[Envelope]:
    """Those of `events` that were not heard before, in order; from now on they are. Events of services pass."""
    told = sorted((event for event in events if isinstance(event.epoch, UUID)), key=_count)
    new: set[UUID] = set()
    for (branch, epoch), group in groupby(told, _count):
        numbered = {event.sequence: event.id for event in group}
        new |= {numbered[number] for number in _hear(tx, branch, epoch, numbered)}
    return [event for event in events if event.id in new or not isinstance(event.epoch, UUID)]


def _count(event: Envelope) -> tuple[str, str]:
    return event.source.removeprefix(SOURCE), str(event.epoch)


def _hear(tx: Transaction, branch: str, epoch: str, told: Collection[int]) -> frozenset[int]:
    if not (held := tx.driver(LOCK_MARK, (branch, epoch))):
        tx.driver(OPEN_MARK, (branch, epoch))
        held = tx.driver(LOCK_MARK, (branch, epoch))
    before = Heard(held[0][0], frozenset(row[0] for row in tx.driver(AHEAD, (branch, epoch))))
    new, after = before.hear(told)
    if after.upto > before.upto:
        tx.driver(MOVE_MARK, (after.upto, branch, epoch))
        tx.driver(REACHED, (branch, epoch, after.upto))
    if after.ahead - before.ahead:
        tx.driver(ADD_AHEAD, (branch, epoch, sorted(after.ahead - before.ahead)))
    return new
