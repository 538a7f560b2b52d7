"""What somebody who left was selling goes to others: leads not judged yet, deals not closed yet."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.directory import unit_paths
from chassis.handovers import Heir, Job, Part, take_over
from chassis.policies import in_force_in
from chassis.store import Transaction
from contracts.leads import LeadAssigned, LeadChanged
from services.leads.commands import announce
from services.leads.commands.assignment import given, route
from services.leads.domain.leads import UNJUDGED
from services.leads.domain.opportunities import Step
from services.leads.domain.routing import HANDOVER
from services.leads.store import leads as store
from services.leads.store import opportunities as deals
from services.leads.store.tables import leads, opportunities


def hand_over_leads(tx: Transaction, rows: Sequence[sa.Row[Any]], job: Job, heir: Heir | None) -> None:
    """Leads go to the heir as they are; out of the pool they are routed again within their unit."""
    at = tx.clock.now()
    pairs = take_over(tx, leads, rows, heir, at) if heir is not None else _routed_again(tx, rows)
    paths = unit_paths(tx, {row.unit_id for pair in pairs for row in pair})
    for before, after in pairs:
        _tell(tx, before, after, HANDOVER if heir is not None else after.rule, paths)


def hand_over_opportunities(tx: Transaction, rows: Sequence[sa.Row[Any]], job: Job, heir: Heir | None) -> None:
    """Deals go to the heir with their stage, fields and history."""
    assert heir is not None  # noqa: S101 -- deals have no pool, organization asks for an heir
    pairs = take_over(tx, opportunities, rows, heir, tx.clock.now())
    paths = unit_paths(tx, {row.unit_id for pair in pairs for row in pair})
    for before, after in pairs:
        announce.changed(tx, Step(deals.of_row(before), deals.of_row(after)), paths)


def _routed_again(tx: Transaction, rows: Sequence[sa.Row[Any]]) -> list[tuple[sa.Row[Any], sa.Row[Any]]]:
    """A lead in nurture stays there; one that nobody takes is unassigned."""
    at, pairs = tx.clock.now(), []
    rules = in_force_in(tx, "lead_routing", {row.unit_id for row in rows}, at)
    policies = {unit_id: standing.rules for unit_id, standing in rules.items()}
    routings, placed = route(tx, [row.unit_id for row in rows], [None] * len(rows), policies)
    for row, routing in zip(rows, routings, strict=True):
        columns = given(row.unit_id, routing, placed) | {"policy_id": rules[row.unit_id].policy_id}
        if row.state == "nurturing" or columns["state"] == "assigned":
            columns["state"] = row.state
        pairs.append((row, store.change(tx, row, columns, at)))
    return pairs


def _tell(tx: Transaction, before: sa.Row[Any], after: sa.Row[Any], rule: str, paths: Mapping[UUID, str]) -> None:
    told = announce.lead_state(after._mapping)
    told |= {"from_owner_id": before.owner_id, "from_unit_path": paths.get(before.unit_id)}
    event = LeadChanged(**told) if after.owner_id is None else LeadAssigned(**told, rule=rule)
    tx.record(event, unitpath=paths.get(after.unit_id, ""))


HANDS_OVER = (
    Part("leads", leads, leads.c.state.in_(UNJUDGED), hand_over_leads),
    Part("opportunities", opportunities, opportunities.c.outcome.is_(None), hand_over_opportunities),
)
