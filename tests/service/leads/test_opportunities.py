"""Opportunities, as users and other services see them."""

import threading
from uuid import uuid4

from tests.support.samples import REASONS, a_customer, a_deal

WON = {"outcome": "won", "amount": {"amount": "1054.00", "currency": "USD"}} | REASONS


def test_a_deal_belongs_to_its_caller_and_opens_today(leads):
    li = leads.a_user("sales")
    answer = a_deal(li)
    assert answer.status_code == 201
    assert answer.json["owner_id"] == str(li.id)
    assert answer.json["unit_id"] == str(li.unit.id)
    assert answer.json["opened_on"] == "2026-03-02"
    assert answer.headers["ETag"] == '"1"'
    (opened,) = leads.recorded("crm.leads.opportunity.opened")
    assert opened["unitpath"] == li.unit.path
    assert opened["data"]["stage"] == "prospecting"


def test_a_deal_moves_and_its_history_keeps_every_stage(leads):
    li = leads.a_user("sales")
    deal = a_deal(li).json["id"]
    assert li.post(f"/opportunities/{deal}/stage", {"stage": "proposing"}).json["version"] == 2
    assert li.post(f"/opportunities/{deal}/close", WON).json["outcome"] == "won"
    stages = [entry["stage"] for entry in li.get(f"/opportunities/{deal}/history").json["items"]]
    assert stages == ["prospecting", "proposing", "won"]
    sequences = [event["sequence"] for event in leads.recorded() if event["subject"] == deal]
    assert sequences == [1, 2, 3]


def test_a_closed_deal_moves_no_more(leads):
    li = leads.a_user("sales")
    deal = a_deal(li).json["id"]
    li.post(f"/opportunities/{deal}/close", WON)
    assert li.post(f"/opportunities/{deal}/stage", {"stage": "engaging"}).status_code == 409


def test_a_deal_is_not_won_without_an_amount(leads):
    li = leads.a_user("sales")
    deal = a_deal(li).json["id"]
    answer = li.post(f"/opportunities/{deal}/close", {"outcome": "won"} | REASONS)
    assert answer.status_code == 422
    assert list(answer.json["errors"]) == ["amount"]
    assert leads.recorded("crm.leads.opportunity.won") == []


def test_a_deal_is_won_for_what_its_lines_add_up_to(leads, product):
    li = leads.a_user("sales")
    line = {"product_id": product, "quantity": "3", "price": {"amount": "500.10", "currency": "CNY"}}
    deal = a_deal(li, lines=[line]).json["id"]
    closed = li.post(f"/opportunities/{deal}/close", {"outcome": "won"} | REASONS)
    assert closed.json["amount"] == {"amount": "1500.30", "currency": "CNY"}


def test_an_edit_needs_the_version_it_edits(leads):
    li = leads.a_user("sales")
    deal = a_deal(li).json["id"]
    assert li.patch(f"/opportunities/{deal}", {"name": "新名"}).status_code == 428
    assert li.patch(f"/opportunities/{deal}", {"name": "新名"}, version=7).status_code == 412
    assert li.patch(f"/opportunities/{deal}", {"name": "新名"}, version=1).json["version"] == 2


def test_salespeople_see_their_own_managers_those_below_auditors_all(leads):
    li, wang = leads.a_user("sales", "EAST1"), leads.a_user("sales", "WEST")
    manager, auditor = leads.a_user("manager", "EAST"), leads.a_user("auditor", "HQ")
    deal = a_deal(li).json["id"]
    for user, sees in ((li, True), (wang, False), (manager, True), (auditor, True)):
        assert (user.get(f"/opportunities/{deal}").status_code == 200) is sees
        assert bool(user.get("/opportunities").json["items"]) is sees


def test_what_may_be_seen_and_not_done_is_403_what_may_not_be_seen_404(leads):
    li, wang, auditor = leads.a_user("sales"), leads.a_user("sales", "WEST"), leads.a_user("auditor", "HQ")
    deal = a_deal(li).json["id"]
    assert wang.post(f"/opportunities/{deal}/stage", {"stage": "engaging"}).status_code == 404
    assert auditor.post(f"/opportunities/{deal}/stage", {"stage": "engaging"}).status_code == 403


def test_a_customer_that_arrives_meanwhile_is_waited_for(leads):
    li = leads.a_user("sales")
    customer = a_customer(li)
    arriving = threading.Timer(0.3, leads.hears, [customer])
    arriving.start()
    answer = a_deal(li, customer_id=str(customer.customer_id))
    arriving.join()
    assert answer.status_code == 201


def test_a_customer_that_never_existed_or_is_anothers_is_unknown_after_the_wait(leads):
    li, wang = leads.a_user("sales"), leads.a_user("sales", "WEST")
    hers = a_customer(wang)
    leads.hears(hers)
    for customer_id in (uuid4(), hers.customer_id):
        answer = a_deal(li, customer_id=str(customer_id))
        assert answer.status_code == 422
        assert answer.json["type"].endswith("/unknown_reference")
        assert answer.json["errors"].keys() == {"customer_id"}
        assert answer.headers["Retry-After"] == "2"


def test_the_same_key_gives_the_same_answer_and_one_deal(leads):
    li = leads.a_user("sales")
    first = li.post("/opportunities", {"name": "一"}, Idempotency_Key="k1")
    again = li.post("/opportunities", {"name": "一"}, Idempotency_Key="k1")
    other = li.post("/opportunities", {"name": "二"}, Idempotency_Key="k1")
    assert again.json == first.json
    assert again.headers["ETag"] == first.headers["ETag"]
    assert other.status_code == 422
    assert len(leads.recorded("crm.leads.opportunity.opened")) == 1


def test_a_refused_request_may_use_its_key_again(leads):
    li = leads.a_user("sales")
    assert li.post("/opportunities", {}, Idempotency_Key="k2").status_code == 422
    assert li.post("/opportunities", {"name": "一"}, Idempotency_Key="k2").status_code == 201


def test_an_import_twice_is_one_row_and_a_changed_row_says_what_changed(leads, admin, product):
    won = {
        "name": "旧单", "stage": "won", "opened_on": "2017-01-02", "closed_on": "2017-03-01",
        "amount": {"amount": "100.00", "currency": "USD"}, "external": {"system": "maven", "id": "01"},
        "lines": [{"product_id": product}],
    }  # fmt: skip
    engaging = {"name": "在谈", "stage": "engaging", "opened_on": None, "external": {"system": "maven", "id": "02"}}
    first = admin.post("/opportunities/bulk", {"items": [won, engaging]})
    again = admin.post("/opportunities/bulk", {"items": [won, engaging | {"stage": "negotiating"}]})
    assert [result["status"] for result in first.json["results"]] == [201, 201]
    assert [result["status"] for result in again.json["results"]] == [200, 200]
    assert first.json["results"][0]["id"] == again.json["results"][0]["id"]
    kinds = [event["type"].rsplit(".", 1)[1] for event in leads.recorded() if ".opportunity." in event["type"]]
    assert kinds == ["opened", "won", "opened", "stage-changed"]
    (deal,) = admin.get("/opportunities?outcome=won").json["items"]
    assert (deal["imported"], deal["opened_on"], deal["closed_on"]) == (True, "2017-01-02", "2017-03-01")


def test_history_is_for_those_who_may_import(leads):
    li = leads.a_user("sales")
    assert a_deal(li, opened_on="2017-01-02").status_code == 403
    assert a_deal(li, stage="won", amount=WON["amount"]).status_code == 403


def test_a_bad_item_hurts_no_other(leads, admin):
    items = [{"name": "好"}, {"name": ""}, {"name": "坏", "stage": "nowhere"}, {"name": "未知", "colour": "red"}]
    answer = admin.post("/opportunities/bulk", {"items": items})
    assert [result["status"] for result in answer.json["results"]] == [201, 422, 422, 422]
    assert "colour" in answer.json["results"][3]["problem"]["errors"]


def test_a_deal_is_given_to_somebody_within_reach(leads):
    manager = leads.a_user("manager", "EAST")
    li, wang = leads.a_user("sales", "EAST1", manager), leads.a_user("sales", "WEST")
    deal = a_deal(manager).json["id"]
    given = manager.patch(f"/opportunities/{deal}", {"owner_id": str(li.id)}, version=1)
    assert given.json["owner_id"] == str(li.id)
    assert given.json["manager_id"] == str(manager.id)
    (event,) = leads.recorded("crm.leads.opportunity.reassigned")
    assert event["unitpath"] == li.unit.path
    assert event["data"]["from_owner_id"] == str(manager.id)
    assert event["data"]["from_unit_path"] == manager.unit.path
    assert manager.patch(f"/opportunities/{deal}", {"owner_id": str(wang.id)}, version=2).status_code == 422


def test_nobody_is_given_a_deal_once_he_is_disabled(leads, admin):
    li = leads.a_user("sales")
    leads.disables(li)
    assert a_deal(admin, owner_id=str(li.id)).status_code == 422


def test_lists_page_by_cursor_without_gaps(leads):
    li = leads.a_user("sales")
    made = {a_deal(li, name=str(number)).json["id"] for number in range(7)}
    seen, cursor = [], ""
    while cursor is not None:
        page = li.get(f"/opportunities?limit=3&sort=-updated_at&cursor={cursor}").json
        seen += [deal["id"] for deal in page["items"]]
        cursor = page["next_cursor"]
    assert len(seen) == 7
    assert set(seen) == made
    assert li.get("/opportunities?cursor=nonsense").status_code == 422
    assert li.get("/opportunities?sort=secret").status_code == 422
