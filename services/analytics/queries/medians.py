"""Exact medians of integers that are counted in a histogram, found in the database: nobody reads the histogram."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa


def medians(histogram: sa.Select[Any]) -> sa.Select[Any]:
    """Rows (group, whole, closed, won) of medians, from rows (group, days, closed, won) with how many took so long.

    The row that is `whole` is that of all groups together. Of an even number the median is half way between the two in
    the middle; of none it is null.
    """
    counted = histogram.cte("counted")
    together = sa.select(
        sa.null().label("group"),
        counted.c.days,
        sa.cast(sa.func.sum(counted.c.closed), sa.BigInteger).label("closed"),
        sa.cast(sa.func.sum(counted.c.won), sa.BigInteger).label("won"),
        sa.true().label("whole"),
    ).group_by(counted.c.days)
    every = sa.union_all(sa.select(counted, sa.false().label("whole")), together).cte("every_group")
    of_group = [every.c.whole, every.c.group]
    passed = sa.select(
        every.c.group,
        every.c.whole,
        every.c.days,
        *(
            column
            for name in ("closed", "won")
            for column in (
                _sum(every.c[name], of_group, every.c.days).label(f"{name}_passed"),
                _sum(every.c[name], of_group).label(f"{name}_total"),
            )
        ),
    ).cte("passed")
    middles = (_middle(passed, name).label(name) for name in ("closed", "won"))
    return sa.select(passed.c.group, passed.c.whole, *middles).group_by(passed.c.whole, passed.c.group)


def _sum(
    column: sa.ColumnElement[int], group: Sequence[sa.ColumnElement[Any]], order: sa.ColumnElement[int] | None = None
) -> sa.ColumnElement[int]:
    return sa.cast(sa.func.sum(column).over(partition_by=group, order_by=order), sa.BigInteger)


def _middle(passed: sa.CTE, name: str) -> sa.ColumnElement[Any]:
    """Half way between the values at the two positions in the middle, which are one for an odd number."""
    total, until = passed.c[f"{name}_total"], passed.c[f"{name}_passed"]
    lower, upper = (
        sa.func.min(passed.c.days).filter(total > 0, until > position) for position in ((total - 1) // 2, total // 2)
    )
    return (lower + upper) / 2.0
