"""Viewers who stop reading, and what the stream stands on going away: nobody is told too little, nothing hangs."""

import socket

import pytest

from chassis.auth import Grant
from contracts.leads import OpportunityWon, ProductCreated
from crm.client import Client
from crm.embedded import THREADS
from crm.embedded import VIEWERS as PLACES
from gateway.hub import WAITING
from tests.service.gateway.test_stream import EAST1_PATH, HQ, open_now, with_ears_open
from tests.support.doors import Door, a_token
from tests.support.events import telling
from tests.support.runs import embedded, eventually
from tests.support.streams import PATH, opening
from tests.system.conftest import open_folder


@pytest.fixture
def door(tmp_path, rabbit):
    running = Door(tmp_path, CRM_AMQP_URL=rabbit.url)
    yield running
    running.stop()


@pytest.fixture
def run(tmp_path_factory):
    running = embedded(open_folder(tmp_path_factory.mktemp("embedded")) / "var").start()
    yield running
    running.stop()


def token_of(client: Client) -> str:
    client.get("/api/v1/me")
    return client._token


@pytest.mark.timeout(180)
def test_when_the_broker_has_been_away_every_viewer_is_told_to_fetch_everything(door, rabbit):
    token = a_token(Grant(HQ, "auditor"))
    with opening(door.port) as view:
        with telling(rabbit.url) as teller:
            with_ears_open(door, teller)
        viewers = [view(token) for _ in range(3)]
        assert all(viewer.told_of("hello") for viewer in viewers)
        rabbit.stop()
        rabbit.start()
        assert all(viewer.told_of("reset") for viewer in viewers)
        with telling(rabbit.url) as teller:
            told = str(teller.tells(ProductCreated))
        assert eventually(lambda: all(told in [subject for _, subject in viewer.changes] for viewer in viewers))
        assert view(token, viewers[0].told_of("hello")[0].id).told_of("reset")


@pytest.mark.timeout(120)
def test_a_viewer_who_takes_nothing_any_more_is_let_go(door, rabbit):
    with telling(rabbit.url) as teller, socket.socket() as stuck:
        with_ears_open(door, teller)
        assert eventually(lambda: open_now(door) == 0)
        stuck.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        stuck.connect(("127.0.0.1", door.port))
        request = f"GET {PATH} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {a_token(Grant(HQ, 'auditor'))}\r\n\r\n"
        stuck.sendall(request.encode())
        assert eventually(lambda: open_now(door) == 1)
        assert eventually(lambda: teller.tells(OpportunityWon, EAST1_PATH, times=WAITING) and open_now(door) == 0, 90)
    assert "Traceback" not in door.log.read_text()


@pytest.mark.timeout(120)
def test_in_one_process_viewers_end_first_and_the_process_soon_after(run):
    token = token_of(run.client())
    with opening(run.port) as view:
        viewers = [view(token) for _ in range(10)]
        assert all(viewer.told_of("hello") for viewer in viewers)
        assert run.stop(seconds=15) == 0
        assert eventually(lambda: all(viewer.ended for viewer in viewers))
    assert [viewer.how for viewer in viewers] == [None] * 10


@pytest.mark.timeout(120)
def test_in_one_process_viewers_starve_nobody_and_the_dead_give_their_places_back(run):
    client = run.client()
    token = token_of(client)
    with opening(run.port) as view:
        viewers = [view(token) for _ in range(PLACES)]
        assert all(viewer.told_of("hello") for viewer in viewers)
        assert {view(token).answer.status for _ in range(2 * THREADS + 1)} == {503}
        deal = client.post("/api/v1/opportunities", {"name": "照常"})["id"]
        assert eventually(lambda: all(("crm.leads.opportunity.opened", deal) in viewer.changes for viewer in viewers))
    with opening(run.port) as view:
        assert eventually(lambda: view(token).answer.status == 200)
