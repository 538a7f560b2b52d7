"""What becomes of the plans of somebody who left."""

import pytest

from tests.support.races import meanwhile, own
from tests.support.samples import a_customer, a_visit


@pytest.fixture
def boss(activity):
    return activity.a_user("manager", "EAST")


@pytest.fixture
def wang(activity):
    return activity.a_user("sales", "WEST")


def a_plan(activity, user, known, summary="回电"):
    plan = {"kind": "call", "due_at": activity.clock.now().isoformat(), "summary": summary}
    return user.post("/plans", plan | {"customer_id": str(known.customer_id)}).json["id"]


@pytest.fixture
def known(activity, li):
    news = a_customer(li)
    activity.hears(news)
    return news


def test_open_plans_go_to_the_heir_and_kept_ones_stay(activity, li, boss, wang, known):
    still_open, kept = a_plan(activity, li, known), a_plan(activity, li, known, "已办")
    li.post(f"/plans/{kept}/completion", {})
    visit = a_visit(li, activity.clock).json["id"]
    activity.leaves(li, boss, heir=wang)
    activity.hands_over()
    (plan,) = wang.get("/plans").json["items"]
    assert (plan["id"], plan["owner_id"], plan["unit_id"]) == (still_open, str(wang.id), str(wang.unit.id))
    assert (plan["customer_id"], plan["summary"]) == (str(known.customer_id), "回电")
    assert boss.get(f"/plans/{kept}").json["owner_id"] == str(li.id)
    assert boss.get(f"/activities/{visit}").json["owner_id"] == str(li.id)
    (told,) = activity.recorded("crm.activity.plan.reassigned")
    assert (told["data"]["from_owner_id"], told["data"]["from_unit_path"]) == (str(li.id), li.unit.path)
    assert wang.post(f"/plans/{still_open}/completion", {}).status_code == 200


def test_until_then_the_manager_of_the_case_keeps_them(activity, li, wang, known):
    plan = a_plan(activity, li, known)
    activity.leaves(li, wang, heir=activity.a_user("sales", "EAST"))
    assert wang.get(f"/plans/{plan}").status_code == 200
    assert wang.post(f"/plans/{plan}/completion", {}).status_code == 200


def test_a_plan_kept_by_who_left_just_before_is_not_handed_over(activity, li, boss, wang, known):
    plan = a_plan(activity, li, known)
    li.post(f"/plans/{plan}/completion", {})
    activity.leaves(li, boss, heir=wang)
    activity.hands_over()
    (told,) = activity.recorded("crm.activity.handover.progressed")
    assert (told["data"]["moved"], told["data"]["done"]) == (0, True)
    assert activity.recorded("crm.activity.plan.reassigned") == []


def test_a_plan_in_flight_of_somebody_who_leaves_at_that_moment_is_refused(activity, li, known):
    plan = {"kind": "call", "due_at": activity.clock.now().isoformat(), "summary": "回电"}
    asking = own(li)
    answer = meanwhile(activity, li, lambda: asking.post("/plans", plan | {"customer_id": str(known.customer_id)}))
    assert answer.status_code == 403
