"""Wakes the relay after a commit: one NOTIFY per 20 ms and process, on a connection of its own.

A NOTIFY inside the business transaction would take a lock that serialises every commit of the cluster. Losing one is
harmless: the relay looks by itself every second.
"""

import threading

import sqlalchemy as sa
import structlog

CHANNEL = "crm_outbox"
COALESCE_SECONDS = 0.02

log = structlog.get_logger()


class Waker:
    """`wake` may be called from any thread and returns at once; its thread starts with the first call."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._recorded = threading.Event()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closing = threading.Event()

    def wake(self) -> None:
        """Something was committed to the outbox."""
        if self._thread is None:
            with self._starting:
                if self._thread is None:
                    self._thread = threading.Thread(target=self._run, name="waker", daemon=True)
                    self._thread.start()
        self._recorded.set()

    def close(self) -> None:
        """Send what is to be sent and end the thread."""
        self._closing.set()
        self._recorded.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while not self._closing.is_set():
            self._recorded.wait()
            self._recorded.clear()
            try:
                with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                    connection.exec_driver_sql(f"NOTIFY {CHANNEL}")
            except sa.exc.SQLAlchemyError as error:
                log.warning("waker.failed", error=type(error).__name__)
            self._closing.wait(COALESCE_SECONDS)
