"""Questions about a period, a unit and a caller, put to the roll-ups."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from chassis.scope import below, visible
from chassis.work import Work
from services.analytics.domain.periods import UNKNOWN, Span
from services.analytics.domain.pipeline import NIL

_KEY = ("grain", "day", "unit_id", "manager_id", "owner_id", "product_id", "stage")
pipeline_cube = sa.table(
    "pipeline_cube", *(sa.column(name) for name in (*_KEY, "currency", "deals", "revenue")), schema="model"
)
cycle_cube = sa.table("cycle_cube", *(sa.column(name) for name in (*_KEY, "days", "deals")), schema="model")
source_cube = sa.table(
    "source_cube",
    *(sa.column(name) for name in ("grain", "day", "source_id", "unit_id", "owner_id", "leads", "qualified", "won")),
    schema="model",
)
freshness = sa.table("freshness", sa.column("as_of"), schema="model")


def within(cube: sa.TableClause, spans: Sequence[Span]) -> sa.ColumnElement[bool]:
    """Rows of `cube` that cover the period; what has no day belongs to no bounded one."""
    return sa.or_(sa.false(), *(_span(cube, span) for span in spans))


def asked(work: Work, cube: sa.TableClause, filters: Mapping[str, Any]) -> sa.ColumnElement[bool]:
    """Rows the caller may see, of the unit he asks for and all below it."""
    seen = visible(work.actor.scope("analytics:read"), cube.c.unit_id, cube.c.owner_id)
    if filters["unit_id"] is None:
        return seen
    return sa.and_(seen, cube.c.unit_id.in_(below(filters["unit_id"])))


def names(table: str) -> sa.TableClause:
    """The table that names the ids of a group."""
    return sa.table(table, sa.column("id"), sa.column("name"))


def known(group_id: Any) -> Any:
    """A group's id, null for what was unknown."""
    return None if group_id in (NIL, UNKNOWN, "") else group_id


def _span(cube: sa.TableClause, span: Span) -> sa.ColumnElement[bool]:
    conditions: list[sa.ColumnElement[bool]] = [cube.c.grain == sa.literal_column(f"'{span.grain}'::\"char\"")]
    if span.first is not None:
        conditions.append(cube.c.day >= span.first)
    if span.last is not None:
        conditions.append(cube.c.day <= span.last)
    if span.first is None and span.last is not None:
        conditions.append(cube.c.day > sa.literal(UNKNOWN, sa.Date))
    return sa.and_(*conditions)
