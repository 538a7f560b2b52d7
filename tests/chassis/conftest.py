"""A database with the backbone in it, and a broker with one queue bound to everything of one service."""

from uuid import uuid4

import pytest

from chassis.bus.rabbit import connect
from chassis.store import Database, create_backbone, open_engine
from contracts.organization import UnitCreated


@pytest.fixture
def database(database_url, clock):
    engine = open_engine(database_url)
    with engine.begin() as connection:
        create_backbone(connection)
    yield Database(engine, clock, "/services/organization")
    engine.dispose()


@pytest.fixture
def exchange(rabbit):
    """A topic exchange of this test's own; `exchange.bind()` gives it a queue for every unit event."""
    with connect(rabbit.url) as connection:
        channel = connection.channel()
        own = Exchange(f"crm.events.{uuid4().hex}", channel)
        channel.exchange_declare(own.name, "topic", durable=True, auto_delete=False)
        yield own
        channel.queue_delete(own.queue)
        channel.exchange_delete(own.name)


class Exchange:
    def __init__(self, name, channel):
        self.name = name
        self.queue = f"{name}.queue"
        self._channel = channel

    def bind(self):
        arguments = {"x-queue-type": "quorum"}
        self._channel.queue_declare(self.queue, durable=True, auto_delete=False, arguments=arguments)
        self._channel.queue_bind(self.queue, self.name, "crm.organization.unit.#")

    def received(self):
        """The ids of all messages that came, taken from the queue."""
        found = []
        while (message := self._channel.basic_get(self.queue, no_ack=True)) is not None:
            found.append(message.properties["message_id"])
        return found


def a_unit(unit_id=None, **changes):
    state = {"code": "HQ", "name": "总部", "kind": "headquarters", "parent_id": None, "path": "a"}
    return UnitCreated(unit_id=unit_id or uuid4(), **state | changes)
