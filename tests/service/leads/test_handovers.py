"""What becomes of the leads and deals of somebody who left."""

import pytest

from tests.support.samples import REASONS, a_deal, a_lead

WON = {"outcome": "won", "amount": {"amount": "1054.00", "currency": "USD"}} | REASONS


@pytest.fixture
def li(leads):
    return leads.a_user("sales", "EAST1")


@pytest.fixture
def boss(leads):
    return leads.a_user("manager", "EAST")


@pytest.fixture
def wang(leads):
    return leads.a_user("sales", "WEST")


def ids(answer):
    return {each["id"] for each in answer.json["items"]}


def test_an_open_deal_goes_to_the_heir_with_stage_fields_and_history(leads, li, boss, wang, product):
    line = {"product_id": product, "quantity": "3", "price": {"amount": "500.00", "currency": "CNY"}}
    deal = a_deal(li, lines=[line], expected_close_on="2026-05-01").json["id"]
    li.post(f"/opportunities/{deal}/stage", {"stage": "proposing"})
    before = li.get(f"/opportunities/{deal}").json
    leads.leaves(li, boss, heir=wang)
    leads.hands_over()
    after = wang.get(f"/opportunities/{deal}").json
    changed = {name for name in after if after[name] != before[name]}
    assert changed <= {"owner_id", "unit_id", "manager_id", "version", "updated_at"}
    assert (after["owner_id"], after["unit_id"]) == (str(wang.id), str(wang.unit.id))
    wang.post(f"/opportunities/{deal}/close", WON)
    history = wang.get(f"/opportunities/{deal}/history").json["items"]
    assert [(entry["stage"], entry["owner_id"]) for entry in history] == [
        ("prospecting", str(li.id)), ("proposing", str(li.id)), ("won", str(wang.id)),
    ]  # fmt: skip
    (event,) = leads.recorded("crm.leads.opportunity.reassigned")
    assert (event["data"]["from_owner_id"], event["data"]["from_unit_path"]) == (str(li.id), li.unit.path)
    assert event["unitpath"] == wang.unit.path


def test_won_deals_and_judged_leads_stay_as_history_that_the_manager_reads(leads, li, wang, source):
    won = a_deal(li).json["id"]
    li.post(f"/opportunities/{won}/close", WON)
    judged = a_lead(li, source, owner_id=str(li.id)).json["id"]
    li.post(f"/leads/{judged}/qualification", {"outcome": "invalid", "reason": "空号"})
    leads.leaves(li, wang)
    leads.hands_over()
    assert wang.get(f"/opportunities/{won}").json["owner_id"] == str(li.id)
    assert wang.get(f"/leads/{judged}").json["owner_id"] == str(li.id)
    told = [event["data"] for event in leads.recorded("crm.leads.handover.progressed")]
    assert {(each["kind"], each["moved"], each["done"]) for each in told} == {
        ("leads", 0, True), ("opportunities", 0, True),
    }  # fmt: skip


def test_leads_go_to_the_heir_in_the_state_they_are_in(leads, li, boss, wang, source):
    fresh, nurtured = (a_lead(li, source, owner_id=str(li.id)).json["id"] for _ in range(2))
    li.post(f"/leads/{nurtured}/qualification", {"outcome": "potential"})
    leads.leaves(li, boss, heir=wang)
    leads.hands_over()
    assert {lead["id"]: lead["state"] for lead in wang.get("/leads").json["items"]} == {
        fresh: "assigned", nurtured: "nurturing",
    }  # fmt: skip
    told = leads.recorded("crm.leads.lead.assigned")[-2:]
    assert {(event["data"]["rule"], event["data"]["from_owner_id"]) for event in told} == {("handover", str(li.id))}


def test_leads_out_of_the_pool_are_routed_again_within_their_unit(leads, li, boss, source):
    zhao, chen = leads.a_user("sales", "EAST1"), leads.a_user("sales", "EAST1")
    given = {a_lead(li, source, owner_id=str(li.id)).json["id"] for _ in range(4)}
    leads.leaves(li, boss, leads=None)
    leads.hands_over()
    assert len(ids(zhao.get("/leads"))) == len(ids(chen.get("/leads"))) == 2
    assert ids(zhao.get("/leads")) | ids(chen.get("/leads")) == given
    lead = zhao.get("/leads").json["items"][0]
    assert (lead["routing"]["rule"], lead["state"]) == ("round_robin", "assigned")


def test_a_lead_that_nobody_takes_out_of_the_pool_is_unassigned_and_not_lost(leads, li, boss, source):
    lead = a_lead(li, source, owner_id=str(li.id)).json["id"]
    leads.leaves(li, boss, leads=None)
    leads.hands_over()
    row = boss.get(f"/leads/{lead}").json
    assert (row["state"], row["owner_id"], row["unit_id"]) == ("unassigned", None, str(li.unit.id))
    (told,) = leads.recorded("crm.leads.lead.changed")
    assert told["data"]["from_owner_id"] == str(li.id)
    (progressed,) = [
        event["data"] for event in leads.recorded("crm.leads.handover.progressed") if event["data"]["kind"] == "leads"
    ]
    assert (progressed["held"], progressed["moved"]) == (0, 1)


def test_each_kind_goes_its_own_way(leads, li, boss, wang, source):
    lead, deal = a_lead(li, source, owner_id=str(li.id)).json["id"], a_deal(li).json["id"]
    leads.leaves(li, boss, leads=wang)
    leads.hands_over()
    assert wang.get(f"/leads/{lead}").json["owner_id"] == str(wang.id)
    assert boss.get(f"/opportunities/{deal}").json["owner_id"] == str(boss.id)


def test_the_manager_works_on_what_is_still_the_leavers_and_a_deal_he_begins_is_his(leads, li, source):
    named = leads.a_user("sales", "WEST")
    lead, deal = a_lead(li, source, owner_id=str(li.id)).json["id"], a_deal(li).json["id"]
    leads.leaves(li, named, heir=leads.a_user("sales", "EAST"))
    assert ids(named.get("/leads")) == {lead}
    assert named.post(f"/opportunities/{deal}/stage", {"stage": "engaging"}).status_code == 200
    judged = named.post(f"/leads/{lead}/qualification", {"outcome": "opportunity"})
    assert judged.status_code == 200
    begun = named.get(f"/opportunities/{judged.json['opportunity_id']}").json
    assert (begun["owner_id"], begun["lead_id"]) == (str(named.id), lead)
