"""Customers, as users and other services see them."""

import threading

import psycopg
import pytest

from services.customer.domain.credit_code import ALPHABET


def a_customer(user, name="北京同舟科技有限公司", **changes):
    return user.post("/customers", {"name": name, "kind": "company"} | changes)


def a_code(first):
    """A credit code with its check character."""
    body = first.ljust(17, "0")
    total = sum(ALPHABET.index(character) * pow(3, at, 31) for at, character in enumerate(body))
    return body + ALPHABET[(31 - total % 31) % 31]


def test_a_customer_belongs_to_its_caller_from_the_first_moment(customer, li):
    made = a_customer(li)
    assert made.status_code == 201
    assert (made.json["owner_id"], made.json["unit_id"]) == (str(li.id), str(li.unit.id))
    (held,) = li.get(f"/customers/{made.json['id']}/ownerships").json["items"]
    assert (held["owner_id"], held["cause"], held["closed_at"]) == (str(li.id), "created", None)
    assert [event["type"] for event in customer.recorded()] == [
        "crm.customer.customer.created",
        "crm.customer.ownership.opened",
    ]
    assert [event["sequence"] for event in customer.recorded()] == [1, 2]


@pytest.mark.parametrize("sought", ["同舟", "舟科", "TONGZHOU", "tong"])
def test_two_characters_find_a_customer_whatever_their_case_and_width(customer, li, sought):
    a_customer(li, "北京同舟科技 Tongzhou")
    a_customer(li, "上海远航")
    found = li.get(f"/customers?q={sought}").json["items"]
    assert [each["name"] for each in found] == ["北京同舟科技 Tongzhou"]


def test_everybody_sees_the_customers_within_his_reach(customer, li):
    wang, manager, marketing = (
        customer.a_user(*who) for who in (("sales", "WEST"), ("manager", "EAST"), ("marketing", "EAST1"))
    )
    made = a_customer(li).json["id"]
    for user, sees in ((li, True), (wang, False), (manager, True), (marketing, True)):
        assert (user.get(f"/customers/{made}").status_code == 200) is sees
        assert (user.get(f"/customers/{made}/contacts").status_code == 200) is sees
        assert (user.get(f"/customers/{made}/ownerships").status_code == 200) is sees
        assert bool(user.get("/customers").json["items"]) is sees
    assert marketing.patch(f"/customers/{made}", {"region": "华北"}, version=1).status_code == 403


def test_a_customer_somebody_else_holds_is_not_created_again_and_shown_masked(customer, li):
    wang = customer.a_user("sales", "WEST")
    a_customer(li, "北京同舟科技有限公司")
    refused = a_customer(wang, "北京同舟科技 有限责任公司")
    assert refused.status_code == 409
    (candidate,) = refused.json["candidates"]
    assert "id" not in candidate
    assert candidate["masked_name"] == "北＊＊＊＊＊＊＊＊司"
    assert a_customer(wang, "北京同舟科技有限公司", override_reason="另一家").status_code == 201


def test_one_credit_code_is_one_customer_and_a_wrong_one_is_named(customer, li):
    assert a_customer(li, credit_code=a_code("91110108")).status_code == 201
    again = a_customer(li, "别的名字", credit_code=a_code("91110108"), override_reason="x")
    assert again.status_code == 409
    wrong = a_customer(li, "第三家", credit_code=a_code("91110109")[:-1] + "?")
    assert (wrong.status_code, list(wrong.json["errors"])) == (422, ["credit_code"])


def test_two_who_create_the_same_customer_at_once_make_one(customer):
    people = [customer.a_user("sales", "EAST") for _ in range(8)]
    statuses = []

    def create(user):
        client = customer.client.application.test_client()
        headers = {"Authorization": f"Bearer {user.token}"}
        statuses.append(client.post("/api/v1/customers", json={"name": "同一家公司"}, headers=headers).status_code)

    run_at_once([lambda user=user: create(user) for user in people])
    assert sorted(statuses) == [201] + [409] * 7


def test_an_edit_needs_the_version_it_edits_and_tells_others(customer, li):
    made = a_customer(li).json["id"]
    assert li.patch(f"/customers/{made}", {"region": "华北"}).status_code == 428
    assert li.patch(f"/customers/{made}", {"region": "华北"}, version=2).status_code == 412
    assert li.patch(f"/customers/{made}", {"region": "华北"}, version=1).json["version"] == 2
    assert len(customer.recorded("crm.customer.customer.changed")) == 1


def test_20_owners_in_a_row_leave_one_open_interval_and_no_gap(customer):
    manager = customer.a_user("manager", "EAST")
    people = [customer.a_user("sales", "EAST1") for _ in range(20)]
    made = a_customer(manager).json["id"]
    statuses = []

    def give(user):
        client = customer.client.application.test_client()
        token = {"Authorization": f"Bearer {manager.token}"}
        for _ in range(100):
            tag = client.get(f"/api/v1/customers/{made}", headers=token).headers["ETag"]
            answer = client.patch(
                f"/api/v1/customers/{made}", json={"owner_id": str(user.id)}, headers=token | {"If-Match": tag}
            )
            if answer.status_code != 412:
                break
        statuses.append(answer.status_code)

    run_at_once([lambda user=user: give(user) for user in people])
    assert statuses == [200] * 20
    held = manager.get(f"/customers/{made}/ownerships").json["items"]
    assert [each["closed_at"] for each in held[:-1]] == [each["opened_at"] for each in held[1:]]
    assert held[-1]["closed_at"] is None
    assert len(held) == 21


def test_the_end_of_an_interval_is_told_where_its_owner_stood(customer):
    manager = customer.a_user("manager", "EAST")
    heir = customer.a_user("sales", "EAST1")
    made = a_customer(manager).json["id"]
    manager.patch(f"/customers/{made}", {"owner_id": str(heir.id)}, version=1)
    (closed,) = customer.recorded("crm.customer.ownership.closed")
    assert (closed["unitpath"], closed["data"]["owner_id"]) == (manager.unit.path, str(manager.id))
    assert customer.recorded("crm.customer.ownership.opened")[-1]["unitpath"] == heir.unit.path


def test_an_import_twice_is_the_same_customers_and_equal_names_stay_apart(customer):
    admin = customer.a_user("admin", "HQ")
    items = [{"name": "同名", "external": {"system": "old", "id": str(number)}} for number in range(3)]
    first = admin.post("/customers/bulk", {"items": items}).json["results"]
    again = admin.post("/customers/bulk", {"items": [items[0] | {"region": "华东"}, *items[1:]]}).json["results"]
    assert [result["status"] for result in first + again] == [201] * 3 + [200] * 3
    assert len(customer.recorded("crm.customer.customer.changed")) == 1


def test_a_contact_needs_only_a_name_and_shares_the_customers_sequence(customer, li):
    made = a_customer(li).json["id"]
    contact = li.post(f"/customers/{made}/contacts", {"name": "王芳"}).json
    assert li.patch(f"/customers/{made}/contacts/{contact['id']}", {"title": "经理"}, version=1).json["title"] == "经理"
    assert [each["name"] for each in li.get(f"/customers/{made}/contacts").json["items"]] == ["王芳"]
    assert [event["sequence"] for event in customer.recorded()] == [1, 2, 3, 4]
    told = customer.recorded("crm.customer.contact.added", "crm.customer.contact.changed")
    assert [event["data"]["owner_id"] for event in told] == [str(li.id)] * 2


def test_a_contact_is_not_reached_through_another_customer(customer, li):
    wang = customer.a_user("sales", "WEST")
    mine, hers = a_customer(li, "甲公司").json["id"], a_customer(wang, "乙公司").json["id"]
    contact = wang.post(f"/customers/{hers}/contacts", {"name": "她"}).json["id"]
    assert li.patch(f"/customers/{mine}/contacts/{contact}", {"title": "经理"}, version=1).status_code == 404


def test_intervals_that_overlap_are_refused_by_the_database_itself(customer, li, database_url):
    a_customer(li)
    overlap = (
        "INSERT INTO ownerships SELECT gen_random_uuid(), customer_id, owner_id, manager_id, unit_id, "
        "tstzrange(now() - interval '9 years', now() + interval '99 years'), cause, actor_id FROM ownerships"
    )
    with psycopg.connect(database_url) as connection, pytest.raises(psycopg.errors.ExclusionViolation):
        connection.execute(overlap)


def run_at_once(acts):
    threads = [threading.Thread(target=act) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
