"""Medians found in the database, against those of the values themselves."""

import statistics

import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.analytics.queries.medians import medians

VALUES = st.lists(st.tuples(st.sampled_from(["one", "two"]), st.integers(0, 9), st.booleans()), max_size=30)


def histogram(values, *, empty=()):
    """How often each group took so many days, in all and when won; `empty` days are there and count nothing."""
    rows = sorted(
        {(group, days) for group, days, _ in values} | {(group, days) for group in ("one",) for days in empty}
    )
    counted = [
        (
            group,
            days,
            sum(1 for value in values if value[:2] == (group, days)),
            sum(1 for value in values if value == (group, days, True)),
        )
        for group, days in rows
    ]
    columns = (sa.column("group", sa.Text), *(sa.column(name, sa.Integer) for name in ("days", "closed", "won")))
    return sa.select(sa.values(*columns, name="given").data(counted or [("one", 0, 0, 0)]))


def median(values):
    return statistics.median(values) if values else None


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(VALUES, st.sets(st.integers(0, 9), max_size=3))
def test_they_are_those_of_the_values_in_each_group_and_in_all(analytics, values, empty):
    with analytics.transaction() as tx:
        found = {
            (row.whole, row.group): (row.closed, row.won) for row in tx.execute(medians(histogram(values, empty=empty)))
        }
    for whole, group in ((False, "one"), (False, "two"), (True, None)):
        mine = [value for value in values if whole or value[0] == group]
        expected = median([days for _, days, _ in mine]), median([days for _, days, won in mine if won])
        assert found.get((whole, group), (None, None)) == expected
