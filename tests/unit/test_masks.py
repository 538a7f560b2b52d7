"""How to reach somebody, masked."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from chassis.masks import masked


@pytest.mark.parametrize(
    ("plain", "shown"),
    [
        ("13812345678", "138****5678"),
        ("+86 138-1234-5678", "138****5678"),
        ("021 6555 1234", "021****1234"),
        ("6555 1234", "****34"),
        ("110", "****"),
        ("ask Li", "****"),
        ("li.na@example.com", "l****@example.com"),
        ("@example.com", "****@example.com"),
    ],
)
def test_who_knows_it_recognises_it_and_nobody_else_can_use_it(plain, shown):
    assert masked(plain) == shown


@given(some.integers(10**10, 10**11 - 1))
def test_the_middle_of_a_number_is_never_shown(number):
    assert masked(str(number)) == f"{str(number)[:3]}****{str(number)[7:]}"
