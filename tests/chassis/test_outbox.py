"""Recording: an event exists if, and only if, its transaction committed, and an aggregate's events count from one."""

from uuid import uuid4

import pytest

from contracts.base import InvalidEvent
from tests.chassis.conftest import a_unit


def outbox(database):
    with database.engine.connect() as connection:
        return connection.exec_driver_sql("SELECT subject, sequence FROM outbox ORDER BY id").all()


def test_a_committed_event_waits_in_the_outbox(database):
    unit = a_unit()

    with database.transaction() as tx:
        tx.record(unit)

    assert outbox(database) == [(unit.unit_id, 1)]


def test_a_rolled_back_event_never_was(database):
    def fail_after_recording():
        with database.transaction() as tx:
            tx.record(a_unit())
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_after_recording()

    assert outbox(database) == []


def test_two_events_of_one_command_have_two_sequences_in_order(database):
    first, other = uuid4(), uuid4()

    with database.transaction() as tx:
        tx.record(a_unit(first))
        tx.record(a_unit(other))
        tx.record(a_unit(first))
    with database.transaction() as tx:
        tx.record(a_unit(first))

    assert outbox(database) == [(first, 1), (other, 1), (first, 2), (first, 3)]


def test_recording_an_invalid_event_fails_the_command_and_changes_nothing(database):
    def record_nonsense():
        with database.transaction() as tx:
            tx.record(a_unit())
            tx.record(a_unit(kind="shop"))

    with pytest.raises(InvalidEvent) as refused:
        record_nonsense()

    assert refused.value.field == "$.kind"
    assert outbox(database) == []


def test_whoever_waits_is_told_after_the_commit_only(database):
    told = []
    database.on_recorded = lambda: told.append(len(outbox(database)))

    with database.transaction() as tx:
        tx.record(a_unit())
        assert told == []
    with database.transaction():
        pass

    assert told == [1]
