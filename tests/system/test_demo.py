"""The demo company, as somebody sees it who starts the product for the first time."""

import json
import signal
import urllib.request

import pytest

from crm.client import Client, Credentials
from tests.support.runs import Run, embedded, eventually
from tests.system.conftest import open_folder

COUNTS = {"units": 10, "users": 39, "products": 6, "sources": 10, "customers": 300, "leads": 600, "opportunities": 250,
          "plans": 120}  # fmt: skip


def sign_ins(run):
    with urllib.request.urlopen(f"{run.url}/api/v1/demo-sign-ins", timeout=10) as answer:  # noqa: S310 -- our own process
        return json.load(answer)["items"]


def counted(client):
    return {name: len(client.every(f"/api/v1/{name}")) for name in COUNTS}


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    run = Run(["run"], open_folder(tmp_path_factory.mktemp("demo")) / "var").start()
    assert eventually(lambda: sign_ins(run), seconds=110)
    yield run
    run.stop()


def as_role(run, role):
    person = next(person for person in sign_ins(run) if person["role"] == role)
    return Client(run.url, Credentials(username=person["username"], password=person["password"]))


def test_the_company_is_as_large_as_it_is_told(demo):
    assert counted(demo.client()) == COUNTS


def test_each_role_signs_in_and_sees_what_is_its_own(demo):
    reach = {
        role: len(as_role(demo, role).every("/api/v1/opportunities"))
        for role in ("executive", "manager", "sales", "marketing", "service", "finance", "auditor")
    }
    assert reach["executive"] == reach["auditor"] == COUNTS["opportunities"]
    assert 0 < reach["sales"] < reach["manager"] < reach["executive"]


def test_the_administrators_own_password_is_not_shown(demo):
    assert all(person["role"] != "admin" for person in sign_ins(demo))


def test_good_and_bad_branches_differ_and_deals_were_lost_for_reasons(demo):
    rates = [
        row["win_rate"]
        for row in demo.client().get("/api/v1/analytics/pipeline", group_by="unit")["items"]
        if row["win_rate"] is not None
    ]
    assert max(rates) - min(rates) > 0.2
    lost = demo.client().every("/api/v1/opportunities", outcome="lost")
    assert lost
    assert all(deal["factors"] for deal in lost)


def test_a_second_load_doubles_nothing(demo):
    before = counted(demo.client())
    password = json.loads((demo.folder / "demo.json").read_text())["password"]
    demo.crm("demo", environment={"CRM_DEMO_PASSWORD": password})
    assert counted(demo.client()) == before


def test_a_load_that_was_killed_is_finished_at_the_next_start(tmp_path):
    run = Run(["run"], open_folder(tmp_path) / "var").start()
    assert eventually(lambda: run.client().every("/api/v1/customers"))
    run.stop(signal.SIGKILL)
    run.start()
    try:
        assert eventually(lambda: sign_ins(run), seconds=110), run.log
        assert counted(run.client()) == COUNTS
    finally:
        run.stop()


def test_a_company_with_customers_of_its_own_is_left_alone(tmp_path):
    run = embedded(open_folder(tmp_path) / "var").start()
    run.client().post("/api/v1/customers", {"name": "自己的客户"})
    refused = run.crm("demo", check=False)
    assert refused.returncode == 2
    assert "nothing was loaded" in refused.stderr
    assert len(run.client().every("/api/v1/customers")) == 1
    assert sign_ins(run) == []
    run.stop()
