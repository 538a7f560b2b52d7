"""RabbitMQ: one queue consumed on a thread of its own, which keeps the heartbeat whatever handlers take.

The connection belongs to that thread alone. It collects deliveries for `receive` and sends the acknowledgements that
`settle` leaves. A hang-up, a closed channel, a cancel by the server or a deleted queue ends in the same place: connect
again, with a pause, and consume; unsettled deliveries come again.
"""

import contextlib
import threading
import time
from collections import deque
from collections.abc import Sequence

import amqp
import structlog
from kombu import Connection

from chassis.bus import REBUILD_HEADER, BusUnavailable, Delivery
from chassis.bus.rabbit import Lost, connect
from chassis.bus.topology import DEAD
from contracts import branch

PREFETCH = 400
IDLE_SECONDS = 1.0
BUSY_SECONDS = 0.005
RECONNECT_SECONDS = 1.0
LOOK_SECONDS = 5.0

log = structlog.get_logger()


class RabbitSubscriber:
    """Consumes `queue` from creation to `close`."""

    def __init__(self, url: str, queue: str) -> None:
        self._url = url
        self._queue = queue
        self._arrived: deque[Delivery] = deque()
        self._settled: deque[Delivery] = deque()
        self._unsettled = 0
        self._news = threading.Condition()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"bus {queue}", daemon=True)
        self._thread.start()

    def receive(self, limit: int, seconds: float) -> list[Delivery]:
        with self._news:
            self._news.wait_for(lambda: self._arrived or self._stopping.is_set(), seconds)
            return [self._arrived.popleft() for _ in range(min(limit, len(self._arrived)))]

    def settle(self, deliveries: Sequence[Delivery]) -> None:
        self._settled.extend(deliveries)

    def close(self) -> None:
        """Acknowledge what is settled, then leave; what is not goes back to the queue."""
        self._stopping.set()
        with self._news:
            self._news.notify_all()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                connection = connect(self._url)
            except BusUnavailable:
                self._stopping.wait(RECONNECT_SECONDS)
                continue
            try:
                self._consume(connection)
            except Lost as error:
                log.warning("bus.lost", queue=self._queue, error=type(error).__name__)
                self._stopping.wait(RECONNECT_SECONDS)
            finally:
                with contextlib.suppress(*Lost):
                    connection.collect(socket_timeout=1)

    def _consume(self, connection: Connection) -> None:
        while not self._stopping.is_set():
            self._subscribe(connection)

    def _subscribe(self, connection: Connection) -> None:
        """Consume on a channel of its own until LOOK_SECONDS have passed with nothing to do, then begin anew.

        A queue deleted and set up again under its consumer sends no cancel; it may even count the consumer as its own
        and hold messages for it that never come. A new channel gets them, or learns that the queue is gone.
        """
        channel: amqp.Channel = connection.channel()
        self._arrived.clear()
        self._unsettled = 0
        channel.basic_qos(0, PREFETCH, False)
        channel.basic_consume(
            self._queue,
            callback=lambda message: self._arrive(channel, message),
            on_cancel=_cancelled,
        )
        busy_at = time.monotonic()
        while not self._stopping.is_set() and time.monotonic() - busy_at < LOOK_SECONDS:
            self._drain(connection)
            if self._unsettled:
                busy_at = time.monotonic()
            self._acknowledge(channel)
        self._acknowledge(channel)
        channel.close()

    def _drain(self, connection: Connection) -> None:
        connection.heartbeat_check()
        with contextlib.suppress(TimeoutError):
            connection.drain_events(timeout=BUSY_SECONDS if self._unsettled else IDLE_SECONDS)

    def _arrive(self, channel: amqp.Channel, message: amqp.Message) -> None:
        body = message.body if isinstance(message.body, bytes) else message.body.encode()
        headers = message.properties.get("application_headers") or {}
        sender = _sender(message)
        rebuild = headers.get(REBUILD_HEADER) if sender is None else None
        self._unsettled += 1
        with self._news:
            self._arrived.append(Delivery(body, (channel, message.delivery_tag), rebuild, sender))
            self._news.notify()

    def _acknowledge(self, channel: amqp.Channel) -> None:
        while self._settled:
            receipt = self._settled.popleft().receipt
            if receipt[0] is channel:  # type: ignore[index]
                channel.basic_ack(receipt[1])  # type: ignore[index]
                self._unsettled -= 1


def _sender(message: amqp.Message) -> str | None:
    """Branches can send to `crm.branch`, and have what they sent die into `crm.dead`; elsewhere only services can."""
    if message.delivery_info["exchange"] not in (branch.EXCHANGE, DEAD):
        return None
    sender: str = message.properties.get("user_id", "")
    return sender


def _cancelled(consumer_tag: str) -> None:
    raise amqp.ConsumerCancelled(consumer_tag)
