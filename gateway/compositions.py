"""Answers made of several services' answers: asked side by side with the caller's own token, whole or partly.

A composition is declared below; what it is made of is the public API, so a caller sees here what he sees there.
"""

import json
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from queue import Empty, SimpleQueue
from typing import Any

import structlog

from chassis.calendar import CHINA
from chassis.clock import Clock, SystemClock
from chassis.errors import Refused
from gateway import metrics
from gateway.answers import UNAVAILABLE, Answer
from gateway.upstreams import Call, Failed, Upstream

PART_SECONDS = 3.0
"""What has not been answered by then is missing: a page waits no longer for its slowest part."""
UUID_PATTERN = "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
CONDITIONAL = ("If-Match", "If-None-Match", "Idempotency-Key")

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Part:
    """One field of the answer: which service is asked what, and the schema of what it answers.

    `target` may name what the path does, and `today` and `tomorrow`, where days begin.
    """

    name: str
    upstream: str
    target: str
    schema: str


@dataclass(frozen=True)
class Composition:
    """A path and what its answer is made of; without the `essential` part there is no answer."""

    path: str
    summary: str
    parts: tuple[Part, ...]
    essential: str | None = None

    @property
    def pattern(self) -> re.Pattern[str]:
        return re.compile(re.sub(r"\{(\w+)\}", rf"(?P<\1>{UUID_PATTERN})", self.path))


CUSTOMER = "/api/v1/customers/{customer_id}"
COMPOSITIONS = (
    Composition(
        f"{CUSTOMER}/overview",
        "The whole file of a customer",
        (
            Part("customer", "customer", CUSTOMER, "Customer"),
            Part("contacts", "customer", f"{CUSTOMER}/contacts", "ContactPage"),
            Part("ownerships", "customer", f"{CUSTOMER}/ownerships", "Ownerships"),
            Part("opportunities", "leads", "/api/v1/opportunities?customer_id={customer_id}", "OpportunityPage"),
            Part("activities", "activity", "/api/v1/activities?customer_id={customer_id}&limit=20", "ActivityPage"),
            Part("plans", "activity", "/api/v1/plans?customer_id={customer_id}&state=open&sort=due_at", "PlanPage"),
        ),
        essential="customer",
    ),
    Composition(
        "/api/v1/home",
        "The caller's day, and of his reach what is overdue, the newest leads, the deals next to close and the figures",
        (
            Part("agenda", "activity", "/api/v1/agenda?from={today}&to={tomorrow}", "Agenda"),
            Part("overdue", "activity", "/api/v1/plans?state=overdue&sort=due_at&limit=10", "PlanPage"),
            Part("leads", "leads", "/api/v1/leads?limit=10", "LeadPage"),
            Part(
                "opportunities",
                "leads",
                "/api/v1/opportunities?outcome=open&sort=expected_close_on&limit=10",
                "OpportunityPage",
            ),
            Part("pipeline", "analytics", "/api/v1/analytics/pipeline?group_by=stage", "Pipeline"),
        ),
    ),
)
_PATTERNS = tuple((composition.pattern, composition) for composition in COMPOSITIONS)


def find(path: str) -> tuple[Composition, dict[str, str]] | None:
    """The composition at this path, with what the path names."""
    for pattern, composition in _PATTERNS:
        if (found := pattern.fullmatch(path)) is not None:
            return composition, found.groupdict()
    return None


class Composer:
    """Puts answers together from what the services behind say within PART_SECONDS."""

    def __init__(self, upstreams: Mapping[str, Upstream], clock: Clock | None = None) -> None:
        self._upstreams = upstreams
        self._clock = clock or SystemClock()

    def answer(self, composition: Composition, named: Mapping[str, str], call: Call) -> Answer:
        """The answer to `call`; a part that did not come is null and its service is named in `missing`.

        Where a service refuses the essential part, or the caller's token, that answer is the answer. Raises Refused
        when the essential part did not come, or none at all.
        """
        values = {**named, **_days(self._clock.now())}
        bodies: dict[str, bytes] = {}
        for part, answer in self._answers(composition, values, call):
            if answer is not None and answer.status == 200:
                bodies[part.name] = answer.body
            elif answer is not None and (answer.status == 401 or part.name == composition.essential):
                return answer
            elif part.name == composition.essential:
                raise Refused(UNAVAILABLE)
        if not bodies:
            raise Refused(UNAVAILABLE)
        return _whole(composition, bodies)

    def _answers(
        self, composition: Composition, values: Mapping[str, str], call: Call
    ) -> Iterator[tuple[Part, Answer | None]]:
        """Every part as its answer comes, those that are late or failed with None."""
        came: SimpleQueue[tuple[Part, Answer | None]] = SimpleQueue()
        headers = {name: value for name, value in call.headers.items() if name not in CONDITIONAL}
        for part in composition.parts:
            asked = Call("GET", part.target.format_map(values), headers, b"")
            threading.Thread(target=self._ask, args=(part, asked, came.put), name="part", daemon=True).start()
        waiting = list(composition.parts)
        until = time.monotonic() + PART_SECONDS
        while waiting:
            try:
                part, answer = came.get(timeout=max(0.0, until - time.monotonic()))
            except Empty:
                break
            waiting.remove(part)
            yield part, answer
        for part in waiting:
            metrics.FAILURES.labels(part.upstream, "Late").inc()
            yield part, None

    def _ask(self, part: Part, asked: Call, tell: Callable[[tuple[Part, Answer | None]], None]) -> None:
        """On a thread of its own; when it is late nobody waits for it any more."""
        answer = None
        try:
            answer = self._upstreams[part.upstream].call(asked)
        except Failed as error:
            metrics.FAILURES.labels(part.upstream, type(error).__name__).inc()
        except Exception:
            log.exception("composition.part-broke", part=part.name, upstream=part.upstream)
        tell((part, answer))


def described(components: Mapping[str, Any]) -> dict[str, Any]:
    """The compositions as OpenAPI paths; `components` has the schemas of the services, named after them."""
    paths = {}
    for composition in COMPOSITIONS:
        fields = {part.name: _schema(f"{part.upstream}.{part.schema}", components) for part in composition.parts}
        fields["missing"] = {"type": "array", "items": {"type": "string"}}
        shown = {"application/json": {"schema": {"type": "object", "properties": fields, "required": sorted(fields)}}}
        given = [
            {"in": "path", "name": name, "required": True, "schema": {"type": "string", "format": "uuid"}}
            for name in composition.pattern.groupindex
        ]
        answers = {"200": {"description": "OK", "content": shown}}
        get = {"summary": composition.summary, "tags": ["compositions"], "parameters": given, "responses": answers}
        paths[composition.path] = {"get": get}
    return paths


def _schema(name: str, components: Mapping[str, Any]) -> dict[str, Any]:
    """A part is null when its service does not answer; a service that is away now cannot describe its part either."""
    if name not in components:
        return {"type": ["object", "null"]}
    return {"anyOf": [{"$ref": f"#/components/schemas/{name}"}, {"type": "null"}]}


def _whole(composition: Composition, bodies: Mapping[str, bytes]) -> Answer:
    """The parts as the services wrote them, side by side."""
    missing = sorted({part.upstream for part in composition.parts if part.name not in bodies})
    if missing:
        log.warning("composition.partial", path=composition.path, missing=missing)
    fields = [(part.name, bodies.get(part.name, b"null")) for part in composition.parts]
    fields.append(("missing", json.dumps(missing).encode()))
    body = b", ".join(b'"%s": %s' % (name.encode(), value) for name, value in fields)
    return Answer(200, [("Content-Type", "application/json")], b"{%s}" % body)


def _days(now: datetime) -> dict[str, str]:
    """Where today and tomorrow begin in China, in a form that an address can hold."""
    midnight = now.astimezone(CHINA).replace(hour=0, minute=0, second=0, microsecond=0)
    return {
        name: day.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        for name, day in (("today", midnight), ("tomorrow", midnight + timedelta(days=1)))
    }
