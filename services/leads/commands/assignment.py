"""Who gets the next leads: chosen by hand, or as the unit's policy has it."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from chassis.store import Transaction
from contracts.policies import LeadRouting
from services.leads.domain.routing import CHOSEN, MANAGER, NOBODY, Routing, in_turn
from services.leads.store import leads as store


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
