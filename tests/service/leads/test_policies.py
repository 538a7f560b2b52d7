"""What leads does by the company's policies: routing, deadlines and gates, each by the version in force at the time."""

from datetime import timedelta
from itertools import permutations

import pytest
from hypothesis import HealthCheck, given, settings

from chassis import policies
from contracts.organization import PolicyPublished, PolicyWithdrawn
from contracts.policies import find, in_force
from tests.contracts.test_policies import PATH, histories, moments
from tests.support.policies import a_policy
from tests.support.samples import REASONS, a_deal, a_lead

APPLIED = "crm.leads.policy.applied"
AMOUNT = {"amount": {"amount": "10.00", "currency": "CNY"}}


@pytest.fixture
def rules(leads, clock):
    """Tells leads of a version in force since a second ago; its id."""

    def rule(unit, kind, body, **changes):
        told = a_policy(leads.units[unit], clock, kind, body, **changes)
        leads.hears(told)
        return str(told.policy_id)

    return rule


def test_a_lead_is_routed_by_the_policy_of_its_unit_and_keeps_which_it_was(leads, source, rules):
    boss = leads.a_user("manager", "EAST")
    li = leads.a_user("sales", "EAST", boss)
    shipped = a_lead(li, source).json
    assert (shipped["owner_id"], shipped["routing"]["policy_id"]) == (str(li.id), None)
    nobody = rules("HQ", "lead_routing", {"rule": "nobody"})
    left = a_lead(li, source).json
    assert (left["state"], left["routing"]["rule"], left["routing"]["policy_id"]) == ("unassigned", "nobody", nobody)
    manager = rules("EAST", "lead_routing", {"rule": "manager"})
    given = a_lead(li, source).json
    assert (given["owner_id"], given["routing"]["rule"]) == (str(boss.id), "manager")
    assert li.get(f"/leads/{shipped['id']}/routing").json["policy_id"] is None
    assert boss.get(f"/leads/{given['id']}/routing").json["policy_id"] == manager


def test_a_lead_stays_with_nobody_where_the_policy_wants_a_manager_and_there_is_none(leads, source, rules):
    li = leads.a_user("sales", "EAST")
    rules("EAST", "lead_routing", {"rule": "manager"})
    assert a_lead(li, source).json["routing"]["because"] == "no active manager in this unit"


def test_leads_of_one_import_each_follow_the_policy_of_their_own_unit(leads, admin, source, rules):
    leads.a_user("sales", "EAST")
    leads.a_user("sales", "WEST")
    rules("WEST", "lead_routing", {"rule": "nobody"})
    items = [{"company": unit, "source_id": source, "unit_id": str(leads.units[unit].id)} for unit in ("EAST", "WEST")]
    made = admin.post("/leads/bulk", {"items": items}).json["results"]
    states = [admin.get(f"/leads/{each['id']}").json["state"] for each in made]
    assert states == ["assigned", "unassigned"]


def test_the_first_follow_up_is_due_within_the_hours_of_the_policy(leads, source, rules):
    li = leads.a_user("sales")
    assert a_lead(li, source).json["due"]["plan_by"] == "2026-03-02T05:00:00+00:00"
    rules("EAST", "lead_routing", {"plan_within_hours": 2})
    assert a_lead(li, source).json["due"]["plan_by"] == "2026-03-02T03:00:00+00:00"


def test_a_policy_holds_from_its_moment_on_and_no_sooner(leads, source, rules, clock):
    li = leads.a_user("sales")
    rules("EAST", "lead_routing", {"rule": "nobody"}, effective_from=clock.now() + timedelta(seconds=1))
    assert a_lead(li, source).json["state"] == "assigned"
    clock.advance(timedelta(seconds=1))
    assert a_lead(li, source).json["state"] == "unassigned"


def test_a_stage_is_entered_with_what_its_gate_asks_for_and_the_entry_keeps_the_policy(leads, rules):
    li = leads.a_user("sales")
    deal = a_deal(li).json["id"]
    rule = rules("HQ", "pipeline", {"gates": {"proposing": ["amount", "expected_close_on"]}})
    refused = li.post(f"/opportunities/{deal}/stage", {"stage": "proposing"})
    assert (refused.status_code, refused.json["missing"]) == (422, ["amount", "expected_close_on"])
    assert list(refused.json["errors"]) == ["amount", "expected_close_on"]
    assert li.get(f"/opportunities/{deal}").json["version"] == 1
    li.patch(f"/opportunities/{deal}", AMOUNT | {"expected_close_on": "2026-05-01"}, version=1)
    assert li.post(f"/opportunities/{deal}/stage", {"stage": "proposing"}).status_code == 200
    entries = li.get(f"/opportunities/{deal}/history").json["items"]
    assert [(entry["stage"], entry["policy_id"]) for entry in entries] == [("prospecting", None), ("proposing", rule)]


def test_a_manager_lets_a_deal_through_a_gate_with_a_reason_and_a_salesperson_does_not(leads, rules):
    boss, li = leads.a_user("manager"), leads.a_user("sales")
    deal = a_deal(li).json["id"]
    rules("HQ", "pipeline", {"gates": {"engaging": ["customer_id"]}})
    move = {"stage": "engaging", "override_reason": "客户建档中"}
    assert li.post(f"/opportunities/{deal}/stage", move).status_code == 422
    assert boss.post(f"/opportunities/{deal}/stage", {"stage": "engaging"}).status_code == 422
    assert boss.post(f"/opportunities/{deal}/stage", move).json["stage"] == "engaging"
    last = li.get(f"/opportunities/{deal}/history").json["items"][-1]
    assert (last["reason"], last["actor_id"]) == ("客户建档中", str(boss.id))


def test_the_shipped_policy_asks_why_a_deal_was_won_or_lost_and_against_whom(leads):
    li = leads.a_user("sales")
    deal = a_deal(li).json["id"]
    for closing in ({"outcome": "won"} | AMOUNT, {"outcome": "lost"}):
        refused = li.post(f"/opportunities/{deal}/close", closing)
        assert (refused.status_code, list(refused.json["errors"])) == (422, ["competitor", "factors"])
    assert li.post(f"/opportunities/{deal}/close", {"outcome": "lost"} | REASONS).status_code == 200


def test_the_company_names_its_own_factors(leads, rules):
    li = leads.a_user("sales")
    deal = a_deal(li).json["id"]
    rules("HQ", "pipeline", {"factors": ["weather"]})
    lost = {"outcome": "lost", "competitor": {"answer": "none"}}
    for code, status in (("price", 422), ("weather", 200)):
        factors = [{"code": code, "effect": "hurt"}]
        answer = li.post(f"/opportunities/{deal}/close", lost | {"factors": factors})
        assert answer.status_code == status, answer.json
        assert status == 200 or list(answer.json["errors"]) == ["factors"]


def test_nobody_gets_round_a_gate_by_opening_a_deal_behind_it(leads, admin, rules):
    li = leads.a_user("sales")
    rules("HQ", "pipeline", {"gates": {"proposing": ["customer_id"]}})
    assert a_deal(li, stage="proposing").status_code == 422
    items = [{"name": "一", "stage": "proposing"}, {"name": "旧", "stage": "proposing", "opened_on": "2020-01-01"}]
    results = admin.post("/opportunities/bulk", {"items": items}).json["results"]
    assert [result["status"] for result in results] == [422, 201]


@given(histories(), moments)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_the_database_is_asked_for_is_what_the_whole_history_says(leads, history, at):
    add = """
    INSERT INTO units (id, code, name, kind, path, sequence) VALUES (%s, '', '', '', %s::text::ltree, 1)
    ON CONFLICT DO NOTHING
    """
    with leads.transaction() as tx:
        tx.driver("DELETE FROM policy_copies")
        for depth, unit_id in enumerate(PATH, 1):
            tx.driver(add, (unit_id, ".".join(above.hex for above in PATH[:depth])))
        for version in history:
            state = {name: getattr(version, name) for name in version.__dataclass_fields__}
            policies.store(tx, PolicyPublished(kind="security", published_at=at, **state), 1)
        for depth, unit_id in enumerate(PATH, 1):
            whole = in_force(find("security"), history, PATH[:depth], at)
            assert policies.in_force(tx, "security", unit_id, at) == whole


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_what_is_told_of_a_version_in_any_order_and_twice_ends_the_same(leads, clock, order):
    told = a_policy(leads.units["HQ"], clock, "lead_routing", {"rule": "nobody"})
    state = {name: getattr(told, name) for name in told.__dataclass_fields__}
    gone = PolicyWithdrawn(**state | {"withdrawn_from": clock.now()})
    deliveries = [(told, 1), (gone, 2), (told, 1)]
    for at in order:
        event, sequence = deliveries[at]
        leads.hears(event, sequence=sequence)
    with leads.transaction() as tx:
        before = policies.in_force(tx, "lead_routing", leads.units["EAST"].id, clock.now() - timedelta(seconds=1))
        after = policies.in_force(tx, "lead_routing", leads.units["EAST"].id, clock.now())
    assert (before.rules.rule, after.rules.rule) == ("nobody", "round_robin")
    assert len(leads.recorded(APPLIED)) == 1


def test_a_service_tells_when_a_version_came_and_when_it_took_effect(leads, rules, clock):
    start, later = clock.now(), clock.now() + timedelta(hours=1)
    coming = rules("HQ", "lead_routing", {"rule": "nobody"}, effective_from=later)
    late = rules("EAST", "lead_routing", {"rule": "nobody"}, effective_from=start - timedelta(days=1))
    for _ in range(2):
        with leads.transaction() as tx:
            policies.apply_due(tx, clock.now())
    clock.advance(timedelta(hours=1))
    with leads.transaction() as tx:
        policies.apply_due(tx, clock.now())
    told = [(event["sequence"], event["data"]) for event in leads.recorded(APPLIED)]
    moments = [(sequence, data["policy_id"], data["delivered_at"], data["applied_at"]) for sequence, data in told]
    stamp, at_last = (f"{moment:%Y-%m-%dT%H:%M:%SZ}" for moment in (start, later))
    assert moments == [
        (1, coming, stamp, None),
        (1, late, stamp, None),
        (2, late, stamp, stamp),
        (2, coming, stamp, at_last),
    ]
    assert {data["service"] for _, data in told} == {"leads"}


def test_a_version_withdrawn_before_its_moment_never_takes_effect(leads, clock):
    coming = a_policy(
        leads.units["HQ"], clock, "lead_routing", {"rule": "nobody"}, effective_from=clock.now() + timedelta(hours=1)
    )
    state = {name: getattr(coming, name) for name in coming.__dataclass_fields__}
    leads.hears(coming, PolicyWithdrawn(**state | {"withdrawn_from": clock.now()}))
    clock.advance(timedelta(hours=2))
    with leads.transaction() as tx:
        policies.apply_due(tx, clock.now())
        assert policies.in_force(tx, "lead_routing", leads.units["HQ"].id, clock.now()).policy_id is None
    assert len(leads.recorded(APPLIED)) == 1
