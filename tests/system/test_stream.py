"""What one user does appears on another's stream, through the whole product, run both ways."""

import time
from uuid import uuid4

import pytest

from tests.support.runs import eventually
from tests.support.samples import REASONS
from tests.support.streams import opening
from tests.system.conftest import a_user, can_open

WON = {"outcome": "won", "amount": {"amount": "10.00", "currency": "CNY"}} | REASONS


@pytest.fixture
def watching(company):
    """Opens the stream of a client's user; all are left at the end."""
    with opening(company.port) as view:

        def begin(client):
            client.get("/api/v1/me")
            viewer = view(client._token)
            assert viewer.told_of("hello")
            return viewer

        yield begin


@pytest.fixture
def people(company, branches):
    """Somebody who sells, his manager, and a stranger in another branch, each known to every service."""
    names = [("li", "sales", "N1"), ("boss", "manager", "N1"), ("wang", "sales", "S1")]
    clients = [a_user(company, f"{name}.{uuid4().hex[:6]}", role, branches[unit]) for name, role, unit in names]
    assert eventually(lambda: all(can_open(client) for client in clients))
    return clients


def test_a_won_deal_appears_at_its_owner_and_manager_and_not_at_a_stranger(people, watching):
    li, _, wang = people
    owner, manager, stranger = (watching(client) for client in people)
    deal = li.post("/api/v1/opportunities", {"name": "长江"})["id"]
    li.post(f"/api/v1/opportunities/{deal}/close", WON)
    own = wang.post("/api/v1/opportunities", {"name": "珠江"})["id"]
    told = ("crm.leads.opportunity.won", deal)
    assert eventually(lambda: told in owner.changes and told in manager.changes)
    assert eventually(lambda: own in [subject for _, subject in stranger.changes])
    assert deal not in [subject for _, subject in stranger.changes]


def test_a_deal_given_away_is_told_to_who_had_it(company, people, watching, branches):
    li, _, wang = people
    owner, manager, heir = (watching(client) for client in people)
    deal = li.post("/api/v1/opportunities", {"name": "黄河"})
    admin = company.client()
    given = {"owner_id": wang.get("/api/v1/me")["id"]}
    admin.call("PATCH", f"/api/v1/opportunities/{deal['id']}", given, {"If-Match": f'"{deal["version"]}"'})
    told = ("crm.leads.opportunity.reassigned", deal["id"])
    assert eventually(lambda: all(told in viewer.changes for viewer in (owner, manager, heir)))


def test_a_change_is_on_the_stream_within_a_second(company, watching):
    client = company.client()
    viewer = watching(client)
    taken = []
    for _ in range(5):
        began = time.monotonic()
        deal = client.post("/api/v1/opportunities", {"name": "快"})["id"]
        assert eventually(lambda deal=deal: ("crm.leads.opportunity.opened", deal) in viewer.changes)
        taken.append(time.monotonic() - began)
    assert min(taken) < 1, taken


def test_a_stream_ends_when_its_user_is_disabled_or_signs_out(company, people, watching):
    li, _, wang = people
    disabled, signed_out = watching(li), watching(wang)
    admin = company.client()
    user = admin.get(f"/api/v1/users/{li.get('/api/v1/me')['id']}")
    admin.call("PATCH", f"/api/v1/users/{user['id']}", {"active": False}, {"If-Match": f'"{user["version"]}"'})
    wang.delete("/api/v1/session")
    assert eventually(lambda: disabled.ended and signed_out.ended)
    assert (disabled.how, signed_out.how) == (None, None)
