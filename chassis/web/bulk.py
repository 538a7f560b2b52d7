"""Bulk routes: each item judged by itself, the good ones stored together, one result per item in order."""

from collections.abc import Callable, Sequence
from typing import Any

import marshmallow as ma

from chassis.batch import Outcome
from chassis.web import problems

Command = Callable[[Sequence[Any]], Sequence[Outcome]]


def run(items: Sequence[Any], schema: ma.Schema, command: Command, locale: str) -> dict[str, Any]:
    """Load every item with `schema`, give those that are well formed to `command`, answer for all in order."""
    outcomes: list[Outcome | None] = []
    accepted = []
    for item in items:
        try:
            accepted.append(schema.load(item))
            outcomes.append(None)
        except ma.ValidationError as error:
            outcomes.append(Outcome(problem=problems.invalid(error.normalized_messages())))  # type: ignore[no-untyped-call]
    done = iter(command(accepted) if accepted else ())
    return {"results": [_result(outcome or next(done), locale) for outcome in outcomes]}


def _result(outcome: Outcome, locale: str) -> dict[str, Any]:
    result: dict[str, Any] = {"status": outcome.status}
    if outcome.id is not None:
        result["id"] = outcome.id
    if outcome.problem is not None:
        result["problem"] = problems.body(outcome.problem, locale)
    return result
