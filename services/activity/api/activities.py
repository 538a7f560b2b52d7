"""`/api/v1/activities`, `/api/v1/plans` and `/api/v1/agenda`."""

from typing import Any, get_args
from uuid import UUID

import marshmallow as ma
import sqlalchemy as sa

from chassis.web import Blueprint, Schema, bulk_route, expected_version, requires, tagged, work
from chassis.web.paging import PageSchema, page_of
from chassis.web.schemas import ImportableSchema, Row, Text
from contracts.activity import ActivityKind
from services.activity.commands import activities as commands
from services.activity.commands import plans as promises
from services.activity.queries import activities as queries
from services.activity.store.tables import activities, plans

blueprint = Blueprint("activities", __name__, url_prefix="/api/v1", description="What was done, what is next")

PLAN = "plans:write"
Kind = ma.validate.OneOf(get_args(ActivityKind))


def _moment(**options: Any) -> ma.fields.AwareDateTime:
    return ma.fields.AwareDateTime(format="iso", **options)


class NextPlanSchema(Schema):
    kind = ma.fields.String(required=True, validate=Kind)
    due_at = _moment(required=True)
    summary = Text(1000, required=True)


class LogActivitySchema(ImportableSchema):
    makes = commands.LogActivity

    kind = ma.fields.String(required=True, validate=Kind)
    started_at = _moment(required=True)
    minutes = ma.fields.Integer(required=True, validate=ma.validate.Range(0, 1440))
    summary = Text(4000, required=True)
    customer_id = ma.fields.UUID(load_default=None, allow_none=True)
    lead_id = ma.fields.UUID(load_default=None, allow_none=True)
    opportunity_id = ma.fields.UUID(load_default=None, allow_none=True)
    contact_ids = ma.fields.List(ma.fields.UUID(), load_default=(), validate=ma.validate.Length(max=50))
    decision_maker_met = ma.fields.Boolean(load_default=False)
    outcome = Text(1000, load_default=None, allow_none=True)
    next_plan = ma.fields.Nested(NextPlanSchema, load_default=None, allow_none=True)


class EditActivitySchema(Schema):
    minutes = ma.fields.Integer(validate=ma.validate.Range(0, 1440))
    summary = Text(4000)
    decision_maker_met = ma.fields.Boolean()
    outcome = Text(1000, allow_none=True)


class MakePlanSchema(Schema):
    makes = promises.MakePlan

    kind = ma.fields.String(required=True, validate=Kind)
    due_at = _moment(required=True)
    summary = Text(1000, required=True)
    customer_id = ma.fields.UUID(load_default=None, allow_none=True)
    lead_id = ma.fields.UUID(load_default=None, allow_none=True)
    opportunity_id = ma.fields.UUID(load_default=None, allow_none=True)


class KeepPlanSchema(Schema):
    activity_id = ma.fields.UUID(load_default=None, allow_none=True)
    activity = ma.fields.Nested(LogActivitySchema, load_default=None, allow_none=True)


class AboutSchema(Row):
    owner_id = ma.fields.UUID()
    manager_id = ma.fields.UUID(allow_none=True)
    kind = ma.fields.String()
    customer_id = ma.fields.UUID(allow_none=True)
    lead_id = ma.fields.UUID(allow_none=True)
    opportunity_id = ma.fields.UUID(allow_none=True)
    customer_name = ma.fields.String(allow_none=True)
    lead_name = ma.fields.String(allow_none=True)
    opportunity_name = ma.fields.String(allow_none=True)
    summary = ma.fields.String()


class ActivitySchema(AboutSchema):
    started_at = _moment()
    minutes = ma.fields.Integer()
    contact_ids = ma.fields.List(ma.fields.UUID())
    decision_maker_met = ma.fields.Boolean()
    outcome = ma.fields.String(allow_none=True)
    imported = ma.fields.Boolean()


class PlanSchema(AboutSchema):
    due_at = _moment()
    kept_at = _moment(allow_none=True)
    activity_id = ma.fields.UUID(allow_none=True)


class ListSchema(PageSchema):
    customer_id = ma.fields.UUID(load_default=None)
    lead_id = ma.fields.UUID(load_default=None)
    opportunity_id = ma.fields.UUID(load_default=None)
    owner_id = ma.fields.UUID(load_default=None)
    unit_id = ma.fields.UUID(load_default=None)
    kind = ma.fields.String(load_default=None, validate=Kind)


class ListPlansSchema(ListSchema):
    state = ma.fields.String(load_default=None, validate=ma.validate.OneOf(queries.PLAN_STATES))


class AgendaQuerySchema(Schema):
    from_ = _moment(required=True, data_key="from")
    to = _moment(required=True)
    user_id = ma.fields.UUID(load_default=None)


class AgendaSchema(ma.Schema):
    activities = ma.fields.List(ma.fields.Nested(ActivitySchema))
    plans = ma.fields.List(ma.fields.Nested(PlanSchema))


@blueprint.route("/activities", methods=["POST"])
@blueprint.arguments(LogActivitySchema)
@blueprint.response(201, ActivitySchema)
@requires(commands.WRITE)
def log_activity(command: commands.LogActivity) -> sa.Row[Any]:
    return tagged(queries.seen(work(), activities, commands.log_activity(work(), command).id))


@blueprint.route("/activities", methods=["GET"])
@blueprint.arguments(ListSchema, location="query")
@blueprint.response(200, page_of(ActivitySchema))
@requires("activities:read")
def list_activities(asked: dict[str, Any]) -> dict[str, Any]:
    return queries.list_activities(work(), asked)


@blueprint.route("/activities/<uuid:activity_id>", methods=["GET"])
@blueprint.response(200, ActivitySchema)
@requires("activities:read")
def get_activity(activity_id: UUID) -> sa.Row[Any]:
    return tagged(queries.one(work(), activities, "activities", activity_id))


@blueprint.route("/activities/<uuid:activity_id>", methods=["PATCH"])
@blueprint.arguments(EditActivitySchema)
@blueprint.response(200, ActivitySchema)
@requires(commands.WRITE)
def edit_activity(changes: dict[str, Any], activity_id: UUID) -> sa.Row[Any]:
    edited = commands.edit_activity(work(), activity_id, expected_version(), changes)
    return tagged(queries.seen(work(), activities, edited.id))


@blueprint.route("/plans", methods=["POST"])
@blueprint.arguments(MakePlanSchema)
@blueprint.response(201, PlanSchema)
@requires(PLAN)
def make_plan(command: promises.MakePlan) -> sa.Row[Any]:
    return tagged(queries.seen(work(), plans, promises.make_plan(work(), command).id))


@blueprint.route("/plans", methods=["GET"])
@blueprint.arguments(ListPlansSchema, location="query")
@blueprint.response(200, page_of(PlanSchema))
@requires("plans:read")
def list_plans(asked: dict[str, Any]) -> dict[str, Any]:
    return queries.list_plans(work(), asked)


@blueprint.route("/plans/<uuid:plan_id>", methods=["GET"])
@blueprint.response(200, PlanSchema)
@requires("plans:read")
def get_plan(plan_id: UUID) -> sa.Row[Any]:
    return tagged(queries.one(work(), plans, "plans", plan_id))


@blueprint.route("/plans/<uuid:plan_id>/completion", methods=["POST"])
@blueprint.arguments(KeepPlanSchema)
@blueprint.response(200, PlanSchema)
@requires(PLAN)
def keep_plan(sent: dict[str, Any], plan_id: UUID) -> sa.Row[Any]:
    with work().transaction() as tx:
        within = work().within(tx)
        activity_id = sent["activity_id"]
        if sent["activity"] is not None:
            activity_id = commands.log_activity(within, sent["activity"]).id
        return tagged(queries.seen(within, plans, promises.keep_plan(within, plan_id, activity_id).id))


@blueprint.route("/agenda", methods=["GET"])
@blueprint.arguments(AgendaQuerySchema, location="query")
@blueprint.response(200, AgendaSchema)
@requires("activities:read")
def get_agenda(asked: dict[str, Any]) -> dict[str, Any]:
    return queries.agenda(work(), asked)


bulk_route(blueprint, "/activities/bulk", LogActivitySchema, commands.WRITE, commands.log_activities)
