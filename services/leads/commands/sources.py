"""Add where leads come from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import sqlalchemy as sa

from chassis.batch import Batch, External, Outcome, in_rounds, known_externals, previous, sole
from chassis.errors import Conflict
from chassis.store import Transaction
from chassis.work import Work
from contracts.leads import SourceCreated, SourceKind
from services.leads.problems import PROBLEMS
from services.leads.store import catalogue
from services.leads.store.tables import sources

WRITE = "sources:write"


@dataclass(frozen=True, kw_only=True)
class AddSource:
    """Somewhere leads come from."""

    name: str
    kind: str
    external: External | None = None
    history: Mapping[str, Any] = field(default_factory=dict)


def add_sources(work: Work, requests: Sequence[AddSource]) -> list[Outcome]:
    """Add each source; one of the same external id stays as it is."""
    return in_rounds(requests, lambda group: _add_round(work, group))


def add_source(work: Work, request: AddSource) -> sa.Row[Any]:
    """Add one source."""
    with work.transaction() as tx:
        outcome = sole(add_sources(work.within(tx), [request]))
        assert outcome.id is not None  # noqa: S101 -- what is not refused has an id
        return catalogue.get(tx, sources, outcome.id)


def _add_round(work: Work, requests: Sequence[AddSource]) -> list[Outcome]:
    batch = Batch(requests, PROBLEMS)
    with work.transaction() as tx:
        known = known_externals(tx, sources, requests)
        for at, request in batch.pending():
            with batch.judging(at):
                if request.history:
                    work.actor.require("history:import")
                row = previous(known, request, WRITE)
                batch.done(at, row.id if row is not None else _add(tx, work, request), created=row is None)
    return batch.outcomes


def _add(tx: Transaction, work: Work, request: AddSource) -> Any:
    row = catalogue.new(work, request.external, request.history) | {"name": request.name, "kind": request.kind}
    if not catalogue.add(tx, sources, row):
        raise Conflict("name-taken", (f"来源 {request.name} 已存在", f"There is a source {request.name}"))
    tx.record(SourceCreated(source_id=row["id"], name=request.name, kind=cast(SourceKind, request.kind)))
    return row["id"]
