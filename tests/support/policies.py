"""Policies as tests need them: drafted and published as users do it, and as events tell of them."""

from datetime import timedelta
from uuid import uuid4

from contracts.organization import PolicyPublished


def a_draft(user, unit, kind="security", body=None, **changes):
    """The answer to a draft for `unit`, which has an id."""
    body = {"shortest_password": 10} if body is None else body
    return user.post("/policies", {"kind": kind, "unit_id": str(unit), "body": body} | changes)


def published(user, unit, kind="security", body=None, effective_from=None, **changes):
    """A version that was published, as it is answered."""
    made = a_draft(user, unit, kind, body, **changes)
    assert made.status_code == 201, made.json
    asked = {} if effective_from is None else {"effective_from": effective_from.isoformat()}
    answer = user.post(f"/policies/{made.json['id']}/publication", asked)
    assert answer.status_code == 200, answer.json
    return answer.json


def a_policy(unit, clock, kind, body, **changes):
    """The news of a version that took effect a second ago."""
    state = {
        "policy_id": uuid4(), "kind": kind, "unit_id": unit.id, "number": 1, "body": body, "marks": {},
        "published_at": clock.now() - timedelta(seconds=2), "effective_from": clock.now() - timedelta(seconds=1),
    }  # fmt: skip
    return PolicyPublished(**state | changes)
