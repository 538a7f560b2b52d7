"""When a one-time code counts."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from services.organization.domain.second_factor import STEP_SECONDS, WrongCode, grouped, plain, step_of


def code_at(step):
    return f"{step:06d}"


@given(some.integers(10, 900_000), some.integers(-1, 1), some.integers(0, STEP_SECONDS - 1))
def test_a_code_counts_a_step_early_or_late_and_never_a_second_time(step, drift, second):
    seconds = step * STEP_SECONDS + second
    used = step_of(code_at(step + drift), code_at, seconds, last_step=0)
    assert used == step + drift
    with pytest.raises(WrongCode):
        step_of(code_at(step + drift), code_at, seconds, last_step=used)


@given(some.integers(10, 900_000), some.integers(2, 9))
def test_a_code_of_another_time_is_none(step, away):
    for other in (step - away, step + away):
        with pytest.raises(WrongCode):
            step_of(code_at(other), code_at, step * STEP_SECONDS, last_step=0)


def test_a_code_is_the_same_however_its_groups_are_written():
    assert grouped("abcdefghij") == "abcd-efgh-ij"
    assert plain(" ABCD-efgh ij") == "abcdefghij"
    with pytest.raises(WrongCode):
        step_of("编码", code_at, 900, last_step=0)
