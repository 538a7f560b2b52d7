"""Activities and plans, as users and other services see them."""

from datetime import timedelta
from uuid import uuid4

import pytest

from tests.support.samples import a_customer, a_visit


@pytest.fixture
def customer(activity, li):
    known = a_customer(li)
    activity.hears(known)
    return str(known.customer_id)


def test_a_visit_with_the_next_plan_is_both_or_neither(activity, li, customer, clock):
    plan = {"kind": "call", "due_at": (clock.now() + timedelta(days=2)).isoformat(), "summary": "回电"}
    made = a_visit(li, clock, customer_id=customer, next_plan=plan)
    assert made.status_code == 201
    assert [event["type"] for event in activity.recorded()] == [
        "crm.activity.activity.logged",
        "crm.activity.plan.made",
    ]
    assert a_visit(li, clock, next_plan=plan).status_code == 422
    assert len(activity.recorded()) == 2


def test_a_plan_is_kept_once_with_the_activity_that_kept_it(activity, li, customer, clock):
    due = (clock.now() + timedelta(days=2)).isoformat()
    plan = li.post("/plans", {"kind": "call", "due_at": due, "summary": "回电", "customer_id": customer}).json["id"]
    done = {"kind": "call", "started_at": clock.now().isoformat(), "minutes": 5, "summary": "已回电"}
    kept = li.post(f"/plans/{plan}/completion", {"activity": done})
    assert kept.status_code == 200
    assert li.get(f"/activities/{kept.json['activity_id']}").json["summary"] == "已回电"
    assert li.post(f"/plans/{plan}/completion", {"activity": done}).status_code == 409
    assert len(activity.recorded("crm.activity.activity.logged")) == 1
    assert len(activity.recorded("crm.activity.plan.kept")) == 1


def test_a_plan_is_not_kept_with_an_activity_the_caller_does_not_see(activity, li, customer, clock):
    hers = a_visit(activity.a_user("sales", "WEST"), clock).json["id"]
    plan = {"kind": "call", "due_at": clock.now().isoformat(), "summary": "回电", "customer_id": customer}
    made = li.post("/plans", plan).json["id"]
    for activity_id in (hers, str(uuid4())):
        answer = li.post(f"/plans/{made}/completion", {"activity_id": activity_id})
        assert (answer.status_code, list(answer.json["errors"])) == (422, ["activity_id"])


def test_what_was_done_is_not_in_the_future_and_nothing_lasts_longer_than_a_day(activity, li, clock):
    late = (clock.now() + timedelta(hours=1)).isoformat()
    for changes, field in (
        ({"started_at": late}, "started_at"),
        ({"minutes": 1441}, "minutes"),
        ({"kind": "nap"}, "kind"),
    ):
        answer = a_visit(li, clock, **changes)
        assert (answer.status_code, list(answer.json["errors"])) == (422, [field])


def test_a_customer_of_another_branch_is_unknown(activity, li, clock):
    wang = activity.a_user("sales", "WEST")
    hers = a_customer(wang)
    activity.hears(hers)
    for customer_id in (str(hers.customer_id), str(uuid4())):
        answer = a_visit(li, clock, customer_id=customer_id)
        assert (answer.status_code, list(answer.json["errors"])) == (422, ["customer_id"])


def test_everybody_sees_what_was_done_within_his_reach(activity, li, clock):
    wang, manager = activity.a_user("sales", "WEST"), activity.a_user("manager", "EAST")
    made = a_visit(li, clock).json["id"]
    for user, sees in ((li, True), (wang, False), (manager, True)):
        assert (user.get(f"/activities/{made}").status_code == 200) is sees
        assert bool(user.get("/activities").json["items"]) is sees


def test_the_agenda_shows_what_was_done_and_what_is_due(activity, li, customer, clock):
    a_visit(li, clock)
    due = clock.now() + timedelta(days=1)
    li.post("/plans", {"kind": "call", "due_at": due.isoformat(), "summary": "回电", "customer_id": customer})
    bounds = f"from={clock.now():%Y-%m-%dT%H:%M:%SZ}&to={due + timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}"
    agenda = li.get(f"/agenda?{bounds}").json
    assert ([len(agenda[part]) for part in ("activities", "plans")]) == [1, 1]


def test_an_edit_needs_the_version_it_edits(activity, li, clock):
    made = a_visit(li, clock).json["id"]
    assert li.patch(f"/activities/{made}", {"minutes": 60}).status_code == 428
    assert li.patch(f"/activities/{made}", {"minutes": 60}, version=1).json["version"] == 2


def test_plans_are_narrowed_to_open_overdue_and_kept_ones_of_one_subject(activity, li, customer, clock):
    def a_plan(summary, days, **about):
        due = (clock.now() + timedelta(days=days)).isoformat()
        return li.post("/plans", {"kind": "call", "due_at": due, "summary": summary} | about).json["id"]

    other = a_customer(li)
    activity.hears(other)
    a_plan("过期", -1, customer_id=customer)
    a_plan("将来", 1, customer_id=customer)
    done = a_plan("完成", -2, customer_id=customer)
    a_plan("别家", 1, customer_id=str(other.customer_id))
    li.post(f"/plans/{done}/completion", {})
    wanted = {
        f"state=open&customer_id={customer}": ["过期", "将来"],
        f"state=overdue&customer_id={customer}": ["过期"],
        f"state=kept&customer_id={customer}": ["完成"],
        f"customer_id={other.customer_id}": ["别家"],
        "state=open": ["过期", "将来", "别家"],
    }
    for query, summaries in wanted.items():
        found = li.get(f"/plans?sort=due_at&{query}").json["items"]
        assert [plan["summary"] for plan in found] == summaries, query


def test_what_was_done_says_for_whom_by_name(activity, li, customer, clock):
    made = a_visit(li, clock, customer_id=customer)
    bounds = f"from={clock.now():%Y-%m-%dT%H:%M:%SZ}&to={clock.now() + timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}"
    (listed,) = li.get("/activities").json["items"]
    (on_agenda,) = li.get(f"/agenda?{bounds}").json["activities"]
    for shown in (made.json, li.get(f"/activities/{made.json['id']}").json, listed, on_agenda):
        assert (shown["customer_name"], shown["lead_name"], shown["opportunity_name"]) == ("北京同舟", None, None)
