"""Leads: capture, turn by turn, deadlines, judgement."""

import collections
import threading
from datetime import timedelta
from uuid import UUID, uuid4

from chassis import watermarks
from contracts.activity import PlanMade
from contracts.backbone import WATERMARKS, service_id
from services.leads.timers import breach_late_plans
from tests.support.samples import a_lead


def test_a_lead_goes_to_a_salesperson_of_the_unit_with_its_deadlines(leads, source):
    manager = leads.a_user("manager", "EAST")
    li = leads.a_user("sales", "EAST", manager)
    answer = a_lead(manager, source, phone="+86 138-0013-8000").json
    assert (answer["state"], answer["owner_id"], answer["manager_id"]) == ("assigned", str(li.id), str(manager.id))
    assert answer["routing"]["rule"] == "round_robin"
    assert answer["due"]["plan_by"] == "2026-03-02T05:00:00+00:00"
    assert answer["score"] == 45
    assert [event["type"] for event in leads.recorded()][-2:] == ["crm.leads.lead.captured", "crm.leads.lead.assigned"]


def test_a_unit_without_salespeople_keeps_its_lead_unassigned(leads, admin, source):
    answer = a_lead(admin, source, unit_id=str(leads.units["WEST"].id)).json
    assert (answer["state"], answer["owner_id"]) == ("unassigned", None)


def test_turns_stay_fair_when_many_capture_at_once(leads, source):
    people = [leads.a_user("sales") for _ in range(3)]
    marketing = leads.a_user("marketing")
    clients = [threading.Thread(target=_capture, args=(leads, marketing, source, 6)) for _ in range(5)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    owners = collections.Counter(event["data"]["owner_id"] for event in leads.recorded("crm.leads.lead.assigned"))
    assert owners == {str(person.id): 10 for person in people}


def _capture(leads, user, source, times):
    for _ in range(times):
        answer = leads.client.application.test_client().post(
            "/api/v1/leads",
            json={"company": "同舟", "source_id": source},
            headers={"Authorization": f"Bearer {user.token}"},
        )
        assert answer.status_code == 201


def test_somebody_who_called_before_is_recognised(leads, source):
    marketing = leads.a_user("marketing")
    first = a_lead(marketing, source, phone="13800138000").json
    again = a_lead(marketing, source, phone="+86 138 0013 8000").json
    assert again["duplicate_of_id"] == first["id"]


def test_a_lead_becomes_a_deal_once(leads, source):
    li = leads.a_user("sales")
    lead = a_lead(li, source).json
    answer = li.post(f"/leads/{lead['id']}/qualification", {"outcome": "opportunity"})
    assert answer.json["state"] == "qualified"
    deal = li.get(f"/opportunities/{answer.json['opportunity_id']}").json
    assert (deal["name"], deal["lead_id"]) == ("同舟科技", lead["id"])
    assert li.post(f"/leads/{lead['id']}/qualification", {"outcome": "opportunity"}).status_code == 409
    assert len(leads.recorded("crm.leads.lead.qualified")) == 1


def test_an_invalid_lead_needs_its_reason(leads, source):
    li = leads.a_user("sales")
    lead = a_lead(li, source).json["id"]
    answer = li.post(f"/leads/{lead}/qualification", {"outcome": "invalid"})
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["reason"])


def test_leads_imported_twice_are_the_same_leads(leads, admin, source):
    items = [
        {"company": f"公司{number}", "source_id": source, "external": {"system": "old", "id": str(number)}}
        for number in range(50)
    ]
    first = admin.post("/leads/bulk", {"items": items}).json["results"]
    again = admin.post("/leads/bulk", {"items": [*items[:-1], items[-1] | {"region": "华东"}]}).json["results"]
    assert {result["status"] for result in first} == {201}
    assert {result["status"] for result in again} == {200}
    assert [result["id"] for result in first] == [result["id"] for result in again]
    assert len(leads.recorded("crm.leads.lead.captured")) == 50
    assert len(leads.recorded("crm.leads.lead.changed")) == 1


def test_nobody_is_late_while_news_of_plans_may_be_under_way(leads, source, clock):
    marketing = leads.a_user("marketing")
    a_lead(marketing, source)
    clock.advance(timedelta(days=3))
    _run(leads)
    assert leads.recorded("crm.leads.lead.breached") == []
    _watermark(leads)
    _run(leads)
    assert len(leads.recorded("crm.leads.lead.breached")) == 1


def test_a_plan_made_in_time_that_is_heard_of_late_takes_the_breach_back(leads, source, clock):
    lead = UUID(a_lead(leads.a_user("marketing"), source).json["id"])
    in_time = clock.now() + timedelta(hours=1)
    clock.advance(timedelta(days=3))
    _watermark(leads)
    _run(leads)
    leads.hears(_plan(lead, made_at=in_time))
    (retracted,) = leads.recorded("crm.leads.lead.breach-retracted")
    assert retracted["data"]["lead_id"] == str(lead)


def test_a_late_plan_does_not_take_the_breach_back(leads, source, clock):
    lead = UUID(a_lead(leads.a_user("marketing"), source).json["id"])
    clock.advance(timedelta(days=3))
    _watermark(leads)
    _run(leads)
    leads.hears(_plan(lead, made_at=clock.now()))
    assert leads.recorded("crm.leads.lead.breach-retracted") == []


def _run(leads):
    with leads.transaction() as tx:
        breach_late_plans(tx, leads.clock.now())


def _watermark(leads):
    reached = WATERMARKS["activity"](
        service_id=service_id("activity"), service="activity", reached_at=leads.clock.now()
    )
    leads.hears(reached)
    with leads.transaction() as tx:
        assert watermarks.horizon(tx, "activity", leads.clock.now()) == leads.clock.now() - watermarks.MARGIN


def _plan(lead, made_at):
    return PlanMade(
        plan_id=uuid4(), lead_id=lead, opportunity_id=None, customer_id=None, kind="call", due_at=made_at,
        summary="回电", unit_id=uuid4(), owner_id=uuid4(), manager_id=None, made_at=made_at,
    )  # fmt: skip
