"""Rebuild the read model from replayed history while the live one goes on answering."""

from typing import Any
from uuid import UUID

from chassis.errors import Conflict, field_error
from chassis.work import Work
from services.analytics.store import rebuilds

FED_BY = ("leads",)
"""Whose events the model is built from."""


def begin_rebuild(work: Work, source: str) -> dict[str, Any]:
    """An empty model that a replay of `source` will fill. Raises RuleNotMet, Conflict."""
    if source not in FED_BY:
        names = ", ".join(FED_BY)
        raise field_error("source", (f"模型只来自 {names}", f"The model is built from {names}"))
    with work.transaction() as tx:
        return rebuilds.find(tx, rebuilds.begin(tx, source, work.clock.now()))


def complete_rebuild(work: Work, rebuild_id: UUID, expected: int) -> dict[str, Any]:
    """Put the rebuilt model in place once all `expected` events of the replay are in it. Raises Conflict before."""
    with work.transaction() as tx:
        applied = rebuilds.find(tx, rebuild_id)["applied"]
        if applied < expected:
            raise Conflict("not-complete", (f"已应用 {applied}/{expected}", f"{applied} of {expected} events applied"))
        rebuilds.swap(tx, rebuild_id, work.clock.now())
        return rebuilds.find(tx, rebuild_id)


def abort_rebuild(work: Work, rebuild_id: UUID) -> None:
    """Give a rebuild up. Raises Conflict when it is not running."""
    with work.transaction() as tx:
        rebuilds.abort(tx, rebuild_id, work.clock.now())
