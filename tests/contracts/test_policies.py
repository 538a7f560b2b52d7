"""Every kind of policy: bodies are checked by field, released schemas only grow, and one function says what holds."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import policies
from contracts.policies.base import BrokenPolicy
from contracts.policies.force import Version, breaches, in_force
from contracts.release import RELEASED_POLICIES
from tests.contracts.compatibility import breaks

SECURITY = policies.find("security")
HQ, EAST, EAST1, WEST = PATH_AND_STRANGER = [UUID(int=number) for number in range(1, 5)]
PATH = (HQ, EAST, EAST1)
START = datetime(2026, 1, 1, tzinfo=UTC)

moments = st.integers(0, 20).map(lambda hours: START + timedelta(hours=hours))
bodies = st.fixed_dictionaries(
    {},
    optional={
        "shortest_password": st.integers(8, 14),
        "second_approver": st.booleans(),
        "session_days": st.integers(1, 90),
    },
)
marks = st.dictionaries(st.sampled_from(list(SECURITY.orders)), st.sampled_from(policies.MARKS))


@st.composite
def histories(draw):
    made = []
    for number in range(1, draw(st.integers(0, 8)) + 1):
        effective_from = draw(moments)
        withdrawn_after = draw(st.none() | st.integers(0, 10))
        made.append(
            Version(
                policy_id=UUID(int=100 + number),
                unit_id=draw(st.sampled_from(PATH_AND_STRANGER)),
                number=number,
                effective_from=effective_from,
                body=draw(bodies),
                marks=draw(marks),
                withdrawn_from=None if withdrawn_after is None else effective_from + timedelta(hours=withdrawn_after),
            )
        )
    return made


def a_version(unit_id, body, marks=None, number=1, hours=0, **changes):
    effective_from = START + timedelta(hours=hours)
    made = Version(
        policy_id=UUID(int=number), unit_id=unit_id, number=number, effective_from=effective_from, body=body,
        marks=marks or {},
    )  # fmt: skip
    return replace(made, **changes)


@pytest.mark.parametrize("name", policies.names())
def test_a_released_policy_schema_only_grew_optional_fields(name):
    released = json.loads((RELEASED_POLICIES / f"{name}.json").read_text())
    assert breaks(released, policies.find(name).json_schema()) == []


def test_no_released_kind_was_dropped():
    assert {path.stem for path in RELEASED_POLICIES.glob("*.json")} == set(policies.names())


@pytest.mark.parametrize("name", policies.names())
def test_the_shipped_rules_are_valid_and_each_field_can_be_said_alone(name):
    kind = policies.find(name)
    spoken = dict.fromkeys(kind.spoken, "同舟")
    for field, value in kind.shipped().items():
        assert kind.checked({field: value} | spoken) == {field: value} | spoken


@pytest.mark.parametrize(
    ("kind", "body", "field"),
    [
        ("security", {"shortest_password": 7}, "shortest_password"),
        ("security", {"shortest_password": "long"}, "shortest_password"),
        ("security", {"colour": "red"}, "colour"),
        ("lead_routing", {"rule": "lottery"}, "rule"),
        ("pipeline", {"gates": {"proposing": ["budget"]}}, "gates.proposing.0"),
        ("pipeline", {"gates": {"dreaming": []}}, "gates.dreaming"),
        ("pipeline", {"gates": None}, "gates"),
        ("announcement", {"title": "一"}, "text"),
        ("announcement", {"title": "一", "text": "  "}, "text"),
    ],
)
def test_a_body_that_breaks_its_schema_is_refused_naming_the_field(kind, body, field):
    with pytest.raises(BrokenPolicy) as refused:
        policies.find(kind).checked(body)
    assert refused.value.field == field


@given(histories(), moments)
def test_the_order_in_which_versions_came_and_came_again_changes_nothing(history, at):
    once = in_force(SECURITY, history, PATH, at)
    assert in_force(SECURITY, [*reversed(history), *history], PATH, at) == once


@given(histories(), moments)
def test_the_past_knows_nothing_of_what_takes_effect_later(history, at):
    known = [version for version in history if version.effective_from <= at]
    assert in_force(SECURITY, history, PATH, at) == in_force(SECURITY, known, PATH, at)


@given(histories(), moments)
def test_a_withdrawn_version_is_as_if_it_had_never_been_from_then_on(history, at):
    standing = [version for version in history if version.withdrawn_from is None or at < version.withdrawn_from]
    assert in_force(SECURITY, history, PATH, at) == in_force(SECURITY, standing, PATH, at)


@given(histories(), moments)
def test_what_is_said_elsewhere_does_not_matter(history, at):
    above = [version for version in history if version.unit_id in PATH]
    assert in_force(SECURITY, history, PATH, at) == in_force(SECURITY, above, PATH, at)


@given(histories(), moments)
def test_no_unit_gets_past_what_is_marked_above_it(history, at):
    for depth in range(1, len(PATH)):
        above, below = (in_force(SECURITY, history, PATH[:length], at) for length in (depth, depth + 1))
        assert breaches(above, below.body) == []
        for name, mark in above.marks.items():
            assert policies.strictest(mark, below.marks[name]) == below.marks[name]


@given(histories(), moments)
def test_what_is_in_force_is_a_whole_valid_body(history, at):
    standing = in_force(SECURITY, history, PATH, at)
    assert SECURITY.checked(standing.body) == standing.body
    assert standing.body.keys() == SECURITY.orders.keys()


def test_lower_units_override_field_by_field_and_the_last_one_is_named():
    history = [
        a_version(HQ, {"shortest_password": 10, "session_days": 7}),
        a_version(EAST, {"session_days": 3}, number=2),
    ]
    standing = in_force(SECURITY, history, PATH, START)
    assert standing.body == {"shortest_password": 10, "session_days": 3, "second_approver": False}
    assert (standing.policy_id, standing.number) == (UUID(int=2), 2)
    assert [origin.unit_id for origin in standing.origins] == [HQ, EAST]
    assert standing.rules == policies.Security(shortest_password=10, session_days=3)


def test_a_new_bound_from_above_clamps_what_a_lower_unit_said_before_and_flags_it():
    lower = a_version(EAST, {"shortest_password": 9, "session_days": 60})
    bound = a_version(
        HQ, {"shortest_password": 12}, {"shortest_password": "tighten_only", "session_days": "fixed"}, number=2, hours=5
    )
    before, after = (in_force(SECURITY, [lower, bound], PATH, START + timedelta(hours=hours)) for hours in (4, 5))
    assert (before.body["shortest_password"], before.clamped) == (9, ())
    assert (after.body["shortest_password"], after.body["session_days"]) == (12, 30)
    assert after.clamped == ("session_days", "shortest_password")


def test_naming_more_is_tighter_and_naming_less_is_not():
    pipeline = policies.find("pipeline")
    bound = a_version(HQ, pipeline.checked({"gates": {"proposing": ["amount"]}}), {"gates": "tighten_only"})
    above = in_force(pipeline, [bound], (HQ,), START)
    for proposing, found in ((["amount", "lines"], []), (["lines"], ["gates"]), ([], ["gates"])):
        assert breaches(above, pipeline.checked({"gates": {"proposing": proposing}})) == found


def test_where_nothing_was_published_the_shipped_rules_hold():
    standing = in_force(policies.find("lead_routing"), [], PATH, START)
    assert standing.body == {"rule": "round_robin", "plan_within_hours": 4}
    assert (standing.policy_id, standing.number, standing.effective_from) == (None, policies.DEFAULT, None)
