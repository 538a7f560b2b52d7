"""Policies, as headquarters writes them and branches see them."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from chassis import policies
from contracts.backbone import POLICIES_APPLIED, SERVICES, reach_id
from contracts.organization import PolicyPublished, PolicyWithdrawn
from tests.service.organization.conftest import PASSWORD, a_user, sign_in, signed_in
from tests.support.policies import a_draft, published

NOBODY = "00000000-0000-0000-0000-000000000001"


@pytest.fixture
def east(admin, root):
    body = {"code": "EAST", "name": "华东", "kind": "region", "parent_id": root["id"]}
    return admin.post("/units", body).json["id"]


@pytest.fixture
def west(admin, root):
    body = {"code": "WEST", "name": "华西", "kind": "region", "parent_id": root["id"]}
    return admin.post("/units", body).json["id"]


@pytest.fixture
def hq(root):
    return root["id"]


def in_force(user, unit, kind="security", at=None):
    answer = user.get(f"/policies/in-force?kind={kind}&unit_id={unit}" + (f"&at={at:%Y-%m-%dT%H:%M:%SZ}" if at else ""))
    assert answer.status_code == 200, answer.json
    return answer.json


def somebody(organization, admin, unit, username, role):
    assert a_user(admin, {"id": unit}, username, role).status_code == 201
    return signed_in(organization, username, PASSWORD)


def errors(answer):
    assert answer.status_code == 422, answer.json
    return list(answer.json["errors"])


def test_a_draft_changes_nothing_until_it_is_published_and_then_a_second_later(organization, admin, hq, east, clock):
    draft = a_draft(admin, hq).json
    assert (draft["state"], draft["number"], draft["version"]) == ("draft", None, 1)
    assert in_force(admin, east)["version"] == 0
    answer = admin.post(f"/policies/{draft['id']}/publication", {})
    assert (answer.json["state"], answer.json["number"]) == ("published", 1)
    assert datetime.fromisoformat(answer.json["effective_from"]) == clock.now() + timedelta(seconds=1)
    assert in_force(admin, east)["body"]["shortest_password"] == 8
    clock.advance(timedelta(seconds=1))
    now = in_force(admin, east)
    assert (now["id"], now["version"], now["body"]["shortest_password"]) == (draft["id"], 1, 10)
    assert (now["unit_id"], now["effective_from"], now["clamped"]) == (east, answer.json["effective_from"], [])


def test_where_nothing_was_published_the_whole_shipped_default_is_in_force(admin, hq):
    assert in_force(admin, hq, "lead_routing") == {
        "id": None, "kind": "lead_routing", "unit_id": hq, "version": 0, "effective_from": None,
        "body": {"rule": "round_robin", "plan_within_hours": 4}, "marks": {}, "clamped": [], "origins": [],
    }  # fmt: skip


def test_past_and_coming_moments_have_their_own_rules(admin, hq, clock):
    start = clock.now()
    published(admin, hq, body={"session_days": 7})
    published(admin, hq, body={"session_days": 3}, effective_from=start + timedelta(hours=2))
    clock.advance(timedelta(seconds=60))
    for hours, days in ((0, 30), (1, 7), (2, 3)):
        assert in_force(admin, hq, at=start + timedelta(hours=hours))["body"]["session_days"] == days


def test_what_is_wrong_with_a_draft_is_named_and_nothing_is_kept(admin, hq):
    cases = {
        "body.shortest_password": {"body": {"shortest_password": 7}},
        "body.colour": {"body": {"colour": "red"}},
        "kind": {"kind": "weather"},
        "unit_id": {"unit_id": NOBODY},
        "marks.colour": {"marks": {"colour": "fixed"}},
        "marks.session_days": {"marks": {"session_days": "loose"}},
        "marks.rule": {"kind": "lead_routing", "body": {}, "marks": {"rule": "tighten_only"}},
        "body.text": {"kind": "announcement", "body": {"title": "放假"}},
    }
    for field, changes in cases.items():
        assert errors(a_draft(admin, hq, **changes)) == [field]
    assert errors(admin.post("/policies", {"copy_of": NOBODY})) == ["copy_of"]
    for text in ("\x00", "\ud800", "  ", ""):
        assert errors(a_draft(admin, hq, "announcement", {"title": text, "text": "一"})) == ["body.title"]
    assert errors(admin.post("/policies", {})) == ["body", "kind", "unit_id"]
    assert admin.get("/policies").json["items"] == []


def test_a_draft_is_edited_by_whoever_has_seen_its_present_version_and_a_published_one_never(admin, hq):
    draft = a_draft(admin, hq).json
    path, change = f"/policies/{draft['id']}", {"body": {"session_days": 1}}
    assert admin.patch(path, change).status_code == 428
    assert admin.patch(path, change, version=9).status_code == 412
    assert errors(admin.patch(path, {"body": {"session_days": 0}}, version=1)) == ["body.session_days"]
    assert admin.patch(path, change, version=1).json["body"] == {"session_days": 1}
    assert admin.post(f"{path}/publication", {}).status_code == 200
    assert admin.patch(path, change, version=3).status_code == 409
    assert admin.post(f"{path}/publication", {}).status_code == 409


def test_a_version_takes_effect_a_second_after_its_publication_at_the_earliest(admin, hq, clock):
    draft = a_draft(admin, hq).json["id"]
    early = {"effective_from": clock.now().isoformat()}
    assert errors(admin.post(f"/policies/{draft}/publication", early)) == ["effective_from"]
    assert admin.get(f"/policies/{draft}").json["state"] == "draft"


def test_lower_units_override_by_field_as_far_as_headquarters_lets_them(admin, hq, east, clock):
    published(
        admin,
        hq,
        body={"shortest_password": 10, "session_days": 7},
        marks={"shortest_password": "tighten_only", "session_days": "fixed"},
    )
    clock.advance(timedelta(seconds=2))
    assert errors(a_draft(admin, east, body={"shortest_password": 9, "session_days": 7})) == ["body.shortest_password"]
    assert errors(a_draft(admin, east, body={"session_days": 3})) == ["body.session_days"]
    published(admin, east, body={"shortest_password": 12})
    clock.advance(timedelta(seconds=2))
    assert in_force(admin, east)["body"] == {"shortest_password": 12, "second_approver": False, "session_days": 7}
    assert [origin["unit_id"] for origin in in_force(admin, east)["origins"]] == [hq, east]
    assert in_force(admin, hq)["body"]["shortest_password"] == 10


def test_a_bound_that_came_meanwhile_refuses_a_draft_at_its_publication_and_clamps_what_stands(admin, hq, east, clock):
    published(admin, east, body={"shortest_password": 9})
    waiting = a_draft(admin, east, body={"shortest_password": 11}).json["id"]
    published(admin, hq, body={"shortest_password": 12}, marks={"shortest_password": "tighten_only"})
    clock.advance(timedelta(seconds=2))
    assert errors(admin.post(f"/policies/{waiting}/publication", {})) == ["body.shortest_password"]
    now = in_force(admin, east)
    assert (now["body"]["shortest_password"], now["clamped"]) == (12, ["shortest_password"])


def test_a_withdrawn_version_leaves_what_stood_before_and_says_so(organization, admin, hq, clock):
    published(admin, hq, body={"session_days": 7})
    second = published(admin, hq, body={"session_days": 3})
    clock.advance(timedelta(seconds=2))
    assert in_force(admin, hq)["version"] == 2
    withdrawn = admin.post(f"/policies/{second['id']}/withdrawal", {})
    assert withdrawn.json["state"] == "withdrawn"
    assert in_force(admin, hq)["version"] == 2
    clock.advance(timedelta(seconds=1))
    assert in_force(admin, hq)["version"] == 1
    assert admin.post(f"/policies/{second['id']}/withdrawal", {}).status_code == 409
    told = [event for event in organization.recorded() if event["subject"] == second["id"]]
    assert [event["type"].rsplit(".", 1)[1] for event in told] == ["published", "withdrawn"]
    assert [event["sequence"] for event in told] == [1, 2]


def test_rolling_back_is_publishing_the_old_text_again(admin, hq, clock):
    first = published(admin, hq, body={"session_days": 7}, marks={"session_days": "fixed"})
    published(admin, hq, body={"session_days": 3})
    again = admin.post("/policies", {"copy_of": first["id"], "comment": "回退"})
    assert (again.json["body"], again.json["marks"]) == (first["body"], first["marks"])
    assert admin.post(f"/policies/{again.json['id']}/publication", {}).json["number"] == 3
    clock.advance(timedelta(seconds=2))
    now = in_force(admin, hq)
    assert (now["version"], now["body"]["session_days"]) == (3, 7)


def test_a_difference_is_listed_by_path(admin, hq, clock):
    gates = {"gates": {"proposing": ["amount"]}}
    first = published(admin, hq, "pipeline", gates)
    clock.advance(timedelta(seconds=2))
    draft = a_draft(admin, hq, "pipeline", {"gates": {"proposing": ["amount", "lines"]}}, marks={"gates": "fixed"}).json
    changed = [
        {"path": "gates.proposing", "before": ["amount"], "after": ["amount", "lines"]},
        {"path": "marks.gates", "before": None, "after": "fixed"},
    ]
    assert admin.get(f"/policies/{draft['id']}/diff").json["items"] == changed
    assert admin.get(f"/policies/{draft['id']}/diff?against={first['id']}").json["items"] == changed
    shipped = admin.get(f"/policies/{first['id']}/diff").json["items"]
    assert shipped == [{"path": "gates.proposing", "before": [], "after": ["amount"]}]
    assert admin.get(f"/policies/{draft['id']}/diff?against={NOBODY}").status_code == 404


def test_a_second_person_approves_where_the_security_policy_asks_for_it(organization, admin, hq, east, clock):
    published(admin, hq, body={"second_approver": True})
    clock.advance(timedelta(seconds=2))
    other = somebody(organization, admin, hq, "zhao.lei", "executive")
    draft = a_draft(admin, east, "lead_routing", {"rule": "nobody"}).json["id"]
    assert errors(admin.post(f"/policies/{draft}/publication", {})) == ["approved_by"]
    assert errors(admin.post(f"/policies/{draft}/approval", {})) == ["approved_by"]
    assert other.post(f"/policies/{draft}/approval", {}).status_code == 200
    assert admin.patch(f"/policies/{draft}", {"body": {"rule": "manager"}}, version=2).json["approved_by"] is None
    assert errors(admin.post(f"/policies/{draft}/publication", {})) == ["approved_by"]
    assert other.post(f"/policies/{draft}/approval", {}).status_code == 200
    assert admin.post(f"/policies/{draft}/publication", {}).json["state"] == "published"


def test_who_may_write_whom_it_concerns_and_who_sees_nothing(organization, admin, hq, east, west):
    rule = published(admin, east)["id"]
    draft = a_draft(admin, east).json["id"]
    li = somebody(organization, admin, east, "li.na", "sales")
    wang = somebody(organization, admin, west, "wang.fang", "manager")
    boss = somebody(organization, admin, hq, "zhao.lei", "executive")
    assert [policy["id"] for policy in li.get("/policies").json["items"]] == [rule]
    assert wang.get("/policies").json["items"] == []
    assert {policy["id"] for policy in boss.get("/policies").json["items"]} == {rule, draft}
    assert (li.get(f"/policies/{draft}").status_code, wang.get(f"/policies/{rule}").status_code) == (404, 404)
    assert wang.get(f"/policies/in-force?kind=security&unit_id={east}").status_code == 404
    assert a_draft(li, east).status_code == 403
    assert wang.post(f"/policies/{draft}/publication", {}).status_code == 403


def test_the_board_shows_for_each_unit_and_service_how_far_a_version_has_come(organization, admin, hq, east, clock):
    rule = published(admin, hq)["id"]
    board = admin.get(f"/policies/{rule}/reach").json["items"]
    assert {(line["unit_id"], line["service"]) for line in board} == {
        (unit, s) for unit in (hq, east) for s in SERVICES
    }
    own = [event["data"] for event in organization.recorded("crm.organization.policy.applied")]
    assert [told["policy_id"] for told in own] == [rule]
    delivered = applied("leads", rule, clock.now())
    done = applied("leads", rule, clock.now(), clock.now() + timedelta(seconds=1))
    organization.hears(done, sequence=2)
    organization.hears(delivered, sequence=1)
    board = admin.get(f"/policies/{rule}/reach").json["items"]
    leads = [line for line in board if line["service"] == "leads"]
    assert [bool(line["applied_at"] and line["delivered_at"]) for line in leads] == [True, True]
    assert not any(line["delivered_at"] for line in board if line["service"] == "customer")


def applied(service, policy_id, delivered_at, applied_at=None):
    policy_id = UUID(policy_id)
    return POLICIES_APPLIED[service](
        reach_id=reach_id(policy_id, service), policy_id=policy_id, service=service, delivered_at=delivered_at,
        applied_at=applied_at,
    )  # fmt: skip


def test_a_manager_acknowledges_for_his_unit_once(organization, admin, hq, east, west, clock):
    li = somebody(organization, admin, east, "li.na", "manager")
    late = somebody(organization, admin, east, "late.one", "manager")
    wang = somebody(organization, admin, west, "wang.fang", "manager")
    everybody = published(admin, hq, "announcement", {"title": "新制度", "text": "请全体学习"})
    assert everybody["acknowledge_by"] == (clock.now() + timedelta(hours=48)).isoformat()
    of_east = published(admin, east)["id"]
    assert {policy["id"] for policy in li.get("/policies?to_acknowledge=true").json["items"]} == {
        everybody["id"],
        of_east,
    }
    assert [policy["id"] for policy in wang.get("/policies?to_acknowledge=true").json["items"]] == [everybody["id"]]
    assert li.post(f"/policies/{everybody['id']}/acknowledgement", {}).status_code == 200
    first = clock.now()
    clock.advance(timedelta(seconds=60))
    assert late.post(f"/policies/{everybody['id']}/acknowledgement", {}).status_code == 200
    board = {line["unit_id"]: line for line in admin.get(f"/policies/{everybody['id']}/reach").json["items"]}
    assert board[east]["acknowledged_at"] == first.isoformat()
    assert board[east]["acknowledged_by"] == li.get("/me").json["id"]
    assert board[east]["acknowledged_by_name"] == "李娜"
    assert (board[hq]["acknowledged_at"], board[west]["acknowledged_at"]) == (None, None)
    assert [policy["id"] for policy in late.get("/policies?to_acknowledge=true").json["items"]] == [of_east]
    assert wang.post(f"/policies/{of_east}/acknowledgement", {}).status_code == 404


def test_only_a_manager_of_a_unit_it_concerns_acknowledges_and_only_what_is_published(organization, admin, hq, east):
    boss = somebody(organization, admin, hq, "boss", "manager")
    li = somebody(organization, admin, east, "li.na", "sales")
    rule = published(admin, east)["id"]
    assert li.post(f"/policies/{rule}/acknowledgement", {}).status_code == 403
    assert boss.post(f"/policies/{rule}/acknowledgement", {}).status_code == 403
    admin.post(f"/policies/{rule}/withdrawal", {})
    lower = somebody(organization, admin, east, "lower", "manager")
    assert lower.post(f"/policies/{rule}/acknowledgement", {}).status_code == 409


def test_a_replaced_version_needs_no_acknowledgement_any_more(organization, admin, hq, clock):
    boss = somebody(organization, admin, hq, "boss", "manager")
    published(admin, hq)
    clock.advance(timedelta(seconds=2))
    second = published(admin, hq)["id"]
    clock.advance(timedelta(seconds=2))
    assert [policy["id"] for policy in boss.get("/policies?to_acknowledge=true").json["items"]] == [second]


def test_passwords_and_sessions_follow_the_security_policy_of_the_users_unit(organization, admin, hq, east, clock):
    a_user(admin, {"id": east})
    published(admin, east, body={"shortest_password": 20, "session_days": 2})
    clock.advance(timedelta(seconds=2))
    assert errors(a_user(admin, {"id": east}, "new.one")) == ["password"]
    assert a_user(admin, {"id": hq}, "at.hq").status_code == 201
    assert "Max-Age=2592000" in sign_in(organization, "at.hq", PASSWORD).headers["Set-Cookie"]
    assert "Max-Age=172800" in sign_in(organization, "li.na", PASSWORD).headers["Set-Cookie"]
    short = {"password": "a" * 19}
    user = next(user for user in admin.get("/users").json["items"] if user["username"] == "li.na")
    assert errors(admin.patch(f"/users/{user['id']}", short, version=1)) == ["password"]
    clock.advance(timedelta(seconds=2 * 86400 + 1))
    assert organization.client.post("/api/v1/session/refresh").status_code == 401


def test_what_is_told_twice_or_the_other_way_round_ends_the_same(organization, admin, hq, clock):
    rule = published(admin, hq, body={"session_days": 3})
    clock.advance(timedelta(seconds=2))
    admin.post(f"/policies/{rule['id']}/withdrawal", {})
    clock.advance(timedelta(seconds=2))
    first, last = (event["data"] for event in organization.recorded() if event["subject"] == rule["id"])
    told = (_told(PolicyWithdrawn, last), _told(PolicyPublished, first))
    for event, sequence in ((told[0], 2), (told[1], 1), (told[0], 2)):
        organization.hears(event, sequence=sequence)
    with organization.transaction() as tx:
        assert policies.in_force(tx, "security", UUID(hq), clock.now()).number == 0
    assert len(organization.recorded("crm.organization.policy.applied")) == 1


def _told(kind, data):
    moments = {
        name: datetime.fromisoformat(data[name])
        for name in ("published_at", "effective_from", "withdrawn_from")
        if data[name]
    }
    ids = {name: UUID(data[name]) for name in ("policy_id", "unit_id")}
    return kind(**data | moments | ids)


def test_every_kind_says_what_it_holds_and_what_is_shipped(admin, hq):
    kinds = {kind["kind"]: kind for kind in admin.get("/policies/kinds").json["items"]}
    assert kinds.keys() == {"lead_routing", "pipeline", "security", "announcement"}
    rules = kinds["security"]["schema"]["$defs"]["Security"]["properties"]
    assert rules["shortest_password"] == {
        "type": "integer", "minimum": 8, "maximum": 128, "default": 8, "x-tighter": "higher",
    }  # fmt: skip
    assert kinds["security"]["shipped"]["session_days"] == 30
