"""How long whoever fails to sign in has to wait, and what makes a password weak."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from services.organization.domain.passwords import WeakPassword, long_enough, require_strength
from services.organization.domain.sign_in import ACCOUNT, ADDRESS, LOCKED_FOR, network_of, wait_until
from services.organization.problems import CHINESE
from services.organization.store import passwords

NOW = datetime(2026, 3, 2, tzinfo=UTC)


@given(some.integers(0, 1000))
def test_each_failure_makes_the_wait_no_shorter_and_none_is_longer_than_the_lock_out(failures):
    assert ACCOUNT.wait(failures) <= ACCOUNT.wait(failures + 1) <= LOCKED_FOR


def test_the_wait_doubles_after_the_free_failures_and_ends_in_one_lock_out():
    waits = [ACCOUNT.wait(failures).total_seconds() for failures in range(4, 16)]
    assert waits == [0, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]
    assert [failures for failures in range(100) if ACCOUNT.locks_at(failures)] == [14]
    assert wait_until(ACCOUNT, 5, NOW) == NOW + timedelta(seconds=2)
    assert ADDRESS.wait(29) == timedelta()


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("", ""),
    ],
)
def test_who_has_one_address_of_a_network_has_them_all(address, network):
    assert network_of(address) == network


def test_a_password_is_weak_when_its_owner_or_everybody_would_guess_it():
    for password, known in (
        ("password123", ()),
        ("qwertyuiop", ()),
        ("zhangwei1990", ("zhangwei",)),
        ("aaaaaaaaa", ()),
    ):
        strength = passwords.strength(password, known)
        with pytest.raises(WeakPassword) as refused:
            require_strength(strength)
        assert refused.value.reasons, password
        assert set(refused.value.reasons) <= set(CHINESE), password
    assert (
        passwords.strength("orchid lantern", ()).score > passwords.strength("orchid lantern", ("orchid lantern",)).score
    )


def test_a_password_that_is_short_or_the_username_is_weak_whatever_it_weighs():
    for password in ("", "x7$kQ!2", "Li.Na.of.the.north"):
        with pytest.raises(WeakPassword):
            long_enough("li.na.of.the.north", password, 8)
    assert long_enough("li.na", "correct horse", 8) == "correct horse"


@given(some.text(min_size=8, max_size=100), some.lists(some.text(max_size=20), max_size=3))
@settings(deadline=None)
def test_whatever_is_typed_is_weighed(password, known):
    assert 0 <= passwords.strength(password, known).score <= 4


def test_a_very_long_password_is_weighed_without_delay():
    assert passwords.strength("correct horse battery staple " * 30, ()).score == 4
