"""Whoever gives something to somebody who is leaving at that moment."""

import threading

import pytest

from tests.support.races import meanwhile, own, wait_for_locks
from tests.support.samples import a_deal, a_lead


@pytest.fixture
def li(leads):
    return leads.a_user("sales", "EAST1")


@pytest.fixture
def wang(leads):
    return leads.a_user("sales", "EAST1")


@pytest.fixture
def boss(leads):
    return leads.a_user("manager", "EAST")


def test_a_lead_routed_to_somebody_who_leaves_at_that_moment_goes_to_the_next(leads, li, wang, admin, source):
    first = min(li, wang, key=lambda user: user.id)
    other = wang if first is li else li
    unit = {"unit_id": str(li.unit.id)}
    answer = meanwhile(leads, first, lambda: a_lead(own(admin), source, **unit))
    assert (answer.status_code, answer.json["owner_id"], answer.json["state"]) == (201, str(other.id), "assigned")


def test_when_everybody_leaves_at_that_moment_a_lead_is_unassigned(leads, li, admin, source):
    answer = meanwhile(leads, li, lambda: a_lead(own(admin), source, unit_id=str(li.unit.id)))
    assert (answer.status_code, answer.json["owner_id"], answer.json["state"]) == (201, None, "unassigned")


def test_a_lead_named_to_somebody_who_leaves_at_that_moment_is_routed(leads, li, wang, admin, source):
    answer = meanwhile(leads, li, lambda: a_lead(own(admin), source, unit_id=str(li.unit.id), owner_id=str(li.id)))
    assert (answer.status_code, answer.json["owner_id"]) == (201, str(wang.id))


def test_a_deal_is_not_given_to_somebody_who_leaves_at_that_moment(leads, li, boss):
    deal = a_deal(boss).json["id"]
    acting = own(boss)
    answer = meanwhile(leads, li, lambda: acting.patch(f"/opportunities/{deal}", {"owner_id": str(li.id)}, version=1))
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["owner_id"])
    assert boss.get(f"/opportunities/{deal}").json["owner_id"] == str(boss.id)


def test_a_deal_in_flight_of_somebody_who_leaves_at_that_moment_is_refused(leads, li):
    answer = meanwhile(leads, li, lambda: a_deal(own(li)))
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["owner_id"])


def test_whatever_came_first_is_handed_over(leads, li, wang, boss):
    """The news of the departure waits for a deal that is being given, and finds it."""
    deal = a_deal(boss).json["id"]
    before_commit, told = threading.Event(), []
    with leads.database.engine.connect() as connection, connection.begin():
        connection.exec_driver_sql("SELECT FROM users WHERE id = %s FOR SHARE", (li.id,))
        connection.exec_driver_sql("UPDATE opportunities SET owner_id = %s WHERE id = %s", (li.id, deal))

        def leave():
            before_commit.set()
            told.append(leads.leaves(li, boss, heir=wang))

        leaving = threading.Thread(target=leave)
        leaving.start()
        before_commit.wait()
        wait_for_locks(leads)
        assert told == []
    leaving.join()
    leads.hands_over()
    assert boss.get(f"/opportunities/{deal}").json["owner_id"] == str(wang.id)


def test_a_salesperson_who_stands_nowhere_does_not_hold_routing_up(leads, li, admin, source):
    with leads.transaction() as tx:
        tx.driver("UPDATE memberships SET is_primary = false WHERE user_id = %s", (li.id,))
    lead = a_lead(admin, source, unit_id=str(li.unit.id))
    assert (lead.status_code, lead.json["state"]) == (201, "unassigned")
