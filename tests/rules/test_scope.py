"""Row scope on every route: a row is there for its owner and those above him, and for nobody else.

Every route that reads a list or a detail, and every one that changes a row, is found in the services themselves. One
that neither leads to a row of `tests.support.scopes` nor stands on the list of those without scope fails here.
"""

import re
from uuid import UUID

import pytest

from chassis.roles import LEVELS, PERMISSIONS
from chassis.settings import Settings
from chassis.web import create_app
from crm import company
from tests.support.scopes import a_world
from tests.support.services import dispose

UNSCOPED = {
    "/openapi.json": "describes the API, holds no row",
    "/health/live": "holds no row",
    "/health/ready": "holds no row",
    "/metrics": "figures of the process, not reached through the gateway",
    "/api/v1/keys": "public keys, with which anybody may check a token",
    "/api/v1/me": "the caller himself",
    "/api/v1/me/totp": "the caller himself",
    "/api/v1/names": "what people and units are called, for who has met their ids on a row he sees",
    "/api/v1/sessions": "the caller's own",
    "/api/v1/sessions/<uuid:session_id>": "ends a session of the caller's; another's is not there",
    "/api/v1/api-keys": "the caller's own",
    "/api/v1/api-keys/<uuid:key_id>": "revokes a key of the caller's; another's is not there",
    "/api/v1/policies/kinds": "which kinds of policy there are",
    "/api/v1/products": "one catalogue for the whole company",
    "/api/v1/products/<uuid:product_id>": "one catalogue for the whole company",
    "/api/v1/sources": "one catalogue for the whole company",
    "/api/v1/sources/<uuid:source_id>": "one catalogue for the whole company",
}


def _has(name, part="items"):
    return lambda answer, ids: {ids[name] in [row["id"] for row in answer[part]]}


def _has_both(one, other):
    return lambda answer, ids: one(answer, ids) | other(answer, ids)


LISTS = {
    "/api/v1/units": _has("unit_id"),
    "/api/v1/users": _has("user_id"),
    "/api/v1/policies": _has("policy_id"),
    "/api/v1/customers": _has("customer_id"),
    "/api/v1/leads": _has("lead_id"),
    "/api/v1/opportunities": _has("opportunity_id"),
    "/api/v1/activities": _has("activity_id"),
    "/api/v1/plans": _has("plan_id"),
    "/api/v1/agenda": _has_both(_has("activity_id", "activities"), _has("plan_id", "plans")),
    "/api/v1/analytics/pipeline": lambda answer, ids: {answer["total"]["deals"] > 0},
    "/api/v1/analytics/sources": lambda answer, ids: {bool(answer["items"])},
}
"""Whether the rows of the owner that belong in a list are in it: all of them, or none."""
QUERIES = {
    "/api/v1/agenda": "?from=2000-01-01T00:00:00Z&to=2100-01-01T00:00:00Z&user_id={owner}",
    "/api/v1/policies/in-force": "?kind=security&unit_id={unit}",
}
REACHING_DOWN = "/api/v1/policies"
"""Under this path what is ruled in a unit is also seen by everybody who works below it."""
BODIES = {
    ("PATCH", "/api/v1/customers/<uuid:customer_id>"): {"region": "华北"},
    ("POST", "/api/v1/customers/<uuid:customer_id>/contacts"): {"name": "李四"},
    ("PATCH", "/api/v1/customers/<uuid:customer_id>/contacts/<uuid:contact_id>"): {"title": "经理"},
    ("PATCH", "/api/v1/leads/<uuid:lead_id>"): {"note": "改"},
    ("POST", "/api/v1/leads/<uuid:lead_id>/qualification"): {"outcome": "potential"},
    ("PATCH", "/api/v1/opportunities/<uuid:opportunity_id>"): {"name": "改"},
    ("POST", "/api/v1/opportunities/<uuid:opportunity_id>/stage"): {"stage": "proposing"},
    ("POST", "/api/v1/opportunities/<uuid:opportunity_id>/close"): {"outcome": "lost"},
    ("PATCH", "/api/v1/activities/<uuid:activity_id>"): {"minutes": 1},
    ("POST", "/api/v1/plans/<uuid:plan_id>/completion"): {},
    ("POST", "/api/v1/policies/<uuid:policy_id>/acknowledgement"): {},
}
"""What each route that changes a row takes."""


def routes(app):
    """Method and rule of every route, and the permission it asks for."""
    for rule in app.url_map.iter_rules():
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
            yield method, rule.rule, getattr(app.view_functions[rule.endpoint], "_permission", None)


def for_who_sees_all(permission):
    """Whether only roles that see every row have this permission, so that there is nobody to hide a row from."""
    holders = [role for role, granted in PERMISSIONS.items() if permission in granted]
    return bool(holders) and all(LEVELS[role] == "all" for role in holders)


def readings(world):
    """The lists and details whose scope is to be proved."""
    for method, rule, permission in routes(world.service.client.application):
        if method == "GET" and rule not in UNSCOPED and not for_who_sees_all(permission):
            shown = rule in LISTS or rule in QUERIES or "<" in rule
            assert shown, f"{rule} says neither how it shows a row nor why it has no scope"
            yield (
                rule,
                world.filled(rule) + QUERIES.get(rule, "").format(owner=world.owner.id, unit=world.owner.unit.id),
            )


def sees(world, user, rule):
    """Whether the owner's row is there for `user`."""
    return user in world.seeing or (rule.startswith(REACHING_DOWN) and user in world.below)


def changes(world):
    """The routes that change one row, with what they take."""
    for method, rule, permission in routes(world.service.client.application):
        if method != "GET" and "<" in rule and rule not in UNSCOPED and not for_who_sees_all(permission):
            assert (method, rule) in BODIES, f"{method} {rule} says neither what it takes nor why it has no scope"
            yield method, rule, permission, BODIES[method, rule]


@pytest.fixture(params=company.NAMES)
def world(request, database_url, clock):
    made = a_world(request.param, database_url, clock)
    yield made
    dispose(made.service)


def test_a_row_is_read_by_its_owner_and_those_above_him_and_by_nobody_else(world):
    for rule, path in readings(world):
        for user in (*world.seeing, *world.others):
            answer = user.get(path)
            seen = sees(world, user, rule)
            if rule in LISTS:
                assert answer.status_code == 200, (rule, user.role, answer.json)
                assert LISTS[rule](answer.json, world.ids) == {seen}, (rule, user.role, user.unit)
            else:
                assert answer.status_code == (200 if seen else 404), (rule, user.role, user.unit)


def test_a_row_is_changed_by_nobody_who_does_not_see_it(world):
    before = tags(world)
    for method, rule, permission, body in changes(world):
        writers = [user for user in world.others if permission in PERMISSIONS[user.role]]
        assert writers, (method, rule)
        for user in writers:
            if not sees(world, user, rule):
                answer = user.call(method, world.filled(rule), body, If_Match='"1"')
                assert answer.status_code == 404, (method, rule, user.role, user.unit, answer.json)
    assert tags(world) == before


def tags(world):
    """The versions of the owner's rows, as he sees them."""
    return {rule: world.owner.get(path).headers.get("ETag") for rule, path in readings(world) if rule not in LISTS}


@pytest.mark.parametrize("world", [name for name in company.NAMES if name != "organization"], indirect=True)
def test_who_acts_for_somebody_who_left_reaches_every_row_of_his(world):
    acting = next(user for user in world.others if user.role == "sales" and user.unit != world.owner.unit)
    world.service.leaves(world.owner, acting)
    for rule, path in readings(world):
        answer = acting.get(path)
        assert answer.status_code == 200, (rule, answer.json)
        assert rule not in LISTS or LISTS[rule](answer.json, world.ids) == {True}, rule
    for method, rule, permission, body in changes(world):
        if permission in PERMISSIONS[acting.role]:
            answer = acting.call(method, world.filled(rule), body, If_Match='"1"')
            assert answer.status_code not in (401, 403, 404), (method, rule, answer.json)


def test_who_may_not_look_behind_the_scenes_is_refused(world):
    for method, rule, permission in routes(world.service.client.application):
        if method == "GET" and for_who_sees_all(permission):
            path = re.sub(r"<uuid:\w+>", str(UUID(int=1)), rule).removeprefix("/api/v1")
            for user in (*world.seeing, *world.others):
                refused = user.get(path).status_code == 403
                assert refused == (permission not in PERMISSIONS[user.role]), (rule, user.role)


def test_nothing_is_declared_that_is_not_there():
    nowhere = Settings(database_url="postgresql://nobody@127.0.0.1:1/none")
    there = {route[:2] for name in company.NAMES for route in routes(create_app(company.service(name), nowhere))}
    rules = {rule for _, rule in there}
    assert {*UNSCOPED, *LISTS, *QUERIES} <= rules
    assert set(BODIES) <= there
