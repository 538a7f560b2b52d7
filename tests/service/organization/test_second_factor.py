"""The second factor: enrolled by whoever wants one, asked for at the sign-in, and again for what is grave."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest

from chassis.work import STEP_UP
from tests.service.organization.conftest import PASSWORD, Caller, a_user, recorded_acts, refreshed, sign_in, signed_in

STEP = timedelta(seconds=30)


class Phone:
    """The authenticator of somebody who enrolled."""

    def __init__(self, organization, caller, clock):
        self._organization, self._clock = organization, clock
        enrolment = caller.post("/me/totp")
        assert enrolment.status_code == 200, enrolment.json
        self.secret, self.url = enrolment.json["secret"], enrolment.json["otpauth_url"]
        confirmed = caller.post("/me/totp/confirmation", {"code": self.code()})
        assert confirmed.status_code == 200, confirmed.json
        self.recovery_codes = confirmed.json["recovery_codes"]
        self.next()

    def code(self):
        return pyotp.TOTP(self.secret).at(self._clock.now())

    def next(self):
        """Time for the next code has come."""
        self._clock.advance(STEP)

    def sign_in(self, code, username="admin"):
        body = {"username": username, "password": PASSWORD, "totp": code}
        return self._organization.client.post("/api/v1/session", json=body)


@pytest.fixture
def phone(organization, admin, clock):
    return Phone(organization, admin, clock)


def test_nobody_is_asked_for_what_he_has_not_enrolled(organization, admin):
    assert admin.get("/me/totp").json == {"enrolled": False, "confirmed_at": None, "recovery_codes_left": 0}
    admin.post("/me/totp")
    assert sign_in(organization, "admin", PASSWORD).status_code == 200


def test_an_authenticator_is_told_whose_it_is(organization, phone):
    asked = parse_qs(urlsplit(phone.url).query)
    assert urlsplit(phone.url).scheme == "otpauth"
    assert (asked["secret"], asked["issuer"]) == ([phone.secret], ["Tongzhou CRM"])


def test_who_enrolled_signs_in_with_password_and_code(organization, phone):
    asked = sign_in(organization, "admin", PASSWORD)
    assert (asked.status_code, asked.json["type"].rpartition("/")[2]) == (401, "second-factor-required")
    assert phone.sign_in(phone.code()).status_code == 200
    assert sign_in(organization, "admin", "wrong password").json["type"].rpartition("/")[2] == "unauthenticated"


def test_a_code_works_once(organization, phone):
    code = phone.code()
    assert [phone.sign_in(code).status_code for _ in range(2)] == [200, 401]
    phone.next()
    assert phone.sign_in(phone.code()).status_code == 200


def test_a_code_of_a_minute_ago_is_none(organization, phone):
    code = phone.code()
    phone.next()
    phone.next()
    assert phone.sign_in(code).status_code == 401


def test_a_recovery_code_gets_in_once_however_it_is_written(organization, admin, phone):
    code, other = phone.recovery_codes[:2]
    assert len(set(phone.recovery_codes)) == 10
    assert [phone.sign_in(code).status_code for _ in range(2)] == [200, 401]
    assert phone.sign_in(other.replace("-", " ").upper()).status_code == 200
    assert admin.get("/me/totp").json["recovery_codes_left"] == 8
    assert recorded_acts(organization) >= {"second-factor.enrolled", "recovery-code.used"}


def test_wrong_codes_count_as_failed_sign_ins(organization, phone):
    assert [phone.sign_in("000000").status_code for _ in range(6)] == [401] * 5 + [429]
    assert phone.sign_in(phone.code()).status_code == 429


def test_neither_secret_nor_codes_are_kept_or_told_as_they_are(organization, phone):
    with organization.transaction() as tx:
        kept = str(tx.driver("SELECT * FROM second_factors")) + str(tx.driver("SELECT * FROM recovery_codes"))
    written = kept + str(organization.recorded())
    for secret in (phone.secret, *phone.recovery_codes, *(code.replace("-", "") for code in phone.recovery_codes)):
        assert secret not in written


def test_enrolling_ends_the_other_sessions(organization, admin, clock):
    other = signed_in(organization, "admin", PASSWORD)
    Phone(organization, admin, clock)
    refreshed(organization)
    assert (other.get("/me").status_code, admin.get("/me").status_code) == (401, 200)


def test_a_second_factor_is_not_replaced_without_removing_it(organization, admin, phone):
    assert admin.post("/me/totp").status_code == 409
    assert admin.post("/me/totp/confirmation", {"code": phone.code()}).status_code == 409


def test_a_wrong_code_confirms_nothing(organization, admin):
    assert admin.post("/me/totp/confirmation", {"code": "123456"}).status_code == 409
    admin.post("/me/totp")
    refused = admin.post("/me/totp/confirmation", {"code": "000000"})
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["code"])
    assert sign_in(organization, "admin", PASSWORD).status_code == 200


def test_it_is_removed_with_the_password(organization, admin, phone):
    assert admin.post("/me/totp/removal", {"password": "wrong password"}).status_code == 422
    assert admin.post("/me/totp/removal", {"password": PASSWORD}).status_code == 204
    assert sign_in(organization, "admin", PASSWORD).status_code == 200
    assert phone.sign_in(phone.recovery_codes[0]).status_code == 422


def test_an_administrator_takes_it_from_who_lost_it(organization, admin, root, clock):
    user = a_user(admin, root).json
    li = signed_in(organization, "li.na", PASSWORD)
    Phone(organization, li, clock)
    assert li.call("DELETE", f"/users/{user['id']}/totp").status_code == 403
    assert admin.call("DELETE", f"/users/{user['id']}/totp").status_code == 204
    refreshed(organization)
    assert li.get("/me").status_code == 401
    assert sign_in(organization, "li.na", PASSWORD).status_code == 200


def test_who_has_a_second_factor_gives_it_again_to_disable_a_user(organization, admin, root, phone, clock):
    user = a_user(admin, root).json

    def disable(caller):
        return caller.patch(f"/users/{user['id']}", {"active": False}, version=1)

    caller = Caller(organization, phone.sign_in(phone.code()).json["access_token"])
    clock.advance(STEP_UP - timedelta(minutes=1))
    caller = Caller(organization, organization.client.post("/api/v1/session/refresh").json["access_token"])
    clock.advance(timedelta(minutes=2))
    asked = disable(caller)
    assert (asked.status_code, asked.json["type"].rpartition("/")[2]) == (403, "second-factor-required")
    assert caller.patch(f"/users/{user['id']}", {"name": "李娜娜"}, version=1).status_code == 200
    wrong = caller.post("/session/step-up", {"totp": "000000"})
    assert (wrong.status_code, list(wrong.json["errors"])) == (422, ["totp"])
    given = caller.post("/session/step-up", {"totp": phone.code()})
    fresh = Caller(organization, given.json["access_token"])
    assert fresh.patch(f"/users/{user['id']}", {"active": False}, version=2).status_code == 200


def test_who_has_none_disables_a_user_as_before_and_cannot_step_up(organization, admin, root):
    user = a_user(admin, root).json
    assert admin.post("/session/step-up", {"totp": "123456"}).status_code == 422
    assert admin.patch(f"/users/{user['id']}", {"active": False}, version=1).status_code == 200
