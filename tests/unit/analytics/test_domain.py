"""Arithmetic of the read model: periods and numbers against what counting by hand gives."""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from services.analytics.domain.periods import DAY, MONTH, UNKNOWN, spans
from services.analytics.domain.pipeline import shortest

DAYS = st.dates(date(2016, 1, 1), date(2018, 12, 31))


@given(first=st.none() | DAYS, last=st.none() | DAYS, day=st.none() | DAYS)
def test_a_period_holds_each_of_its_days_once_and_no_other(first, last, day):
    bounded = first is not None or last is not None
    inside = day is not None and (first is None or first <= day) and (last is None or day <= last)
    expected = 1 if (inside if bounded else True) else 0
    assert sum(_holds(span, day) for span in spans(first, last)) == expected


def _holds(span, day):
    at = {DAY: day or UNKNOWN, MONTH: (day or UNKNOWN).replace(day=1)}.get(span.grain, UNKNOWN)
    if span.first is None and span.last is not None and at == UNKNOWN:
        return False
    return (span.first is None or span.first <= at) and (span.last is None or at <= span.last)


@given(first=DAYS, length=st.integers(0, 800))
def test_only_the_edges_of_a_period_are_counted_by_day(first, length):
    by_day = [span for span in spans(first, first + timedelta(days=length)) if span.grain == DAY]
    assert sum((span.last - span.first).days + 1 for span in by_day) <= 60


def test_a_number_has_no_fraction_that_is_nothing():
    assert [repr(shortest(number)) for number in (Decimal("45.0"), Decimal("26.5"), None)] == ["45", "26.5", "None"]
