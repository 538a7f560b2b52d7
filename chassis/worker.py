"""A service's worker: relay, consumers and scheduler, each on a thread of its own, until told to stop."""

import os
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import psycopg
import sqlalchemy as sa
import structlog

from chassis import leases, metrics
from chassis.backlog import measured
from chassis.bus import BusUnavailable, Publisher, Subscriber
from chassis.consumer import Consumer
from chassis.handovers import Carrier
from chassis.inbox import Inbox
from chassis.relay import LEASE as RELAY
from chassis.relay import Relay
from chassis.relay_loop import RelayLoop
from chassis.replay import Replayer, Undeliverable
from chassis.scheduler import Scheduler
from chassis.service import Service
from chassis.store import Database

CONNECTIONS = 12
"""What a worker's pool needs: each duty at work, one that listens, one that is asked for health."""
MEASURE_SECONDS = 5.0
REPLAY_SECONDS = 0.5
HANDOVER_SECONDS = 0.5

log = structlog.get_logger()


@dataclass(frozen=True)
class Bus:
    """How a worker reaches its transport: a publisher for `crm.events`, a subscriber for a queue."""

    publisher: Callable[[], Publisher]
    to_queues: Callable[[], Publisher]
    """A publisher whose routing keys are names of queues: for replays, which only one consumer is to get."""
    subscriber: Callable[[str], Subscriber]


class Worker:
    """One process's share of a service's work; several may run, each duty of one has one leader."""

    def __init__(self, service: Service, database: Database, bus: Bus) -> None:
        self._service = service
        self._database = database
        self._bus = bus
        self._threads: list[threading.Thread] = []
        self.failed = threading.Event()
        """Set when a thread died of something unforeseen: the process should end and be started again."""

    def start(self, stopping: threading.Event) -> None:
        """Start every thread; each ends by itself soon after `stopping` is set."""
        name, queues = self._service.name, self._service.consumer
        metrics.watch_pool(name, "worker", self._database.engine)
        holder = f"{socket.gethostname()}:{os.getpid()}:{id(self)}"
        relay = Relay(self._database.engine, self._bus.publisher(), holder=holder)
        inbox = self._inbox()
        duties: dict[str, Callable[[threading.Event], None]] = {
            "relay": RelayLoop(self._database.engine, relay, name).run,
            "main": Consumer(inbox, self._bus.subscriber(queues.main_queue.name), self._service.rebuild_handler).run,
            "control": Consumer(inbox, self._bus.subscriber(queues.control_queue.name)).run,
            "dead": Consumer(inbox, self._bus.subscriber(queues.dead_queue.name), batch=1).run,
            "scheduler": Scheduler(self._database, name, self._service.every_timer).run,
            "replay": self._replay,
            "measure": self._measure,
            **({"handover": self._hand_over} if self._service.hands_over else {}),
        }
        for duty, run in duties.items():
            thread = threading.Thread(target=self._guarded, args=(duty, run, stopping), name=f"{name} {duty}")
            thread.start()
            self._threads.append(thread)

    def join(self, seconds: float) -> bool:
        """Wait for every thread to end; False when one has not after `seconds`."""
        until = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _inbox(self) -> Inbox:
        """One for all queues: whichever consumer tries a failed event again must have its handler."""
        return Inbox(
            self._database,
            {**self._service.main_handlers, **self._service.control_handlers},
            batch_handler=self._service.batch_handler,
            batch_types=self._service.batch_types,
        )

    def _guarded(self, duty: str, run: Callable[[threading.Event], None], stopping: threading.Event) -> None:
        try:
            run(stopping)
        except Exception:
            log.exception("worker.died", service=self._service.name, duty=duty)
            self.failed.set()

    def _replay(self, stopping: threading.Event) -> None:
        replayer = Replayer(self._database, self._bus.to_queues)
        while not stopping.is_set():
            try:
                more = replayer.step()
            except (BusUnavailable, Undeliverable, sa.exc.SQLAlchemyError) as error:
                log.warning("replay.held-up", service=self._service.name, error=f"{type(error).__name__}: {error}")
                more = False
            if not more:
                stopping.wait(REPLAY_SECONDS)

    def _hand_over(self, stopping: threading.Event) -> None:
        carrier = Carrier(self._database, self._service.name, self._service.hands_over)
        while not stopping.is_set():
            try:
                more = carrier.step()
            except (sa.exc.SQLAlchemyError, psycopg.Error) as error:
                log.warning("handover.held-up", service=self._service.name, error=f"{type(error).__name__}: {error}")
                more = False
            if not more:
                stopping.wait(HANDOVER_SECONDS)

    def _measure(self, stopping: threading.Event) -> None:
        name = self._service.name
        while not stopping.is_set():
            try:
                with self._database.engine.connect() as connection:
                    backlog = measured(connection)
                    led = leases.holder(connection, RELAY) is not None
                metrics.RELAY_LED.labels(name).set(led)
                metrics.OUTBOX_DEPTH.labels(name).set(backlog.depth)
                metrics.OUTBOX_AGE.labels(name).set(backlog.oldest_age_seconds)
                for state in ("waiting", "parked"):
                    metrics.FAILED.labels(name, state).set(backlog.failed[state])
            except sa.exc.SQLAlchemyError as error:
                log.warning("worker.not-measured", service=name, error=type(error).__name__)
            stopping.wait(MEASURE_SECONDS)
