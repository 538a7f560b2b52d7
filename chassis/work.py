"""What a command is given: the transaction factory, who acts, the clock and the trace; nothing else goes around."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

from chassis.auth import Actor
from chassis.clock import Clock
from chassis.errors import SecondFactorRequired, Stale
from chassis.store import Database, Transaction

STEP_UP = timedelta(minutes=15)
"""For how long a second factor, once given, opens what asks for it."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request came from, as the gateway tells it: to be noted, never to be trusted."""

    address: str = ""
    device: str = ""


@dataclass(frozen=True)
class Work:
    """One request's work; `outer` is the transaction an Idempotency-Key opened around the whole of it."""

    database: Database
    actor: Actor
    traceparent: str = ""
    locale: str = "zh-CN"
    outer: Transaction | None = None
    origin: Origin = Origin()

    @property
    def clock(self) -> Clock:
        return self.database.clock

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """A transaction, committed at the end; inside an outer one, a part of it."""
        if self.outer is not None:
            yield self.outer
            return
        whose = str(self.actor.user_id)
        with self.database.transaction(actor=whose, traceparent=self.traceparent, address=self.origin.address) as tx:
            yield tx

    def within(self, outer: Transaction) -> "Work":
        return replace(self, outer=outer)

    def require_second_factor(self) -> None:
        """Raises SecondFactorRequired when the caller has a second factor and gave it longer than STEP_UP ago."""
        given_at = self.actor.second_factor_at
        if given_at is not None and given_at < self.clock.now() - STEP_UP:
            raise SecondFactorRequired(403)

    @staticmethod
    def require_version(expected: int, present: int) -> None:
        """Raises Stale unless the version a caller edited is the present one."""
        if expected != present:
            raise Stale(present)
