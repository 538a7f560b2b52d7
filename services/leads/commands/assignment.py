"""Who gets the next leads: chosen by hand, or the unit's salespeople in turn."""

from collections.abc import Sequence
from uuid import UUID

from chassis.store import Transaction
from services.leads.domain.routing import CHOSEN, NOBODY, ROUND_ROBIN, Routing, in_turn
from services.leads.store import leads as store


def assign(tx: Transaction, unit_ids: Sequence[UUID], chosen: Sequence[UUID | None]) -> list[Routing]:
    """The routing of each lead: `chosen` where given, else in turn within its unit.

    The turns are locked last and in the order of units, so that two captures neither share a turn nor deadlock.
    """
    routings: dict[int, Routing] = {}
    by_unit: dict[UUID, list[int]] = {}
    for at, (unit_id, owner_id) in enumerate(zip(unit_ids, chosen, strict=True)):
        if owner_id is not None:
            routings[at] = Routing(owner_id, CHOSEN, "named by whoever captured it")
        else:
            by_unit.setdefault(unit_id, []).append(at)
    for unit_id in sorted(by_unit):
        waiting = by_unit[unit_id]
        routings.update(zip(waiting, _in_turn(tx, unit_id, len(waiting)), strict=True))
    return [routings[at] for at in range(len(unit_ids))]


def _in_turn(tx: Transaction, unit_id: UUID, count: int) -> list[Routing]:
    members = store.salespeople(tx, unit_id)
    if not members:
        return [Routing(None, NOBODY, "no active salesperson in this unit")] * count
    turns = in_turn(members, store.lock_turn(tx, unit_id), count)
    store.move_turn(tx, unit_id, turns[-1])
    return [Routing(member, ROUND_ROBIN, f"next in turn of {len(members)}") for member in turns]
