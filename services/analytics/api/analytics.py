"""`/api/v1/analytics`."""

from typing import Any
from uuid import UUID

import marshmallow as ma

from chassis.web import Blueprint, Schema, requires, work
from services.analytics.commands import rebuilds as commands
from services.analytics.queries import pipeline as pipelines
from services.analytics.queries import rebuilds as queries
from services.analytics.queries import sources as leads_by_source

blueprint = Blueprint("analytics", __name__, url_prefix="/api/v1/analytics", description="Decisions on numbers")

OPERATE = "events:operate"


class PeriodSchema(Schema):
    unit_id = ma.fields.UUID(load_default=None)
    from_ = ma.fields.Date(load_default=None, data_key="from")
    to = ma.fields.Date(load_default=None)


class PipelineQuerySchema(PeriodSchema):
    group_by = ma.fields.String(load_default="unit", validate=ma.validate.OneOf((*pipelines.GROUPS, pipelines.QUARTER)))


class GroupSchema(ma.Schema):
    id = ma.fields.String(allow_none=True)
    name = ma.fields.String(allow_none=True)


class FiguresSchema(ma.Schema):
    deals = ma.fields.Integer()
    by_stage = ma.fields.Dict(values=ma.fields.Integer())
    won = ma.fields.Integer()
    lost = ma.fields.Integer()
    win_rate = ma.fields.Float(allow_none=True)
    revenue = ma.fields.Dict(allow_none=True)
    revenue_by_currency = ma.fields.List(ma.fields.Dict())
    median_cycle_days_closed = ma.fields.Raw(allow_none=True, metadata={"type": "number"})
    median_cycle_days_won = ma.fields.Raw(allow_none=True, metadata={"type": "number"})


class PipelineItemSchema(FiguresSchema):
    group = ma.fields.Nested(GroupSchema)


class PipelineSchema(ma.Schema):
    items = ma.fields.List(ma.fields.Nested(PipelineItemSchema))
    total = ma.fields.Nested(FiguresSchema)
    as_of = ma.fields.String(allow_none=True)


class SourceItemSchema(ma.Schema):
    group = ma.fields.Nested(GroupSchema)
    leads = ma.fields.Integer()
    qualified = ma.fields.Integer()
    won = ma.fields.Integer()
    conversion = ma.fields.Float(allow_none=True)


class SourcesSchema(ma.Schema):
    items = ma.fields.List(ma.fields.Nested(SourceItemSchema))
    as_of = ma.fields.String(allow_none=True)


class BeginRebuildSchema(Schema):
    source = ma.fields.String(required=True)


class CompleteRebuildSchema(Schema):
    expected = ma.fields.Integer(required=True, validate=ma.validate.Range(0))


class RebuildSchema(ma.Schema):
    id = ma.fields.UUID()
    source = ma.fields.String()
    state = ma.fields.String()
    applied = ma.fields.Integer()
    started_at = ma.fields.AwareDateTime(format="iso")
    ended_at = ma.fields.AwareDateTime(format="iso", allow_none=True)


@blueprint.route("/pipeline", methods=["GET"])
@blueprint.arguments(PipelineQuerySchema, location="query")
@blueprint.response(200, PipelineSchema)
@requires("analytics:read")
def get_pipeline(asked: dict[str, Any]) -> dict[str, Any]:
    return pipelines.pipeline(work(), asked)


@blueprint.route("/sources", methods=["GET"])
@blueprint.arguments(PeriodSchema, location="query")
@blueprint.response(200, SourcesSchema)
@requires("analytics:read")
def get_sources(asked: dict[str, Any]) -> dict[str, Any]:
    return leads_by_source.sources(work(), asked)


@blueprint.route("/rebuilds", methods=["POST"])
@blueprint.arguments(BeginRebuildSchema)
@blueprint.response(201, RebuildSchema)
@requires(OPERATE)
def begin_rebuild(sent: dict[str, Any]) -> dict[str, Any]:
    return commands.begin_rebuild(work(), sent["source"])


@blueprint.route("/rebuilds/<uuid:rebuild_id>", methods=["GET"])
@blueprint.response(200, RebuildSchema)
@requires(OPERATE)
def get_rebuild(rebuild_id: UUID) -> dict[str, Any]:
    return queries.one(work(), rebuild_id)


@blueprint.route("/rebuilds/<uuid:rebuild_id>/completion", methods=["POST"])
@blueprint.arguments(CompleteRebuildSchema)
@blueprint.response(200, RebuildSchema)
@requires(OPERATE)
def complete_rebuild(sent: dict[str, Any], rebuild_id: UUID) -> dict[str, Any]:
    return commands.complete_rebuild(work(), rebuild_id, sent["expected"])


@blueprint.route("/rebuilds/<uuid:rebuild_id>", methods=["DELETE"])
@blueprint.response(204)
@requires(OPERATE)
def abort_rebuild(rebuild_id: UUID) -> None:
    commands.abort_rebuild(work(), rebuild_id)
