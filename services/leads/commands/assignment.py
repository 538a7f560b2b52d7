"""Who gets the next leads: chosen by hand, or as the unit's policy has it."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from chassis.directory import Place, places
from chassis.store import Transaction
from contracts.policies import LeadRouting
from services.leads.domain.routing import CHOSEN, MANAGER, NOBODY, Routing, in_turn
from services.leads.store import leads as store

ROUNDS = 3


def route(
    tx: Transaction, unit_ids: Sequence[UUID], chosen: Sequence[UUID | None], policies: Mapping[UUID, LeadRouting]
) -> tuple[list[Routing], dict[UUID, Place]]:
    """The routing of each lead, and where those stand who get them: active, and locked until we commit.

    Whoever left while he was being chosen gets nothing: his turn goes to the next. A lead that finds nobody in ROUNDS
    of this is nobody's.
    """
    routings = assign(tx, unit_ids, chosen, policies)
    placed = places(tx, {routing.owner_id for routing in routings if routing.owner_id})
    for _ in range(ROUNDS):
        gone = [at for at, routing in enumerate(routings) if routing.owner_id and routing.owner_id not in placed]
        if not gone:
            break
        again = assign(tx, [unit_ids[at] for at in gone], [None] * len(gone), policies)
        placed |= places(tx, {routing.owner_id for routing in again if routing.owner_id} - placed.keys())
        for at, routing in zip(gone, again, strict=True):
            routings[at] = routing
    return routings, placed


def assign(
    tx: Transaction, unit_ids: Sequence[UUID], chosen: Sequence[UUID | None], policies: Mapping[UUID, LeadRouting]
) -> list[Routing]:
    """The routing of each lead: `chosen` where given, else by the rule of its unit.

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
        routings.update(zip(waiting, _by_rule(tx, unit_id, policies[unit_id].rule, len(waiting)), strict=True))
    return [routings[at] for at in range(len(unit_ids))]


def _by_rule(tx: Transaction, unit_id: UUID, rule: str, count: int) -> list[Routing]:
    if rule == NOBODY:
        return [Routing(None, NOBODY, "this unit's policy gives leads to nobody")] * count
    members = store.managers(tx, unit_id) if rule == MANAGER else store.salespeople(tx, unit_id)
    if not members:
        missing = "manager" if rule == MANAGER else "salesperson"
        return [Routing(None, NOBODY, f"no active {missing} in this unit")] * count
    turns = in_turn(members, store.lock_turn(tx, unit_id), count)
    store.move_turn(tx, unit_id, turns[-1])
    return [Routing(member, rule, f"next in turn of {len(members)}") for member in turns]


def given(unit_id: UUID, routing: Routing, placed: Mapping[UUID, Place]) -> dict[str, Any]:
    """Whose a lead becomes: its owner's, where he stands now, or nobody's in its unit."""
    place = placed.get(routing.owner_id) if routing.owner_id else None
    return {
        "owner_id": routing.owner_id if place else None,
        "manager_id": place.manager_id if place else None,
        "unit_id": place.unit_id if place else unit_id,
        "state": "assigned" if place else "unassigned",
        "rule": routing.rule,
        "because": routing.because,
    }
