"""What a command is given: the transaction factory, who acts, the clock and the trace; nothing else goes around."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from chassis.auth import Actor
from chassis.clock import Clock
from chassis.errors import Stale
from chassis.store import Database, Transaction


@dataclass(frozen=True)
class Work:
    """One request's work; `outer` is the transaction an Idempotency-Key opened around the whole of it."""

    database: Database
    actor: Actor
    traceparent: str = ""
    locale: str = "zh-CN"
    outer: Transaction | None = None

    @property
    def clock(self) -> Clock:
        return self.database.clock

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """A transaction, committed at the end; inside an outer one, a part of it."""
        if self.outer is not None:
            yield self.outer
            return
        with self.database.transaction(actor=str(self.actor.user_id), traceparent=self.traceparent) as tx:
            yield tx

    def within(self, outer: Transaction) -> "Work":
        return replace(self, outer=outer)

    @staticmethod
    def require_version(expected: int, present: int) -> None:
        """Raises Stale unless the version a caller edited is the present one."""
        if expected != present:
            raise Stale(present)
