"""The transport of events: what publishers and subscribers promise, whatever carries them."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Message:
    """An event on its way: `id` tells it apart, `routing_key` is its type, `body` the envelope's JSON.

    `rebuild` marks a replayed event that is meant for the read model being rebuilt under that id, and for nothing else.
    """

    id: UUID
    routing_key: str
    body: bytes
    rebuild: str | None = None


class Fate(Enum):
    """What became of a published message."""

    CONFIRMED = "confirmed"
    RETURNED = "returned"
    """No queue is bound for its routing key: the broker acknowledged it and threw it away."""
    REFUSED = "refused"
    """The broker would not take it (nack): a queue is full or a replica is gone."""


REBUILD_HEADER = "x-crm-rebuild"


class BusUnavailable(ConnectionError):
    """The broker cannot be reached or hung up; nothing is known of the messages under way."""


class Publisher(Protocol):
    def publish(self, messages: Sequence[Message]) -> list[Fate]:
        """Hand over all of `messages`, pipelined, and tell the fate of each. Raises BusUnavailable."""
        ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message handed to a consumer; `receipt` is the transport's own, given back to settle it.

    `sender` is the broker's user who sent it, as the broker vouches for, where not only our services can send: "" for
    somebody who did not say, None where nobody else can.
    """

    body: bytes
    receipt: object
    rebuild: str | None = None
    sender: str | None = None


class Subscriber(Protocol):
    def receive(self, limit: int, seconds: float) -> list[Delivery]:
        """Up to `limit` deliveries: as soon as one is there what came with it, else none after `seconds`."""
        ...

    def settle(self, deliveries: Sequence[Delivery]) -> None:
        """These are committed and need not come again. One whose connection is gone will; the inbox knows it."""
        ...

    def close(self) -> None: ...
