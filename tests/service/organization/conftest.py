"""The organization service as a fresh company has it, and somebody signed in."""

import pytest

from services.organization.app import SERVICE
from tests.support.services import a_service, dispose

PASSWORD = "correct horse"


class Caller:
    """A user signed in through the service itself."""

    def __init__(self, service, token):
        self._service = service
        self.headers = {"Authorization": f"Bearer {token}", "Accept-Language": "en"}

    def call(self, method, path, body=None, **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._service.client.open("/api/v1" + path, method=method, json=body, headers=self.headers | named)

    def get(self, path):
        return self.call("GET", path)

    def post(self, path, body=None, **headers):
        return self.call("POST", path, body, **headers)

    def patch(self, path, body, version=None):
        return self.call("PATCH", path, body, **({} if version is None else {"If_Match": f'"{version}"'}))


@pytest.fixture
def organization(database_url, clock):
    service = a_service("organization", database_url, clock, secret_key=b"0" * 32, admin_password=PASSWORD)
    settings = service.client.application.extensions["crm"].settings
    SERVICE.on_start(service.database, settings)
    SERVICE.on_start(service.database, settings)
    yield service
    dispose(service)


@pytest.fixture
def admin(organization):
    return signed_in(organization, "admin", PASSWORD)


@pytest.fixture
def root(admin):
    return admin.get("/units").json["items"][0]


def sign_in(service, username, password):
    return service.client.post("/api/v1/session", json={"username": username, "password": password})


def signed_in(service, username, password):
    answer = sign_in(service, username, password)
    assert answer.status_code == 200, answer.json
    return Caller(service, answer.json["access_token"])


def a_user(admin, unit, username="li.na", role="sales", **changes):
    body = {
        "username": username,
        "name": "李娜",
        "password": PASSWORD,
        "memberships": [{"unit_id": unit["id"], "role": role}],
    }
    return admin.post("/users", body | changes)


def refreshed(service):
    """The service, when it has looked again at whom it trusts."""
    service.client.application.extensions["crm"].keeper.refresh(at_once=True)


def recorded_acts(service):
    """What is on record for the audit trail."""
    return {event["data"]["action"] for event in service.recorded("crm.organization.audit.recorded")}
