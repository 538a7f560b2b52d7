"""The audit trail: what is put on record, that it stays, and how it is searched and taken out."""

import csv
import io
from datetime import timedelta
from uuid import UUID, uuid4

import psycopg
import pytest

from contracts.backbone import AUDITS, AuditChange
from services.organization.queries import audit as queries
from tests.service.organization.conftest import PASSWORD, a_user, sign_in, signed_in

EVENT = UUID(int=7)


def heard(organization):
    """Everything that organization put on record comes back to it over the bus."""
    bodies = [
        event.encode()
        for (event,) in _rows(organization, "SELECT envelope::text FROM outbox WHERE type LIKE '%%.audit.recorded'")
    ]
    organization.inbox.accept(bodies)
    assert _rows(organization, "SELECT type, error FROM failed_events") == []


def _rows(organization, statement):
    with organization.transaction() as tx:
        return tx.driver(statement)


def trail(caller, **asked):
    query = "&".join(f"{name}={value}" for name, value in asked.items())
    answer = caller.get(f"/audit?{query}")
    assert answer.status_code == 200, answer.json
    return answer.json["items"]


def an_entry(organization, action="event.requeued", **changes):
    """Something that another service put on record."""
    state = {
        "audit_id": uuid4(), "service": "leads", "action": action, "at": organization.clock.now(), "actor_id": None,
        "address": "203.0.113.7", "subject_kind": "event", "subject_id": EVENT, "changes": (), "reason": None,
    }  # fmt: skip
    return AUDITS["leads"](**state | changes)


def test_who_changed_what_of_a_user_from_where_is_on_record_before_and_after(organization, admin, root):
    user = a_user(admin, root, email="li@example.com").json
    admin.headers["X-Forwarded-For"] = "203.0.113.7"
    places = [{"unit_id": root["id"], "role": "manager", "manager_id": admin.get("/me").json["id"]}]
    admin.patch(f"/users/{user['id']}", {"name": "李娜娜", "memberships": places}, version=1)
    admin.patch(f"/users/{user['id']}", {"active": False}, version=2)
    heard(organization)
    handed, left, changed, made = trail(admin, subject_id=user["id"])
    assert [entry["action"] for entry in (made, changed, left)] == ["user.created", "user.changed", "user.disabled"]
    assert handed["action"] == "handover.requested"
    assert {entry["actor_name"] for entry in (made, changed, left)} == {"admin"}
    assert (changed["subject_name"], changed["address"]) == ("li.na", "203.0.113.7")
    assert changed["changes"] == [
        {"field": "name", "before": "李娜", "after": "李娜娜"},
        {"field": "memberships", "before": "sales 总部", "after": "manager 总部 (admin)"},
    ]
    assert left["changes"] == [{"field": "active", "before": "true", "after": "false"}]


def test_what_guards_the_company_is_on_record_and_no_secret_with_it(organization, admin, root):
    user = a_user(admin, root).json
    sign_in(organization, "li.na", "my other password")
    sign_in(organization, "my.password", "my other password")
    key = admin.post("/api-keys", {"name": "import", "scopes": ["leads:read"]}).json
    admin.call("DELETE", f"/api-keys/{key['id']}")
    admin.post("/keys/rotation")
    admin.patch(f"/users/{user['id']}", {"password": "violet harbour 17"}, version=1)
    unit = {"code": "EAST", "name": "华东", "kind": "region", "parent_id": root["id"]}
    admin.post("/units", unit)
    heard(organization)
    entries = trail(admin, limit=200)
    assert {entry["action"] for entry in entries} >= {
        "user.created", "sign-in.failed", "api-key.created", "api-key.revoked", "keys.rotated", "password.set",
        "unit.created",
    }  # fmt: skip
    failed = [entry["subject_id"] for entry in entries if entry["action"] == "sign-in.failed"]
    assert sorted(failed, key=str) == [user["id"], None] or failed == [None, user["id"]]
    written = str(entries) + str(organization.recorded())
    for secret in ("my other password", "my.password", PASSWORD, "violet harbour 17", key["key"]):
        assert secret not in written


def test_a_bulk_import_is_on_record_with_its_counts(organization, admin, root):
    item = {"username": "li.na", "name": "李娜", "memberships": [{"unit_id": root["id"], "role": "sales"}]}
    admin.post("/users/bulk", {"items": [item, item, {}]})
    heard(organization)
    (entry,) = trail(admin, action="bulk.written")
    assert (entry["subject_kind"], [(each["field"], each["after"]) for each in entry["changes"]]) == (
        "users",
        [("added", "1"), ("refused", "2")],
    )


def test_what_is_refused_leaves_nothing_on_record(organization, admin, root):
    before = len(organization.recorded("crm.organization.audit.recorded"))
    a_user(admin, root, memberships=[])
    admin.patch(f"/units/{root['id']}", {"name": "总公司"}, version=9)
    admin.patch(f"/units/{root['id']}", {"name": root["name"]}, version=1)
    assert len(organization.recorded("crm.organization.audit.recorded")) == before


@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit_entries SET reason = 'none'", "DELETE FROM audit_entries", "TRUNCATE audit_entries"],
)
def test_an_entry_is_neither_changed_nor_deleted_by_anybody(organization, admin, statement):
    organization.hears(an_entry(organization))
    with psycopg.connect(organization.url) as connection, pytest.raises(psycopg.errors.RaiseException):
        connection.execute(statement)
    assert len(trail(admin)) == 1


def test_the_same_entry_twice_is_one(organization, admin):
    entry = an_entry(organization)
    organization.hears(entry)
    organization.hears(entry)
    assert len(trail(admin)) == 1


def test_the_trail_is_searched_by_words_action_subject_actor_and_time(organization, admin, clock):
    (me,) = admin.get("/users").json["items"]
    began = clock.now()
    change = AuditChange(field="name", before="远航", after="同舟科技")
    organization.hears(
        an_entry(organization, reason="Wrong contract"), an_entry(organization, "lead.merged", changes=(change,))
    )
    clock.advance(timedelta(seconds=100))
    organization.hears(an_entry(organization, actor_id=me["id"] and UUID(me["id"]), subject_id=uuid4()))

    def found(**asked):
        return len(trail(signed_in(organization, "admin", PASSWORD), **asked))

    assert found() == 3
    assert [found(q=word) for word in ("wrong", "WRONG contract", "同舟", "203.0.113", "100%25")] == [1, 1, 1, 3, 0]
    assert [found(action="lead.merged"), found(subject_id=EVENT), found(actor_id=me["id"])] == [1, 2, 1]
    later = (began + timedelta(seconds=50)).isoformat().replace("+", "%2B")
    assert ({"from": found(**{"from": later}), "to": found(to=later)}) == {"from": 1, "to": 2}
    assert [found(service="leads"), found(service="customer")] == [3, 0]


def test_the_trail_is_read_page_by_page(organization, admin):
    organization.hears(*(an_entry(organization, f"act-{number}") for number in range(5)))
    page = admin.get("/audit?limit=3").json
    rest = admin.get(f"/audit?limit=3&cursor={page['next_cursor']}").json
    assert len({entry["id"] for entry in page["items"] + rest["items"]}) == 5
    assert rest["next_cursor"] is None


def test_the_trail_is_taken_out_as_csv_whole_and_harmless_and_that_is_on_record(organization, admin, monkeypatch):
    monkeypatch.setattr(queries, "BATCH", 2)
    organization.hears(*(an_entry(organization, reason=f'=cmd({number}), "quoted"') for number in range(5)))
    answer = admin.get("/audit.csv?action=event.requeued")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True).removeprefix(queries.MARK))))
    assert sorted(row["reason"] for row in rows) == [f'\'=cmd({number}), "quoted"' for number in range(5)]
    assert {row["subject_id"] for row in rows} == {str(EVENT)}
    heard(organization)
    (entry,) = trail(admin, action="audit.exported")
    assert {"field": "action", "before": None, "after": "event.requeued"} in entry["changes"]


def test_only_who_may_reads_the_trail(organization, admin, root):
    for role, status in (("auditor", 200), ("executive", 200), ("manager", 403), ("sales", 403)):
        assert a_user(admin, root, f"{role}.one", role).status_code == 201
        reader = signed_in(organization, f"{role}.one", PASSWORD)
        assert [reader.get(path).status_code for path in ("/audit", "/audit.csv")] == [status] * 2, role
    for wrong in ("actor_id=x", "from=yesterday", "who=li", "cursor=x"):
        assert admin.get(f"/audit?{wrong}").status_code == 422, wrong
