"""The way to headquarters: pika, one connection, each event confirmed by the broker before the next goes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

import pika
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import AMQPError, NackError, UnroutableError

from branch.spool import Stored
from contracts.branch import EXCHANGE, user_of

CONNECT_SECONDS = 5
BLOCKED_SECONDS = 30
HEARTBEAT_SECONDS = 15


class HubAway(ConnectionError):
    """Headquarters' broker cannot be reached, hung up, or would not take an event; nothing is lost, try again later."""


class WrongUser(ValueError):
    """The address signs in as somebody else than the branch: headquarters would not believe what he tells."""


@dataclass(frozen=True)
class Hub:
    """Headquarters' broker at `url`, signed in to as the branch of `code`. Raises WrongUser."""

    url: str
    code: str

    def __post_init__(self) -> None:
        user = unquote(urlsplit(self.url).username or "")
        if user != user_of(self.code):
            raise WrongUser(f"the address must sign in as {user_of(self.code)}, not as {user or 'nobody'}")

    def deliver(self, events: Sequence[Stored]) -> Iterator[Stored]:
        """Send `events` in order; each that is yielded is in the queues of whoever listens. Raises HubAway."""
        try:
            connection = pika.BlockingConnection(self._parameters())
        except (AMQPError, OSError) as error:
            raise HubAway(_reason(error)) from error
        try:
            channel = connection.channel()
            channel.confirm_delivery()
            for event in events:
                self._publish(channel, event)
                yield event
        except (AMQPError, OSError) as error:
            raise HubAway(_reason(error)) from error
        finally:
            if connection.is_open:
                connection.close()

    def _publish(self, channel: BlockingChannel, event: Stored) -> None:
        properties = pika.BasicProperties(
            content_type="application/cloudevents+json",
            delivery_mode=pika.DeliveryMode.Persistent,
            message_id=str(event.event_id),
            user_id=user_of(self.code),
        )
        try:
            channel.basic_publish(EXCHANGE, event.routing_key, event.body, properties, mandatory=True)
        except UnroutableError:
            raise HubAway(f"nobody at headquarters listens to {event.routing_key} yet") from None
        except NackError:
            raise HubAway("headquarters' broker is full") from None

    def _parameters(self) -> pika.URLParameters:
        parameters = pika.URLParameters(self.url)
        parameters.socket_timeout = parameters.stack_timeout = CONNECT_SECONDS
        parameters.blocked_connection_timeout = BLOCKED_SECONDS
        parameters.heartbeat = HEARTBEAT_SECONDS
        parameters.connection_attempts = 1
        parameters.virtual_host = parameters.virtual_host or "/"  # as kombu reads an address that ends in //
        return parameters


def _reason(error: Exception) -> str:
    """pika's errors often say nothing but hold the one that does."""
    inner = error.args[0] if error.args and isinstance(error.args[0], Exception) else error
    return str(getattr(inner, "exception", inner)) or type(error).__name__
