"""What is wrong with a request is said clearly, and nothing is changed by it."""

import pytest

from tests.service.organization.conftest import PASSWORD, a_user, refreshed
from tests.service.organization.test_people import a_unit

COOKIE = {"path": "/api/v1/session"}


@pytest.fixture
def user(admin, root):
    return a_user(admin, root).json


def everything(organization):
    """What is kept of people, units, sessions and keys."""
    tables = ("users", "memberships", "units", "sessions", "api_keys", "second_factors", "outbox")
    with organization.transaction() as tx:
        return {table: tx.driver(f"SELECT {table}::text FROM {table} ORDER BY 1") for table in tables}


BODIES = {
    ("POST", "/units"): {"code": "E", "name": "E", "kind": "region", "parent_id": "{root}"},
    ("POST", "/users"): {"username": "x", "name": "x", "memberships": [{"unit_id": "{root}", "role": "sales"}]},
    ("PATCH", "/users/{user}"): {"name": "x"},
    ("PATCH", "/units/{root}"): {"name": "x"},
    ("POST", "/api-keys"): {"name": "x"},
    ("POST", "/me/password"): {"current": PASSWORD, "new": "violet harbour 17"},
    ("POST", "/me/totp/confirmation"): {"code": "123456"},
    ("POST", "/me/totp/removal"): {"password": PASSWORD},
    ("POST", "/session/step-up"): {"totp": "123456"},
    ("POST", "/session"): {"username": "admin", "password": PASSWORD},
}


@pytest.mark.parametrize(("method", "path"), BODIES)
def test_a_field_that_is_not_known_is_named_and_nothing_is_changed(organization, admin, root, user, method, path):
    names = {"root": root["id"], "user": user["id"]}
    body = {**BODIES[method, path], "is_admin": True}
    if "memberships" in body:
        body["memberships"] = [{"unit_id": root["id"], "role": "sales"}]
    if "parent_id" in body:
        body["parent_id"] = root["id"]
    before = everything(organization)
    answer = admin.call(method, path.format(**names), body, If_Match='"1"')
    assert (answer.status_code, answer.content_type) == (422, "application/problem+json")
    assert answer.json["errors"] == {"is_admin": ["Unknown field."]}
    assert everything(organization) == before


@pytest.mark.parametrize("more", [{}, {"primary": True}])
def test_the_same_role_in_the_same_unit_twice_is_refused_by_name(organization, admin, root, user, more):
    places = [{"unit_id": root["id"], "role": "sales", **more}, {"unit_id": root["id"], "role": "sales"}]
    before = everything(organization)
    made = a_user(admin, root, "wang.fang", memberships=places)
    edited = admin.patch(f"/users/{user['id']}", {"memberships": places}, version=1)
    (bulk,) = admin.post(
        "/users/bulk", {"items": [{"username": "wang.fang", "name": "王芳", "memberships": places}]}
    ).json["results"]
    for answer in (made, edited):
        assert (answer.status_code, answer.content_type) == (422, "application/problem+json")
        assert answer.json["errors"] == {"memberships": ["The same role in the same unit, twice"]}
    assert (bulk["status"], list(bulk["problem"]["errors"])) == (422, ["memberships"])
    assert {**everything(organization), "outbox": None} == {**before, "outbox": None}


def test_two_roles_in_one_unit_and_one_role_in_two_are_no_overlap(organization, admin, root):
    east = a_unit(admin, root).json
    places = [
        {"unit_id": root["id"], "role": "sales"},
        {"unit_id": root["id"], "role": "manager"},
        {"unit_id": east["id"], "role": "sales"},
    ]
    assert a_user(admin, root, memberships=places).status_code == 201


def test_a_refresh_token_used_twice_ends_its_session_for_thief_and_owner(organization, admin):
    stolen = organization.client.get_cookie("crm_refresh", **COOKIE).value
    owner = organization.client.post("/api/v1/session/refresh")
    owners = organization.client.get_cookie("crm_refresh", **COOKIE).value
    for token in (stolen, owners):
        organization.client.set_cookie("crm_refresh", token, **COOKIE)
        answer = organization.client.post("/api/v1/session/refresh")
        assert (answer.status_code, answer.content_type) == (401, "application/problem+json")
    refreshed(organization)
    admin.headers["Authorization"] = f"Bearer {owner.json['access_token']}"
    assert admin.get("/me").status_code == 401
    acts = [event["data"]["action"] for event in organization.recorded("crm.organization.audit.recorded")]
    assert acts.count("session.token-reused") == 1


@pytest.mark.parametrize("password", ["", "short", "qwertyuiop", "aaaaaaaaaaaa"])
def test_a_password_that_is_none_is_refused_at_its_field(organization, admin, root, user, password):
    edited = admin.patch(f"/users/{user['id']}", {"password": password}, version=1)
    made = a_user(admin, root, "wang.fang", password=password)
    for answer in (edited, made):
        assert (answer.status_code, list(answer.json["errors"])) == (422, ["password"])


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"username", "password"}),
        ({"username": "admin"}, {"password"}),
        ({"username": "", "password": "x"}, {"username"}),
        ({"username": "admin", "password": 7}, {"password"}),
        ({"username": "admin", "password": PASSWORD, "totp": 123456}, {"totp"}),
        ({"api_key": ""}, {"api_key"}),
    ],
)
def test_a_sign_in_that_lacks_something_says_what(organization, admin, body, fields):
    answer = organization.client.post("/api/v1/session", json=body)
    assert answer.status_code == 422
    assert set(answer.json["errors"]) == fields
