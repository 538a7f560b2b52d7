"""Leads as lists, and one."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis import scope
from chassis.web.paging import paginate
from chassis.work import Work
from services.leads.domain.leads import phone_key
from services.leads.store.tables import leads

FILTERS = ("state", "owner_id", "source_id")


def listed(work: Work, asked: Mapping[str, Any]) -> dict[str, Any]:
    """A page of the leads the caller may see."""
    query = sa.select(leads).where(scope.readable(work.actor, "leads:read", leads))
    for name in FILTERS:
        if asked[name] is not None:
            query = query.where(leads.c[name] == asked[name])
    if asked["unit_id"] is not None:
        query = query.where(leads.c.unit_id.in_(scope.below(asked["unit_id"])))
    if asked["overdue"] is not None:
        late = sa.and_(leads.c.planned_at.is_(None), leads.c.plan_by < work.clock.now())
        query = query.where(late if asked["overdue"] else sa.not_(sa.func.coalesce(late, sa.false())))
    if asked["q"]:
        query = query.where(_found(asked["q"]))
    with work.transaction() as tx:
        return paginate(tx, query, leads, asked)


def one(work: Work, lead_id: UUID) -> sa.Row[Any]:
    """Raises NotFound."""
    with work.transaction() as tx:
        return scope.fetch(tx, work.actor, leads, lead_id, "leads")


def _found(sought: str) -> sa.ColumnElement[bool]:
    by_text = [leads.c[name].icontains(sought, autoescape=True) for name in ("company", "contact_name", "email")]
    digits = phone_key(sought)
    return sa.or_(*by_text, leads.c.phone_key == digits) if digits else sa.or_(*by_text)
