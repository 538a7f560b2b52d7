"""The pipeline: deals, outcomes, revenue and cycle, by what the caller asks for."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.store import Transaction
from chassis.work import Work
from services.analytics.domain.periods import by_unit, spans
from services.analytics.domain.pipeline import CLOSED, NIL, figures
from services.analytics.queries.cubes import asked, cycle_cube, freshness, known, names, pipeline_cube, within

GROUPS = {"unit": "unit_id", "manager": "manager_id", "owner": "owner_id", "product": "product_id", "stage": "stage"}
NAMED_IN = {"unit": "units", "manager": "users", "owner": "users", "product": "products"}
QUARTER = "quarter"
OF_PEOPLE = ("manager", "owner")


def pipeline(work: Work, filters: Mapping[str, Any]) -> dict[str, Any]:
    """The figures of each group and of all together, as the roll-ups stand."""
    group_by = filters["group_by"]
    with work.transaction() as tx:
        stages = tx.execute(_grouped(work, pipeline_cube, filters, group_by)).all()
        cycles = tx.execute(_grouped(work, cycle_cube, filters, group_by)).all()
        total = stages, cycles
        if group_by == "product":
            whole = tuple(
                tx.execute(_grouped(work, cube, filters, "stage")).all() for cube in (pipeline_cube, cycle_cube)
            )
            total = whole[0], whole[1]
        titles = _titles(tx, group_by, {row[0] for row in stages})
        as_of = tx.execute(sa.select(freshness.c.as_of)).scalar_one()
    by_group: dict[Any, tuple[list[Any], list[Any]]] = defaultdict(lambda: ([], []))
    for row in stages:
        by_group[row[0]][0].append(row[1:])
    for row in cycles:
        by_group[row[0]][1].append(row[1:])
    items = [
        {"group": {"id": known(group), "name": titles.get(group)}, **figures(*of_group)}
        for group, of_group in by_group.items()
    ]
    items.sort(key=lambda item: (item["group"]["id"] is None, str(item["group"]["name"]), str(item["group"]["id"])))
    return {
        "items": [item for item in items if item["deals"]],
        "total": figures(_without_group(total[0]), _without_group(total[1])),
        "as_of": as_of.isoformat() if as_of else None,
    }


def _grouped(work: Work, cube: sa.TableClause, filters: Mapping[str, Any], group_by: str) -> sa.Select[Any]:
    """Rows (group, stage, currency, deals, revenue), or (group, outcome, days, deals), summed over the period."""
    group = _group(cube, group_by)
    last = "currency" if "currency" in cube.c else "days"
    summed = [sa.func.sum(cube.c[name]) for name in ("deals", "revenue") if name in cube.c]
    by_product = cube.c.product_id != NIL if group_by == "product" else cube.c.product_id == NIL
    period = spans(filters["from_"], filters["to"], by_time=group_by == QUARTER)
    if cube is cycle_cube and group_by not in OF_PEOPLE and work.actor.scope("analytics:read").all:
        period = [replace(span, grain=by_unit(span.grain)) for span in period]
    query = sa.select(group, cube.c.stage, cube.c[last], *(sa.cast(value, sa.Numeric) for value in summed))
    return query.where(by_product, within(cube, period), asked(work, cube, filters)).group_by(sa.text("1, 2, 3"))


def _group(cube: sa.TableClause, group_by: str) -> sa.ColumnElement[Any]:
    if group_by == QUARTER:
        quarter = sa.func.to_char(cube.c.day, 'YYYY"-Q"Q')
        return sa.case((cube.c.stage.in_(CLOSED), quarter)).label("group")
    column: sa.ColumnElement[Any] = cube.c[GROUPS[group_by]]
    return column.label("group")


def _titles(tx: Transaction, group_by: str, groups: Iterable[Any]) -> dict[Any, str]:
    if group_by not in NAMED_IN:
        return {group: group for group in groups if group is not None}
    table = names(NAMED_IN[group_by])
    ids: list[UUID] = [group for group in groups if group != NIL]
    return {row.id: row.name for row in tx.execute(sa.select(table.c.id, table.c.name).where(table.c.id.in_(ids)))}


def _without_group(rows: Iterable[Any]) -> list[Any]:
    return [row[1:] for row in rows]
