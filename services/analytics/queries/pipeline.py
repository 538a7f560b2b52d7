"""The pipeline: deals, outcomes, revenue and cycle, by what the caller asks for."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.store import Transaction
from chassis.work import Work
from services.analytics.domain.periods import Span, by_unit, spans
from services.analytics.domain.pipeline import CLOSED, NIL, Number, figures
from services.analytics.queries.cubes import asked, cycle_cube, freshness, known, names, pipeline_cube, within
from services.analytics.queries.medians import medians

GROUPS = {"unit": "unit_id", "manager": "manager_id", "owner": "owner_id", "product": "product_id", "stage": "stage"}
NAMED_IN = {"unit": "units", "manager": "users", "owner": "users", "product": "products"}
QUARTER = "quarter"
OF_PEOPLE = ("manager", "owner")
NEITHER = (None, None)

Stages = dict[Any, list[Any]]
Medians = dict[tuple[bool, Any], tuple[Number, Number]]


def pipeline(work: Work, filters: Mapping[str, Any]) -> dict[str, Any]:
    """The figures of each group and of all together, as the roll-ups stand."""
    group_by = filters["group_by"]
    with work.transaction() as tx:
        stages, middles = _asked(tx, work, filters, group_by)
        whole = _asked(tx, work, filters, "stage") if group_by == "product" else (stages, middles)
        titles = _titles(tx, group_by, stages.keys())
        as_of = tx.execute(sa.select(freshness.c.as_of)).scalar_one()
    items = [
        {
            "group": {"id": known(group), "name": titles.get(group)},
            **figures(rows, middles.get((False, group), NEITHER)),
        }
        for group, rows in stages.items()
    ]
    items.sort(key=lambda item: (item["group"]["id"] is None, str(item["group"]["name"]), str(item["group"]["id"])))
    every = [row for rows in whole[0].values() for row in rows]
    return {
        "items": [item for item in items if item["deals"]],
        "total": figures(every, whole[1].get((True, None), NEITHER)),
        "as_of": as_of.isoformat() if as_of else None,
    }


def _asked(tx: Transaction, work: Work, filters: Mapping[str, Any], group_by: str) -> tuple[Stages, Medians]:
    stages: Stages = defaultdict(list)
    for row in tx.execute(_stages(work, filters, group_by)):
        stages[row[0]].append(row[1:])
    found = tx.execute(medians(_cycles(work, filters, group_by)))
    return stages, {(row.whole, row.group): (row.closed, row.won) for row in found}


def _stages(work: Work, filters: Mapping[str, Any], group_by: str) -> sa.Select[Any]:
    """Rows (group, stage, currency, deals, revenue), summed over the period."""
    cube = pipeline_cube
    deals = sa.cast(sa.func.sum(cube.c.deals), sa.BigInteger)
    period = spans(filters["from_"], filters["to"], by_time=group_by == QUARTER)
    query = sa.select(_group(cube, group_by), cube.c.stage, cube.c.currency, deals, sa.func.sum(cube.c.revenue))
    return _chosen(query, work, cube, filters, group_by, period).group_by(sa.text("1, 2, 3"))


def _cycles(work: Work, filters: Mapping[str, Any], group_by: str) -> sa.Select[Any]:
    """Rows (group, days, closed, won): how many deals took so many days."""
    cube = cycle_cube
    period = spans(filters["from_"], filters["to"], by_time=group_by == QUARTER)
    if group_by not in OF_PEOPLE and work.actor.scope("analytics:read").all:
        period = [replace(span, grain=by_unit(span.grain)) for span in period]
    closed = sa.func.sum(sa.cast(cube.c.deals, sa.Integer))
    won = sa.func.coalesce(closed.filter(cube.c.stage == "won"), 0)
    query = sa.select(_group(cube, group_by), cube.c.days, closed.label("closed"), won.label("won"))
    return _chosen(query, work, cube, filters, group_by, period).group_by(sa.text("1, 2"))


def _chosen(
    query: sa.Select[Any], work: Work, cube: sa.TableClause, filters: Mapping[str, Any], group_by: str,
    period: Sequence[Span],
) -> sa.Select[Any]:  # fmt: skip
    by_product = cube.c.product_id != NIL if group_by == "product" else cube.c.product_id == NIL
    return query.where(by_product, within(cube, period), asked(work, cube, filters))


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
