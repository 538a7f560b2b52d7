"""Who gets a lead: those of the unit whom its policy names in turn, each as often as any other."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

ROUND_ROBIN = "round_robin"
NOBODY = "nobody"
MANAGER = "manager"
CHOSEN = "chosen"
HANDOVER = "handover"


@dataclass(frozen=True)
class Routing:
    """The decision: to whom, by which rule, because of what."""

    owner_id: UUID | None
    rule: str
    because: str


def in_turn(members: Sequence[UUID], last: UUID | None, leads: int) -> list[UUID]:
    """Who gets each of the next `leads`, going on after `last`; nobody twice before all had one.

    The order is that of ids, so that a member who joins or leaves moves nobody else's turn.
    """
    order = sorted(members)
    if not order:
        return []
    start = next((at for at, member in enumerate(order) if last is None or member > last), 0)
    return [order[(start + turn) % len(order)] for turn in range(leads)]
