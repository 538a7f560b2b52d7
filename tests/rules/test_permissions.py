"""The matrix of `chassis/roles.py` on every route of every service, asked by every role."""

import re
from uuid import UUID

import pytest

from chassis.roles import LEVELS, PERMISSIONS
from chassis.settings import Settings
from chassis.web import create_app
from contracts.organization import Role
from crm import company
from tests.rules.test_scope import routes
from tests.support.scopes import an_organization
from tests.support.services import a_service, dispose

ASKED_WITHIN = {"history:import", "opportunities:override", "personal:read"}
"""Permissions that no route asks for as a whole: only some fields within a body need them."""
NO_TOKEN = {"/openapi.json", "/health/live", "/health/ready", "/metrics"}
NOWHERE = Settings(database_url="postgresql://nobody@127.0.0.1:1/none")
NOBODY = str(UUID(int=1))


def path_of(rule):
    return re.sub(r"<uuid:\w+>", NOBODY, rule).removeprefix("/api/v1")


@pytest.fixture(params=company.NAMES)
def service(request, database_url, clock):
    name = request.param
    made = an_organization(database_url, clock) if name == "organization" else a_service(name, database_url, clock)
    yield made
    dispose(made)


def protected(service):
    """Every route behind a token, with its permission; the one that ends the session comes last."""
    found = [route for route in routes(service.client.application) if route[1] not in NO_TOKEN]
    return sorted(found, key=lambda route: route[:2] == ("DELETE", "/api/v1/session"))


def refused(user, method, rule):
    body = None if method == "GET" else {}
    return user.call(method, path_of(rule), body, If_Match='"1"').status_code == 403


def test_every_role_may_on_every_route_what_the_matrix_says_and_no_more(service):
    users = {role: service.a_user(role, "HQ") for role in PERMISSIONS}
    for method, rule, permission in protected(service):
        for role, user in users.items():
            may = permission is None or permission in PERMISSIONS[role]
            assert refused(user, method, rule) != may, (method, rule, role, permission)


def test_a_session_of_a_limited_key_may_what_the_limit_and_the_role_both_allow(service):
    admin, auditor = (service.a_user(role, "HQ") for role in ("admin", "auditor"))
    asked = [route for route in protected(service) if route[2] is not None]
    for limit in {permission for _, _, permission in asked}:
        for user, role in ((admin.by_key(limit), "admin"), (auditor.by_key(limit), "auditor")):
            granted = {limit} & PERMISSIONS[role]
            for method, rule, permission in asked:
                assert refused(user, method, rule) == (permission not in granted), (limit, method, rule)


def asked_for():
    apps = [create_app(company.service(name), NOWHERE) for name in company.NAMES]
    return [route for app in apps for route in routes(app)]


def test_the_matrix_names_every_role_and_no_permission_that_nothing_asks_for():
    assert set(PERMISSIONS) == set(LEVELS) == set(Role.__args__)
    asked = {permission for _, _, permission in asked_for() if permission}
    assert asked | ASKED_WITHIN == frozenset().union(*PERMISSIONS.values())


def test_what_only_reads_asks_to_read_and_what_changes_rows_does_not():
    for method, rule, permission in asked_for():
        if permission and permission.endswith(":read"):
            assert method == "GET", (method, rule)
        if method == "GET" and permission:
            assert permission.endswith((":read", ":operate")), rule
