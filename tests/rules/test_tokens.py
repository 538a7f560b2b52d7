"""Tokens that are none: every service refuses them alike, with a problem that can be read, and does nothing."""

import base64
import json
from datetime import timedelta
from uuid import uuid4

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, OKPKey

from chassis.auth import ALGORITHM, TOKEN_SECONDS, Actor, Grant, issue
from crm import company
from tests.support.scopes import an_organization
from tests.support.services import KEY, KID, a_service, dispose

FOREIGN = OKPKey.generate_key("Ed25519", private=True)
LISTS = {
    "organization": "/users", "customer": "/customers", "leads": "/leads", "activity": "/activities",
    "analytics": "/analytics/pipeline",
}  # fmt: skip


@pytest.fixture(params=company.NAMES)
def service(request, database_url, clock):
    name = request.param
    made = an_organization(database_url, clock) if name == "organization" else a_service(name, database_url, clock)
    yield made
    dispose(made)


def part(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def unfolded(token):
    head, claims, signature = token.split(".")
    read = [json.loads(base64.urlsafe_b64decode(each + "==")) for each in (head, claims)]
    return *read, signature


def without_signature(token, algorithm):
    head, claims, _ = unfolded(token)
    return f"{part(head | {'alg': algorithm})}.{part(claims)}."


def raised(token):
    """A salesperson who calls himself administrator."""
    head, claims, signature = unfolded(token)
    claims["mem"] = [[unit, "admin", primary] for unit, _, primary in claims["mem"]]
    return f"{part(head)}.{part(claims)}.{signature}"


def by_shared_secret(token):
    """The public key taken for the secret of another algorithm."""
    _, claims, _ = unfolded(token)
    secret = OctKey.import_key(KEY.as_dict(private=False)["x"] + "0" * 16)
    return jwt.encode({"alg": "HS256", "kid": KID}, claims, secret, algorithms=["HS256"])


def an_actor(user, **changes):
    return Actor(user.id, user.username, user.id, (Grant(user.unit.id, user.role, True),), **changes)


def forged(user, now):
    """Every token that somebody without the key may think of, by what is wrong with it."""
    actor, token = an_actor(user), user.token
    head, claims, signature = unfolded(token)
    unread = jwt.encode({"alg": ALGORITHM, "kid": KID}, claims | {"scp": "leads:read"}, KEY, algorithms=[ALGORITHM])
    return {
        "of a key that nobody announced": issue(actor, "other", FOREIGN, now),
        "of a foreign key under a known name": issue(actor, KID, FOREIGN, now),
        "with its key's name exchanged": f"{part(head | {'kid': 'other'})}.{part(claims)}.{signature}",
        "without a name of a key": f"{part({'alg': ALGORITHM})}.{part(claims)}.{signature}",
        "unsigned": without_signature(token, "none"),
        "unsigned, oddly": without_signature(token, "nOnE"),
        "signed with the public key": by_shared_secret(token),
        "with a higher role": raised(token),
        "of another issuer": jwt.encode(
            {"alg": ALGORITHM, "kid": KID}, claims | {"iss": "elsewhere"}, KEY, algorithms=[ALGORITHM]
        ),
        "with a limit that cannot be read": unread,
        "over": issue(actor, KID, KEY, now - timedelta(seconds=TOKEN_SECONDS + 1)),
        "cut": token[:-10],
        "empty": ".",
    }


def test_a_token_that_is_none_is_refused_alike_and_nothing_is_done(service):
    user = service.a_user("sales", "EAST")
    path = "/api/v1" + LISTS[service.name]
    before = service.recorded()
    assert user.get(LISTS[service.name]).status_code == 200
    for wrong, token in forged(user, service.clock.now()).items():
        for method in ("GET", "POST") if service.name != "analytics" else ("GET",):
            headers = {"Authorization": f"Bearer {token}"}
            answer = service.client.open(path, method=method, json={} if method == "POST" else None, headers=headers)
            assert answer.status_code == 401, (wrong, method)
            assert answer.content_type == "application/problem+json", wrong
            assert answer.headers["WWW-Authenticate"] == "Bearer", wrong
            assert {"type", "title", "status", "instance", "trace_id"} <= answer.json.keys(), wrong
    assert service.recorded() == before


def test_what_is_no_bearer_token_is_refused_alike(service):
    user = service.a_user("sales", "EAST")
    for said in ("", "Bearer", "Bearer ", f"Basic {user.token}", user.token, f"Bearer {user.token} more"):
        answer = service.client.get("/api/v1" + LISTS[service.name], headers={"Authorization": said})
        assert (answer.status_code, answer.content_type) == (401, "application/problem+json"), said


def test_a_token_of_an_ended_session_is_refused_and_one_of_another_session_is_not(service):
    user = service.a_user("sales", "EAST")
    with service.transaction() as tx:
        tx.driver("INSERT INTO revoked_sessions (session_id, revoked_at) VALUES (%s, %s)", (user.id, tx.clock.now()))
    service.client.application.extensions["crm"].keeper.refresh(at_once=True)
    assert user.get(LISTS[service.name]).status_code == 401
    other = issue(Actor(user.id, user.username, uuid4(), an_actor(user).grants), KID, KEY, service.clock.now())
    headers = {"Authorization": f"Bearer {other}"}
    assert service.client.get("/api/v1" + LISTS[service.name], headers=headers).status_code == 200
