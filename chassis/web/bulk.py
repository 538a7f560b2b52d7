"""Bulk routes: each item judged by itself, the good ones stored together, one result per item in order."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import flask
import marshmallow as ma

from chassis import audit
from chassis.batch import Outcome
from chassis.web import problems
from chassis.web.requests import requires, work
from chassis.web.schemas import BulkAnswer, BulkSchema, Schema
from chassis.work import Work

KINDS = {200: "changed", 201: "added"}

Command = Callable[[Work, Sequence[Any]], Sequence[Outcome]]


def run(
    items: Sequence[Any], schema: ma.Schema, command: Callable[[Sequence[Any]], Sequence[Outcome]], locale: str
) -> dict[str, Any]:
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


def _counted(answer: dict[str, Any]) -> dict[str, int]:
    """How many rows were added, brought up to date and refused."""
    counts = Counter(KINDS.get(result["status"], "refused") for result in answer["results"])
    return dict(sorted(counts.items()))


def bulk_route(
    blueprint: Any, path: str, schema: type[Schema], permission: str,
    command: Callable[[Work, Sequence[Any]], Sequence[Outcome]],
) -> None:  # fmt: skip
    """Add `POST <path>` to `blueprint`: up to 1,000 items, each judged by itself."""

    @requires(permission)
    def view(body: dict[str, Any]) -> dict[str, Any]:
        locale = problems.language(flask.request.headers.get("Accept-Language"))
        answer = run(body["items"], schema(), lambda items: command(work(), items), locale)
        with work().transaction() as tx:
            audit.record(tx, "bulk.written", (blueprint.name, None), after=_counted(answer))
        return answer

    view.__doc__ = "Each item is judged by itself; `external` makes sending it again harmless."
    view.__name__ = "bulk_" + blueprint.name + path.replace("/", "_").replace("-", "_")
    answered = blueprint.response(200, BulkAnswer)(view)
    blueprint.route(path, methods=["POST"])(blueprint.arguments(BulkSchema)(answered))
