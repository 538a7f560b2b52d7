"""The tree of units: moved whole, never into a ring, and closed only where nothing is left."""

import threading

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.service.organization.conftest import a_user
from tests.service.organization.test_people import a_unit
from tests.support.samples import a_customer
from tests.support.services import Unit, User


def label(unit):
    return unit["id"].replace("-", "")


def move(admin, unit, parent, version=None):
    present = admin.get(f"/units/{unit['id']}").json
    return admin.patch(f"/units/{unit['id']}", {"parent_id": parent["id"]}, version=version or present["version"])


@pytest.fixture
def branches(admin, root):
    """EAST with EAST1 and its shop below, and WEST."""
    east, west = a_unit(admin, root).json, a_unit(admin, root, "WEST").json
    first = a_unit(admin, east, "EAST1", kind="branch").json
    return {"east": east, "west": west, "first": first, "shop": a_unit(admin, first, "SHOP", kind="department").json}


def test_a_unit_moves_with_all_below_it_and_every_one_of_them_says_so(organization, admin, root, branches):
    moved = move(admin, branches["first"], branches["west"]).json
    west = f"{root['path']}.{label(branches['west'])}"
    assert moved["path"] == f"{west}.{label(branches['first'])}"
    assert moved["parent_id"] == branches["west"]["id"]
    shop = admin.get(f"/units/{branches['shop']['id']}").json
    assert (shop["path"], shop["parent_id"]) == (f"{moved['path']}.{label(shop)}", branches["first"]["id"])
    told = organization.recorded("crm.organization.unit.moved")
    assert [(event["data"]["code"], event["unitpath"]) for event in told] == [
        ("EAST1", moved["path"]),
        ("SHOP", shop["path"]),
    ]


def test_a_unit_is_renamed_and_moved_in_one_change(organization, admin, branches):
    changes = {"name": "迁来", "parent_id": branches["west"]["id"]}
    answer = admin.patch(f"/units/{branches['first']['id']}", changes, version=1).json
    assert (answer["name"], answer["parent_id"]) == ("迁来", branches["west"]["id"])


@pytest.mark.parametrize(("unit", "parent"), [("east", "shop"), ("east", "east"), ("first", "shop")])
def test_a_ring_is_refused_naming_the_field_and_changes_nothing(organization, admin, branches, unit, parent):
    answer = move(admin, branches[unit], branches[parent])
    assert answer.status_code == 422
    assert answer.json["type"].endswith("/ring")
    assert list(answer.json["errors"]) == ["parent_id"]
    assert admin.get(f"/units/{branches[unit]['id']}").json["version"] == 1
    assert organization.recorded("crm.organization.unit.moved") == []


def test_the_root_stays_and_nobody_becomes_one(admin, root, branches):
    assert move(admin, root, branches["east"]).json["type"].endswith("/one-root")
    alone = admin.patch(f"/units/{branches['east']['id']}", {"parent_id": None}, version=1)
    assert (alone.status_code, list(alone.json["errors"])) == (422, ["parent_id"])
    assert admin.post(f"/units/{root['id']}/closure", None).status_code == 409


def test_a_parent_that_is_unknown_or_closed_is_refused(admin, branches):
    unknown = {"id": "00000000-0000-0000-0000-000000000001"}
    assert move(admin, branches["first"], unknown).json["type"].endswith("/unknown_reference")
    assert admin.post(f"/units/{branches['west']['id']}/closure", None).status_code == 200
    assert move(admin, branches["first"], branches["west"]).json["type"].endswith("/unknown_reference")
    assert a_unit(admin, branches["west"], "NEW").status_code == 422


def test_a_move_seen_late_is_refused(admin, branches):
    move(admin, branches["first"], branches["west"])
    assert move(admin, branches["first"], branches["east"], version=1).status_code == 412


def test_a_unit_that_holds_something_is_not_closed_and_says_what(organization, admin, branches):
    li = a_user(admin, branches["first"]).json
    first = branches["first"]
    organization.inbox.accept([organization.enveloped(a_customer(owner_in(organization, first, li)))])
    answer = admin.post(f"/units/{first['id']}/closure", None)
    assert answer.status_code == 409
    assert answer.json["holds"] == {"units": 1, "people": 1, "customers": 1}
    assert answer.json["title"] == "Still there: units below it: 1, active people: 1, customers: 1"
    assert organization.recorded("crm.organization.unit.closed") == []


def owner_in(organization, unit, user):
    return User(user["id"], "li", Unit(unit["id"], unit["path"]), "sales", organization)


def test_a_customer_that_moved_on_holds_no_unit_back(organization, admin, branches):
    li = {"id": "00000000-0000-0000-0000-000000000002"}
    shop, west = branches["shop"], branches["west"]
    here = a_customer(owner_in(organization, shop, li))
    there = a_customer(owner_in(organization, west, li), customer_id=here.customer_id)
    organization.inbox.accept([organization.enveloped(here), organization.enveloped(there)])
    assert admin.post(f"/units/{shop['id']}/closure", None).status_code == 200
    assert admin.post(f"/units/{west['id']}/closure", None).json["holds"] == {"customers": 1}


def test_a_closed_unit_tells_so_once_and_takes_nobody(organization, admin, branches):
    shop = branches["shop"]
    closed = admin.post(f"/units/{shop['id']}/closure", None).json
    assert closed["closed_at"] == organization.clock.now().isoformat()
    assert admin.post(f"/units/{shop['id']}/closure", None).json["version"] == closed["version"]
    assert len(organization.recorded("crm.organization.unit.closed")) == 1
    assert a_user(admin, shop).status_code == 422


def test_two_moves_at_once_never_make_a_ring(organization, admin, branches):
    """EAST below WEST and WEST below EAST: each would be allowed if the other were not under way."""
    answers = []

    def act(unit, parent):
        client = organization.client.application.test_client()
        headers = admin.headers | {"If-Match": '"1"'}
        body = {"parent_id": parent["id"]}
        answers.append(client.patch(f"/api/v1/units/{unit['id']}", json=body, headers=headers).status_code)

    pairs = [(branches["east"], branches["west"]), (branches["west"], branches["east"])]
    threads = [threading.Thread(target=act, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers)[0] == 200
    assert sorted(answers)[1] in (412, 422)


def test_a_unit_added_while_its_parent_moves_hangs_where_its_parent_hangs(organization, admin, root, branches):
    made = []

    def add(number):
        client = organization.client.application.test_client()
        body = {"code": f"N{number}", "name": "新", "kind": "department", "parent_id": branches["first"]["id"]}
        made.append(client.post("/api/v1/units", json=body, headers=admin.headers).status_code)

    threads = [threading.Thread(target=add, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for parent in ("west", "east", "west"):
        assert move(admin, branches["first"], branches[parent]).status_code == 200
    for thread in threads:
        thread.join()
    assert made == [201] * 12
    hang_as_they_should(admin)


def hang_as_they_should(admin):
    units = {unit["id"]: unit for unit in admin.get("/units?limit=200").json["items"]}
    for unit in units.values():
        above = units.get(unit["parent_id"])
        assert unit["path"] == (f"{above['path']}.{label(unit)}" if above else label(unit))


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 4)), max_size=8))
def test_whatever_is_moved_where_the_tree_stays_a_tree(organization, admin, root, branches, moves):
    units = [branches[name] for name in ("east", "west", "first", "shop")]
    for unit, parent in moves:
        answer = move(admin, units[unit], [*units, root][parent])
        assert answer.status_code in (200, 422)
    hang_as_they_should(admin)
