"""The consumer: takes what the bus delivers through the inbox, and acknowledges only what is committed."""

import threading
from collections.abc import Callable

import structlog

from chassis.branches import require_genuine
from chassis.bus import Delivery, Subscriber
from chassis.inbox import DatabaseAway, Inbox, RebuildHandler
from contracts.base import InvalidEvent

BATCH = 200
WAIT_SECONDS = 1.0
PROBE_SECONDS = 1.0

log = structlog.get_logger()


class Consumer:
    """One queue's loop. While the database is away it holds its batch and probes; it parks nothing for that."""

    def __init__(
        self,
        inbox: Inbox,
        subscriber: Subscriber,
        rebuild_handler: RebuildHandler | None = None,
        *,
        batch: int = BATCH,
        before_settle: Callable[[], None] = lambda: None,
    ) -> None:
        """`rebuild_handler` takes replayed events that are meant for a read model being rebuilt."""
        self._inbox = inbox
        self._subscriber = subscriber
        self._rebuild_handler = rebuild_handler
        self._batch = batch
        self._before_settle = before_settle

    def run(self, stopping: threading.Event) -> None:
        """Until `stopping` is set; what is committed by then is acknowledged, the rest is delivered again."""
        while not stopping.is_set():
            self.step(stopping)
        self._subscriber.close()

    def step(self, stopping: threading.Event) -> int:
        """Take one batch, or retry what is due; how many deliveries were settled."""
        batch = self._subscriber.receive(self._batch, WAIT_SECONDS)
        if batch and self._accept(batch, stopping):
            self._before_settle()
            self._subscriber.settle(batch)
        self._retry()
        return len(batch)

    def _accept(self, batch: list[Delivery], stopping: threading.Event) -> bool:
        while not stopping.is_set():
            try:
                self._take(batch)
            except DatabaseAway as away:
                log.warning("database.away", error=str(away))
                stopping.wait(PROBE_SECONDS)
            else:
                return True
        return False

    def _take(self, batch: list[Delivery]) -> None:
        self._inbox.accept([each.body for each in batch if each.rebuild is None and self._is_genuine(each)])
        for rebuild in sorted({delivery.rebuild for delivery in batch if delivery.rebuild is not None}):
            bodies = [delivery.body for delivery in batch if delivery.rebuild == rebuild]
            if self._rebuild_handler is not None:
                self._inbox.rebuild(bodies, rebuild, self._rebuild_handler)

    def _is_genuine(self, delivery: Delivery) -> bool:
        if delivery.sender is None:
            return True
        try:
            require_genuine(delivery.body, delivery.sender)
        except InvalidEvent as forged:
            self._inbox.refuse(delivery.body, forged)
            return False
        return True

    def _retry(self) -> None:
        try:
            while self._inbox.retry():
                pass
        except DatabaseAway as away:
            log.warning("database.away", error=str(away))
