"""What both transports promise: the same tests on RabbitMQ and on the bus inside one process."""

import threading
from uuid import uuid4

import pytest

from chassis.bus import BusUnavailable, Fate, Message, memory
from chassis.bus.memory import MemoryBroker
from chassis.bus.rabbit import RabbitPublisher, connect
from chassis.bus.subscriber import RabbitSubscriber
from chassis.bus.topology import EVENTS, Consumer, setup

KEY = "crm.leads.lead.captured"


class Bus:
    """A publisher to everybody, one to queues, and subscribers, whatever carries them."""

    def __init__(self, publisher, to_queues, subscriber, closing):
        self.publisher, self.to_queues, self._subscribe, self._closing = publisher, to_queues, subscriber, closing
        self._subscribers = []

    def subscriber(self, queue):
        self._subscribers.append(self._subscribe(queue))
        return self._subscribers[-1]

    def publish(self, *messages):
        """Publish on a thread: in one process a publish is confirmed when consumers have settled."""
        fates = []
        thread = threading.Thread(target=lambda: fates.extend(self.publisher.publish(messages)))
        thread.start()
        return thread, fates

    def close(self):
        for subscriber in self._subscribers:
            subscriber.close()
        self._closing()


@pytest.fixture(params=["memory", "rabbit"])
def bus(request):
    name = f"t{uuid4().hex[:8]}"
    consumers = [Consumer(name, ("crm.leads.#",), ("crm.organization.#",))]
    if request.param == "memory":
        broker = MemoryBroker()
        broker.setup(consumers)
        made = Bus(broker.publisher(), broker.publisher(""), broker.subscriber, lambda: None)
    else:
        rabbit = request.getfixturevalue("rabbit")
        with connect(rabbit.url) as connection:
            setup(connection, consumers)
        publisher, to_queues = RabbitPublisher(rabbit.url, EVENTS), RabbitPublisher(rabbit.url, "")

        def closing():
            publisher.close()
            to_queues.close()
            with connect(rabbit.url) as connection:
                channel = connection.channel()
                for queue in consumers[0].queues:
                    channel.queue_delete(queue.name)

        made = Bus(publisher, to_queues, lambda queue: RabbitSubscriber(rabbit.url, queue), closing)
    made.queue, made.control = f"crm.{name}", f"crm.{name}.control"
    yield made
    made.close()


def a_message(key=KEY, **changes):
    return Message(uuid4(), key, b'{"company": "\xe5\x90\x8c\xe8\x88\x9f"}', **changes)


def received(subscriber, count):
    found = []
    for _ in range(100):
        found += subscriber.receive(count - len(found), 0.2)
        if len(found) >= count:
            break
    return found


def test_what_is_published_comes_to_the_queues_bound_for_its_type(bus):
    main, control = bus.subscriber(bus.queue), bus.subscriber(bus.control)
    publishing, fates = bus.publish(a_message(), a_message("crm.organization.unit.created"))
    for subscriber in (main, control):
        (delivery,) = received(subscriber, 1)
        assert delivery.body == b'{"company": "\xe5\x90\x8c\xe8\x88\x9f"}'
        subscriber.settle([delivery])
    publishing.join()
    assert fates == [Fate.CONFIRMED, Fate.CONFIRMED]


def test_what_no_queue_is_bound_for_is_returned(bus):
    publishing, fates = bus.publish(a_message("crm.weather.storm.forecast"))
    publishing.join()
    assert fates == [Fate.RETURNED]


def test_order_is_kept_and_a_batch_is_as_large_as_asked_for(bus):
    main = bus.subscriber(bus.queue)
    messages = [Message(uuid4(), KEY, str(number).encode()) for number in range(50)]
    publishing, fates = bus.publish(*messages)
    found = []
    while len(found) < 50:
        batch = main.receive(7, 1)
        assert len(batch) <= 7
        main.settle(batch)
        found += [int(delivery.body) for delivery in batch]
    publishing.join()
    assert found == list(range(50))
    assert set(fates) == {Fate.CONFIRMED}


def test_a_queue_can_be_addressed_alone_and_a_replayed_message_says_for_which_rebuild(bus):
    main, control = bus.subscriber(bus.queue), bus.subscriber(bus.control)
    bus.publisher = bus.to_queues
    publishing, _ = bus.publish(Message(uuid4(), bus.queue, b"{}", rebuild="r1"))
    (delivery,) = received(main, 1)
    main.settle([delivery])
    publishing.join()
    assert delivery.rebuild == "r1"
    assert control.receive(1, 0.1) == []


def test_in_one_process_a_publish_waits_for_the_consumers_and_gives_up_in_time(monkeypatch):
    monkeypatch.setattr(memory, "CONFIRM_SECONDS", 0.05)
    broker = MemoryBroker()
    broker.setup([Consumer("slow", ("crm.leads.#",), ())])
    with pytest.raises(BusUnavailable):
        broker.publisher().publish([a_message()])


def test_in_one_process_a_publish_does_not_wait_for_a_consumer_that_has_left():
    broker = MemoryBroker()
    broker.setup([Consumer("left", ("crm.leads.#",), ("crm.organization.#",))])
    broker.subscriber("crm.left").close()
    with pytest.raises(BusUnavailable, match="have left"):
        broker.publisher().publish([Message(uuid4(), KEY, b"{}")])
