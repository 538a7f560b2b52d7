"""A real company's deals: every figure right to the last digit, both ways of running, again and again."""

import json
import threading

import pytest

from tests.support.runs import MAVEN, PRESET, eventually
from tests.support.samples import REASONS
from tests.system.conftest import DEALS, total

FACTS = json.loads((MAVEN / "facts.json").read_text())
GROUPS = {
    "unit": "by_office",
    "manager": "by_manager",
    "owner": "by_agent",
    "product": "by_product",
    "quarter": "by_close_quarter",
}
STAGES = ("prospecting", "engaging")


def figures(item):
    """An answered item in the words of facts.json."""
    revenue = item["revenue"]
    return {
        "deals": item["deals"],
        **{stage: item["by_stage"].get(stage, 0) for stage in STAGES},
        "won": item["won"],
        "lost": item["lost"],
        "win_rate": item["win_rate"],
        "revenue": float(revenue["amount"]) if revenue else 0,
        "median_cycle_days_closed": item["median_cycle_days_closed"],
        "median_cycle_days_won": item["median_cycle_days_won"],
    }


def assert_equal_to_the_facts(client):
    for group_by, name in GROUPS.items():
        answer = client.get("/api/v1/analytics/pipeline", group_by=group_by)
        found = {item["group"]["name"]: figures(item) for item in answer["items"] if item["group"]["name"]}
        assert found.keys() == FACTS[name].keys()
        for group, fact in FACTS[name].items():
            shared = fact.keys() & found[group].keys()
            assert {key: found[group][key] for key in shared} == {key: fact[key] for key in shared}, (group_by, group)
        assert figures(answer["total"]) == {key: FACTS["total"][key] for key in figures(answer["total"])}
    stages = client.get("/api/v1/analytics/pipeline", group_by="stage")["items"]
    assert {item["group"]["id"].title(): item["deals"] for item in stages} == FACTS["by_stage"]
    by_office = client.get("/api/v1/analytics/pipeline", group_by="unit")["items"]
    for item in by_office:
        expected = FACTS["by_stage_and_office"][item["group"]["name"]]
        assert {stage: item["by_stage"].get(stage.lower(), 0) for stage in expected} == expected
    for quarter, offices in FACTS["revenue_by_quarter_and_office"].items():
        assert_revenue(client, *bounds(quarter), offices)
    for month, fact in FACTS["by_close_month"].items():
        answer = client.get("/api/v1/analytics/pipeline", **{"from": f"{month}-01", "to": last_day(month)})["total"]
        assert (answer["won"], answer["lost"], answer["win_rate"]) == (fact["won"], fact["lost"], fact["win_rate"])
        assert float(answer["revenue"]["amount"]) == fact["revenue"]


def assert_revenue(client, first, last, offices):
    answer = client.get("/api/v1/analytics/pipeline", group_by="unit", **{"from": first, "to": last})
    found = {item["group"]["name"]: float(item["revenue"]["amount"]) for item in answer["items"] if item["revenue"]}
    assert found == offices


def bounds(quarter):
    year, number = quarter.split("-Q")
    months = [f"{year}-{3 * int(number) - 2:02}", f"{year}-{3 * int(number):02}"]
    return f"{months[0]}-01", last_day(months[1])


def last_day(month):
    year, number = (int(part) for part in month.split("-"))
    days = {2: 28, 4: 30, 6: 30, 9: 30, 11: 30}.get(number, 31)
    return f"{year}-{number:02}-{days}"


@pytest.mark.timeout(300)
def test_every_figure_is_the_facts_figure(imported):
    assert_equal_to_the_facts(imported.client())


@pytest.mark.timeout(300)
def test_a_second_import_changes_nothing(imported):
    again = imported.crm("import", "--mapping", str(PRESET), str(MAVEN)).stdout
    assert "opportunities        0   8800       0" in again
    assert_equal_to_the_facts(imported.client())


@pytest.mark.timeout(300)
def test_a_rebuild_while_users_work_ends_with_the_same_figures(imported):
    client = imported.client()
    stopping, seen = threading.Event(), []

    def look():
        while not stopping.is_set():
            seen.append(total(client)["deals"])

    looking = threading.Thread(target=look)
    looking.start()
    made = client.post("/api/v1/opportunities", {"name": "工作照常"})["id"]
    try:
        done = imported.crm("events", "replay", "--from", "leads", "--to", "analytics", "--reset")
    finally:
        stopping.set()
        looking.join()
    assert "read model swapped" in done.stdout
    assert set(seen) <= {DEALS, DEALS + 1}
    assert eventually(lambda: total(client)["deals"] == DEALS + 1)
    close = {"outcome": "lost", "amount": {"amount": "0.00", "currency": "USD"}} | REASONS
    client.post(f"/api/v1/opportunities/{made}/close", close)
    assert eventually(lambda: total(client)["lost"] == FACTS["total"]["lost"] + 1)


@pytest.mark.timeout(300)
def test_the_report_prints_what_the_api_answers(imported):
    printed = json.loads(imported.crm("report", "pipeline", "--by", "manager", "--json").stdout)
    names = {item["group"]["name"] for item in printed["items"]}
    assert FACTS["by_manager"].keys() <= names
    table = imported.crm("report", "pipeline", "--by", "manager").stdout
    assert "1964750.00 USD" in table


@pytest.mark.timeout(120)
def test_a_dry_run_says_what_would_happen_and_changes_nothing(imported):
    before = imported.client().get("/api/v1/operations/leads/events", limit=1)
    said = imported.crm("import", "--mapping", str(PRESET), str(MAVEN), "--dry-run").stdout
    assert "would create" in said
    assert "opportunities" in said
    assert imported.client().get("/api/v1/operations/leads/events", limit=1) == before
