"""What operators do with a service's events: look, try again, give up, send history again."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any
from uuid import UUID

import marshmallow as ma
import sqlalchemy as sa

from chassis import audit, inbox, leases, replay
from chassis.backlog import STATES, measured
from chassis.errors import NotFound
from chassis.relay import LEASE as RELAY
from chassis.service import Service
from chassis.store import Transaction
from chassis.web import requests
from chassis.web.blueprint import Blueprint
from chassis.web.paging import PageSchema, page_of, paginate
from chassis.web.schemas import Schema, Text

OPERATE = "events:operate"

_failed = sa.table(
    "failed_events",
    *(sa.column(name) for name in ("type", "state", "attempts", "error", "field")),
    sa.column("event_id", sa.Uuid),
    sa.column("subject", sa.Uuid),
    sa.column("failed_at", sa.DateTime(timezone=True)),
    sa.column("next_attempt_at", sa.DateTime(timezone=True)),
)
failed_events = sa.select(_failed.c.event_id.label("id"), *_failed.c).subquery("failed")
EVENTS = """
SELECT id, event_id, type, subject, sequence, recorded_at, sent FROM (
    SELECT id, event_id, type, subject, sequence, recorded_at, true AS sent FROM event_log
    UNION ALL
    SELECT id, event_id, type, subject, sequence, recorded_at, false FROM outbox
) AS recorded
WHERE (%(type)s::text IS NULL OR type = %(type)s) AND (%(before)s::bigint IS NULL OR id < %(before)s)
ORDER BY id DESC LIMIT %(limit)s
"""
LAST_RECORDED = "SELECT greatest((SELECT max(recorded_at) FROM outbox), (SELECT max(recorded_at) FROM event_log))"


class OutboxSchema(ma.Schema):
    depth = ma.fields.Integer()
    oldest_age_seconds = ma.fields.Float()
    refused = ma.fields.Integer()


class FailedCountsSchema(ma.Schema):
    waiting = ma.fields.Integer()
    parked = ma.fields.Integer()
    discarded = ma.fields.Integer()


class BacklogSchema(ma.Schema):
    """`relay` is the worker process that sends now, null when none does."""

    service = ma.fields.String()
    outbox = ma.fields.Nested(OutboxSchema)
    failed = ma.fields.Nested(FailedCountsSchema)
    last_recorded_at = ma.fields.AwareDateTime(format="iso", allow_none=True)
    relay = ma.fields.String(allow_none=True)


class FailedEventSchema(ma.Schema):
    id = ma.fields.UUID()
    type = ma.fields.String()
    subject = ma.fields.UUID()
    state = ma.fields.String()
    attempts = ma.fields.Integer()
    error = ma.fields.String()
    field = ma.fields.String(allow_none=True)
    failed_at = ma.fields.AwareDateTime(format="iso")
    next_attempt_at = ma.fields.AwareDateTime(format="iso")


class ListFailedSchema(PageSchema):
    state = ma.fields.String(load_default="parked", validate=ma.validate.OneOf(STATES))


class ReasonSchema(Schema):
    reason = Text(1000, load_default=None, allow_none=True)


class EventSchema(ma.Schema):
    id = ma.fields.UUID(attribute="event_id")
    type = ma.fields.String()
    subject = ma.fields.UUID()
    sequence = ma.fields.Integer()
    recorded_at = ma.fields.AwareDateTime(format="iso")
    sent = ma.fields.Boolean()


class ListEventsSchema(Schema):
    type = ma.fields.String(load_default=None)
    limit = ma.fields.Integer(load_default=50, validate=ma.validate.Range(1, 200))
    cursor = ma.fields.Integer(load_default=None)


class EventPageSchema(ma.Schema):
    items = ma.fields.List(ma.fields.Nested(EventSchema))
    next_cursor = ma.fields.String(allow_none=True)


class AskReplaySchema(Schema):
    makes = replay.Replay

    target = ma.fields.String(required=True, validate=ma.validate.Regexp("^[a-z]{1,40}$"))
    since = ma.fields.AwareDateTime(format="iso", load_default=None, allow_none=True)
    rebuild_id = ma.fields.UUID(load_default=None, allow_none=True)


class ReplaySchema(ma.Schema):
    id = ma.fields.UUID()
    target = ma.fields.String()
    since = ma.fields.AwareDateTime(format="iso", allow_none=True)
    rebuild_id = ma.fields.UUID(allow_none=True)
    state = ma.fields.String()
    sent = ma.fields.Integer()
    asked_at = ma.fields.AwareDateTime(format="iso")


def operations_blueprint(service: Service) -> Any:
    """The operator's routes of `service`."""
    blueprint = Blueprint("operations", __name__, url_prefix=service.operations, description="Looking after events")
    _add_backlog(blueprint, service.name)
    _add_events(blueprint)
    _add_failed(blueprint)
    _add_replays(blueprint)
    return blueprint


def _add_backlog(blueprint: Any, service: str) -> None:
    @blueprint.route("/backlog", methods=["GET"])
    @blueprint.response(200, BacklogSchema)
    @requests.requires(OPERATE)
    def get_backlog() -> dict[str, Any]:
        with requests.work().transaction() as tx:
            backlog = measured(tx.connection)
            return {
                "service": service,
                "outbox": backlog,
                "failed": backlog.failed,
                "last_recorded_at": tx.connection.exec_driver_sql(LAST_RECORDED).scalar_one(),
                "relay": leases.holder(tx.connection, RELAY),
            }


def _add_events(blueprint: Any) -> None:
    @blueprint.route("/events", methods=["GET"])
    @blueprint.arguments(ListEventsSchema, location="query")
    @blueprint.response(200, EventPageSchema)
    @requests.requires(OPERATE)
    def list_events(asked: dict[str, Any]) -> dict[str, Any]:
        parameters = {"type": asked["type"], "before": asked["cursor"], "limit": asked["limit"] + 1}
        with requests.work().transaction() as tx:
            rows = tx.connection.exec_driver_sql(EVENTS, parameters).all()
        more, rows = len(rows) > asked["limit"], rows[: asked["limit"]]
        return {"items": rows, "next_cursor": str(rows[-1].id) if more else None}


def _add_failed(blueprint: Any) -> None:
    @blueprint.route("/failed-events", methods=["GET"])
    @blueprint.arguments(ListFailedSchema, location="query")
    @blueprint.response(200, page_of(FailedEventSchema))
    @requests.requires(OPERATE)
    def list_failed(asked: dict[str, Any]) -> dict[str, Any]:
        query = sa.select(failed_events).where(failed_events.c.state == asked["state"])
        with requests.work().transaction() as tx:
            return paginate(tx, query, failed_events, asked, "-failed_at", ("failed_at",))

    @blueprint.route("/failed-events/<uuid:event_id>/requeue", methods=["POST"])
    @blueprint.arguments(ReasonSchema)
    @blueprint.response(204)
    @requests.requires(OPERATE)
    def requeue(sent: dict[str, Any], event_id: UUID) -> None:
        _do("event.requeued", inbox.requeue, event_id, sent["reason"])

    @blueprint.route("/failed-events/<uuid:event_id>/discard", methods=["POST"])
    @blueprint.arguments(ReasonSchema)
    @blueprint.response(204)
    @requests.requires(OPERATE)
    def discard(sent: dict[str, Any], event_id: UUID) -> None:
        _do("event.discarded", inbox.discard, event_id, sent["reason"])


def _do(action: str, command: Callable[[Transaction, UUID], bool], event_id: UUID, reason: str | None) -> None:
    with requests.work().transaction() as tx:
        if not command(tx, event_id):
            raise NotFound
        audit.record(tx, action, ("event", event_id), reason=reason)


def _add_replays(blueprint: Any) -> None:
    @blueprint.route("/replays", methods=["POST"])
    @blueprint.arguments(AskReplaySchema)
    @blueprint.response(202, ReplaySchema)
    @requests.requires(OPERATE)
    def ask(asked: replay.Replay) -> dict[str, Any]:
        with requests.work().transaction() as tx:
            replay_id = replay.ask(tx, asked)
            audit.record(tx, "replay.asked", ("replay", replay_id), after=asdict(asked))
            return replay.find(tx, replay_id)

    @blueprint.route("/replays/<uuid:replay_id>", methods=["GET"])
    @blueprint.response(200, ReplaySchema)
    @requests.requires(OPERATE)
    def get(replay_id: UUID) -> dict[str, Any]:
        with requests.work().transaction() as tx:
            return replay.find(tx, replay_id)
