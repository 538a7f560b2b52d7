"""What an operator sees of a service and does about it, over HTTP."""

from uuid import uuid4

from contracts.organization import UnitCreated
from tests.support.samples import a_customer, a_deal

OPERATIONS = "/operations/leads"


def an_event_that_fails_for_now():
    """A path that PostgreSQL does not take: nothing says that the next attempt must fail too."""
    return UnitCreated(unit_id=uuid4(), code="BAD", name="坏", kind="branch", parent_id=None, path="not a path")


def an_invalid_event(leads, owner):
    return leads.enveloped(a_customer(owner, name="坏的")).replace('"坏的"'.encode(), b"7")


def failed(admin, state):
    answer = admin.get(f"{OPERATIONS}/failed-events?state={state}")
    assert answer.status_code == 200, answer.json
    return answer.json["items"]


def test_the_backlog_counts_what_is_unsent_and_what_failed(leads, admin):
    empty = admin.get(f"{OPERATIONS}/backlog").json
    assert empty == {
        "service": "leads",
        "outbox": {"depth": 0, "oldest_age_seconds": 0.0, "refused": 0},
        "failed": {"waiting": 0, "parked": 0, "discarded": 0},
        "last_recorded_at": None,
        "relay": None,
    }
    a_deal(admin)
    leads.inbox.accept([leads.enveloped(an_event_that_fails_for_now())])
    leads.inbox.accept([an_invalid_event(leads, admin)])
    leads.inbox.accept([an_invalid_event(leads, admin)])
    admin.post(f"{OPERATIONS}/failed-events/{failed(admin, 'parked')[0]['id']}/discard", None)
    backlog = admin.get(f"{OPERATIONS}/backlog").json
    assert backlog["outbox"]["depth"] == 2, "the deal, and the record of what was discarded"
    assert backlog["outbox"]["oldest_age_seconds"] > 0
    assert backlog["failed"] == {"waiting": 1, "parked": 1, "discarded": 1}
    assert backlog["last_recorded_at"] == leads.clock.now().isoformat()


def test_a_failed_event_is_listed_with_its_reason_tried_again_and_given_up(leads, admin):
    leads.inbox.accept([an_invalid_event(leads, admin)])
    (parked,) = failed(admin, "parked")
    assert (parked["type"], parked["attempts"], parked["field"]) == ("crm.customer.customer.created", 1, "$.name")
    assert admin.post(f"{OPERATIONS}/failed-events/{parked['id']}/requeue", None).status_code == 204
    assert [event["id"] for event in failed(admin, "waiting")] == [parked["id"]]
    assert admin.post(f"{OPERATIONS}/failed-events/{parked['id']}/discard", None).status_code == 404
    assert leads.inbox.retry()
    assert admin.post(f"{OPERATIONS}/failed-events/{parked['id']}/discard", {"reason": "测试"}).status_code == 204
    acts = [event["data"] for event in leads.recorded("crm.leads.audit.recorded")]
    assert [(act["action"], act["subject_id"], act["actor_id"], act["reason"]) for act in acts] == [
        ("event.requeued", parked["id"], str(admin.id), None),
        ("event.discarded", parked["id"], str(admin.id), "测试"),
    ]
    assert [event["id"] for event in failed(admin, "discarded")] == [parked["id"]]


def test_only_operators_look_behind_the_scenes(leads):
    for role in ("executive", "auditor", "manager", "sales"):
        user = leads.a_user(role)
        for path in ("backlog", "events", "failed-events", f"replays/{uuid4()}"):
            assert user.get(f"{OPERATIONS}/{path}").status_code == 403, (role, path)
