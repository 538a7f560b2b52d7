"""What a worker is made of: relay loop, timers, watermarks, partitions, replays, the dead queue."""

import threading
from datetime import timedelta
from uuid import uuid4

import pytest

from chassis import replay, watermarks
from chassis.bus import BusUnavailable
from chassis.bus.memory import MemoryBroker
from chassis.bus.topology import Consumer as Queues
from chassis.consumer import Consumer
from chassis.inbox import Inbox
from chassis.relay import Relay
from chassis.relay_loop import RelayLoop
from chassis.replay import Replay, Replayer
from chassis.scheduler import Scheduler, make_partitions
from chassis.service import Service, Timer
from chassis.waker import Waker
from chassis.worker import Bus, Worker
from contracts.leads import SourceCreated
from tests.chassis.conftest import a_unit
from tests.support.runs import eventually


@pytest.fixture
def broker():
    made = MemoryBroker()
    made.setup([Queues("copy", ("crm.#",), ())])
    return made


@pytest.fixture
def copied(database, broker):
    """The codes of the units a consumer took, in order; its loop runs."""
    codes, stopping = [], threading.Event()
    inbox = Inbox(
        database,
        {},
        batch_handler=lambda tx, events: codes.extend(payload.code for _, payload in events),
        batch_types=("crm.organization.unit.created",),
    )
    loop = threading.Thread(target=Consumer(inbox, broker.subscriber("crm.copy")).run, args=(stopping,))
    loop.start()
    yield codes
    stopping.set()
    loop.join()


@pytest.fixture
def relaying(database, broker):
    stopping = threading.Event()
    relay = Relay(database.engine, broker.publisher(), holder="test")
    loop = threading.Thread(target=RelayLoop(database.engine, relay, "organization").run, args=(stopping,))
    loop.start()
    yield
    stopping.set()
    loop.join()


def record(database, *codes):
    with database.transaction() as tx:
        for code in codes:
            tx.record(a_unit(code=code))


def count(database, query):
    with database.transaction() as tx:
        return tx.driver(query)[0][0]


def test_what_commits_is_woken_for_and_sent_within_the_second_of_the_fallback(database, relaying, copied):
    waker = Waker(database.engine)
    database.on_recorded = waker.wake
    record(database, "A", "B")
    assert eventually(lambda: copied == ["A", "B"], 0.9)
    waker.close()


def test_without_a_wake_the_relay_looks_by_itself(database, relaying, copied):
    record(database, "A")
    assert eventually(lambda: copied == ["A"], 5)


def test_what_is_recorded_before_the_end_is_flushed(database, broker, copied):
    stopping = threading.Event()
    stopping.set()
    record(database, "A")
    relay = Relay(database.engine, broker.publisher(), holder="test")
    RelayLoop(database.engine, relay, "organization").run(stopping)
    assert copied == ["A"]
    assert count(database, "SELECT count(*) FROM outbox") == 0


def test_a_timer_runs_when_it_is_due_in_one_process_and_its_failure_stops_no_other(database, clock):
    runs = []

    def fail(tx, now):
        raise RuntimeError("broken")

    timers = (Timer("bad", 10, fail), Timer("good", 10, lambda tx, now: runs.append(now)))
    first, second = Scheduler(database, "leads", timers), Scheduler(database, "leads", timers)
    first.run_due()
    second.run_due()
    assert len(runs) == 1
    clock.advance(timedelta(seconds=10))
    second.run_due()
    assert len(runs) == 2


def test_a_watermark_does_not_pass_what_is_unsent_or_still_open(database, clock):
    def reached():
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            return watermarks.reached(connection, "organization", clock.now())

    assert reached() == clock.now()
    record(database, "A")
    recorded_at = clock.now()
    clock.advance(timedelta(minutes=1))
    assert reached() == recorded_at
    with database.transaction() as tx:
        tx.driver("DELETE FROM outbox")
    clock.advance(timedelta(days=365 * 5))
    with database.transaction() as tx:
        began = tx.driver("SELECT now()")[0][0]
        assert reached() == began
    assert reached() == clock.now()


def test_a_watermark_is_heard_only_forward(database, clock):
    kind = watermarks.WATERMARKS["activity"]
    with database.transaction() as tx:
        assert watermarks.horizon(tx, "activity", clock.now()) == watermarks.NEVER
        for moment in (clock.now(), clock.now() - timedelta(hours=1)):
            watermark = kind(service_id=uuid4(), service="activity", reached_at=moment)
            watermarks.keep(tx, None, watermark)
        assert watermarks.horizon(tx, "activity", clock.now()) == clock.now() - watermarks.MARGIN


def test_partitions_are_made_ahead_and_rows_of_the_default_one_hurt_nothing(database, clock):
    record(database, "A")
    with database.transaction() as tx:
        tx.driver(
            "INSERT INTO event_log SELECT id, event_id, type, subject, sequence, recorded_at, envelope FROM outbox"
        )
        make_partitions(tx, clock.now())
        make_partitions(tx, clock.now())
    names = "SELECT array_agg(relname::text ORDER BY relname) FROM pg_class WHERE relname ~ '^event_log_[0-9_]+$'"
    assert count(database, names) == ["event_log_2026_04", "event_log_2026_05", "event_log_2026_06"]


def test_a_replay_sends_history_again_to_one_queue_and_goes_on_where_it_was_broken_off(
    database, broker, copied, monkeypatch
):
    monkeypatch.setattr(replay, "BATCH", 2)
    record(database, "A", "B", "C")
    with database.transaction() as tx:
        asked = replay.ask(tx, Replay("copy"))
    replayer = Replayer(database, lambda: broker.publisher(""))
    assert replayer.step()
    with pytest.raises(BusUnavailable):
        Replayer(database, Broken).step()
    assert replayer.step()
    assert not replayer.step()
    with database.transaction() as tx:
        assert replay.find(tx, asked)["state"] == "done"
        assert replay.find(tx, asked)["sent"] == 3
    assert copied == ["A", "B", "C"]


class Broken:
    def publish(self, messages):
        raise BusUnavailable("away")

    def close(self):
        return


def test_a_replayed_event_that_was_applied_is_not_applied_again(database, broker, relaying, copied):
    record(database, "A")
    assert eventually(lambda: copied == ["A"], 5)
    with database.transaction() as tx:
        replay.ask(tx, Replay("copy"))
    Replayer(database, lambda: broker.publisher("")).step()
    record(database, "B")
    assert eventually(lambda: copied == ["A", "B"], 5)


def test_what_failed_once_is_applied_whichever_consumer_tries_it_again(database):
    tried, applied = set(), set()

    def fail_first(tx, event, payload):
        if payload.source_id not in tried:
            tried.add(payload.source_id)
            raise RuntimeError("not yet")
        applied.add(payload.source_id)

    service = Service(name="leads", routes=(), blueprints=(), handlers={"crm.leads.source.created": fail_first})
    broker, stopping = MemoryBroker(), threading.Event()
    broker.setup([service.consumer])
    worker = Worker(service, database, Bus(broker.publisher, lambda: broker.publisher(""), broker.subscriber))
    sources = {uuid4() for _ in range(20)}
    with database.transaction() as tx:
        for source_id in sources:
            tx.record(SourceCreated(source_id=source_id, name="官网", kind="website"))
    worker.start(stopping)
    try:
        assert eventually(lambda: applied == sources), f"{len(sources - applied)} forgotten"
    finally:
        stopping.set()
        assert worker.join(30)
