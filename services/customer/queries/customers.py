"""Customers as lists, one of them, and what belongs to it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis import scope
from chassis.web.paging import paginate
from chassis.work import Work
from services.customer.domain.names import bigrams, searched
from services.customer.store.tables import contacts, customers, ownerships

FILTERS = ("lifecycle", "owner_id", "kind", "industry")


def listed(work: Work, asked: Mapping[str, Any]) -> dict[str, Any]:
    """A page of the customers the caller may see; `q` finds within names, two Chinese characters are enough."""
    query = sa.select(customers).where(scope.readable(work.actor, "customers:read", customers))
    for name in FILTERS:
        if asked[name] is not None:
            query = query.where(customers.c[name] == asked[name])
    if asked["unit_id"] is not None:
        query = query.where(customers.c.unit_id.in_(scope.below(asked["unit_id"])))
    if asked["q"]:
        query = query.where(_found(asked["q"]))
    with work.transaction() as tx:
        return paginate(tx, query, customers, asked, "-updated_at", ("created_at", "updated_at", "name"))


def one(work: Work, customer_id: UUID) -> sa.Row[Any]:
    """Raises NotFound."""
    with work.transaction() as tx:
        return scope.fetch(tx, work.actor, customers, customer_id, "customers")


def contacts_of(work: Work, customer_id: UUID, asked: Mapping[str, Any]) -> dict[str, Any]:
    """The people at a customer. Raises NotFound."""
    with work.transaction() as tx:
        scope.fetch(tx, work.actor, customers, customer_id, "customers")
        return paginate(tx, sa.select(contacts).where(contacts.c.customer_id == customer_id), contacts, asked)


def ownerships_of(work: Work, customer_id: UUID) -> dict[str, Any]:
    """Who held a customer when, the present owner last. Raises NotFound."""
    with work.transaction() as tx:
        scope.fetch(tx, work.actor, customers, customer_id, "customers")
        began, ended = sa.func.lower(ownerships.c.period), sa.func.upper(ownerships.c.period)
        query = sa.select(ownerships, began.label("opened_at"), ended.label("closed_at"))
        return {"items": list(tx.execute(query.where(ownerships.c.customer_id == customer_id).order_by(began)))}


def _found(text: str) -> sa.ColumnElement[bool]:
    """The index finds every pair of characters; the comparison leaves only those where they stand together."""
    plain = searched(text)
    within = customers.c.name.icontains(plain, autoescape=True)
    return sa.and_(customers.c.bigrams.contains(bigrams(plain)), within) if len(plain) > 1 else within
