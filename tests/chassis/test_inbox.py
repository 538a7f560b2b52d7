"""The inbox: once, whatever is delivered how often; a bad event hurts only itself; nothing is forgotten."""

from datetime import UTC, datetime
from uuid import uuid4

import msgspec
import pytest

from chassis import inbox as inboxes
from chassis.inbox import DatabaseAway, Inbox
from contracts.base import type_of
from contracts.envelope import Envelope
from tests.chassis.conftest import a_unit

CREATED = "crm.organization.unit.created"


class Broken(RuntimeError):
    """A handler that cannot, for now."""


@pytest.fixture
def seen(database):
    with database.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE seen (n bigserial, event_id uuid, sequence bigint)")

    def rows():
        with database.engine.connect() as connection:
            return [row[0] for row in connection.exec_driver_sql("SELECT event_id FROM seen ORDER BY n")]

    return rows


@pytest.fixture
def broken():
    """Ids of the events the handler fails on."""
    return set()


@pytest.fixture
def inbox(database, seen, broken):
    def note(tx, event, payload):
        tx.driver("INSERT INTO seen (event_id, sequence) VALUES (%s, %s)", (event.id, event.sequence))
        if event.id in broken:
            raise Broken(payload.code)

    return Inbox(database, {CREATED: note})


def an_event(subject=None, sequence=1, data=None, **changes):
    payload = a_unit(subject)
    envelope = Envelope(
        id=uuid4(),
        source="/services/organization",
        type=CREATED,
        subject=payload.unit_id,
        time=datetime(2026, 1, 1, tzinfo=UTC),
        dataschema=f"{CREATED}/1",
        sequence=sequence,
        actor="system",
        data=msgspec.Raw(data or type_of(payload).encode(payload)),
    )
    return msgspec.structs.replace(envelope, **changes)


def bodies(*events):
    return [event.to_json() for event in events]


def failed(database):
    with database.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT event_id, state, field FROM failed_events ORDER BY sequence")
        return [tuple(row) for row in rows]


def make_due(database):
    with database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE failed_events SET next_attempt_at = '-infinity'")


def test_an_event_delivered_five_times_takes_effect_once(inbox, seen):
    event = an_event()

    inbox.accept(bodies(event, event, event))
    inbox.accept(bodies(event))
    inbox.accept(bodies(event))

    assert seen() == [event.id]


def test_one_poison_event_among_a_thousand_hurts_only_itself(inbox, seen, database):
    good = [an_event() for _ in range(1000)]
    poison = an_event(data=b'{"unit_id": 7}')

    inbox.accept(bodies(*good[:500], poison, *good[500:]))

    assert seen() == [event.id for event in good]
    assert failed(database) == [(poison.id, "parked", "$.unit_id")]


def decided(database, command, event):
    with database.transaction() as tx:
        return command(tx, event.id)


def test_a_parked_event_is_applied_after_the_fix_and_a_requeue(inbox, seen, broken, database, monkeypatch):
    monkeypatch.setattr(inboxes, "ATTEMPTS", 1)
    event = an_event()
    broken.add(event.id)
    inbox.accept(bodies(event))
    assert failed(database) == [(event.id, "parked", None)]

    broken.clear()
    assert decided(database, inboxes.requeue, event)
    assert inbox.retry()

    assert seen() == [event.id]
    assert failed(database) == []


def test_a_waiting_event_holds_back_later_ones_of_its_subject_only(inbox, seen, broken, database):
    first, other = an_event(sequence=1), an_event()
    second = an_event(first.subject, sequence=2)
    broken.add(first.id)

    inbox.accept(bodies(first))
    inbox.accept(bodies(second, other))
    assert seen() == [other.id]

    broken.clear()
    make_due(database)
    while inbox.retry():
        pass

    assert seen() == [other.id, first.id, second.id]


def test_a_parked_event_holds_nobody_back(inbox, seen, database):
    poison = an_event(data=b"{}")
    inbox.accept(bodies(poison))

    following = an_event(poison.subject, sequence=2)
    inbox.accept(bodies(following))

    assert seen() == [following.id]
    assert failed(database) == [(poison.id, "parked", "$")]


def test_an_event_is_parked_after_its_last_attempt(inbox, broken, database):
    event = an_event()
    broken.add(event.id)
    inbox.accept(bodies(event))

    for _ in range(inboxes.ATTEMPTS - 1):
        make_due(database)
        assert inbox.retry()

    assert failed(database) == [(event.id, "parked", None)]
    make_due(database)
    assert not inbox.retry()


def test_an_unknown_type_or_major_is_parked_at_once(inbox, database):
    event = an_event(type="crm.organization.unit.exploded", dataschema="crm.organization.unit.exploded/1")
    newer = an_event(dataschema=f"{CREATED}/2", sequence=2)

    inbox.accept(bodies(event, newer))

    assert failed(database) == [(event.id, "parked", "$.dataschema"), (newer.id, "parked", "$.dataschema")]


def test_what_is_no_envelope_is_parked_once(inbox, database):
    inbox.accept([b"not json"])
    inbox.accept([b"not json"])

    assert [state for _, state, _ in failed(database)] == ["parked"]


def test_a_discarded_event_stays_on_record(inbox, seen, database):
    poison = an_event(data=b"{}")
    inbox.accept(bodies(poison))

    assert decided(database, inboxes.discard, poison)

    assert failed(database) == [(poison.id, "discarded", "$")]
    assert not decided(database, inboxes.requeue, poison)


def test_while_the_database_is_away_nothing_is_decided(inbox, database, seen, cluster):
    event = an_event()
    cluster.stop("immediate")
    try:
        with pytest.raises(DatabaseAway):
            inbox.accept(bodies(event))
    finally:
        cluster.start()

    inbox.accept(bodies(event))

    assert seen() == [event.id]
    assert failed(database) == []


@pytest.mark.parametrize(("attempts", "most"), [(1, 1), (2, 2), (5, 16), (12, 600), (40, 600)])
def test_retries_back_off_to_ten_minutes_with_jitter(attempts, most):
    delays = {inboxes.retry_delay(attempts) for _ in range(50)}

    assert most / 2 <= min(delays) < max(delays) <= most
