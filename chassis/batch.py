"""Commands that take many requests at once: each judged by itself, the good ones written together.

A single request is a batch of one, so that a rule stands in one place whichever way a row comes in.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

import sqlalchemy as sa

from chassis.errors import Forbidden, Problem, Refused
from chassis.store import Transaction

Translations = Mapping[type[Exception], Callable[[Any], Problem]]
"""How a service's own domain errors go out."""

LOCK_SYSTEM = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"


@dataclass(frozen=True, slots=True)
class External:
    """Where an imported row comes from; unique, so that sending it again updates instead of doubling."""

    system: str
    id: str


class Request(Protocol):
    @property
    def external(self) -> External | None: ...


R = TypeVar("R", bound=Request)


@dataclass(frozen=True)
class Outcome:
    """What became of one request: created, updated or as it was, or the problem it met; `row` where it is at hand."""

    id: UUID | None = None
    created: bool = False
    row: Any = None
    problem: Problem | None = None

    @property
    def status(self) -> int:
        if self.problem is not None:
            return self.problem.status
        return 201 if self.created else 200


class Batch(Generic[R]):
    """The requests of one call and what became of each so far."""

    def __init__(self, requests: Sequence[R], translations: Translations) -> None:
        self._requests = requests
        self._translations = translations
        self._outcomes: list[Outcome | None] = [None] * len(requests)

    def pending(self) -> list[tuple[int, R]]:
        """Those not yet refused or done, with their positions."""
        return [(at, self._requests[at]) for at, outcome in enumerate(self._outcomes) if outcome is None]

    @contextmanager
    def judging(self, at: int) -> Iterator[None]:
        """A refusal inside concerns the request at this position alone."""
        try:
            yield
        except Refused as refused:
            self.refuse(at, refused)
        except tuple(self._translations) as error:
            self._outcomes[at] = Outcome(problem=self._translations[type(error)](error))

    def refuse(self, at: int, refused: Refused) -> None:
        self._outcomes[at] = Outcome(problem=refused.problem)

    def done(self, at: int, row_id: UUID, *, created: bool, row: Any = None) -> None:
        self._outcomes[at] = Outcome(row_id, created, row)

    @property
    def outcomes(self) -> list[Outcome]:
        return [outcome or Outcome() for outcome in self._outcomes]


def sole(outcomes: Sequence[Outcome]) -> Outcome:
    """The outcome of a batch of one; its problem is raised."""
    (outcome,) = outcomes
    if outcome.problem is not None:
        raise Refused(outcome.problem)
    return outcome


def in_rounds(requests: Sequence[R], command: Callable[[Sequence[R]], Sequence[Outcome]]) -> list[Outcome]:
    """Give `command` the requests in rounds in which no external id comes twice: a later one sees the earlier's row."""
    outcomes: dict[int, Outcome] = {}
    waiting = list(range(len(requests)))
    while waiting:
        seen: set[External] = set()
        now: list[int] = []
        later: list[int] = []
        for at in waiting:
            external = requests[at].external
            (later if external in seen else now).append(at)
            if external is not None:
                seen.add(external)
        outcomes.update(zip(now, command([requests[at] for at in now]), strict=True))
        waiting = later
    return [outcomes[at] for at in range(len(requests))]


def known_externals(
    tx: Transaction, table: sa.Table, requests: Sequence[Request], may_write: sa.ColumnElement[bool] | None = None
) -> dict[External, sa.Row[Any]]:
    """The rows of `table` that came from these external ids before, locked; `may_write` says which the caller may.

    Requests of one system are let in one after another, so that two runs of an import cannot both find a row missing.
    """
    wanted = {request.external for request in requests if request.external is not None}
    for system in sorted({external.system for external in wanted}):
        tx.driver(LOCK_SYSTEM, (f"{table.name}:{system}",))
    if not wanted:
        return {}
    pairs = sa.tuple_(table.c.external_system, table.c.external_id)
    permitted = (sa.true() if may_write is None else may_write).label("may_write")
    found = sa.select(table, permitted).where(pairs.in_([(external.system, external.id) for external in wanted]))
    rows = tx.execute(found.order_by(table.c.id).with_for_update())
    return {External(row.external_system, row.external_id): row for row in rows}


def previous(known: Mapping[External, sa.Row[Any]], request: Request, permission: str) -> sa.Row[Any] | None:
    """The row this request brings up to date. Raises Forbidden when it is another's."""
    row = known.get(request.external) if request.external is not None else None
    if row is not None and not row.may_write:
        raise Forbidden(permission)
    return row
