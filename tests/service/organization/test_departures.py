"""Somebody leaves: refused or done in one act, and followed until nothing is left with him."""

import threading
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from contracts.activity import PlanKept, PlanMade
from contracts.backbone import PROGRESS
from contracts.customer import CustomerChanged, CustomerCreated
from contracts.leads import LeadAssigned, LeadCaptured, LeadQualified, OpportunityOpened, OpportunityWon
from contracts.samples import sample
from services.organization.timers import TIMERS
from tests.service.organization.conftest import PASSWORD, a_user, sign_in, signed_in

KINDS = {"customers": "customer", "leads": "leads", "opportunities": "leads", "plans": "activity"}
NOTHING = {kind: {"held": 0, "moved": 0} for kind in KINDS}


@pytest.fixture
def li(admin, root):
    return a_user(admin, root).json


@pytest.fixture
def boss(admin, root):
    return a_user(admin, root, "boss", "manager").json


@pytest.fixture
def wang(admin, root):
    return a_user(admin, root, "wang.fang").json


def departure(admin, user, to="manager", **more):
    return admin.post(f"/users/{user['id']}/departure", {"to": to} | more)


def handover(admin, answer):
    return admin.get(f"/handovers/{answer.json['handover_id']}").json


def holds(organization, user, kind, **fields):
    """The news that `user` holds something; its id."""
    told = replace(sample(kind), owner_id=UUID(user["id"]), **fields)
    organization.hears(told)
    return told


def progresses(organization, handover_id, kind, held=0, moved=0, done=True):
    """The service that owns this kind tells how far it has come."""
    told = PROGRESS[KINDS[kind]]
    organization.hears(told(handover_id=UUID(handover_id), kind=kind, held=held, moved=moved, done=done))


def runs(organization, name):
    (timer,) = [timer for timer in TIMERS if timer.name == name]
    with organization.transaction() as tx:
        timer.run(tx, organization.clock.now())


def test_who_leaves_is_out_and_his_case_says_what_goes_to_whom(organization, admin, root, li, boss, wang):
    holds(organization, li, CustomerCreated)
    due_at = (organization.clock.now() + timedelta(days=3)).isoformat()
    answer = departure(admin, li, "heir", heir_id=wang["id"], rules=[{"kind": "leads", "to": "pool"}], due_at=due_at)
    assert answer.status_code == 202
    case = handover(admin, answer)
    assert (case["state"], case["user_id"], case["to"], case["heir_id"]) == ("running", li["id"], "heir", wang["id"])
    assert (case["manager_id"], case["unit_id"]) == (boss["id"], root["id"])
    assert case["counts"] == NOTHING | {"customers": {"held": 1, "moved": 0}}
    assert {rule["kind"]: rule["heir_id"] for rule in case["rules"]} == dict.fromkeys(KINDS, wang["id"]) | {
        "leads": None
    }
    assert admin.get(f"/users/{li['id']}").json["active"] is False
    assert sign_in(organization, "li.na", PASSWORD).status_code == 401
    (requested,) = organization.recorded("crm.organization.handover.requested")
    assert requested["data"]["manager_id"] == boss["id"]
    assert requested["unitpath"] == root["path"]
    (disabled,) = organization.recorded("crm.organization.user.disabled")
    assert disabled["actor"] == requested["actor"]


def test_a_preview_counts_what_is_held_and_changes_nothing(organization, admin, li, boss):
    customer = holds(organization, li, CustomerCreated)
    holds(organization, li, LeadCaptured, lead_id=uuid4(), state="assigned")
    holds(organization, li, LeadAssigned, lead_id=uuid4(), state="nurturing")
    judged = holds(organization, li, LeadCaptured, lead_id=uuid4(), state="assigned")
    holds(organization, li, LeadQualified, lead_id=judged.lead_id, state="qualified")
    holds(organization, li, OpportunityOpened, outcome=None, opportunity_id=uuid4())
    won = holds(organization, li, OpportunityOpened, outcome=None, opportunity_id=uuid4())
    holds(organization, li, OpportunityWon, opportunity_id=won.opportunity_id)
    kept = holds(organization, li, PlanMade, plan_id=uuid4())
    holds(organization, li, PlanMade, plan_id=uuid4())
    holds(organization, li, PlanKept, plan_id=kept.plan_id)
    organization.hears(replace(sample(CustomerChanged), customer_id=customer.customer_id, owner_id=uuid4()), sequence=1)
    before = len(organization.recorded())
    answer = departure(admin, li, preview=True)
    assert answer.status_code == 200
    assert {kind: count["held"] for kind, count in answer.json["counts"].items()} == {
        "customers": 1, "leads": 2, "opportunities": 1, "plans": 1,
    }  # fmt: skip
    assert answer.json["manager_id"] == boss["id"]
    assert len(organization.recorded()) == before
    assert admin.get(f"/users/{li['id']}").json["active"] is True
    assert admin.get("/handovers").json["items"] == []


def test_what_was_told_in_one_batch_counts_by_its_newest_news(organization, admin, li, wang):
    customer = sample(CustomerCreated)
    events = [replace(customer, owner_id=UUID(user["id"])) for user in (li, wang)]
    organization.hears(*events)
    assert departure(admin, li, preview=True).json["counts"]["customers"]["held"] == 0
    assert departure(admin, wang, preview=True).json["counts"]["customers"]["held"] == 1


def test_a_case_is_done_when_every_kind_is_and_says_so_once(organization, admin, li, boss):
    answer = departure(admin, li)
    case_id = answer.json["handover_id"]
    progresses(organization, case_id, "customers", held=100, moved=200, done=False)
    assert handover(admin, answer)["counts"]["customers"] == {"held": 100, "moved": 200}
    for kind in KINDS:
        assert handover(admin, answer)["state"] == "running"
        progresses(organization, case_id, kind, moved=300)
    case = handover(admin, answer)
    assert case["state"] == "done"
    assert case["completed_at"]
    assert case["counts"] == {kind: {"held": 0, "moved": 300} for kind in KINDS}
    (completed,) = organization.recorded("crm.organization.handover.completed")
    assert completed["data"]["manager_id"] == boss["id"]
    assert len(organization.recorded("crm.organization.handover.progressed")) == 5
    assert [each["id"] for each in admin.get("/handovers?state=done").json["items"]] == [case_id]
    assert admin.get("/handovers?state=running").json["items"] == []


def test_news_that_comes_late_turns_no_count_back(organization, admin, li):
    answer = departure(admin, li)
    told = PROGRESS["customer"](
        handover_id=UUID(answer.json["handover_id"]), kind="customers", held=0, moved=9, done=True
    )
    organization.hears(told, sequence=7)
    organization.hears(replace(told, held=5, moved=4, done=False), sequence=6)
    assert handover(admin, answer)["counts"]["customers"] == {"held": 0, "moved": 9}


def test_a_case_runs_again_when_something_slipped_through(organization, admin, li):
    answer = departure(admin, li)
    for kind in KINDS:
        progresses(organization, answer.json["handover_id"], kind)
    progresses(organization, answer.json["handover_id"], "leads", held=1, done=False)
    assert handover(admin, answer)["state"] == "running"
    progresses(organization, answer.json["handover_id"], "leads", moved=1)
    assert handover(admin, answer)["state"] == "done"


def test_who_is_merely_deactivated_leaves_what_he_holds_to_his_manager(organization, admin, root, boss):
    held = [{"unit_id": root["id"], "role": "sales", "manager_id": boss["id"]}]
    li = a_user(admin, root, memberships=held).json
    assert admin.patch(f"/users/{li['id']}", {"active": False}, version=1).status_code == 200
    (case,) = admin.get(f"/handovers?user_id={li['id']}").json["items"]
    assert (case["to"], case["manager_id"]) == ("manager", boss["id"])
    assert {rule["heir_id"] for rule in case["rules"]} == {boss["id"]}


def test_nobody_is_deleted(organization, admin, li):
    assert admin.call("DELETE", f"/users/{li['id']}").status_code == 405


def test_who_left_comes_back_only_when_everything_has_been_handed_over(organization, admin, li):
    answer = departure(admin, li)
    refused = admin.patch(f"/users/{li['id']}", {"active": True}, version=2)
    assert (refused.status_code, list(refused.json["errors"])) == (409, ["active"])
    for kind in KINDS:
        progresses(organization, answer.json["handover_id"], kind)
    assert admin.patch(f"/users/{li['id']}", {"active": True}, version=2).status_code == 200
    assert departure(admin, li).status_code == 202


def test_what_cannot_be_is_refused_by_field(organization, admin, root, li, wang):
    gone = a_user(admin, root, "gone").json
    assert departure(admin, gone).status_code == 202
    unknown = str(uuid4())
    cases = [
        ({"to": "heir"}, 422, "heir_id"),
        ({"to": "heir", "heir_id": unknown}, 422, "heir_id"),
        ({"to": "heir", "heir_id": gone["id"]}, 422, "heir_id"),
        ({"to": "heir", "heir_id": li["id"]}, 422, "heir_id"),
        ({"to": "manager", "heir_id": wang["id"]}, 422, "heir_id"),
        ({"rules": [{"kind": "leads", "to": "heir", "heir_id": unknown}]}, 422, "rules.0.heir_id"),
        ({"rules": [{"kind": "customers", "to": "pool"}]}, 422, "rules.0.to"),
        ({"rules": [{"kind": "leads", "to": "pool"}] * 2}, 422, "rules.1.kind"),
        ({"rules": [{"kind": "shoes", "to": "pool"}]}, 422, "rules.0.kind"),
        ({"due_at": "2020-01-01T00:00:00Z"}, 422, "due_at"),
    ]
    for preview in (True, False):
        for body, status, field in cases:
            answer = departure(admin, li, **{"to": "manager", "preview": preview} | body)
            assert (answer.status_code, list(answer.json["errors"])) == (status, [field]), body
        again = departure(admin, gone, preview=preview)
        assert (again.status_code, list(again.json["errors"])) == (409, ["user_id"])
        assert departure(admin, {"id": unknown}, preview=preview).status_code == 404
    assert admin.get(f"/users/{li['id']}").json["active"] is True
    assert len(admin.get("/handovers").json["items"]) == 1


def test_the_last_administrator_cannot_leave_what_nobody_would_take(organization, admin):
    me = admin.get("/me").json
    refused = admin.patch(f"/users/{me['id']}", {"active": False}, version=1)
    assert (refused.status_code, list(refused.json["errors"])) == (409, ["user_id"])
    assert admin.get("/me").status_code == 200


def test_only_administrators_see_and_start_departures(organization, admin, root, li, boss):
    manager = signed_in(organization, "boss", PASSWORD)
    assert departure(manager, li).status_code == 403
    assert manager.get("/handovers").status_code == 403
    answer = departure(admin, li)
    assert manager.get(f"/handovers/{answer.json['handover_id']}").status_code == 403
    assert admin.get(f"/handovers/{uuid4()}").status_code == 404


def test_the_same_departure_sent_twice_is_one(organization, admin, li):
    first, again = (
        admin.post(f"/users/{li['id']}/departure", {"to": "manager"}, Idempotency_Key="leaving") for _ in range(2)
    )
    assert first.json == again.json
    assert len(organization.recorded("crm.organization.handover.requested")) == 1


def at_once(organization, admin, *departures):
    """The statuses of several departures that are asked for at the same moment."""
    statuses = []

    def ask(user, body):
        client = organization.client.application.test_client()
        answer = client.post(f"/api/v1/users/{user['id']}/departure", json=body, headers=admin.headers)
        statuses.append(answer.status_code)

    asking = [threading.Thread(target=ask, args=departure) for departure in departures]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()
    return sorted(statuses)


def test_one_departure_asked_for_by_many_at_once_is_one(organization, admin, li):
    assert at_once(organization, admin, *[(li, {"to": "manager"})] * 4) == [202, 409, 409, 409]
    assert len(admin.get("/handovers").json["items"]) == 1


def test_of_two_who_leave_at_once_and_name_each_other_one_is_refused(organization, admin, li, wang):
    heirs = [(user, {"to": "heir", "heir_id": heir["id"]}) for user, heir in ((li, wang), (wang, li))]
    assert at_once(organization, admin, *heirs) == [202, 422]


def test_a_manager_and_his_heir_leave_at_once_and_neither_waits_for_the_other(organization, admin, root, boss):
    held = [{"unit_id": root["id"], "role": "sales", "manager_id": boss["id"]}]
    for number in range(4):
        heir = a_user(admin, root, f"heir{number}", memberships=held).json
        manager = a_user(admin, root, f"manager{number}", "manager").json
        both = [(heir, {"to": "manager"}), (manager, {"to": "heir", "heir_id": heir["id"]})]
        assert at_once(organization, admin, *both) in ([202, 202], [202, 422])


def test_who_left_before_there_were_cases_gets_one_as_soon_as_he_is_known_to_hold_something(organization, admin, li):
    with organization.transaction() as tx:
        tx.driver("UPDATE users SET active = false WHERE id = %s", (li["id"],))
    runs(organization, "open-missing-handovers")
    assert admin.get("/handovers").json["items"] == []
    holds(organization, li, CustomerCreated)
    for _ in range(2):
        runs(organization, "open-missing-handovers")
    (case,) = admin.get("/handovers").json["items"]
    assert (case["user_id"], case["counts"]["customers"]["held"]) == (li["id"], 1)


def test_a_case_past_its_due_time_goes_to_the_next_manager_above_once(organization, admin, root, li, boss):
    due_at = (organization.clock.now() + timedelta(hours=1)).isoformat()
    answer = departure(admin, li, due_at=due_at)
    runs(organization, "escalate-handovers")
    assert handover(admin, answer)["escalated_at"] is None
    organization.clock.advance(timedelta(hours=2))
    for _ in range(2):
        runs(organization, "escalate-handovers")
    me = signed_in(organization, "admin", PASSWORD)
    case = me.get(f"/handovers/{answer.json['handover_id']}").json
    assert case["escalated_at"]
    assert case["manager_id"] == me.get("/me").json["id"]
    (told,) = organization.recorded("crm.organization.handover.escalated")
    assert told["data"]["from_manager_id"] == boss["id"]
