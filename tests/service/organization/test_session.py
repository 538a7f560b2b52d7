"""Signing in, going on, signing out; keys."""

from dataclasses import replace
from datetime import timedelta

from chassis.auth import TOKEN_SECONDS
from services.organization.app import SERVICE
from services.organization.commands import sessions
from tests.service.organization.conftest import PASSWORD, Caller, a_user, sign_in, signed_in


def test_a_fresh_company_has_one_root_and_one_administrator_with_every_right(organization, admin, root):
    me = admin.get("/me").json
    assert (root["code"], root["kind"], root["parent_id"]) == ("HQ", "headquarters", None)
    assert me["username"] == "admin"
    assert {"history:import", "organization:manage", "events:operate"} <= set(me["permissions"])
    assert [event["type"] for event in organization.recorded()] == [
        "crm.organization.unit.created",
        "crm.organization.user.created",
        "crm.organization.audit.recorded",
        "crm.organization.keys.rotated",
    ]


def test_a_user_created_with_a_password_signs_in_at_once(organization, admin, root):
    assert a_user(admin, root).status_code == 201
    li = signed_in(organization, "li.na", PASSWORD)
    assert li.get("/me").json["roles"] == ["sales"]
    assert PASSWORD not in str(organization.recorded())


def test_wrong_passwords_are_refused_alike_then_slowed_down_until_time_has_passed(organization, admin, clock):
    answers = [sign_in(organization, "admin", "wrong password") for _ in range(6)]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429]
    assert int(answers[5].headers["Retry-After"]) >= 1
    assert sign_in(organization, "admin", PASSWORD).status_code == 429
    clock.advance(timedelta(seconds=5))
    assert sign_in(organization, "admin", PASSWORD).status_code == 200
    nobody = sign_in(organization, "nobody", "wrong password")
    assert {**nobody.json, "trace_id": ""} == {**answers[0].json, "trace_id": ""}


def test_a_token_ends_after_five_minutes_and_refreshing_gives_the_next(organization, admin, clock):
    clock.advance(timedelta(seconds=TOKEN_SECONDS + 1))
    assert admin.get("/me").status_code == 401
    again = organization.client.post("/api/v1/session/refresh")
    assert Caller(organization, again.json["access_token"]).get("/me").status_code == 200


def test_a_refresh_token_used_twice_ends_its_session(organization, admin):
    stolen = organization.client.get_cookie("crm_refresh", path="/api/v1/session").value
    assert organization.client.post("/api/v1/session/refresh").status_code == 200
    organization.client.set_cookie("crm_refresh", stolen, path="/api/v1/session")
    assert organization.client.post("/api/v1/session/refresh").status_code == 401
    assert len(organization.recorded("crm.organization.session.revoked")) == 1


def test_signing_out_ends_the_session(organization, admin):
    assert admin.call("DELETE", "/session").status_code == 204
    organization.client.application.extensions["crm"].keeper.refresh(at_once=True)
    assert admin.get("/me").status_code == 401
    assert organization.client.post("/api/v1/session/refresh").status_code == 401


def test_a_disabled_user_is_out_at_once(organization, admin, root):
    user = a_user(admin, root).json
    li = signed_in(organization, "li.na", PASSWORD)
    assert admin.patch(f"/users/{user['id']}", {"active": False}, version=1).json["active"] is False
    organization.client.application.extensions["crm"].keeper.refresh(at_once=True)
    assert li.get("/me").status_code == 401
    assert sign_in(organization, "li.na", PASSWORD).status_code == 401
    assert len(organization.recorded("crm.organization.user.disabled")) == 1


def test_a_new_password_ends_the_sessions_of_the_old(organization, admin, root):
    user = a_user(admin, root, password="correct horse battery").get_json()
    caller = signed_in(organization, "li.na", "correct horse battery")
    assert (
        admin.patch(f"/users/{user['id']}", {"password": "another long enough one"}, user["version"]).status_code == 200
    )
    organization.client.application.extensions["crm"].keeper.refresh(at_once=True)
    assert caller.get("/me").status_code == 401
    assert signed_in(organization, "li.na", "another long enough one").get("/me").status_code == 200


def test_a_new_key_is_known_before_it_signs_and_the_old_is_believed_meanwhile(organization, admin, clock):
    assert admin.post("/keys/rotation").status_code == 204
    organization.client.application.extensions["crm"].keeper.refresh(at_once=True)
    assert len(organization.client.get("/api/v1/keys").json["keys"]) == 2
    assert admin.get("/me").status_code == 200
    clock.advance(timedelta(seconds=61))
    assert signed_in(organization, "admin", PASSWORD).get("/me").status_code == 200


def test_a_key_of_ninety_days_is_followed_by_a_new_one_at_the_next_sign_in(organization, admin, clock):
    clock.advance(timedelta(days=89))
    signed_in(organization, "admin", PASSWORD)
    assert len(organization.client.get("/api/v1/keys").json["keys"]) == 1
    clock.advance(timedelta(days=1))
    for _ in range(2):
        signed_in(organization, "admin", PASSWORD)
    assert len(organization.client.get("/api/v1/keys").json["keys"]) == 2
    assert len(organization.recorded("crm.organization.keys.rotated")) == 2


def test_with_a_lost_secret_a_new_key_signs_at_once(organization, admin):
    settings = replace(organization.client.application.extensions["crm"].settings, secret_key=b"1" * 32)
    SERVICE.on_start(organization.database, settings)
    signed = sessions.sign_in(organization.database, settings.secret_key, "admin", PASSWORD)
    organization.client.application.extensions["crm"].keeper.refresh(at_once=True)
    assert Caller(organization, signed.access_token).get("/me").status_code == 200


def test_an_api_key_signs_in_until_it_is_revoked(organization, admin):
    made = admin.post("/api-keys", {"name": "import"}).json
    signing = {"api_key": made["key"]}
    assert organization.client.post("/api/v1/session", json=signing).status_code == 200
    assert admin.call("DELETE", f"/api-keys/{made['id']}").status_code == 204
    assert organization.client.post("/api/v1/session", json=signing).status_code == 401
