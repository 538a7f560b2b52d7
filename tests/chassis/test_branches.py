"""What branches tell: heard once, in whatever order and however often it comes, and believed from nobody else."""

import json
from uuid import uuid4

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.branches import Heard, create_branches, require_genuine, unheard
from chassis.inbox import Inbox
from contracts import branch
from contracts.base import InvalidEvent, type_of
from contracts.envelope import parse
from tests.chassis.conftest import a_unit
from tests.chassis.test_inbox import an_event

CAPTURED = "crm.branch.lead.captured"


def told(sequence, epoch, code="EAST", **changes):
    lead = branch.BranchLeadCaptured(lead_id=uuid4(), company="同舟")
    kind = type_of(lead)
    given = {"type": kind.name, "dataschema": kind.dataschema, "source": branch.source_of(code), "epoch": epoch}
    return an_event(lead.lead_id, sequence, kind.encode(lead), **given | changes)


@given(st.permutations(range(1, 13)), st.lists(st.integers(0, 3), min_size=12, max_size=12))
def test_every_number_is_new_once_whatever_the_order(numbers, repeats):
    heard, new = Heard(0), []
    for number, again in zip(numbers, repeats, strict=True):
        for _ in range(again + 1):
            fresh, heard = heard.hear([number])
            new += fresh
    assert new == list(numbers)
    assert heard == Heard(12)


@given(st.lists(st.sets(st.integers(1, 30)), max_size=10))
def test_groups_are_heard_as_one_by_one(groups):
    heard, seen = Heard(0), set()
    for group in groups:
        fresh, heard = heard.hear(group)
        assert fresh == group - seen
        seen |= group
    assert set(range(1, heard.upto + 1)) | heard.ahead == seen
    assert not heard.ahead or min(heard.ahead) > heard.upto + 1


@pytest.fixture
def heard(database):
    """Names of the leads that took effect, as an inbox with the marks of branches lets them in."""
    with database.engine.begin() as connection:
        create_branches(connection)
    took = []
    inbox = Inbox(database, {CAPTURED: lambda tx, event, lead: took.append(event.sequence)})
    return inbox, took


def test_what_was_told_long_ago_is_known_when_the_inbox_has_forgotten_it(heard, database):
    inbox, took = heard
    epoch = uuid4()
    events = [told(number, epoch) for number in (1, 3, 2)]
    inbox.accept([event.to_json() for event in events])
    with database.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM inbox")
    inbox.accept([event.to_json() for event in [*events, told(4, epoch)]])
    assert took == [1, 3, 2, 4]


def test_a_new_epoch_counts_anew_and_so_does_another_branch(heard):
    inbox, took = heard
    first = uuid4()
    events = [told(1, first), told(1, uuid4()), told(1, first, "WEST"), told(1, first)]
    inbox.accept([event.to_json() for event in events])
    assert took == [1, 1, 1]


def test_what_failed_is_tried_again_and_told_again_is_not(database, heard):
    epoch = uuid4()
    event = told(1, epoch)

    def fail(tx, event, lead):
        raise RuntimeError

    Inbox(database, {CAPTURED: fail}).accept([event.to_json()])
    inbox, took = heard
    inbox.accept([msgspec.structs.replace(event, id=uuid4()).to_json()])
    assert took == []
    with database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE failed_events SET next_attempt_at = '-infinity'")
    assert inbox.retry()
    assert took == [1]


def test_what_services_say_is_not_counted(database, heard):
    event = parse(an_event().to_json())
    with database.transaction() as tx:
        assert unheard(tx, [event, event]) == [event, event]


@pytest.mark.parametrize(
    ("sender", "changes"),
    [
        ("branch.WEST", {}),
        ("", {}),
        ("guest", {}),
        ("branch.EAST", {"source": "/services/leads"}),
        ("branch.EAST", {"source": "/branches/WEST"}),
    ],
)
def test_a_branch_is_believed_about_itself_only(sender, changes):
    with pytest.raises(InvalidEvent):
        require_genuine(told(1, uuid4(), **changes).to_json(), sender)


def test_a_branch_says_which_count_it_counts_by():
    counted = json.loads(told(1, uuid4()).to_json())
    del counted["epoch"]
    with pytest.raises(InvalidEvent, match="epoch"):
        require_genuine(json.dumps(counted).encode(), "branch.EAST")


@pytest.mark.parametrize("sender", ["branch.EAST", ""])
def test_a_branch_may_not_say_what_services_say(sender):
    with pytest.raises(InvalidEvent):
        require_genuine(an_event().to_json(), sender)


def test_a_branch_is_believed_about_itself_and_a_service_whose_event_came_back_from_the_dead():
    assert require_genuine(told(1, uuid4()).to_json(), "branch.EAST").sequence == 1
    assert require_genuine(an_event(a_unit().unit_id).to_json(), "organization").type.startswith("crm.organization")
