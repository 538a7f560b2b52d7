"""From the broker through the inbox: kills, restarts, cancels and deleted queues lose nothing and double nothing."""

import threading
import time

import pytest

from chassis.bus import topology
from chassis.bus.rabbit import RabbitPublisher, connect
from chassis.bus.subscriber import RabbitSubscriber
from chassis.bus.topology import Consumer as Listener
from chassis.consumer import Consumer
from chassis.inbox import Inbox
from chassis.relay import Relay
from tests.chassis.conftest import a_unit

CREATED = "crm.organization.unit.created"
LISTENER = Listener("ledger", ("crm.organization.unit.*",), ("crm.organization.#",))
WITHIN_SECONDS = 30


@pytest.fixture
def topics(rabbit):
    """The exchanges and one listening service's queues, empty; call it for a connection to look at them."""
    with connect(rabbit.url) as connection:
        topology.setup(connection, [LISTENER])
    yield lambda: connect(rabbit.url)
    with connect(rabbit.url) as connection:
        channel = connection.channel()
        for queue in LISTENER.queues:
            channel.queue_delete(queue.name)


@pytest.fixture
def ledger(database):
    with database.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE ledger (event_id uuid)")

    def rows():
        with database.engine.connect() as connection:
            return connection.exec_driver_sql("SELECT count(*), count(DISTINCT event_id) FROM ledger").one()

    return rows


@pytest.fixture
def inbox(database, ledger):
    def note(tx, event, payload):
        tx.driver("INSERT INTO ledger VALUES (%s)", (event.id,))

    return Inbox(database, {CREATED: note})


@pytest.fixture
def consuming(rabbit, topics, inbox):
    """A consumer running on a thread of its own."""
    stopping = threading.Event()
    consumer = Consumer(inbox, RabbitSubscriber(rabbit.url, LISTENER.main_queue.name))
    thread = threading.Thread(target=consumer.run, args=(stopping,))
    thread.start()
    yield consumer
    stopping.set()
    thread.join()


@pytest.fixture
def send(database, rabbit, topics):
    relay = Relay(database.engine, RabbitPublisher(rabbit.url, topology.EVENTS), holder="test")

    def record_and_send(count):
        with database.transaction() as tx:
            for _ in range(count):
                tx.record(a_unit())
        eventually(all_sent)

    def all_sent():
        """A queue just set up again may miss its binding for a moment: what was returned is sent once more."""
        relay.step()
        with database.engine.connect() as connection:
            return connection.exec_driver_sql("SELECT count(*) FROM outbox").scalar_one() == 0

    yield record_and_send
    relay.stop()


def eventually(condition):
    deadline = time.monotonic() + WITHIN_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.02)


def depth(topics, queue):
    with topics() as connection:
        return connection.channel().queue_declare(queue.name, passive=True).message_count


def test_what_is_sent_arrives_once(consuming, send, ledger):
    send(700)

    eventually(lambda: ledger() == (700, 700))


def test_killed_between_commit_and_acknowledgement_doubles_nothing(rabbit, topics, inbox, send, ledger):
    send(50)

    def die():
        raise SystemExit

    killed = RabbitSubscriber(rabbit.url, LISTENER.main_queue.name)
    with pytest.raises(SystemExit):
        Consumer(inbox, killed, before_settle=die).run(threading.Event())
    killed.close()
    heir = Consumer(inbox, RabbitSubscriber(rabbit.url, LISTENER.main_queue.name))
    while heir.step(threading.Event()) or ledger() != (50, 50):
        pass
    heir._subscriber.close()

    assert ledger() == (50, 50)
    assert depth(topics, LISTENER.main_queue) == 0


def test_six_kills_with_a_full_prefetch_leave_the_dead_queue_empty(rabbit, topics, inbox, send, ledger):
    send(400)
    for _ in range(6):
        victim = RabbitSubscriber(rabbit.url, LISTENER.main_queue.name)
        eventually(lambda victim=victim: victim._unsettled == 400)
        victim.close()

    assert depth(topics, LISTENER.dead_queue) == 0
    heir = Consumer(inbox, RabbitSubscriber(rabbit.url, LISTENER.main_queue.name))
    while ledger() != (400, 400):
        heir.step(threading.Event())
    heir._subscriber.close()


def test_the_broker_restarted_under_a_consumer(consuming, send, ledger, rabbit):
    send(20)
    rabbit.stop()
    rabbit.start()

    eventually(lambda: ledger() == (20, 20))


def test_a_deleted_queue_is_set_up_again_and_consumed(consuming, send, ledger, topics):
    with topics() as connection:
        connection.channel().queue_delete(LISTENER.main_queue.name)
        topology.setup(connection, [LISTENER])

    send(5)

    eventually(lambda: ledger() == (5, 5))


def test_setup_can_be_repeated_and_verify_finds_drift(topics):
    with topics() as connection:
        topology.setup(connection, [LISTENER])
        assert topology.verify(connection, [LISTENER]) == []

        channel = connection.channel()
        channel.queue_delete(LISTENER.main_queue.name)
        channel.queue_delete(LISTENER.dead_queue.name)
        channel.queue_declare(LISTENER.main_queue.name, durable=True, auto_delete=False)
        found = topology.verify(connection, [LISTENER])

    assert [line.split(":")[0] for line in found] == [LISTENER.main_queue.name, LISTENER.dead_queue.name]


def test_the_database_restarted_under_a_consumer_parks_nothing(consuming, send, ledger, cluster, database):
    send(10)
    eventually(lambda: ledger() == (10, 10))
    cluster.stop("immediate")
    cluster.start()
    database.engine.dispose()

    send(10)

    eventually(lambda: ledger() == (20, 20))
    with database.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM failed_events").scalar() == 0
