"""`/api/v1/opportunities`."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import marshmallow as ma

from chassis.web import Blueprint, bulk_route, expected_version, requires, tagged, work
from chassis.web.paging import PageSchema, page_of
from chassis.web.schemas import ImportableSchema, Row, Schema, Text
from services.leads.api.money import MoneySchema
from services.leads.commands import opportunities as commands
from services.leads.domain.opportunities import Line
from services.leads.domain.pipeline import CLOSED, DEFAULT, FIRST, OPEN
from services.leads.queries import opportunities as queries

blueprint = Blueprint("opportunities", __name__, url_prefix="/api/v1/opportunities", description="Deals in progress")


class LineSchema(Schema):
    makes = Line

    product_id = ma.fields.UUID(required=True)
    quantity = ma.fields.Decimal(
        as_string=True,
        load_default=Decimal(1),
        validate=ma.validate.Range(Decimal(0), Decimal(10**9), min_inclusive=False),
    )
    price = ma.fields.Nested(MoneySchema, load_default=None, allow_none=True)


class FactorSchema(Schema):
    code = Text(40, required=True)
    effect = ma.fields.String(required=True, validate=ma.validate.OneOf(("helped", "hurt")))
    note = Text(1000, allow_none=True)


class CompetitorSchema(Schema):
    answer = ma.fields.String(required=True, validate=ma.validate.OneOf(("named", "none", "unknown")))
    competitor_id = ma.fields.String(allow_none=True)
    product = Text(allow_none=True)
    price = ma.fields.Nested("PriceSchema", allow_none=True)


class PriceSchema(Schema):
    amount = ma.fields.String(required=True, validate=ma.validate.Regexp(r"^\d{1,16}(\.\d{1,2})?$"))
    currency = ma.fields.String(required=True, validate=ma.validate.Regexp("^[A-Z]{3}$"))


class NewOpportunitySchema(ImportableSchema):
    makes = commands.OpenOpportunity
    historic = ("created_at", "opened_on", "entered_on", "closed_on")

    name = Text(required=True)
    customer_id = ma.fields.UUID(load_default=None, allow_none=True)
    pipeline = ma.fields.String(load_default=DEFAULT, validate=ma.validate.Equal(DEFAULT))
    stage = Text(60, load_default=FIRST)
    lines = ma.fields.List(ma.fields.Nested(LineSchema), load_default=(), validate=ma.validate.Length(max=200))
    amount = ma.fields.Nested(MoneySchema, load_default=None, allow_none=True)
    expected_close_on = ma.fields.Date(load_default=None, allow_none=True)
    owner_id = ma.fields.UUID(load_default=None, allow_none=True)
    factors = ma.fields.List(ma.fields.Nested(FactorSchema), load_default=())
    competitor = ma.fields.Nested(CompetitorSchema, load_default=None, allow_none=True)
    opened_on = ma.fields.Date(allow_none=True)
    entered_on = ma.fields.Date(allow_none=True)
    closed_on = ma.fields.Date(allow_none=True)

    @ma.post_load
    def make(self, loaded: dict[str, Any], **options: Any) -> Any:
        loaded.pop("pipeline")
        return super().make(loaded | {"lines": tuple(loaded["lines"]), "factors": tuple(loaded["factors"])}, **options)


class EditOpportunitySchema(Schema):
    name = Text()
    customer_id = ma.fields.UUID(allow_none=True)
    lines = ma.fields.List(ma.fields.Nested(LineSchema), validate=ma.validate.Length(max=200))
    amount = ma.fields.Nested(MoneySchema, allow_none=True, attribute="value")
    expected_close_on = ma.fields.Date(allow_none=True)
    owner_id = ma.fields.UUID()

    @ma.post_load
    def make(self, loaded: dict[str, Any], **_: Any) -> Any:
        return loaded | {"lines": tuple(loaded["lines"])} if "lines" in loaded else loaded


class MoveStageSchema(Schema):
    stage = Text(60, required=True)
    override_reason = Text(1000, load_default=None, allow_none=True)


class CloseSchema(Schema):
    outcome = ma.fields.String(required=True, validate=ma.validate.OneOf(CLOSED))
    closed_on = ma.fields.Date()
    amount = ma.fields.Nested(MoneySchema, attribute="value")
    factors = ma.fields.List(ma.fields.Nested(FactorSchema))
    competitor = ma.fields.Nested(CompetitorSchema)

    @ma.post_load
    def make(self, loaded: dict[str, Any], **_: Any) -> Any:
        return loaded | {"factors": tuple(loaded.get("factors", ()))}


class OpportunitySchema(Row):
    name = ma.fields.String()
    customer_id = ma.fields.UUID(allow_none=True)
    customer_name = ma.fields.String(allow_none=True)
    lead_id = ma.fields.UUID(allow_none=True)
    owner_id = ma.fields.UUID()
    manager_id = ma.fields.UUID(allow_none=True)
    pipeline = ma.fields.String()
    stage = ma.fields.String()
    outcome = ma.fields.String(allow_none=True)
    lines = ma.fields.List(ma.fields.Nested(LineSchema))
    amount = ma.fields.Nested(MoneySchema, attribute="value", allow_none=True)
    opened_on = ma.fields.Date(allow_none=True)
    expected_close_on = ma.fields.Date(allow_none=True)
    closed_on = ma.fields.Date(allow_none=True)
    stage_entered_at = ma.fields.AwareDateTime(format="iso", allow_none=True)
    factors = ma.fields.List(ma.fields.Dict())
    competitor = ma.fields.Dict(allow_none=True)
    imported = ma.fields.Boolean()


class StageEntrySchema(ma.Schema):
    stage = ma.fields.String()
    entered_at = ma.fields.AwareDateTime(format="iso", allow_none=True)
    left_at = ma.fields.AwareDateTime(format="iso", allow_none=True)
    owner_id = ma.fields.UUID()
    actor_id = ma.fields.UUID()
    reason = ma.fields.String(allow_none=True)
    policy_id = ma.fields.UUID(allow_none=True)


class HistorySchema(ma.Schema):
    items = ma.fields.List(ma.fields.Nested(StageEntrySchema))


class ListOpportunitiesSchema(PageSchema):
    stage = ma.fields.String(load_default=None, validate=ma.validate.OneOf(OPEN + CLOSED))
    outcome = ma.fields.String(load_default=None, validate=ma.validate.OneOf((queries.STILL_OPEN, *CLOSED)))
    owner_id = ma.fields.UUID(load_default=None)
    unit_id = ma.fields.UUID(load_default=None)
    customer_id = ma.fields.UUID(load_default=None)
    lead_id = ma.fields.UUID(load_default=None)
    product_id = ma.fields.UUID(load_default=None)


@blueprint.route("", methods=["POST"])
@blueprint.arguments(NewOpportunitySchema)
@blueprint.response(201, OpportunitySchema)
@requires(commands.WRITE)
def open_opportunity(command: commands.OpenOpportunity) -> queries.SeenOpportunity:
    return tagged(queries.seen(work(), commands.open_opportunity(work(), command)))


@blueprint.route("", methods=["GET"])
@blueprint.arguments(ListOpportunitiesSchema, location="query")
@blueprint.response(200, page_of(OpportunitySchema))
@requires("opportunities:read")
def list_opportunities(asked: dict[str, Any]) -> dict[str, Any]:
    return queries.listed(work(), asked)


@blueprint.route("/<uuid:opportunity_id>", methods=["GET"])
@blueprint.response(200, OpportunitySchema)
@requires("opportunities:read")
def get_opportunity(opportunity_id: UUID) -> queries.SeenOpportunity:
    return tagged(queries.one(work(), opportunity_id))


@blueprint.route("/<uuid:opportunity_id>", methods=["PATCH"])
@blueprint.arguments(EditOpportunitySchema)
@blueprint.response(200, OpportunitySchema)
@requires(commands.WRITE)
def edit_opportunity(changes: dict[str, Any], opportunity_id: UUID) -> queries.SeenOpportunity:
    return tagged(queries.seen(work(), commands.edit_opportunity(work(), opportunity_id, expected_version(), changes)))


@blueprint.route("/<uuid:opportunity_id>/history", methods=["GET"])
@blueprint.response(200, HistorySchema)
@requires("opportunities:read")
def get_history(opportunity_id: UUID) -> dict[str, Any]:
    return queries.history(work(), opportunity_id)


@blueprint.route("/<uuid:opportunity_id>/stage", methods=["POST"])
@blueprint.arguments(MoveStageSchema)
@blueprint.response(200, OpportunitySchema)
@requires(commands.WRITE)
def move_stage(move: dict[str, Any], opportunity_id: UUID) -> queries.SeenOpportunity:
    moved = commands.move_stage(work(), opportunity_id, move["stage"], move["override_reason"])
    return tagged(queries.seen(work(), moved))


@blueprint.route("/<uuid:opportunity_id>/close", methods=["POST"])
@blueprint.arguments(CloseSchema)
@blueprint.response(200, OpportunitySchema)
@requires(commands.WRITE)
def close_opportunity(closing: dict[str, Any], opportunity_id: UUID) -> queries.SeenOpportunity:
    return tagged(queries.seen(work(), commands.close_opportunity(work(), opportunity_id, closing)))


bulk_route(blueprint, "/bulk", NewOpportunitySchema, commands.WRITE, commands.open_opportunities)
