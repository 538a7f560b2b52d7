"""What becomes of the customers of somebody who left."""

import pytest

from tests.service.customer.test_customers import a_customer
from tests.support.races import meanwhile, own


@pytest.fixture
def boss(customer):
    return customer.a_user("manager", "EAST")


@pytest.fixture
def wang(customer):
    return customer.a_user("sales", "WEST")


def names(answer):
    return [each["name"] for each in answer.json["items"]]


def test_customers_go_to_the_heir_with_their_people_and_the_history_names_both(customer, li, boss, wang):
    made = a_customer(li, industry="制造").json["id"]
    li.post(f"/customers/{made}/contacts", {"name": "王芳"})
    handover_id = customer.leaves(li, boss, heir=wang)
    customer.hands_over()
    row = wang.get(f"/customers/{made}").json
    assert (row["owner_id"], row["unit_id"], row["industry"]) == (str(wang.id), str(wang.unit.id), "制造")
    assert names(wang.get(f"/customers/{made}/contacts")) == ["王芳"]
    first, second = wang.get(f"/customers/{made}/ownerships").json["items"]
    assert (first["owner_id"], first["cause"], first["closed_cause"]) == (str(li.id), "created", "handover")
    assert (second["owner_id"], second["cause"], second["closed_at"]) == (str(wang.id), "handover", None)
    assert first["closed_at"] == second["opened_at"]
    (changed,) = customer.recorded("crm.customer.customer.changed")
    assert changed["unitpath"] == wang.unit.path
    assert (changed["data"]["from_owner_id"], changed["data"]["from_unit_path"]) == (str(li.id), li.unit.path)
    told = customer.recorded("crm.customer.ownership.closed", "crm.customer.ownership.opened")[1:]
    assert [(event["data"]["owner_id"], event["data"]["handover_id"]) for event in told] == [
        (str(li.id), str(handover_id)),
        (str(wang.id), str(handover_id)),
    ]


def test_each_batch_says_how_far_it_has_come_and_the_last_that_nothing_is_left(customer, li, boss, monkeypatch):
    monkeypatch.setattr("chassis.handovers.BATCH", 2)
    for number in range(5):
        a_customer(li, f"客户{number}")
    handover_id = customer.leaves(li, boss)
    customer.hands_over()
    told = [event["data"] for event in customer.recorded("crm.customer.handover.progressed")]
    assert [(each["held"], each["moved"], each["done"]) for each in told] == [
        (3, 2, False), (1, 4, False), (0, 5, True),
    ]  # fmt: skip
    assert {(each["kind"], each["handover_id"]) for each in told} == {("customers", str(handover_id))}
    customer.hands_over()
    assert len(customer.recorded("crm.customer.handover.progressed")) == 3
    assert len(customer.recorded("crm.customer.ownership.opened")) == 10


def test_who_leaves_with_nothing_is_done_at_once(customer, li, boss):
    customer.leaves(li, boss)
    customer.hands_over()
    (told,) = customer.recorded("crm.customer.handover.progressed")
    assert (told["data"]["held"], told["data"]["done"]) == (0, True)


def test_a_customer_handed_over_is_given_on_like_any_other(customer, li, boss):
    made = a_customer(li).json["id"]
    heir, zhao = customer.a_user("sales", "EAST1"), customer.a_user("sales", "EAST1")
    customer.leaves(li, boss, heir=heir)
    customer.hands_over()
    assert boss.patch(f"/customers/{made}", {"owner_id": str(zhao.id)}, version=2).status_code == 200
    held = boss.get(f"/customers/{made}/ownerships").json["items"]
    assert [(each["cause"], each["closed_cause"]) for each in held] == [
        ("created", "handover"), ("handover", "transferred"), ("transferred", None),
    ]  # fmt: skip


def test_until_it_is_handed_over_the_manager_of_the_case_reads_and_writes_wherever_he_stands(customer, li):
    named = customer.a_user("sales", "WEST")
    made = a_customer(li).json["id"]
    assert named.get(f"/customers/{made}").status_code == 404
    customer.leaves(li, named, heir=customer.a_user("sales", "EAST"))
    assert named.get(f"/customers/{made}").status_code == 200
    assert names(named.get("/customers")) == ["北京同舟科技有限公司"]
    assert named.patch(f"/customers/{made}", {"region": "华北"}, version=1).status_code == 200
    assert named.post(f"/customers/{made}/contacts", {"name": "王芳"}).status_code == 201
    assert [each["owner_id"] for each in named.get(f"/customers/{made}/ownerships").json["items"]] == [str(li.id)]
    customer.hands_over()
    assert named.get(f"/customers/{made}").status_code == 404


def test_who_acts_may_not_do_what_his_role_may_not(customer, li):
    auditor = customer.a_user("finance", "WEST")
    made = a_customer(li).json["id"]
    customer.leaves(li, auditor)
    assert auditor.get(f"/customers/{made}").status_code == 200
    assert auditor.patch(f"/customers/{made}", {"region": "华北"}, version=1).status_code == 403


def test_a_customer_in_flight_of_somebody_who_leaves_at_that_moment_is_refused(customer, li):
    answer = meanwhile(customer, li, lambda: a_customer(own(li)))
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["owner_id"])


def test_a_customer_is_not_given_to_somebody_who_leaves_at_that_moment(customer, li, boss):
    made = a_customer(boss).json["id"]
    change = {"owner_id": str(li.id)}
    answer = meanwhile(customer, li, lambda: own(boss).patch(f"/customers/{made}", change, version=1))
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["owner_id"])
    assert len(boss.get(f"/customers/{made}/ownerships").json["items"]) == 1
