"""Workers are killed in the middle of a hand-over: it finishes, with nothing half done and nothing done twice."""

import contextlib
import os
import signal
import time
from functools import partial
from uuid import uuid4

import pytest

from crm.client import Refusal
from tests.faults.conftest import ask
from tests.support.runs import eventually
from tests.system.conftest import a_user

EACH = 3000
BULK = 1000
KILL_SECONDS = 0.7
SERVICES = ("organization", "customer", "leads", "activity")


@pytest.fixture
def people(company):
    admin = company.client()
    (root,) = admin.every("/api/v1/units")
    users = {name: a_user(company, name, "sales", root["id"]).get("/api/v1/me")["id"] for name in ("li", "heir")}
    eventually(lambda: all(_knows(admin, user_id) for user_id in users.values()))
    return users


def _knows(admin, user_id):
    try:
        return admin.post("/api/v1/customers", {"name": uuid4().hex, "owner_id": user_id})["id"]
    except Refusal:
        return None


def in_bulk(admin, path, items):
    for start in range(0, len(items), BULK):
        results = admin.post(f"/api/v1/{path}/bulk", {"items": items[start : start + BULK]})["results"]
        assert {result["status"] for result in results} == {201}


def kill_in_the_middle(company, cluster, service, kind):
    """The service's worker dies without a word as soon as it has begun; how many rows had been handed over then."""
    query = f"SELECT moved FROM handover_jobs WHERE kind = '{kind}' AND moved > 0"
    assert eventually(lambda: ask(cluster, company, service, query))
    kill(company, service)
    return ask(cluster, company, service, query)[0][0]


def kill(company, service):
    if pid := company.children().get(f"work {service}"):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


@pytest.mark.timeout(400)
def test_workers_killed_in_the_middle_finish_after_their_restart_and_do_nothing_twice(company, cluster, people):
    admin, leaver, heir = company.client(), people["li"], people["heir"]
    in_bulk(admin, "customers", [{"name": f"客户 {number}", "owner_id": leaver} for number in range(EACH)])
    in_bulk(admin, "opportunities", [{"name": f"单 {number}", "owner_id": leaver} for number in range(EACH)])
    in_customer, in_leads = (partial(ask, cluster, company, name) for name in ("customer", "leads"))
    ((before,),) = in_customer(f"SELECT count(*) FROM customers WHERE owner_id = '{leaver}'")
    case_id = admin.post(f"/api/v1/users/{leaver}/departure", {"to": "heir", "heir_id": heir})["handover_id"]
    assert 0 < kill_in_the_middle(company, cluster, "customer", "customers") < before
    assert 0 < kill_in_the_middle(company, cluster, "leads", "opportunities") < EACH
    for service in SERVICES:
        time.sleep(KILL_SECONDS)
        kill(company, service)
    company.wait_until_ready()
    assert eventually(lambda: admin.get(f"/api/v1/handovers/{case_id}")["state"] == "done", 120)
    counts = admin.get(f"/api/v1/handovers/{case_id}")["counts"]
    moved = {"customers": before, "leads": 0, "opportunities": EACH, "plans": 0}
    assert counts == {kind: {"held": 0, "moved": count} for kind, count in moved.items()}
    assert in_customer(f"SELECT count(*) FROM customers WHERE owner_id = '{leaver}'") == [(0,)]
    handed = "SELECT count(*), count(DISTINCT customer_id) FROM ownerships WHERE cause = 'handover'"
    assert in_customer(handed) == [(before, before)]
    gaps = (
        "SELECT count(*) FROM ownerships AS old JOIN ownerships AS new USING (customer_id) "
        f"WHERE new.cause = 'handover' AND old.owner_id = '{leaver}' AND upper(old.period) <> lower(new.period)"
    )
    assert in_customer(gaps) == [(0,)]
    assert in_leads(f"SELECT count(*) FROM opportunities WHERE owner_id <> '{heir}'") == [(0,)]
    told = (
        "SELECT count(*), count(DISTINCT subject) FROM (SELECT subject, type FROM event_log UNION ALL "
        "SELECT subject, type FROM outbox) AS told WHERE type = '{}'"
    )
    assert in_leads(told.format("crm.leads.opportunity.reassigned")) == [(EACH, EACH)]
    assert in_customer(told.format("crm.customer.customer.changed")) == [(before, before)]
    for name in SERVICES:
        assert ask(cluster, company, name, "SELECT count(*) FROM failed_events") == [(0,)]
