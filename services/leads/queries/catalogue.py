"""Products and sources: open to whoever may read them, whatever his unit."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.web.paging import paginate
from chassis.work import Work
from services.leads.store import catalogue


def listed(work: Work, table: sa.Table, asked: Mapping[str, Any]) -> dict[str, Any]:
    """A page of the catalogue."""
    query = sa.select(table)
    if asked["q"]:
        query = query.where(table.c.name.icontains(asked["q"], autoescape=True))
    with work.transaction() as tx:
        return paginate(tx, query, table, asked, sortable=("created_at", "updated_at", "name"))


def one(work: Work, table: sa.Table, row_id: UUID) -> sa.Row[Any]:
    """Raises NotFound."""
    with work.transaction() as tx:
        return catalogue.get(tx, table, row_id)
