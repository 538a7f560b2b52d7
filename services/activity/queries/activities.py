"""Activities and plans as lists, and what is on somebody's agenda."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis import scope
from chassis.web.paging import paginate
from chassis.work import Work
from services.activity.store.replicas import subjects
from services.activity.store.tables import activities, plans

FILTERS = ("customer_id", "lead_id", "opportunity_id", "owner_id", "kind")
SUBJECTS = ("customer", "lead", "opportunity")
PLAN_STATES = ("open", "overdue", "kept")
MOST = 500


def list_activities(work: Work, asked: Mapping[str, Any]) -> dict[str, Any]:
    """A page of the activities the caller may see, the latest first."""
    query = _filtered(work, activities, "activities", asked)
    with work.transaction() as tx:
        return paginate(tx, query, activities, asked, "-started_at", ("started_at", "created_at", "updated_at"))


def list_plans(work: Work, asked: Mapping[str, Any]) -> dict[str, Any]:
    """A page of the plans the caller may see; an overdue one is open too."""
    query = _filtered(work, plans, "plans", asked)
    if asked["state"] is not None:
        query = query.where(plans.c.kept_at.is_not(None) if asked["state"] == "kept" else plans.c.kept_at.is_(None))
    if asked["state"] == "overdue":
        query = query.where(plans.c.due_at < work.clock.now())
    with work.transaction() as tx:
        return paginate(tx, query, plans, asked, "-due_at", ("due_at", "created_at", "updated_at"))


def one(work: Work, table: sa.Table, resource: str, row_id: UUID) -> sa.Row[Any]:
    """Raises NotFound."""
    with work.transaction() as tx:
        scope.fetch(tx, work.actor, table, row_id, resource)
    return seen(work, table, row_id)


def seen(work: Work, table: sa.Table, row_id: UUID) -> sa.Row[Any]:
    """An activity or plan the caller may see, with what it is for by name."""
    with work.transaction() as tx:
        return tx.execute(_named(table).where(table.c.id == row_id)).one()


def agenda(work: Work, asked: Mapping[str, Any]) -> dict[str, Any]:
    """What was done and what is due between two moments, by whom the caller asks for."""
    with work.transaction() as tx:
        return {
            "activities": list(tx.execute(_between(work, activities, "activities", "started_at", asked))),
            "plans": list(tx.execute(_between(work, plans, "plans", "due_at", asked))),
        }


def _filtered(work: Work, table: sa.Table, resource: str, asked: Mapping[str, Any]) -> sa.Select[Any]:
    query = _named(table).where(scope.readable(work.actor, f"{resource}:read", table))
    for name in FILTERS:
        if asked[name] is not None:
            query = query.where(table.c[name] == asked[name])
    if asked["unit_id"] is not None:
        query = query.where(table.c.unit_id.in_(scope.below(asked["unit_id"])))
    if asked["q"]:
        query = query.where(table.c.summary.icontains(asked["q"], autoescape=True))
    return query


def _named(table: sa.Table) -> sa.Select[Any]:
    """The rows of `table`, each with the names of the customer, lead and opportunity it is for."""
    called = [
        sa.select(subjects.c.name).where(subjects.c.id == table.c[f"{kind}_id"]).scalar_subquery().label(f"{kind}_name")
        for kind in SUBJECTS
    ]
    return sa.select(table, *called)


def _between(work: Work, table: sa.Table, resource: str, timed: str, asked: Mapping[str, Any]) -> sa.Select[Any]:
    query = _named(table).where(
        scope.readable(work.actor, f"{resource}:read", table),
        table.c.owner_id == (asked["user_id"] or work.actor.user_id),
        table.c[timed] >= asked["from_"],
        table.c[timed] < asked["to"],
    )
    return query.order_by(table.c[timed], table.c.id).limit(MOST)
