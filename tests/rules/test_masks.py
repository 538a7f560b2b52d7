"""Phone numbers and e-mail addresses, for who may see the row they stand on and not how to reach people."""

import pytest

from tests.support.samples import a_lead
from tests.support.scopes import an_organization
from tests.support.services import a_service, dispose

REACH = {"phone": "13812345678", "email": "wang@example.com"}
MASKED = {"phone": "138****5678", "email": "w****@example.com"}


def shown(answer):
    return {name: answer.json[name] for name in REACH}


def made(answer):
    assert answer.status_code == 201, answer.json
    return answer.json["id"]


def test_a_leads_phone_and_address_are_masked_for_who_may_not_reach_people(leads):
    owner, auditor, executive = (leads.a_user(role, "HQ") for role in ("sales", "auditor", "executive"))
    source = made(leads.a_user("admin", "HQ").post("/sources", {"name": "官网", "kind": "website"}))
    lead = made(a_lead(owner, source, owner_id=str(owner.id), **REACH))
    assert shown(owner.get(f"/leads/{lead}")) == shown(executive.get(f"/leads/{lead}")) == REACH
    assert shown(auditor.get(f"/leads/{lead}")) == MASKED
    assert shown(owner.by_key("leads:read").get(f"/leads/{lead}")) == MASKED
    assert {name: auditor.get("/leads").json["items"][0][name] for name in REACH} == MASKED


def test_a_contacts_phone_and_address_are_masked_for_who_may_not_reach_people(customer):
    owner, auditor = (customer.a_user(role, "HQ") for role in ("sales", "auditor"))
    path = f"/customers/{made(owner.post('/customers', {'name': '同舟'}))}/contacts"
    made(owner.post(path, {"name": "王芳", **REACH}))
    for user, expected in ((owner, REACH), (auditor, MASKED), (owner.by_key("customers:read"), MASKED)):
        (contact,) = user.get(path).json["items"]
        assert {name: contact[name] for name in REACH} == expected


def test_somebody_elses_duplicate_shows_neither_phone_nor_address(customer):
    theirs, ours = (customer.a_user("sales", unit) for unit in ("WEST", "EAST"))
    path = f"/customers/{made(theirs.post('/customers', {'name': '同舟'}))}/contacts"
    made(theirs.post(path, {"name": "王芳", **REACH}))
    refused = ours.post("/customers", {"name": "同舟"})
    assert refused.status_code == 409
    assert not [value for value in REACH.values() if value in refused.get_data(as_text=True)]


def test_an_earlier_lead_of_the_same_number_shows_nothing_of_itself(leads):
    theirs, ours = (leads.a_user("sales", unit) for unit in ("WEST", "EAST"))
    source = made(leads.a_user("admin", "HQ").post("/sources", {"name": "官网", "kind": "website"}))
    known = made(a_lead(theirs, source, owner_id=str(theirs.id), company="远航", **REACH))
    again = a_lead(ours, source, owner_id=str(ours.id), phone=REACH["phone"])
    assert again.json["duplicate_of_id"] == known
    assert "远航" not in again.get_data(as_text=True)
    assert REACH["email"] not in again.get_data(as_text=True)
    assert ours.get(f"/leads/{known}").status_code == 404


@pytest.fixture(name="leads")
def _leads(database_url, clock):
    yield from serving("leads", database_url, clock)


@pytest.fixture(name="customer")
def _customer(database_url, clock):
    yield from serving("customer", database_url, clock)


def serving(name, database_url, clock):
    service = a_service(name, database_url, clock)
    yield service
    dispose(service)


@pytest.fixture
def organization(database_url, clock):
    service = an_organization(database_url, clock)
    yield service
    dispose(service)


def test_a_colleagues_address_is_masked_for_who_may_not_reach_people(organization):
    auditor, manager = (organization.a_user(role, "HQ") for role in ("auditor", "manager"))
    user = organization.a_user("sales", "EAST")
    with organization.transaction() as tx:
        tx.driver("UPDATE users SET email = %s WHERE id = %s", (REACH["email"], user.id))
    assert manager.get(f"/users/{user.id}").json["email"] == REACH["email"]
    assert auditor.get(f"/users/{user.id}").json["email"] == MASKED["email"]
