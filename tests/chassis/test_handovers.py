"""How hand-overs are carried out: once, whatever dies meanwhile, and to somebody who is there."""

from uuid import uuid4

import psycopg
import pytest

from chassis import handovers
from chassis.trust import acted_for
from contracts.organization import HandoverEscalated
from tests.support.services import a_service, dispose

BATCH = 3


@pytest.fixture(autouse=True)
def small_batches(monkeypatch):
    monkeypatch.setattr(handovers, "BATCH", BATCH)


@pytest.fixture
def customer(database_url, clock):
    service = a_service("customer", database_url, clock)
    yield service
    dispose(service)


@pytest.fixture
def li(customer):
    return customer.a_user("sales", "EAST1")


@pytest.fixture
def boss(customer):
    return customer.a_user("manager", "EAST")


@pytest.fixture
def wang(customer):
    return customer.a_user("sales", "WEST")


def customers_of(user, count):
    return [user.post("/customers", {"name": f"客户{number}"}).json["id"] for number in range(count)]


def owners(customer):
    with customer.transaction() as tx:
        return {row[0] for row in tx.driver("SELECT owner_id FROM customers")}


def intervals(customer):
    with customer.transaction() as tx:
        return tx.driver("SELECT owner_id, cause, upper_inf(period) FROM ownerships ORDER BY lower(period)")


class Killed(BaseException):
    """What a process that is killed leaves behind: nothing of its open transaction."""


def test_a_batch_that_dies_leaves_no_half_of_it_and_is_done_once_by_the_next(customer, li, boss, wang, monkeypatch):
    customers_of(li, 2 * BATCH)
    customer.leaves(li, boss, heir=wang)
    assert customer.carrier.step()
    before = len(customer.recorded()), intervals(customer)
    monkeypatch.setattr(handovers.Carrier, "_advance", _die)
    with pytest.raises(Killed):
        customer.carrier.step()
    monkeypatch.undo()
    monkeypatch.setattr(handovers, "BATCH", BATCH)
    assert (len(customer.recorded()), intervals(customer)) == before
    customer.hands_over()
    assert owners(customer) == {wang.id}
    counts = [(event["data"]["held"], event["data"]["moved"]) for event in _progress(customer)]
    assert counts == [(BATCH, BATCH), (0, 2 * BATCH)]
    assert [row[1] for row in intervals(customer)].count("handover") == 2 * BATCH


def test_two_workers_at_once_hand_every_row_over_once(customer, li, boss, wang):
    made = customers_of(li, 4 * BATCH)
    customer.leaves(li, boss, heir=wang)
    with customer.transaction() as first:
        rows = first.driver(handovers.NEXT, (customer.clock.now(),))
        assert len(rows) == 1
        assert not customer.carrier.step()
    customer.hands_over()
    assert len([row for row in intervals(customer) if row[1] == "handover"]) == len(made)


def test_a_row_somebody_is_working_on_is_left_for_later(customer, li, boss, wang):
    (made,) = customers_of(li, 1)
    customer.leaves(li, boss, heir=wang)
    with psycopg.connect(customer.url) as busy:
        busy.execute("SELECT FROM customers WHERE id = %s FOR UPDATE", (made,))
        customer.hands_over()
        assert owners(customer) == {li.id}
    customer.clock.advance(handovers.AGAIN_AFTER)
    customer.hands_over()
    assert owners(customer) == {wang.id}


def test_a_row_that_cannot_be_given_hurts_no_other_and_is_tried_again(customer, li, boss, wang):
    made = customers_of(li, BATCH)
    customer.leaves(li, boss, heir=wang)
    bad = "ALTER TABLE ownerships ADD CONSTRAINT bad CHECK (owner_id <> '{}' OR customer_id <> '{}')"
    with psycopg.connect(customer.url) as connection:
        connection.execute(bad.format(wang.id, made[1]))
    customer.hands_over()
    (told,) = _progress(customer)
    assert (told["data"]["held"], told["data"]["moved"], told["data"]["done"]) == (1, 2, False)
    with psycopg.connect(customer.url) as connection:
        connection.execute("ALTER TABLE ownerships DROP CONSTRAINT bad")
    customer.hands_over()
    assert owners(customer) == {li.id, wang.id}
    customer.clock.advance(handovers.FAILED_AFTER)
    customer.hands_over()
    assert owners(customer) == {wang.id}


def test_what_an_heir_who_left_too_should_get_goes_to_his_manager(customer, li, boss):
    chief = customer.a_user("manager", "WEST")
    heir = customer.a_user("sales", "EAST", manager=chief)
    customers_of(li, 1)
    customer.leaves(li, boss, heir=heir)
    customer.disables(heir)
    customer.hands_over()
    assert owners(customer) == {chief.id}


def test_where_the_managers_are_gone_too_it_goes_to_who_is_left_above(customer, li, boss, wang):
    admin = customer.a_user("admin", "HQ")
    customers_of(li, 1)
    customer.leaves(li, boss, heir=wang)
    customer.disables(wang)
    customer.disables(boss)
    customer.hands_over()
    assert owners(customer) == {admin.id}


def test_with_nobody_there_it_waits_for_somebody(customer, li, boss):
    customers_of(li, 1)
    customer.leaves(li, boss)
    customer.disables(boss)
    customer.hands_over()
    assert owners(customer) == {li.id}
    admin = customer.a_user("admin", "HQ")
    customer.clock.advance(handovers.FAILED_AFTER)
    customer.hands_over()
    assert owners(customer) == {admin.id}


def test_it_does_not_begin_before_the_heir_is_known_here(customer, li, boss, wang):
    customers_of(li, 1)
    stranger = customer.a_user("sales", "EAST")
    with customer.transaction() as tx:
        tx.driver("UPDATE users SET sequence = 0 WHERE id = %s", (stranger.id,))
    customer.leaves(li, boss, heir=stranger)
    customer.hands_over()
    assert owners(customer) == {li.id}
    with customer.transaction() as tx:
        tx.driver("UPDATE users SET sequence = 1 WHERE id = %s", (stranger.id,))
    customer.hands_over()
    assert owners(customer) == {stranger.id}


def test_what_slipped_through_to_who_had_left_is_swept_up(customer, li, boss, wang):
    (made,) = customers_of(boss, 1)
    customer.leaves(li, boss, heir=wang)
    customer.hands_over()
    customer.sweeps()
    assert not customer.carrier.step()
    with customer.transaction() as tx:
        tx.driver("UPDATE customers SET owner_id = %s WHERE id = %s", (li.id, made))
    customer.sweeps()
    customer.hands_over()
    assert owners(customer) == {wang.id}
    assert [(event["data"]["moved"], event["data"]["done"]) for event in _progress(customer)] == [(0, True), (1, True)]


def test_who_came_back_keeps_what_he_gets_from_then_on_and_nobody_acts_for_him(customer, li, boss, wang):
    customer.leaves(li, wang, heir=boss)
    customer.hands_over()
    customer.hears(customer.enabled(li))
    customer.learns_who_acts()
    (made,) = customers_of(li, 1)
    customer.sweeps()
    customer.hands_over()
    assert owners(customer) == {li.id}
    assert wang.get(f"/customers/{made}").status_code == 404


def test_who_acted_and_leaves_passes_his_right_on():
    li, boss, chief, zhao = (uuid4() for _ in range(4))
    assert acted_for({li: boss, zhao: boss}) == {boss: {li, zhao}}
    assert acted_for({li: boss, boss: chief}) == {chief: {li, boss}}
    assert set(acted_for({li: boss, boss: li})) == {li, boss}
    assert acted_for({}) == {}


def test_an_escalated_case_has_another_acting(customer, li, boss, wang):
    (made,) = customers_of(li, 1)
    handover_id = customer.leaves(li, boss, heir=customer.a_user("sales", "EAST"))
    told = HandoverEscalated(
        handover_id=handover_id, user_id=li.id, manager_id=wang.id, from_manager_id=boss.id,
        escalated_at=customer.clock.now(),
    )  # fmt: skip
    assert wang.get(f"/customers/{made}").status_code == 404
    customer.hears(told)
    customer.learns_who_acts()
    assert wang.get(f"/customers/{made}").status_code == 200


def _die(*_):
    raise Killed


def _progress(customer):
    return customer.recorded("crm.customer.handover.progressed")
