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
from services.leads.store.replicas import customers
from services.leads.store.tables import opportunities, stage_entries

FILTERS = ("stage", "owner_id", "customer_id", "lead_id")
STILL_OPEN = "open"
SORTABLE = ("created_at", "updated_at", "expected_close_on")


class SeenOpportunity:
    """A deal together with what its customer is called."""

    def __init__(self, opportunity: Opportunity, customer_name: str | None) -> None:
        self._opportunity = opportunity
        self.customer_name = customer_name

    def __getattr__(self, name: str) -> Any:
        return getattr(self._opportunity, name)


def listed(work: Work, asked: Mapping[str, Any]) -> dict[str, Any]:
    """A page of the opportunities the caller may see."""
    called = opportunities.outerjoin(customers, customers.c.id == opportunities.c.customer_id)
    query = sa.select(opportunities, customers.c.name.label("customer_name")).select_from(called)
    query = query.where(scope.readable(work.actor, "opportunities:read", opportunities))
    for name in FILTERS:
        if asked[name] is not None:
            query = query.where(opportunities.c[name] == asked[name])
    if asked["outcome"] is not None:
        query = query.where(opportunities.c.outcome == (None if asked["outcome"] == STILL_OPEN else asked["outcome"]))
    if asked["product_id"] is not None:
        query = query.where(opportunities.c.lines.contains([{"product_id": str(asked["product_id"])}]))
    if asked["unit_id"] is not None:
        query = query.where(opportunities.c.unit_id.in_(scope.below(asked["unit_id"])))
    if asked["q"]:
        query = query.where(opportunities.c.name.icontains(asked["q"], autoescape=True))
    with work.transaction() as tx:
        page = paginate(tx, query, opportunities, asked, sortable=SORTABLE)
    return page | {"items": [SeenOpportunity(store.of_row(row), row.customer_name) for row in page["items"]]}


def one(work: Work, opportunity_id: UUID) -> SeenOpportunity:
    """Raises NotFound."""
    with work.transaction() as tx:
        opportunity = store.get(tx, work, opportunity_id)
    return seen(work, opportunity)


def seen(work: Work, opportunity: Opportunity) -> SeenOpportunity:
    """A deal the caller may see, as he sees it."""
    called = sa.select(customers.c.name).where(customers.c.id == opportunity.customer_id)
    with work.transaction() as tx:
        return SeenOpportunity(opportunity, tx.execute(called).scalar())


def history(work: Work, opportunity_id: UUID) -> dict[str, Any]:
    """Every stage the opportunity was in, in order, the entry into won or lost included. Raises NotFound."""
    with work.transaction() as tx:
        store.get(tx, work, opportunity_id)
        entries = sa.select(stage_entries).where(stage_entries.c.opportunity_id == opportunity_id)
        return {"items": list(tx.execute(entries.order_by(stage_entries.c.id)))}
