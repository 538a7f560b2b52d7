"""API keys: shown once, limited, ending."""

from datetime import timedelta

import pytest

from services.organization.store.api_keys import MARK
from tests.service.organization.conftest import PASSWORD, Caller, a_user, recorded_acts, refreshed, signed_in

DAY = timedelta(days=1)


@pytest.fixture
def li(organization, admin, root):
    a_user(admin, root)
    return signed_in(organization, "li.na", PASSWORD)


def a_key(caller, **body):
    answer = caller.post("/api-keys", {"name": "import", **body})
    assert answer.status_code == 201, answer.json
    return answer.json


def come_in(organization, key):
    return organization.client.post("/api/v1/session", json={"api_key": key["key"]})


def by_key(organization, key):
    return Caller(organization, come_in(organization, key).json["access_token"])


def test_a_key_is_shown_once_and_known_by_its_beginning_afterwards(organization, admin):
    made = a_key(admin, days=30, scopes=["leads:read", "leads:write"])
    (listed,) = admin.get("/api-keys").json["items"]
    assert made["key"].startswith(made["prefix"])
    assert made["prefix"].startswith(MARK)
    assert {**made, "last_used_at": None} == {**listed, "key": made["key"]}
    assert made["key"] not in str(organization.recorded())
    come_in(organization, made)
    assert admin.get("/api-keys").json["items"][0]["last_used_at"] is not None


def test_the_same_request_again_makes_no_second_key_and_shows_no_key(organization, admin):
    again = [admin.post("/api-keys", {"name": "import"}, Idempotency_Key="one") for _ in range(2)]
    assert [answer.status_code for answer in again] == [201, 409]
    assert len(admin.get("/api-keys").json["items"]) == 1
    with organization.transaction() as tx:
        assert tx.driver("SELECT body FROM idempotency_keys") == [(None,)]


def test_a_limited_key_may_no_more_than_its_limit_and_says_so(organization, admin, root):
    limited = by_key(organization, a_key(admin, scopes=["units:read"]))
    assert limited.get("/me").json["permissions"] == ["units:read"]
    assert limited.get("/units").status_code == 200
    assert limited.get("/users").status_code == 403
    assert a_user(limited, root).status_code == 403


def test_a_key_cannot_change_what_guards_the_account(organization, admin):
    limited = by_key(organization, a_key(admin))
    for method, path, body in (
        ("POST", "/api-keys", {"name": "more"}),
        ("GET", "/api-keys", None),
        ("GET", "/sessions", None),
        ("POST", "/me/password", {"current": PASSWORD, "new": "violet harbour 17"}),
    ):
        assert limited.call(method, path, body).status_code == 403, path


def test_nobody_makes_a_key_for_what_he_may_not_do(organization, li):
    answer = li.post("/api-keys", {"name": "import", "scopes": ["organization:manage"]})
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["scopes"])
    assert list(li.post("/api-keys", {"name": "import", "scopes": ["everything"]}).json["errors"]) == ["scopes.0"]


def test_a_key_ends_by_itself_and_is_listed_no_more(organization, admin, clock):
    key = a_key(admin, days=1)
    assert come_in(organization, key).status_code == 200
    clock.advance(DAY + timedelta(seconds=1))
    assert come_in(organization, key).status_code == 401
    assert signed_in(organization, "admin", PASSWORD).get("/api-keys").json["items"] == []


def test_a_revoked_key_opens_nothing_and_what_it_opened_is_refused(organization, admin, li):
    key = a_key(admin)
    caller = by_key(organization, key)
    assert li.call("DELETE", f"/api-keys/{key['id']}").status_code == 404
    assert admin.call("DELETE", f"/api-keys/{key['id']}").status_code == 204
    refreshed(organization)
    assert (come_in(organization, key).status_code, caller.get("/me").status_code) == (401, 401)
    assert len(organization.recorded("crm.organization.session.revoked")) == 1
    assert recorded_acts(organization) >= {"api-key.created", "api-key.revoked"}


def test_a_key_of_a_disabled_user_opens_nothing(organization, admin, li):
    key = a_key(li)
    caller = by_key(organization, key)
    (user,) = admin.get("/users?q=li.na").json["items"]
    admin.patch(f"/users/{user['id']}", {"active": False}, version=1)
    refreshed(organization)
    assert (come_in(organization, key).status_code, caller.get("/me").status_code) == (401, 401)
