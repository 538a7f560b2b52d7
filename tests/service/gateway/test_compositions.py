"""Answers made of several services': side by side, with the caller's own token, whole or partly."""

import json
import re
import threading

import pytest

from chassis.settings import Settings
from chassis.web import create_app
from crm import company
from gateway.answers import Answer
from gateway.compositions import COMPOSITIONS
from gateway.pages import merged
from gateway.upstreams import LocalUpstream, Overloaded, TimedOut, Unavailable

CUSTOMER_ID = "0190a5b2-0000-7000-8000-000000000001"
OVERVIEW = f"/api/v1/customers/{CUSTOMER_ID}/overview"
HOME = "/api/v1/home"
PARTS = {"customer", "contacts", "ownerships", "opportunities", "activities", "plans", "missing"}


def ask(door, path, token, **asked):
    status, headers, body = door.ask(path=path, token=token, **asked)
    return status, headers, json.loads(body) if body else None


def of_status(status):
    return Answer(status, [("Content-Type", "application/problem+json")], json.dumps({"status": status}).encode())


def test_every_service_is_asked_with_the_callers_own_token_and_no_conditions(door, token):
    status, _, overview = ask(door, OVERVIEW, token, if_none_match='"1"', accept_language="en")
    assert status == 200
    assert overview.keys() == PARTS
    assert overview["missing"] == []
    assert {call.target for call in door.customer.calls} == {
        f"/api/v1/customers/{CUSTOMER_ID}",
        f"/api/v1/customers/{CUSTOMER_ID}/contacts",
        f"/api/v1/customers/{CUSTOMER_ID}/ownerships",
    }
    for call in (*door.customer.calls, *door.leads.calls, *door.activity.calls):
        assert call.headers["Authorization"] == f"Bearer {token}"
        assert call.headers["Accept-Language"] == "en"
        assert "If-None-Match" not in call.headers


def test_nobody_gets_a_composition_without_a_token_or_by_another_method(door, token):
    for path in (OVERVIEW, HOME):
        assert door.ask(path=path)[0] == 401
        assert door.ask("POST", path, token=token)[0] == 405
        assert door.ask("HEAD", path, token=token)[::2] == (200, b"")
    assert door.ask(path="/api/v1/customers/1/overview", token=token)[0] == 404


@pytest.mark.parametrize("failure", [Unavailable(), Overloaded(), TimedOut(), RuntimeError("broke"), of_status(500)])
def test_what_does_not_come_is_null_and_its_service_is_named(door, token, failure):
    door.activity.answer = failure
    status, _, overview = ask(door, OVERVIEW, token)
    assert status == 200
    assert overview["missing"] == ["activity"]
    assert [name for name, part in overview.items() if part is None] == ["activities", "plans"]
    assert overview["opportunities"] == {"items": []}


def test_what_is_late_is_missing_and_the_rest_does_not_wait_for_it(door, token):
    released = threading.Event()
    door.leads.answer = lambda call: released.wait(60) and of_status(200)
    try:
        status, _, overview = ask(door, OVERVIEW, token)
    finally:
        released.set()
    assert status == 200
    assert overview["missing"] == ["leads"]
    assert overview["activities"] == {"items": []}


@pytest.mark.parametrize("status", [401, 403, 404, 500])
def test_without_the_customer_the_answer_is_the_one_about_the_customer(door, token, status):
    door.customer.answer = of_status(status)
    assert ask(door, OVERVIEW, token)[::2] == (status, {"status": status})


def test_a_customer_service_that_is_away_is_a_503(door, token):
    door.customer.answer = Unavailable()
    status, headers, problem = ask(door, OVERVIEW, token)
    assert (status, problem["type"].rpartition("/")[2]) == (503, "unavailable")
    assert headers["Retry-After"]


def test_a_token_that_any_service_refuses_is_refused(door, token):
    door.leads.answer = of_status(401)
    assert ask(door, OVERVIEW, token)[0] == 401


def test_home_asks_for_the_callers_day_and_for_all_that_is_within_his_reach(door, token):
    status, _, home = ask(door, HOME, token)
    assert status == 200
    assert home.keys() == {"agenda", "overdue", "leads", "opportunities", "pipeline", "missing"}
    (leads, opportunities) = sorted(call.target for call in door.leads.calls)
    assert not {"owner_id", "unit_id"} & set(re.findall(r"[?&](\w+)=", leads + opportunities))
    (agenda,) = [call.target for call in door.activity.calls if "agenda" in call.target]
    assert agenda.count("T16:00:00Z") == 2, "days begin at midnight in China"


def test_home_without_one_service_is_partial_and_without_all_a_503(door, token):
    door.analytics.answer = Unavailable()
    assert ask(door, HOME, token)[2]["missing"] == ["analytics"]
    door.leads.answer = door.activity.answer = Unavailable()
    assert ask(door, HOME, token)[0] == 503


def test_every_part_is_described_with_the_schema_that_its_route_answers():
    nowhere = Settings(database_url="postgresql://nobody@127.0.0.1:1/none")
    services = {name: LocalUpstream(create_app(company.service(name), nowhere)) for name in company.NAMES}
    document = merged(services)
    for composition in COMPOSITIONS:
        get = document["paths"][composition.path]["get"]
        shown = get["responses"]["200"]["content"]["application/json"]["schema"]["properties"]
        assert set(shown) == {part.name for part in composition.parts} | {"missing"}
        for part in composition.parts:
            answered = document["paths"][part.target.partition("?")[0]]["get"]["responses"]["200"]
            assert shown[part.name]["anyOf"][0] == answered["content"]["application/json"]["schema"], part.name
