"""The bus inside one process, for embedded runs: kombu's in-memory transport with the confirms it lacks.

A publish counts as confirmed when every bound consumer has settled it, so that what a crash loses is still unsent in
the outbox and is published again.
"""

import threading
import time
from collections.abc import Sequence
from typing import Any, cast
from uuid import uuid4

from kombu import Connection

from chassis.bus import REBUILD_HEADER, BusUnavailable, Delivery, Fate, Message
from chassis.bus.topology import Consumer

CONFIRM_SECONDS = 30.0


class MemoryBroker:
    """Exchanges and queues of one process; `publisher` and `subscriber` are its two ends."""

    def __init__(self) -> None:
        self._prefix = uuid4().hex
        self._connection = Connection("memory://")
        self._channel: Any = self._connection.channel()
        self._exchange = f"{self._prefix}.events"
        self._channel.exchange_declare(self._exchange, "topic")
        self.changed = threading.Condition()
        self._unsettled: dict[str, set[str]] = {}
        self._left: set[str] = set()

    def setup(self, consumers: Sequence[Consumer]) -> None:
        """Declare what `topology.setup` declares on a real broker; the transport knows no dead letters."""
        for consumer in consumers:
            for queue in consumer.queues:
                self.bind(queue.name, queue.bindings)

    def bind(self, queue: str, keys: Sequence[str]) -> None:
        """Have `queue` get what is published with these routing keys."""
        self._channel.queue_declare(self._name(queue))
        for key in keys:
            self._channel.queue_bind(self._name(queue), self._exchange, key)

    def publisher(self, exchange: str = "crm.events") -> "MemoryPublisher":
        """`exchange` may be empty: then a routing key is the name of a queue."""
        return MemoryPublisher(self, to_queues=exchange == "")

    def subscriber(self, queue: str) -> "MemorySubscriber":
        self._left.discard(self._name(queue))
        return MemorySubscriber(self, self._name(queue))

    def put(self, message: Message, *, to_queue: bool) -> bool:
        """Hand `message` to its queues; False when there is none. The caller holds `changed`."""
        queues = [self._name(message.routing_key)] if to_queue else self._bound(message.routing_key)
        if not queues:
            return False
        self._unsettled[str(message.id)] = set(queues)
        headers = {REBUILD_HEADER: message.rebuild} if message.rebuild else {}
        for queue in queues:
            # publishing encodes the message in place, so each queue gets its own
            properties = {"message_id": str(message.id)}
            packed = self._channel.prepare_message(message.body.decode(), headers=headers, properties=properties)
            self._channel.basic_publish(packed, "", queue)
        return True

    def take(self, queue: str) -> Delivery | None:
        """The next message of `queue`. The caller holds `changed`."""
        message = self._channel.basic_get(queue, no_ack=True)
        if message is None:
            return None
        body = message.body if isinstance(message.body, bytes) else message.body.encode()
        return Delivery(body, (queue, message.properties["message_id"]), message.headers.get(REBUILD_HEADER))

    def settle(self, deliveries: Sequence[Delivery]) -> None:
        with self.changed:
            for delivery in deliveries:
                queue, message_id = cast(tuple[str, str], delivery.receipt)
                waiting = self._unsettled.get(message_id, set())
                waiting.discard(queue)
                if not waiting:
                    self._unsettled.pop(message_id, None)
            self.changed.notify_all()

    def leave(self, queue: str) -> None:
        """Nobody takes from `queue` any more."""
        with self.changed:
            self._left.add(queue)
            self.changed.notify_all()

    def abandoned(self, messages: Sequence[Message]) -> bool:
        """Whether one of `messages` waits for somebody who has left."""
        return any(not self._left.isdisjoint(self._unsettled.get(str(message.id), ())) for message in messages)

    def settled(self, messages: Sequence[Message]) -> bool:
        return not any(str(message.id) in self._unsettled for message in messages)

    def _bound(self, routing_key: str) -> list[str]:
        table = self._channel.get_table(self._exchange)
        found = self._channel.typeof(self._exchange).lookup(table, self._exchange, routing_key, None)
        return sorted(queue for queue in found if queue)

    def _name(self, queue: str) -> str:
        return f"{self._prefix}.{queue}"


class MemoryPublisher:
    """Confirms what every bound consumer has settled."""

    def __init__(self, broker: MemoryBroker, *, to_queues: bool) -> None:
        self._broker = broker
        self._to_queues = to_queues

    def publish(self, messages: Sequence[Message]) -> list[Fate]:
        """Raises BusUnavailable when consumers have not settled within CONFIRM_SECONDS, or have left."""
        until = time.monotonic() + CONFIRM_SECONDS
        with self._broker.changed:
            routed = [self._broker.put(message, to_queue=self._to_queues) for message in messages]
            self._broker.changed.notify_all()
            self._broker.changed.wait_for(
                lambda: self._broker.settled(messages) or self._broker.abandoned(messages), until - time.monotonic()
            )
            if not self._broker.settled(messages):
                raise BusUnavailable(f"consumers have left, or did not settle within {CONFIRM_SECONDS:.0f} s")
        return [Fate.CONFIRMED if found else Fate.RETURNED for found in routed]

    def close(self) -> None:
        return


class MemorySubscriber:
    """Takes from one queue; what is not settled when the process ends is published again by the next one."""

    def __init__(self, broker: MemoryBroker, queue: str) -> None:
        self._broker = broker
        self._queue = queue

    def receive(self, limit: int, seconds: float) -> list[Delivery]:
        taken: list[Delivery] = []
        with self._broker.changed:
            self._broker.changed.wait_for(lambda: self._take(taken, limit), seconds)
        return taken

    def settle(self, deliveries: Sequence[Delivery]) -> None:
        self._broker.settle(deliveries)

    def close(self) -> None:
        self._broker.leave(self._queue)

    def _take(self, taken: list[Delivery], limit: int) -> bool:
        while len(taken) < limit and (delivery := self._broker.take(self._queue)) is not None:
            taken.append(delivery)
        return bool(taken)
