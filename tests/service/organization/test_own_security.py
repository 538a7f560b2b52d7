"""What somebody does for his own account: sessions, password."""

from datetime import timedelta

import pytest

from services.organization.domain.sign_in import LOCKED_FOR
from services.organization.timers import forget_sessions
from tests.service.organization.conftest import PASSWORD, Caller, a_user, recorded_acts, refreshed, sign_in, signed_in

NEW = "violet harbour 17"


@pytest.fixture
def li(organization, admin, root):
    assert a_user(admin, root).status_code == 201
    return signed_in(organization, "li.na", PASSWORD)


def change(caller, current=PASSWORD, new=NEW, **headers):
    return caller.post("/me/password", {"current": current, "new": new}, **headers)


def test_somebody_sees_his_own_sessions_where_they_come_from_and_which_one_asks(organization, li, clock):
    clock.advance(timedelta(minutes=1))
    told = {"X-Forwarded-For": "6.6.6.6, 203.0.113.7", "User-Agent": "Firefox"}
    answer = organization.client.post("/api/v1/session", json={"username": "li.na", "password": PASSWORD}, headers=told)
    there = Caller(organization, answer.json["access_token"])
    seen = [(each["address"], each["device"], each["current"]) for each in there.get("/sessions").json["items"]]
    assert seen[0] == ("203.0.113.7", "Firefox", True)
    assert [current for _, _, current in seen] == [True, False]
    assert [each["current"] for each in li.get("/sessions").json["items"]] == [False, True]


def test_going_on_is_what_counts_as_use_of_a_session(organization, li, clock):
    clock.advance(timedelta(minutes=4))
    organization.client.post("/api/v1/session/refresh", headers={"X-Forwarded-For": "203.0.113.9"})
    (session,) = li.get("/sessions").json["items"]
    assert session["address"] == "203.0.113.9"
    assert session["created_at"] < session["last_used_at"]


def test_a_session_that_is_ended_is_refused_and_nobody_elses_is_there_to_end(organization, admin, li):
    other = signed_in(organization, "li.na", PASSWORD)
    (session_id,) = [each["id"] for each in li.get("/sessions").json["items"] if not each["current"]]
    assert admin.call("DELETE", f"/sessions/{session_id}").status_code == 404
    assert li.call("DELETE", f"/sessions/{session_id}").status_code == 204
    assert li.call("DELETE", f"/sessions/{session_id}").status_code == 404
    refreshed(organization)
    assert (other.get("/me").status_code, li.get("/me").status_code) == (401, 200)
    assert organization.client.post("/api/v1/session/refresh").status_code == 401
    assert len(organization.recorded("crm.organization.session.revoked")) == 1
    assert recorded_acts(organization) >= {"session.ended"}


def test_a_new_password_ends_the_other_sessions_and_keeps_the_one_that_set_it(organization, li):
    other = signed_in(organization, "li.na", PASSWORD)
    assert change(li).status_code == 204
    refreshed(organization)
    assert (other.get("/me").status_code, li.get("/me").status_code) == (401, 200)
    assert sign_in(organization, "li.na", PASSWORD).status_code == 401
    assert sign_in(organization, "li.na", NEW).status_code == 200
    assert NEW not in str(organization.recorded())


def test_a_wrong_present_password_counts_as_a_failed_sign_in(organization, li):
    for number in range(5):
        answer = change(li, current="wrong password", Idempotency_Key=str(number))
        assert (answer.status_code, list(answer.json["errors"])) == (422, ["current"])
    refused = change(li)
    assert (refused.status_code, sign_in(organization, "li.na", PASSWORD).status_code) == (429, 429)
    assert int(refused.headers["Retry-After"]) >= 1


@pytest.mark.parametrize(
    ("language", "said"), [("zh-CN", "这是很常见的密码"), ("en", "This is a very common password.")]
)
def test_why_a_password_is_weak_is_said_in_the_users_language(organization, li, language, said):
    answer = change(li, new="password123", Accept_Language=language)
    assert (answer.status_code, answer.json["score"]) == (422, 0)
    assert said in answer.json["errors"]["new"]
    assert sign_in(organization, "li.na", PASSWORD).status_code == 200


def test_ones_own_name_makes_no_password(organization, admin, root):
    user = a_user(admin, root, "wei.zhang", name="Zhang Wei Guang", password="zhangweiguang")
    assert (user.status_code, list(user.json["errors"])) == (422, ["password"])


def test_an_account_is_locked_out_after_many_failures_whoever_tries(organization, admin, li, clock):
    for number in range(14):
        headers = {"X-Forwarded-For": f"198.51.100.{number}"}
        body = {"username": "LI.NA", "password": "wrong password"}
        assert organization.client.post("/api/v1/session", json=body, headers=headers).status_code == 401
        clock.advance(timedelta(seconds=513))
    assert recorded_acts(organization) >= {"sign-in.failed", "sign-in.account-locked"}
    assert int(sign_in(organization, "li.na", PASSWORD).headers["Retry-After"]) > 60
    clock.advance(LOCKED_FOR)
    assert sign_in(organization, "li.na", PASSWORD).status_code == 200


def test_an_address_that_tries_many_accounts_has_to_wait_and_others_do_not(organization, admin, clock):
    def ask(address, username="admin", password=PASSWORD):
        body = {"username": username, "password": password}
        return organization.client.post("/api/v1/session", json=body, headers={"X-Forwarded-For": address})

    for number in range(30):
        assert ask("203.0.113.7", f"somebody{number}", "wrong password").status_code == 401
    assert ask("203.0.113.7").status_code == 429
    assert ask("203.0.113.8").status_code == 200
    clock.advance(timedelta(seconds=3))
    assert ask("203.0.113.7").status_code == 200


def test_sessions_that_ended_and_failures_that_count_no_more_are_forgotten(organization, li, clock):
    sign_in(organization, "somebody", "wrong password")
    signed_in(organization, "li.na", PASSWORD)
    organization.client.post("/api/v1/session/refresh")
    ended = [each["id"] for each in li.get("/sessions").json["items"] if not each["current"]]
    li.call("DELETE", f"/sessions/{ended[0]}")
    clock.advance(timedelta(days=8))
    with organization.transaction() as tx:
        forget_sessions(tx, clock.now())
        assert ended[0] not in {str(row[0]) for row in tx.driver("SELECT id FROM sessions")}
        assert tx.driver("SELECT 1 FROM sign_in_failures UNION ALL SELECT 1 FROM address_failures") == []
        assert (
            tx.driver("SELECT count(*) FROM refresh_tokens")[0][0] == tx.driver("SELECT count(*) FROM sessions")[0][0]
        )


def test_an_administrator_who_sets_a_password_opens_a_locked_account(organization, admin, root):
    user = a_user(admin, root).json
    for _ in range(5):
        sign_in(organization, "li.na", "wrong password")
    assert sign_in(organization, "li.na", PASSWORD).status_code == 429
    assert admin.patch(f"/users/{user['id']}", {"password": NEW}, version=1).status_code == 200
    assert sign_in(organization, "li.na", NEW).status_code == 200
