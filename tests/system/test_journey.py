"""What several users do at once across services, through the gateway."""

import threading
from uuid import uuid4

import pytest

from crm.client import Client, Credentials, Refusal
from tests.support.runs import eventually
from tests.support.samples import REASONS
from tests.system.conftest import a_user, can_open

CLIENTS = 50


@pytest.mark.timeout(180)
def test_50_clients_create_a_customer_and_use_it_at_once(company):
    failed = []

    def work(number):
        client = company.client()
        try:
            customer = client.post("/api/v1/customers", {"name": f"同舟客户 {number} {uuid4().hex}"})["id"]
            deal = client.post("/api/v1/opportunities", {"name": "立即", "customer_id": customer})
            assert deal["customer_id"] == customer
        except Exception as error:  # noqa: BLE001 -- collected and judged below
            failed.append(repr(error))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


def test_what_never_existed_and_what_is_anothers_answer_alike(company, branches):
    li = a_user(company, f"li.{uuid4().hex[:6]}", "sales", branches["N1"])
    wang = a_user(company, f"wang.{uuid4().hex[:6]}", "sales", branches["S1"])
    eventually(lambda: can_open(li) and can_open(wang))
    hers = wang.post("/api/v1/customers", {"name": f"南方 {uuid4().hex}"})["id"]
    wang.post("/api/v1/opportunities", {"name": "她的", "customer_id": hers})
    problems = []
    for customer_id in (hers, str(uuid4())):
        with pytest.raises(Refusal) as refusal:
            li.post("/api/v1/opportunities", {"name": "我的", "customer_id": customer_id})
        problems.append({**refusal.value.problem, "trace_id": ""})
    assert problems[0] == problems[1]
    assert problems[0]["type"].endswith("/unknown_reference")
    with pytest.raises(Refusal) as refusal:
        li.get(f"/api/v1/customers/{hers}")
    assert refusal.value.status == 404


def test_a_disabled_user_is_refused_everywhere_within_seconds(company, branches):
    name = f"zhao.{uuid4().hex[:6]}"
    zhao = a_user(company, name, "sales", branches["N1"])
    eventually(lambda: can_open(zhao))
    admin = company.client()
    (user,) = [each for each in admin.every("/api/v1/users", q=name) if each["username"] == name]
    admin.call("PATCH", f"/api/v1/users/{user['id']}", {"active": False}, {"If-Match": f'"{user["version"]}"'})
    assert eventually(lambda: refused(zhao), 10)


def test_a_key_of_a_disabled_user_is_refused_everywhere_within_seconds(company, branches):
    name = f"qian.{uuid4().hex[:6]}"
    qian = a_user(company, name, "sales", branches["N1"])
    key = qian.post("/api/v1/api-keys", {"name": "import"})["key"]
    integration = Client(company.url, Credentials(api_key=key))
    eventually(lambda: can_open(integration))
    admin = company.client()
    (user,) = [each for each in admin.every("/api/v1/users", q=name) if each["username"] == name]
    admin.call("PATCH", f"/api/v1/users/{user['id']}", {"active": False}, {"If-Match": f'"{user["version"]}"'})
    assert eventually(lambda: refused(integration), 5)
    status, _, _ = integration._exchange("POST", "/api/v1/session", {"api_key": key}, {})
    assert status == 401


def test_what_one_service_puts_on_record_is_found_in_the_trail_with_who_did_it_and_from_where(company):
    client = company.client()
    client.post("/api/v1/products/bulk", {"items": [{"name": f"服务器 {uuid4().hex[:6]}"}]})
    (entry, *_) = eventually(lambda: client.every("/api/v1/audit", action="bulk.written", service="leads"), 10)
    assert (entry["actor_name"], entry["subject_kind"], entry["address"]) == ("admin", "products", "127.0.0.1")
    assert {"field": "added", "before": None, "after": "1"} in entry["changes"]


def refused(client):
    status, _, _ = client._exchange("GET", "/api/v1/leads", None, {"Authorization": f"Bearer {client._token}"})
    return status == 401


def test_a_lead_that_becomes_a_won_deal_counts_for_its_source(company):
    client = company.client()
    source = client.post("/api/v1/sources", {"name": f"展会 {uuid4().hex[:6]}", "kind": "event"})
    lead = client.post("/api/v1/leads", {"company": "同舟", "source_id": source["id"]})
    judged = client.post(f"/api/v1/leads/{lead['id']}/qualification", {"outcome": "opportunity"})
    won = {"outcome": "won", "amount": {"amount": "10.00", "currency": "CNY"}} | REASONS
    client.post(f"/api/v1/opportunities/{judged['opportunity_id']}/close", won)

    def counted():
        items = client.get("/api/v1/analytics/sources")["items"]
        return [item for item in items if item["group"]["name"] == source["name"] and item["won"]]

    (item,) = eventually(counted)
    assert (item["leads"], item["qualified"], item["won"]) == (1, 1, 1)


def test_a_visit_with_the_next_plan_stops_the_clock_of_a_lead(company):
    client = company.client()
    source = client.post("/api/v1/sources", {"name": f"来电 {uuid4().hex[:6]}", "kind": "phone"})
    lead = client.post("/api/v1/leads", {"company": "同舟", "source_id": source["id"]})["id"]
    plan = {"kind": "call", "due_at": "2030-01-01T09:00:00+08:00", "summary": "回电"}
    visit = {
        "kind": "visit",
        "lead_id": lead,
        "started_at": "2026-01-01T09:00:00+08:00",
        "minutes": 30,
        "summary": "拜访",
        "next_plan": plan,
    }
    client.post("/api/v1/activities", visit)
    assert [each["summary"] for each in client.every("/api/v1/plans", lead_id=lead)] == ["回电"]


def test_a_manager_sees_what_happens_below_him_and_no_more(company, branches):
    manager = a_user(company, f"boss.{uuid4().hex[:6]}", "manager", branches["N1"])
    li = a_user(company, f"li.{uuid4().hex[:6]}", "sales", branches["N1"])
    wang = a_user(company, f"wang.{uuid4().hex[:6]}", "sales", branches["S1"])
    mine, other = eventually(lambda: can_open(li)), eventually(lambda: can_open(wang))
    seen = {deal["id"] for deal in manager.every("/api/v1/opportunities")}
    assert mine in seen
    assert other not in seen
