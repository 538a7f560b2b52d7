"""The live stream of the real gateway process: told through RabbitMQ, read over HTTP."""

import json
import re
import signal
from uuid import uuid4

import pytest

from chassis.auth import Grant
from chassis.bus import Message
from chassis.ids import new_id
from contracts import branch
from contracts.activity import ActivityLogged, PlanMade
from contracts.backbone import WATERMARKS
from contracts.customer import ContactAdded, CustomerChanged, OwnershipClosed
from contracts.docs import declared
from contracts.leads import LeadBreached, OpportunityReassigned, OpportunityWon, ProductCreated
from contracts.organization import (
    KeysRotated,
    Membership,
    SessionRevoked,
    UnitCreated,
    UnitMoved,
    UserChanged,
    UserDisabled,
)
from gateway.audience import RESOURCES
from gateway.hub import REMEMBERED, WAITING
from gateway.server import VIEWERS
from tests.support.doors import Door, a_token
from tests.support.events import telling
from tests.support.runs import eventually
from tests.support.streams import PATH, opening

HQ, EAST, EAST1, WEST = (uuid4() for _ in range(4))
EAST_PATH = f"{HQ.hex}.{EAST.hex}"
EAST1_PATH = f"{EAST_PATH}.{EAST1.hex}"
WEST_PATH = f"{HQ.hex}.{WEST.hex}"
SILENT = {"session", "keys", "watermark", "audit", "handover"}


@pytest.fixture(scope="module")
def teller(rabbit):
    with telling(rabbit.url) as its:
        yield its


@pytest.fixture(scope="module")
def door(tmp_path_factory, rabbit, teller):
    running = Door(tmp_path_factory.mktemp("gateway"), CRM_AMQP_URL=rabbit.url)
    with_ears_open(running, teller)
    yield running
    running.stop()


def with_ears_open(door, teller):
    """The gateway serves before it has found the broker; what it hears then is a product."""
    with opening(door.port) as view:
        probe = view(a_token(Grant(HQ, "auditor")))
        assert eventually(lambda: teller.tells(ProductCreated) and probe.changes)


@pytest.fixture
def viewer(door):
    """Opens streams that have begun, for a role in a unit; all are left at the end."""
    with opening(door.port) as view:

        def begin(role="auditor", unit=HQ, last_id="", **known):
            opened = view(a_token(Grant(unit, role, True), **known), last_id)
            assert eventually(lambda: opened.told or last_id)
            return opened

        yield begin


def hear(*viewers, told):
    """Whether each of these, and the last thing told being known to all, has heard it."""
    return eventually(lambda: all(told in [subject for _, subject in each.changes] for each in viewers), 10)


def test_every_event_has_an_audience_or_is_kept_silent_on_purpose():
    on_the_bus = {kind.name.rpartition(".")[0] for kind in declared() if not kind.name.startswith(branch.PREFIX)}
    undecided = on_the_bus - RESOURCES.keys()
    assert {aggregate.rpartition(".")[2] for aggregate in undecided} == SILENT


def test_a_won_deal_is_told_to_those_who_may_see_it_and_to_nobody_else(teller, viewer):
    owner, li = uuid4(), uuid4()
    seeing = [
        viewer("sales", EAST1, user_id=owner),
        viewer("marketing", EAST1),
        viewer("manager", EAST1),
        viewer("manager", EAST),
        viewer("executive", WEST),
    ]
    blind = [viewer("sales", EAST1, user_id=li), viewer("marketing", EAST), viewer("manager", WEST)]
    deal = str(teller.tells(OpportunityWon, EAST1_PATH, unit_id=EAST1, owner_id=owner))
    last = str(teller.tells(ProductCreated))
    assert hear(*seeing, *blind, told=last)
    assert all(("crm.leads.opportunity.won", deal) in each.changes for each in seeing)
    assert [each.changes for each in blind] == [[("crm.leads.product.created", last)]] * len(blind)
    (message, _) = seeing[0].told_of("change")
    assert message.said == {"type": "crm.leads.opportunity.won", "subject": deal, "unit_id": str(EAST1)}


def test_who_gave_a_deal_away_hears_of_it_as_does_his_manager(teller, viewer):
    former, heir = uuid4(), uuid4()
    seeing = [
        viewer("sales", EAST1, user_id=former),
        viewer("manager", EAST),
        viewer("sales", WEST, user_id=heir),
        viewer("manager", WEST),
    ]
    whose = {"unit_id": WEST, "owner_id": heir, "from_owner_id": former, "from_unit_path": EAST1_PATH}
    assert hear(*seeing, told=str(teller.tells(OpportunityReassigned, WEST_PATH, **whose)))


@pytest.mark.parametrize(
    "kind", [CustomerChanged, ContactAdded, OwnershipClosed, LeadBreached, ActivityLogged, PlanMade]
)
def test_what_belongs_to_somebody_is_told_to_him_and_not_to_a_stranger(teller, viewer, kind):
    owner = uuid4()
    hearing, stranger = viewer("sales", EAST1, user_id=owner), viewer("sales", EAST1)
    assert hear(hearing, told=str(teller.tells(kind, EAST1_PATH, owner_id=owner)))
    assert hear(stranger, told=str(teller.tells(ProductCreated)))
    assert len(stranger.changes) == 1


def test_colleagues_hear_of_the_people_and_units_they_work_with(teller, viewer):
    somebody = uuid4()
    seeing = [viewer("sales", EAST1), viewer("manager", EAST), viewer("sales", WEST, user_id=somebody)]
    stranger = viewer("manager", WEST)
    held = (Membership(unit_id=EAST1, role="sales", primary=True),)
    changed = teller.tells(UserChanged, EAST1_PATH, user_id=somebody, memberships=held)
    assert hear(*seeing, told=str(changed))
    renamed = teller.tells(UnitCreated, EAST1_PATH, unit_id=EAST1, path=EAST1_PATH)
    assert hear(*seeing[:2], told=str(renamed))
    assert hear(stranger, told=str(teller.tells(ProductCreated)))
    assert len(stranger.changes) == 1


def test_nobody_hears_of_sessions_keys_and_how_far_services_are(teller, viewer):
    admin = viewer("admin", user_id=uuid4())
    teller.tells(SessionRevoked)
    teller.tells(KeysRotated)
    teller.tells(WATERMARKS["leads"])
    assert hear(admin, told=str(teller.tells(ProductCreated)))
    assert len(admin.changes) == 1


def test_after_a_unit_moved_its_new_manager_hears_and_the_old_one_does_not(teller, viewer):
    moved = uuid4()
    before, after = f"{EAST_PATH}.{moved.hex}", f"{WEST_PATH}.{moved.hex}"
    east, west = viewer("manager", EAST), viewer("manager", WEST)
    teller.tells(UnitMoved, after, unit_id=moved, parent_id=WEST, path=after)
    assert east.told_of("reset")
    assert west.told_of("reset")
    deal = teller.tells(OpportunityWon, before, unit_id=moved)
    assert hear(west, told=str(deal))
    assert hear(east, told=str(teller.tells(ProductCreated)))
    assert len(east.changes) == 1


def test_who_comes_back_is_told_what_he_missed_once_and_in_order(teller, viewer):
    owner = uuid4()
    first = viewer("sales", EAST1, user_id=owner)
    heard = [str(teller.tells(OpportunityWon, EAST1_PATH, owner_id=owner)) for _ in range(3)]
    assert hear(first, told=heard[-1])
    first.leave()
    others = [teller.tells(OpportunityWon, EAST1_PATH) for _ in range(3)]
    missed = [str(teller.tells(OpportunityWon, EAST1_PATH, owner_id=owner)) for _ in range(3)]
    again = viewer("sales", EAST1, first.told_of("change")[-1].id, user_id=owner)
    live = str(teller.tells(OpportunityWon, EAST1_PATH, owner_id=owner))
    assert hear(again, told=live)
    assert [subject for _, subject in again.changes] == [*missed, live]
    assert {message.event for message in again.told} == {"change"}
    assert not {str(other) for other in others} & {subject for _, subject in again.changes}


def test_who_heard_nothing_since_the_beginning_goes_on_from_there(teller, viewer):
    first = viewer()
    (hello,) = first.told_of("hello")
    first.leave()
    missed = str(teller.tells(ProductCreated))
    assert hear(viewer(last_id=hello.id), told=missed)


def test_an_id_that_is_not_known_any_more_asks_for_everything_anew(teller, viewer):
    stranger = viewer(last_id=str(new_id()))
    (reset,) = stranger.told_of("reset")
    stranger.leave()
    again = viewer(last_id=reset.id)
    assert hear(again, told=str(teller.tells(ProductCreated)))
    assert [message.event for message in again.told] == ["change"]


def test_an_event_that_the_relay_sent_twice_is_told_once(teller, viewer):
    hearing = viewer()
    twice = str(teller.tells(ProductCreated, copies=2))
    assert hear(hearing, told=str(teller.tells(ProductCreated)))
    assert [subject for _, subject in hearing.changes].count(twice) == 1


def test_what_cannot_be_understood_is_told_to_nobody_and_the_next_is_heard(teller, viewer):
    hearing = viewer()
    key = "crm.leads.opportunity.won"
    for body in (b"nonsense", b"{}", b'{"data": 1}'):
        teller.publish([Message(uuid4(), key, body)])
    teller.tells(OpportunityWon, "no.path")
    assert hear(hearing, told=str(teller.tells(ProductCreated)))
    assert len(hearing.changes) == 1


def test_who_cannot_follow_is_told_to_fetch_everything_and_hears_on(teller, viewer):
    hearing = viewer()
    teller.tells(OpportunityWon, EAST1_PATH, times=20 * WAITING)
    assert hearing.told_of("reset")
    assert hear(hearing, told=str(teller.tells(ProductCreated)))
    assert len(hearing.changes) < 20 * WAITING


def test_only_so_much_is_remembered(teller, viewer):
    first = viewer()
    teller.tells(OpportunityWon, EAST1_PATH, times=REMEMBERED + 1)
    last = str(teller.tells(ProductCreated))
    assert hear(first, told=last)
    again = viewer("sales", EAST1, first.told_of("hello")[0].id)
    assert again.told_of("reset")


def test_a_stream_ends_with_its_token(door):
    with opening(door.port) as view:
        ending = view(a_token(Grant(EAST1, "sales"), seconds_left=2))
        assert ending.told_of("hello")
        assert eventually(lambda: ending.ended)
    assert ending.how is None
    assert 'crm_gateway_streams_ended_total{cause="token"}' in door.metrics()


def test_a_stream_ends_with_its_session_and_with_its_user(teller, viewer):
    session, user = uuid4(), uuid4()
    one, other, third = viewer(session_id=session), viewer(user_id=user), viewer()
    teller.tells(SessionRevoked, session_id=session)
    teller.tells(UserDisabled, user_id=user)
    assert eventually(lambda: one.ended and other.ended)
    assert not third.ended


def test_a_stream_says_how_it_is_to_be_treated_on_its_way(door):
    token = a_token(Grant(EAST1, "sales"))
    with opening(door.port) as view:
        hearing = view(token, **{"Accept-Encoding": "gzip"})
        headers = hearing.answer.headers
        assert hearing.told_of("hello")
    assert hearing.text.startswith("retry: 2000\n\n")
    assert headers["Content-Type"].startswith("text/event-stream")
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Accel-Buffering"] == "no"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Encoding"] is None
    assert door.ask(token, "HEAD", PATH)[0] == 200
    assert door.ask(token, "POST", PATH)[0] == 405
    assert door.ask("nonsense", "GET", PATH)[0] == 401


def open_now(door):
    return int(float(re.search(r"^crm_gateway_viewers (\S+)", door.metrics(), re.M).group(1)))


def test_who_has_gone_gives_his_place_to_the_next_and_above_the_last_place_one_waits(door):
    assert eventually(lambda: open_now(door) == 0)
    token = a_token(Grant(EAST1, "sales"))
    with opening(door.port) as view:
        assert {view(token).answer.status for _ in range(VIEWERS)} == {200}
        status, headers, body = door.ask(token, "GET", PATH)
    assert (status, headers["Content-Type"]) == (503, "application/problem+json")
    assert int(headers["Retry-After"]) > 0
    assert json.loads(body)["type"].endswith("/too-many-viewers")
    assert eventually(lambda: open_now(door) == 0)


def test_sigterm_ends_streams_as_they_should_end_and_the_process(tmp_path, rabbit):
    door = Door(tmp_path, CRM_AMQP_URL=rabbit.url, CRM_GRACE_SECONDS="60")
    with opening(door.port) as view:
        viewers = [view(a_token(Grant(EAST1, "sales"))) for _ in range(20)]
        assert all(viewer.told_of("hello") for viewer in viewers)
        door.process.send_signal(signal.SIGTERM)
        assert door.process.wait(15) == 0
        assert eventually(lambda: all(viewer.ended for viewer in viewers))
    assert [viewer.how for viewer in viewers] == [None] * 20
    assert "Traceback" not in door.log.read_text()


def test_a_stream_on_which_nothing_happens_is_pinged(viewer):
    quiet = viewer("sales", EAST1)
    assert eventually(lambda: ": ping\n\n" in quiet.text)
    assert not quiet.ended
