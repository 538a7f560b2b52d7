"""Somebody leaves, through the gateway: all he held ends with his heir, and nothing is lost."""

from uuid import uuid4

import pytest

from crm.client import Refusal
from tests.support.runs import eventually
from tests.support.samples import REASONS
from tests.system.conftest import a_user

CUSTOMERS, LEADS, DEALS, PLANS = 12, 5, 6, 4
HELD = {"customers": CUSTOMERS, "leads": LEADS, "opportunities": DEALS, "plans": PLANS}
WON = {"outcome": "won", "amount": {"amount": "10.00", "currency": "CNY"}} | REASONS


@pytest.fixture
def team(company, branches):
    """A salesperson with a manager of his, and a colleague elsewhere."""
    name = uuid4().hex[:6]
    boss = a_user(company, f"boss.{name}", "manager", branches["N1"])
    li = a_user(company, f"li.{name}", "sales", branches["N1"], manager_id=identity(boss))
    return {"boss": boss, "li": li, "heir": a_user(company, f"heir.{name}", "sales", branches["S1"])}


def made(client, path, body):
    """The id of what `client` makes, as soon as the service knows him: a moment after he was created."""

    def attempt():
        try:
            return client.post(f"/api/v1/{path}", body)["id"]
        except Refusal:
            return None

    return eventually(attempt)


def identity(client):
    return client.get("/api/v1/me")["id"]


def works(company, li):
    """What a salesperson gathers; the ids by kind, and the deal he has won."""
    owner = identity(li)
    source = made(company.client(), "sources", {"name": f"展会 {uuid4().hex[:6]}", "kind": "event"})
    customers = [made(li, "customers", {"name": f"客户 {uuid4().hex}"}) for _ in range(CUSTOMERS)]
    lead = {"company": "同舟", "source_id": source, "owner_id": owner}
    leads = [made(li, "leads", lead) for _ in range(LEADS)]
    deals = [made(li, "opportunities", {"name": "单", "customer_id": each}) for each in customers[:DEALS]]
    won = made(li, "opportunities", {"name": "赢", "customer_id": customers[0]})
    li.post(f"/api/v1/opportunities/{won}/close", WON)
    li.post(f"/api/v1/opportunities/{deals[0]}/stage", {"stage": "proposing"})
    li.post(f"/api/v1/customers/{customers[0]}/contacts", {"name": "王芳"})
    plan = {"kind": "call", "due_at": "2030-01-01T09:00:00+08:00", "summary": "回电"}
    plans = [made(li, "plans", plan | {"customer_id": each}) for each in customers[:PLANS]]
    return {"customers": customers, "leads": leads, "opportunities": deals, "plans": plans}, won


def ids(client, kind, **filters):
    return {row["id"] for row in client.every(f"/api/v1/{kind}", **filters)}


@pytest.mark.timeout(180)
def test_all_that_somebody_held_ends_with_his_heir_and_nothing_is_lost(company, team):
    admin, li, boss, heir = company.client(), team["li"], team["boss"], team["heir"]
    leaver, heir_id = identity(li), identity(heir)
    gathered, won = works(company, li)
    asked = {"to": "heir", "heir_id": heir_id}

    def known():
        counts = admin.post(f"/api/v1/users/{leaver}/departure", asked | {"preview": True})["counts"]
        return {kind: count["held"] for kind, count in counts.items()} == HELD

    assert eventually(known)
    case_id = admin.post(f"/api/v1/users/{leaver}/departure", asked)["handover_id"]
    assert eventually(lambda: admin.get(f"/api/v1/handovers/{case_id}")["state"] == "done")
    case = admin.get(f"/api/v1/handovers/{case_id}")
    assert case["counts"] == {kind: {"held": 0, "moved": count} for kind, count in HELD.items()}
    assert case["manager_id"] == identity(boss)
    for kind, expected in gathered.items():
        assert set(expected) <= ids(heir, kind), kind
    first, second = heir.get(f"/api/v1/customers/{gathered['customers'][0]}/ownerships")["items"]
    assert (first["owner_id"], first["closed_cause"]) == (leaver, "handover")
    assert (second["owner_id"], second["cause"], second["closed_at"]) == (heir_id, "handover", None)
    assert first["closed_at"] == second["opened_at"]
    assert [each["name"] for each in heir.every(f"/api/v1/customers/{gathered['customers'][0]}/contacts")] == ["王芳"]
    assert heir.get(f"/api/v1/opportunities/{gathered['opportunities'][0]}")["stage"] == "proposing"
    assert boss.get(f"/api/v1/opportunities/{won}")["owner_id"] == leaver
    assert {row["id"] for row in admin.every("/api/v1/customers", owner_id=leaver)} == set()


@pytest.mark.timeout(180)
def test_the_figures_count_what_was_won_by_who_won_it(company, team):
    admin, li, heir = company.client(), team["li"], team["heir"]
    leaver, heir_id = identity(li), identity(heir)
    gathered, _ = works(company, li)
    case_id = admin.post(f"/api/v1/users/{leaver}/departure", {"to": "heir", "heir_id": heir_id})["handover_id"]
    assert eventually(lambda: admin.get(f"/api/v1/handovers/{case_id}")["state"] == "done")

    def won():
        """By who left and by his heir, as far as the figures know of them."""
        items = admin.get("/api/v1/analytics/pipeline?group_by=owner")["items"]
        found = {item["group"]["id"]: item["won"] for item in items}
        return found.get(leaver), found.get(heir_id)

    assert eventually(lambda: won() == (1, 0)), won()
    heir.post(f"/api/v1/opportunities/{gathered['opportunities'][0]}/close", WON)
    assert eventually(lambda: won() == (1, 1)), won()


@pytest.mark.timeout(180)
def test_until_it_is_done_the_manager_acts_and_who_left_is_out(company, team):
    admin, li, boss = company.client(), team["li"], team["boss"]
    leaver = identity(li)
    customer = made(li, "customers", {"name": f"客户 {uuid4().hex}"})
    (user,) = [each for each in admin.every("/api/v1/users", q="li.") if each["id"] == leaver]
    admin.call("PATCH", f"/api/v1/users/{leaver}", {"active": False}, {"If-Match": f'"{user["version"]}"'})
    (case,) = admin.every("/api/v1/handovers", user_id=leaver)
    assert boss.get(f"/api/v1/customers/{customer}")["id"] == customer
    assert eventually(lambda: admin.get(f"/api/v1/handovers/{case['id']}")["state"] == "done")
    assert boss.get(f"/api/v1/customers/{customer}")["owner_id"] == identity(boss)

    def refused():
        status, _, _ = li._exchange("GET", "/api/v1/customers", None, {"Authorization": f"Bearer {li._token}"})
        return status == 401

    assert eventually(refused, 10)
