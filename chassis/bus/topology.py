"""What stands in the broker: declared by `crm broker setup`, checked by `crm broker verify`, never in the hot path."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import amqp
from kombu import Connection

from contracts import branch

EVENTS = "crm.events"
DEAD = "crm.dead"
DELIVERY_LIMIT = 50
"""Explicit on every queue: without one a requeue goes to the tail on RabbitMQ 3.10 and order is lost."""

Drifted = (amqp.exceptions.NotFound, amqp.exceptions.PreconditionFailed)


@dataclass(frozen=True)
class Queue:
    """A durable quorum queue and the routing keys bound to it: of `crm.events`, and of `crm.branch`.

    A dead queue has no dead queue.
    """

    name: str
    bindings: tuple[str, ...]
    dead_letters: bool = True
    branches: tuple[str, ...] = ()

    @property
    def arguments(self) -> dict[str, Any]:
        common: dict[str, Any] = {"x-queue-type": "quorum", "x-delivery-limit": DELIVERY_LIMIT}
        if not self.dead_letters:
            return {"x-queue-type": "quorum"}
        return common | {
            "x-dead-letter-exchange": DEAD,
            "x-dead-letter-routing-key": self.name.removesuffix(".control"),
            "x-dead-letter-strategy": "at-least-once",
            "x-overflow": "reject-publish",
        }


@dataclass(frozen=True)
class Consumer:
    """A service that listens: what it binds besides the control events every service hears, and what of branches."""

    service: str
    bindings: tuple[str, ...]
    control: tuple[str, ...]
    branches: tuple[str, ...] = ()

    @property
    def main_queue(self) -> Queue:
        return Queue(f"crm.{self.service}", self.bindings, branches=self.branches)

    @property
    def control_queue(self) -> Queue:
        return Queue(f"crm.{self.service}.control", self.control)

    @property
    def dead_queue(self) -> Queue:
        return Queue(f"crm.{self.service}.dead", (), dead_letters=False)

    @property
    def queues(self) -> tuple[Queue, ...]:
        return (self.main_queue, self.control_queue, self.dead_queue)


def setup(connection: Connection, consumers: Sequence[Consumer]) -> None:
    """Declare exchanges, queues and bindings; what stands already is left as it is. Raises amqp.AMQPError on drift."""
    channel = connection.channel()
    _exchanges(channel, passive=False)
    for consumer in consumers:
        for queue in consumer.queues:
            channel.queue_declare(queue.name, durable=True, auto_delete=False, arguments=queue.arguments)
            for key in queue.bindings:
                channel.queue_bind(queue.name, EVENTS, key)
            for key in queue.branches:
                channel.queue_bind(queue.name, branch.EXCHANGE, key)
        channel.queue_bind(consumer.dead_queue.name, DEAD, consumer.main_queue.name)
    channel.close()


def verify(connection: Connection, consumers: Sequence[Consumer]) -> list[str]:
    """One line for each exchange or queue that is missing or stands with other arguments; nothing is changed.

    A queue is declared anew only when a passive look has found it, so that the broker compares its arguments.
    """
    found = _drift(connection, "exchanges", lambda channel: _exchanges(channel, passive=True))
    for queue in (queue for consumer in consumers for queue in consumer.queues):
        found += _drift(connection, queue.name, lambda channel, queue=queue: _compare(channel, queue))
    return found


def _exchanges(channel: amqp.Channel, *, passive: bool) -> None:
    for name, kind in ((EVENTS, "topic"), (branch.EXCHANGE, "topic"), (DEAD, "direct")):
        channel.exchange_declare(name, kind, passive=passive, durable=True, auto_delete=False)


def _compare(channel: amqp.Channel, queue: Queue) -> None:
    channel.queue_declare(queue.name, passive=True)
    channel.queue_declare(queue.name, durable=True, auto_delete=False, arguments=queue.arguments)


def _drift(connection: Connection, name: str, look: Any) -> list[str]:
    channel = connection.channel()
    try:
        look(channel)
    except Drifted as error:
        return [f"{name}: {error.reply_text}"]
    channel.close()
    return []
