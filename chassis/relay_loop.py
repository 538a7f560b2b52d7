"""Runs the relay: woken after commits, looking by itself every second, at most one small batch in 50 ms."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import sqlalchemy as sa
import structlog

from chassis import metrics
from chassis.bus import BusUnavailable
from chassis.relay import Relay, Round
from chassis.waker import CHANNEL

POLL_SECONDS = 1.0
LINGER_SECONDS = 0.05
PAUSE_SECONDS = 1.0
FLUSH_SECONDS = 5.0

Wait = Callable[[float], None]

log = structlog.get_logger()


class RelayLoop:
    """One process's relay thread; many may run, one leads."""

    def __init__(self, engine: sa.Engine, relay: Relay, service: str) -> None:
        self._engine = engine
        self._relay = relay
        self._service = service
        self._stepped_at = float("-inf")

    def run(self, stopping: threading.Event) -> None:
        """Until `stopping` is set; then what is unsent is flushed, as far as the broker takes it."""
        while not stopping.is_set():
            try:
                with self._listening() as wait:
                    self._pump(stopping, wait)
            except (sa.exc.SQLAlchemyError, psycopg.Error) as error:
                metrics.LISTEN_LOST.labels(self._service).inc()
                log.warning("relay.database-away", service=self._service, error=type(error).__name__)
                stopping.wait(PAUSE_SECONDS)
        self._flush()

    def _pump(self, stopping: threading.Event, wait: Wait) -> None:
        while not stopping.is_set():
            linger = self._stepped_at + LINGER_SECONDS - time.monotonic()
            if linger > 0:
                stopping.wait(linger)
            try:
                done = self._step()
            except BusUnavailable as error:
                log.warning("relay.bus-away", service=self._service, error=str(error))
                stopping.wait(PAUSE_SECONDS)
                continue
            if done is None or not done.full:
                wait(POLL_SECONDS)

    def _step(self) -> Round | None:
        done = self._relay.step()
        if done is None or not done.full:
            self._stepped_at = time.monotonic()
        if done is not None:
            metrics.SENT.labels(self._service).inc(done.sent)
            metrics.REFUSED.labels(self._service).inc(done.refused)
            if done.refused:
                log.error("relay.refused", service=self._service, events=done.refused)
        return done

    def _flush(self) -> None:
        until = time.monotonic() + FLUSH_SECONDS
        try:
            while time.monotonic() < until and (done := self._step()) is not None and done.sent:
                pass
        except (BusUnavailable, sa.exc.SQLAlchemyError) as error:
            log.warning("relay.not-flushed", service=self._service, error=type(error).__name__)
        try:
            self._relay.stop()
        except sa.exc.SQLAlchemyError as error:
            log.warning("relay.lease-kept", service=self._service, error=type(error).__name__)

    @contextmanager
    def _listening(self) -> Iterator[Wait]:
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql(f"LISTEN {CHANNEL}")
            listener: psycopg.Connection = connection.connection.driver_connection  # type: ignore[assignment]

            def wait(seconds: float) -> None:
                for _ in listener.notifies(timeout=seconds, stop_after=1):
                    return

            try:
                yield wait
            finally:
                connection.invalidate()
