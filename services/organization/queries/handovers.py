"""Hand-overs: those under way and those done, with how far each has come."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.errors import NotFound
from chassis.web.paging import paginate
from chassis.work import Work
from services.organization.store import handovers as store
from services.organization.store.tables import handovers

FILTERS = ("state", "user_id")


class SeenHandover:
    """A case together with what is held and what has moved."""

    def __init__(self, row: sa.Row[Any], counts: dict[str, dict[str, int]]) -> None:
        self._row = row
        self.counts = counts

    def __getattr__(self, name: str) -> Any:
        return getattr(self._row, name)


def listed(work: Work, asked: Mapping[str, Any]) -> dict[str, Any]:
    """A page of cases, the newest first."""
    query = sa.select(handovers)
    for name in FILTERS:
        if asked[name] is not None:
            query = query.where(handovers.c[name] == asked[name])
    with work.transaction() as tx:
        page = paginate(tx, query, handovers, asked)
        counts = store.parts_of(tx, [row.id for row in page["items"]])
    return page | {"items": [SeenHandover(row, counts[row.id]) for row in page["items"]]}


def one(work: Work, handover_id: UUID) -> SeenHandover:
    """Raises NotFound."""
    with work.transaction() as tx:
        row = tx.execute(sa.select(handovers).where(handovers.c.id == handover_id)).first()
        if row is None:
            raise NotFound
        return SeenHandover(row, store.parts_of(tx, [row.id])[row.id])
