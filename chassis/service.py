"""What a service is made of: everything the chassis needs in order to serve, work and migrate it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import flask_smorest

from chassis import directory, handovers, policies, trust
from chassis.bus.topology import Consumer
from chassis.errors import Problem
from chassis.inbox import BatchHandler, Handler, RebuildHandler
from chassis.settings import Settings
from chassis.store import Database, Transaction
from contracts import branch

CONTROL = "crm.organization."
"""Events of this prefix come on a queue of their own: a rule or a revocation never waits behind an import."""


@dataclass(frozen=True)
class Timer:
    """Something done when time passes: `run` gets a transaction and the present time, every `every_seconds`."""

    name: str
    every_seconds: float
    run: Callable[[Transaction, datetime], None]


@dataclass(frozen=True)
class Service:
    """One service: its public paths and blueprints, what it does when it hears others and when time passes."""

    name: str
    routes: tuple[str, ...]
    blueprints: Sequence[flask_smorest.Blueprint]
    handlers: Mapping[str, Handler] = field(default_factory=dict)
    batch_handler: BatchHandler | None = None
    """Takes whole batches of `batch_types` at once: for the consumer on the hot path."""
    batch_types: tuple[str, ...] = ()
    rebuild_handler: RebuildHandler | None = None
    """Takes replayed history for a read model that is being rebuilt beside the live one."""
    timers: tuple[Timer, ...] = ()
    problems: Mapping[type[Exception], Callable[[Any], Problem]] = field(default_factory=dict)
    """How each refusal of the service's own domain goes out."""
    hands_over: tuple[handovers.Part, ...] = ()
    """What of this service's rows goes to others when their owner leaves."""
    bindings: tuple[str, ...] | None = None
    """Routing keys of the main queue where they are not simply the types handled.

    None may match a control event: it would come on both queues, and the one without its handler might be first.
    """
    keeps_directory: bool = True
    """False for the owner of units and users, which needs no copy of its own tables."""
    on_start: Callable[[Database, Settings], None] | None = None
    """Called after migrating, before anybody is served; may run in several processes at once."""

    @property
    def operations(self) -> str:
        """The path under which operators look after this service's events."""
        return f"/api/v1/operations/{self.name}"

    @property
    def control_handlers(self) -> dict[str, Handler]:
        copies = directory.HANDLERS if self.keeps_directory else {}
        own = {kind: handler for kind, handler in self.handlers.items() if kind.startswith(CONTROL)}
        return {**copies, **handovers.handlers(self.hands_over), **trust.HANDLERS, **policies.HANDLERS, **own}

    @property
    def every_timer(self) -> tuple[Timer, ...]:
        """Those of its own, and the sweep for what came to somebody who had left."""
        sweep = Timer("sweep-handovers", handovers.SWEEP_SECONDS, handovers.sweep(self.hands_over))
        return (*self.timers, sweep) if self.hands_over else self.timers

    @property
    def main_handlers(self) -> dict[str, Handler]:
        return {kind: handler for kind, handler in self.handlers.items() if not kind.startswith(CONTROL)}

    @property
    def hears_branches(self) -> bool:
        """Then it hears all they tell: only so can it know that it misses nothing."""
        return any(kind.startswith(branch.PREFIX) for kind in self.handlers)

    @property
    def consumer(self) -> Consumer:
        """The queues this service needs and what is bound to them."""
        heard = self.bindings if self.bindings is not None else (*self.main_handlers, *self.batch_types)
        own = sorted(kind for kind in heard if not kind.startswith(branch.PREFIX))
        branches = ("branch.#",) if self.hears_branches else ()
        return Consumer(self.name, bindings=tuple(own), control=(f"{CONTROL}#",), branches=branches)
