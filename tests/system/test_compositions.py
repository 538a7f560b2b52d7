"""Pages that need several services get one answer, in both ways of running them."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from crm.client import Refusal
from tests.support.runs import eventually
from tests.support.samples import REASONS
from tests.system.conftest import a_user, can_open


def moment(days=0):
    return (datetime.now(UTC) + timedelta(days=days)).isoformat()


@pytest.fixture(scope="module")
def li(company, branches):
    user = a_user(company, f"li.{uuid4().hex[:6]}", "sales", branches["N1"])
    assert eventually(lambda: can_open(user))
    return user


@pytest.fixture(scope="module")
def customer(li):
    """A customer with a contact, a won and an open deal, a visit and two promises, one of them late."""
    made = li.post("/api/v1/customers", {"name": f"同舟 {uuid4().hex}"})["id"]
    li.post(f"/api/v1/customers/{made}/contacts", {"name": "王芳"})
    won = li.post("/api/v1/opportunities", {"name": "首单", "customer_id": made})["id"]
    amount = {"amount": "1.00", "currency": "CNY"}
    li.post(f"/api/v1/opportunities/{won}/close", {"outcome": "won", "amount": amount} | REASONS)
    li.post("/api/v1/opportunities", {"name": "续单", "customer_id": made, "expected_close_on": "2030-01-01"})
    visit = {"kind": "visit", "started_at": moment(), "minutes": 30, "summary": "拜访", "customer_id": made}
    li.post("/api/v1/activities", visit)
    for days, summary in ((7, "下周"), (-1, "昨天")):
        plan = {"kind": "call", "due_at": moment(days), "summary": summary, "customer_id": made}
        li.post("/api/v1/plans", plan)
    return made


def test_the_whole_file_of_a_customer_is_one_answer(li, customer):
    overview = li.get(f"/api/v1/customers/{customer}/overview")
    assert overview["missing"] == []
    assert overview["customer"] == li.get(f"/api/v1/customers/{customer}")
    assert [contact["name"] for contact in overview["contacts"]["items"]] == ["王芳"]
    assert [held["closed_at"] for held in overview["ownerships"]["items"]] == [None]
    assert [deal["name"] for deal in overview["opportunities"]["items"]] == ["续单", "首单"]
    assert [activity["summary"] for activity in overview["activities"]["items"]] == ["拜访"]
    assert [plan["summary"] for plan in overview["plans"]["items"]] == ["昨天", "下周"]


def test_a_file_that_is_not_for_the_caller_is_not_there(company, branches, customer):
    wang = a_user(company, f"wang.{uuid4().hex[:6]}", "sales", branches["S1"])
    assert eventually(lambda: can_open(wang))
    with pytest.raises(Refusal) as refusal:
        wang.get(f"/api/v1/customers/{customer}/overview")
    assert refusal.value.status == 404


def test_home_shows_the_callers_day_his_deals_and_figures(li, customer):
    home = eventually(lambda: (found := li.get("/api/v1/home"))["pipeline"]["total"]["won"] and found)
    assert home["missing"] == []
    assert "拜访" in [activity["summary"] for activity in home["agenda"]["activities"]]
    assert [plan["summary"] for plan in home["overdue"]["items"]] == ["昨天"]
    assert home["opportunities"]["items"][0]["name"] == "续单"
    assert home["leads"]["items"] == []
    assert home["pipeline"]["total"]["won"] == 1
