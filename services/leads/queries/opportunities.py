"""Opportunities as lists, and what happened to one."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis import scope
from chassis.web.paging import paginate
from chassis.work import Work
from services.leads.domain.opportunities import Opportunity
from services.leads.store import opportunities as store
from services.leads.store.tables import opportunities, stage_entries

FILTERS = ("stage", "outcome", "owner_id", "customer_id", "lead_id")


def listed(work: Work, asked: Mapping[str, Any]) -> dict[str, Any]:
    """A page of the opportunities the caller may see."""
    query = sa.select(opportunities).where(scope.readable(work.actor, "opportunities:read", opportunities))
    for name in FILTERS:
        if asked[name] is not None:
            query = query.where(opportunities.c[name] == asked[name])
    if asked["unit_id"] is not None:
        query = query.where(opportunities.c.unit_id.in_(scope.below(asked["unit_id"])))
    if asked["q"]:
        query = query.where(opportunities.c.name.icontains(asked["q"], autoescape=True))
    with work.transaction() as tx:
        page = paginate(tx, query, opportunities, asked)
    return page | {"items": [store.of_row(row) for row in page["items"]]}


def one(work: Work, opportunity_id: UUID) -> Opportunity:
    """Raises NotFound."""
    with work.transaction() as tx:
        return store.get(tx, work, opportunity_id)


def history(work: Work, opportunity_id: UUID) -> dict[str, Any]:
    """Every stage the opportunity was in, in order, the entry into won or lost included. Raises NotFound."""
    with work.transaction() as tx:
        store.get(tx, work, opportunity_id)
        entries = sa.select(stage_entries).where(stage_entries.c.opportunity_id == opportunity_id)
        return {"items": list(tx.execute(entries.order_by(stage_entries.c.id)))}
