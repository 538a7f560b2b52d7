"""RabbitMQ: pipelined publisher confirms on py-amqp's channel, beneath kombu's connection."""

import socket
from collections.abc import Sequence
from typing import Any

import amqp
from kombu import Connection

from chassis.bus import REBUILD_HEADER, BusUnavailable, Fate, Message

CONFIRM_SECONDS = 30
CONNECT_SECONDS = 5
HEARTBEAT_SECONDS = 10

Lost = (amqp.AMQPError, OSError)


def connect(url: str) -> Connection:
    """An open connection. Raises BusUnavailable within CONNECT_SECONDS."""
    connection = Connection(url, connect_timeout=CONNECT_SECONDS, heartbeat=HEARTBEAT_SECONDS)
    try:
        connection.connect()
    except Lost as error:
        raise BusUnavailable(str(error)) from error
    return connection


class RabbitPublisher:
    """Publishes persistent, mandatory messages to one exchange; reconnects at the next call after a failure."""

    def __init__(self, url: str, exchange: str) -> None:
        self._url = url
        self._exchange = exchange
        self._user = Connection(url).userid or "guest"
        self._connection: Connection | None = None
        self._channel: amqp.Channel | None = None
        self._waiting: dict[int, Message] = {}
        self._fates: dict[str, Fate] = {}
        self._next_tag = 1

    def publish(self, messages: Sequence[Message]) -> list[Fate]:
        """Raises BusUnavailable when the broker is away or silent for CONFIRM_SECONDS."""
        self._fates = {}
        try:
            channel = self._open()
            for message in messages:
                self._waiting[self._next_tag] = message
                self._next_tag += 1
                channel.basic_publish(
                    amqp.Message(
                        message.body,
                        message_id=str(message.id),
                        delivery_mode=2,
                        content_type="application/cloudevents+json",
                        user_id=self._user,
                        application_headers={REBUILD_HEADER: message.rebuild} if message.rebuild else None,
                    ),
                    exchange=self._exchange,
                    routing_key=message.routing_key,
                    mandatory=True,
                )
            while self._waiting:
                channel.connection.drain_events(timeout=CONFIRM_SECONDS)
        except Lost as error:
            self.close()
            raise BusUnavailable(str(error) or type(error).__name__) from error
        return [self._fates[str(message.id)] for message in messages]

    def close(self) -> None:
        connection, self._connection, self._channel = self._connection, None, None
        self._waiting = {}
        if connection is not None:
            try:
                connection.collect(socket_timeout=1)
            except Lost:
                return

    def _open(self) -> amqp.Channel:
        if self._channel is None:
            self._connection = connect(self._url)
            channel: amqp.Channel = self._connection.channel()
            channel.confirm_select()
            channel.events["basic_ack"].add(self._on_ack)
            channel.events["basic_nack"].add(self._on_nack)
            channel.events["basic_return"].add(self._on_return)
            self._channel, self._next_tag = channel, 1
        return self._channel

    def _on_ack(self, tag: int, multiple: bool) -> None:
        self._settle(tag, multiple, Fate.CONFIRMED)

    def _on_nack(self, tag: int, multiple: bool) -> None:
        self._settle(tag, multiple, Fate.REFUSED)

    def _on_return(self, error: Exception, exchange: str, routing_key: str, message: Any) -> None:
        """An unroutable message is returned first and acknowledged after: the acknowledgement alone means nothing."""
        self._fates[message.properties["message_id"]] = Fate.RETURNED

    def _settle(self, tag: int, multiple: bool, fate: Fate) -> None:
        tags = [waiting for waiting in self._waiting if waiting <= tag] if multiple else [tag]
        for settled in tags:
            message = self._waiting.pop(settled)
            self._fates.setdefault(str(message.id), fate)


def reachable(url: str) -> bool:
    """Whether a broker answers at `url` now."""
    try:
        connect(url).release()
    except (BusUnavailable, socket.gaierror):
        return False
    return True
