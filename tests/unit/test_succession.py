"""Who takes over from whom."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.succession import Colleague, Standing, successor

LI, WANG, ZHAO, CHEN, ADMIN = (UUID(int=number) for number in range(1, 6))
PATH = "hq.east.east1"


def a_leaver(manager_id=None):
    return Standing(LI, PATH, manager_id)


@pytest.mark.parametrize(
    ("colleagues", "expected"),
    [
        ([Colleague(WANG, "manager", PATH), Colleague(ZHAO, "manager", "hq.east")], WANG),
        ([Colleague(ZHAO, "manager", PATH), Colleague(WANG, "manager", PATH)], WANG),
        ([Colleague(CHEN, "manager", "hq"), Colleague(ZHAO, "manager", "hq.east")], ZHAO),
        ([Colleague(WANG, "manager", "hq.west"), Colleague(ADMIN, "admin", "hq")], ADMIN),
        ([Colleague(WANG, "manager", "hq.east.east1.team"), Colleague(ADMIN, "admin", "hq")], ADMIN),
        ([Colleague(WANG, "manager", "hq.east.east10"), Colleague(ADMIN, "admin", "hq")], ADMIN),
        ([Colleague(LI, "manager", PATH), Colleague(ADMIN, "admin", "hq")], ADMIN),
        ([Colleague(WANG, "sales", PATH)], None),
        ([], None),
    ],
)
def test_without_a_named_manager_the_nearest_one_above_takes_over_then_an_administrator(colleagues, expected):
    assert successor(a_leaver(), colleagues) == expected


def test_the_named_manager_takes_over_whatever_his_role_and_place():
    colleagues = [Colleague(WANG, "manager", PATH), Colleague(ZHAO, "executive", "hq")]
    assert successor(a_leaver(ZHAO), colleagues) == ZHAO


def test_a_named_manager_who_is_not_active_is_passed_over():
    assert successor(a_leaver(ZHAO), [Colleague(WANG, "manager", PATH)]) == WANG


@given(
    st.lists(
        st.builds(
            Colleague,
            st.sampled_from([LI, WANG, ZHAO, CHEN, ADMIN]),
            st.sampled_from(["manager", "admin", "sales"]),
            st.sampled_from(["hq", "hq.east", PATH, "hq.west", f"{PATH}.team"]),
        )
    ),
    st.sampled_from([None, LI, ZHAO]),
)
def test_nobody_takes_over_from_himself_and_the_order_of_colleagues_does_not_matter(colleagues, manager_id):
    found = successor(a_leaver(manager_id), colleagues)
    assert found != LI
    assert found is None or found in {colleague.user_id for colleague in colleagues}
    assert successor(a_leaver(manager_id), colleagues[::-1]) == found
