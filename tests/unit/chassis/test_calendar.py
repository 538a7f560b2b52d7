"""Working time: what counts, what does not, and that adding and measuring it are each other's reverse."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.calendar import ANNOUNCED_UNTIL, CHINA, Calendar

ALWAYS = Calendar()
MOMENTS = st.integers(0, 3 * 365 * 86_400).map(lambda seconds: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(0, seconds))
SPANS = st.integers(0, 60 * 60 * 24 * 20).map(lambda seconds: timedelta(seconds=seconds))


def china(*parts):
    return datetime(*parts, tzinfo=CHINA)


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        (china(2026, 3, 2, 10), 4, china(2026, 3, 2, 14)),
        (china(2026, 3, 2, 16), 4, china(2026, 3, 3, 11)),
        (china(2026, 3, 2, 7), 4, china(2026, 3, 2, 13)),
        (china(2026, 3, 6, 17), 4, china(2026, 3, 9, 12)),
        (china(2026, 3, 7, 12), 9, china(2026, 3, 9, 18)),
    ],
    ids=["in the day", "into the next", "before it opens", "over a weekend", "from a weekend a whole day"],
)
def test_working_hours_are_counted_on_working_days(start, hours, due):
    assert ALWAYS.after(start, timedelta(hours=hours)) == due


def test_a_national_holiday_does_not_count_and_its_make_up_day_does():
    """国庆 2026: 1 to 7 October are free, Saturday 10 October is worked for it."""
    assert ALWAYS.after(china(2026, 9, 30, 17), timedelta(hours=2)) == china(2026, 10, 8, 10)
    assert ALWAYS.after(china(2026, 10, 9, 17), timedelta(hours=2)) == china(2026, 10, 10, 10)


def test_days_given_by_hand_go_before_what_was_announced():
    given_days = Calendar(holidays=frozenset({date(2026, 3, 3)}), make_up_days=frozenset({date(2026, 3, 7)}))
    assert given_days.after(china(2026, 3, 2, 17), timedelta(hours=2)) == china(2026, 3, 4, 10)
    assert given_days.works_on(date(2026, 3, 7))
    assert Calendar(make_up_days=frozenset({date(2026, 10, 1)})).works_on(date(2026, 10, 1))


def test_beyond_what_was_announced_weekends_are_free_and_no_day_raises():
    day = ANNOUNCED_UNTIL + timedelta(days=1)
    for ahead in range(366):
        each = day + timedelta(days=ahead)
        assert ALWAYS.works_on(each) == (each.weekday() < 5)


def test_another_zone_and_other_hours_have_other_days():
    shop = Calendar(opens=time(10), closes=time(22))
    assert shop.day == timedelta(hours=12)
    assert shop.after(china(2026, 3, 2, 21), timedelta(hours=2)) == china(2026, 3, 3, 11)


@given(MOMENTS, SPANS)
def test_what_was_added_is_what_is_measured(start, working):
    assert ALWAYS.between(start, ALWAYS.after(start, working)) == working


@given(MOMENTS, SPANS, SPANS)
def test_adding_twice_is_adding_the_sum(start, first, second):
    assert ALWAYS.after(ALWAYS.after(start, first), second) == ALWAYS.after(start, first + second)


@given(MOMENTS, SPANS)
def test_a_deadline_lies_in_working_hours_and_never_before_its_start(start, working):
    due = ALWAYS.after(start, working)
    assert due >= start
    assert ALWAYS.works_on(due.date())
    assert ALWAYS.opens <= due.time() <= ALWAYS.closes


@given(MOMENTS, MOMENTS, MOMENTS)
def test_measured_spans_add_up(one, two, three):
    first, second, third = sorted((one, two, three))
    assert ALWAYS.between(first, third) == ALWAYS.between(first, second) + ALWAYS.between(second, third)
    assert ALWAYS.between(second, first) == timedelta()
