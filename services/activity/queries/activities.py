"""Activities and plans as lists, and what is on somebody's agenda."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis import scope
from chassis.web.paging import paginate
from chassis.work import Work
from services.activity.store.tables import activities, plans

FILTERS = ("customer_id", "lead_id", "opportunity_id", "owner_id", "kind")
MOST = 500


def listed(work: Work, table: sa.Table, resource: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    """A page of the activities or plans the caller may see."""
    query = sa.select(table).where(scope.readable(work.actor, f"{resource}:read", table))
    for name in FILTERS:
        if asked[name] is not None:
            query = query.where(table.c[name] == asked[name])
    if asked["unit_id"] is not None:
        query = query.where(table.c.unit_id.in_(scope.below(asked["unit_id"])))
    if asked["q"]:
        query = query.where(table.c.summary.icontains(asked["q"], autoescape=True))
    timed = "started_at" if "started_at" in table.c else "due_at"
    with work.transaction() as tx:
        return paginate(tx, query, table, asked, f"-{timed}", (timed, "created_at", "updated_at"))


def one(work: Work, table: sa.Table, resource: str, row_id: UUID) -> sa.Row[Any]:
    """Raises NotFound."""
    with work.transaction() as tx:
        return scope.fetch(tx, work.actor, table, row_id, resource)


def agenda(work: Work, asked: Mapping[str, Any]) -> dict[str, Any]:
    """What was done and what is due between two moments, by whom the caller asks for."""
    with work.transaction() as tx:
        return {
            "activities": list(tx.execute(_between(work, activities, "activities", "started_at", asked))),
            "plans": list(tx.execute(_between(work, plans, "plans", "due_at", asked))),
        }


def _between(work: Work, table: sa.Table, resource: str, timed: str, asked: Mapping[str, Any]) -> sa.Select[Any]:
    query = sa.select(table).where(
        scope.readable(work.actor, f"{resource}:read", table),
        table.c.owner_id == (asked["user_id"] or work.actor.user_id),
        table.c[timed] >= asked["from_"],
        table.c[timed] < asked["to"],
    )
    return query.order_by(table.c[timed], table.c.id).limit(MOST)
