"""What the gateway hears from the bus, on a queue of this process alone that is gone with it."""

import contextlib
import threading
import time
from collections.abc import Callable, Sequence

import amqp
import structlog

from chassis.bus import BusUnavailable, Subscriber
from chassis.bus.rabbit import Lost, connect
from chassis.bus.topology import EVENTS
from contracts.base import InvalidEvent
from contracts.envelope import Envelope, parse
from gateway import audience, trust

HEARD = (*audience.HEARD, *trust.HEARD)
"""The routing keys of `crm.events` that are listened to."""
BATCH = 200
WAIT_SECONDS = 1.0

log = structlog.get_logger()


class Listener:
    """Tells every event to all `hearers`; its loops are to be run on a thread of their own."""

    def __init__(self, hearers: Sequence[Callable[[Envelope], None]]) -> None:
        self._hearers = hearers

    def listen(self, amqp_url: str, begun: Callable[[], None]) -> None:
        """Hear what RabbitMQ tells, for ever; `begun` is called whenever earlier events may have been missed."""
        pause = threading.Event()
        while True:
            with contextlib.suppress(BusUnavailable, *Lost), connect(amqp_url) as connection:
                channel: amqp.Channel = connection.channel()
                queue = channel.queue_declare(exclusive=True, auto_delete=True).queue
                for key in HEARD:
                    channel.queue_bind(queue, EVENTS, key)
                channel.basic_consume(queue, no_ack=True, callback=lambda message: self.take(message.body))
                begun()
                while True:
                    connection.heartbeat_check()
                    with contextlib.suppress(TimeoutError):
                        connection.drain_events(timeout=WAIT_SECONDS)
                    time.sleep(0)  # lets requests go on while events keep coming
            pause.wait(1)

    def follow(self, subscriber: Subscriber) -> None:
        """Hear what a queue inside this process brings, for ever."""
        while True:
            deliveries = subscriber.receive(BATCH, WAIT_SECONDS)
            for delivery in deliveries:
                self.take(delivery.body)
            subscriber.settle(deliveries)

    def take(self, body: bytes | str) -> None:
        """Tell one event; whatever goes wrong with it, the next is heard."""
        try:
            event = parse(body if isinstance(body, bytes) else body.encode())
        except InvalidEvent as error:
            log.warning("gateway.event-refused", error=str(error))
            return
        for hear in self._hearers:
            try:
                hear(event)
            except Exception:
                log.exception("gateway.event-failed", type=event.type)
