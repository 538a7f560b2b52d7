"""`/api/v1/leads`."""

from typing import Any, get_args
from uuid import UUID

import marshmallow as ma
import sqlalchemy as sa

from chassis.web import Blueprint, bulk_route, expected_version, requires, tagged, work
from chassis.web.paging import PageSchema, page_of
from chassis.web.schemas import ImportableSchema, Reach, Row, Schema, Text
from contracts.leads import LeadState
from services.leads.api.opportunities import NewOpportunitySchema
from services.leads.commands import leads as commands
from services.leads.commands import qualification
from services.leads.queries import leads as queries

blueprint = Blueprint("leads", __name__, url_prefix="/api/v1/leads", description="Signals of interest")


class EditLeadSchema(Schema):
    company = Text()
    contact_name = Text(allow_none=True)
    phone = Text(60, allow_none=True)
    email = ma.fields.Email(allow_none=True)
    region = Text(allow_none=True)
    product_ids = ma.fields.List(ma.fields.UUID(), validate=ma.validate.Length(max=50))
    note = Text(4000, allow_none=True)
    attributes = ma.fields.Dict(keys=ma.fields.String())


class CaptureLeadSchema(ImportableSchema):
    makes = commands.CaptureLead

    company = Text(required=True)
    source_id = ma.fields.UUID(required=True)
    contact_name = Text(load_default=None, allow_none=True)
    phone = Text(60, load_default=None, allow_none=True)
    email = ma.fields.Email(load_default=None, allow_none=True)
    region = Text(load_default=None, allow_none=True)
    unit_id = ma.fields.UUID(load_default=None, allow_none=True)
    owner_id = ma.fields.UUID(load_default=None, allow_none=True)
    product_ids = ma.fields.List(ma.fields.UUID(), load_default=(), validate=ma.validate.Length(max=50))
    note = Text(4000, load_default=None, allow_none=True)
    attributes = ma.fields.Dict(keys=ma.fields.String(), load_default=dict)


class QualifySchema(Schema):
    makes = qualification.Qualify

    outcome = ma.fields.String(
        required=True, validate=ma.validate.OneOf(("opportunity", "potential", "invalid", "duplicate"))
    )
    duplicate_of_id = ma.fields.UUID(load_default=None, allow_none=True)
    customer_id = ma.fields.UUID(load_default=None, allow_none=True)
    criteria = ma.fields.Dict(keys=ma.fields.String(), load_default=dict)
    reason = Text(1000, load_default=None, allow_none=True)
    opportunity = ma.fields.Nested(NewOpportunitySchema, load_default=None, allow_none=True)


class DueSchema(ma.Schema):
    judge_by = ma.fields.AwareDateTime(format="iso", allow_none=True)
    plan_by = ma.fields.AwareDateTime(format="iso", allow_none=True)
    contact_by = ma.fields.AwareDateTime(format="iso", allow_none=True)


class RoutingSchema(ma.Schema):
    rule = ma.fields.String()
    because = ma.fields.String()
    policy_id = ma.fields.UUID(allow_none=True)


class LeadSchema(Row):
    company = ma.fields.String()
    contact_name = ma.fields.String(allow_none=True)
    phone = Reach(allow_none=True)
    email = Reach(allow_none=True)
    region = ma.fields.String(allow_none=True)
    source_id = ma.fields.UUID()
    product_ids = ma.fields.List(ma.fields.UUID())
    note = ma.fields.String(allow_none=True)
    attributes = ma.fields.Dict()
    state = ma.fields.String()
    owner_id = ma.fields.UUID(allow_none=True)
    manager_id = ma.fields.UUID(allow_none=True)
    score = ma.fields.Integer()
    due = ma.fields.Nested(DueSchema)
    routing = ma.fields.Nested(RoutingSchema)
    duplicate_of_id = ma.fields.UUID(allow_none=True)
    customer_id = ma.fields.UUID(allow_none=True)
    opportunity_id = ma.fields.UUID(allow_none=True)
    planned_at = ma.fields.AwareDateTime(format="iso", allow_none=True)
    breached_at = ma.fields.AwareDateTime(format="iso", allow_none=True)
    imported = ma.fields.Boolean()

    def get_attribute(self, row: Any, attr: str, default: Any) -> Any:
        return row if attr in ("due", "routing") else super().get_attribute(row, attr, default)


class ListLeadsSchema(PageSchema):
    state = ma.fields.String(load_default=None, validate=ma.validate.OneOf(get_args(LeadState)))
    owner_id = ma.fields.UUID(load_default=None)
    unit_id = ma.fields.UUID(load_default=None)
    source_id = ma.fields.UUID(load_default=None)
    overdue = ma.fields.Boolean(load_default=None)


@blueprint.route("", methods=["POST"])
@blueprint.arguments(CaptureLeadSchema)
@blueprint.response(201, LeadSchema)
@requires(commands.WRITE)
def capture_lead(command: commands.CaptureLead) -> sa.Row[Any]:
    return tagged(commands.capture_lead(work(), command))


@blueprint.route("", methods=["GET"])
@blueprint.arguments(ListLeadsSchema, location="query")
@blueprint.response(200, page_of(LeadSchema))
@requires("leads:read")
def list_leads(asked: dict[str, Any]) -> dict[str, Any]:
    return queries.listed(work(), asked)


@blueprint.route("/<uuid:lead_id>", methods=["GET"])
@blueprint.response(200, LeadSchema)
@requires("leads:read")
def get_lead(lead_id: UUID) -> sa.Row[Any]:
    return tagged(queries.one(work(), lead_id))


@blueprint.route("/<uuid:lead_id>", methods=["PATCH"])
@blueprint.arguments(EditLeadSchema)
@blueprint.response(200, LeadSchema)
@requires(commands.WRITE)
def edit_lead(changes: dict[str, Any], lead_id: UUID) -> sa.Row[Any]:
    return tagged(commands.edit_lead(work(), lead_id, expected_version(), changes))


@blueprint.route("/<uuid:lead_id>/routing", methods=["GET"])
@blueprint.response(200, RoutingSchema)
@requires("leads:read")
def get_routing(lead_id: UUID) -> sa.Row[Any]:
    return queries.one(work(), lead_id)


@blueprint.route("/<uuid:lead_id>/qualification", methods=["POST"])
@blueprint.arguments(QualifySchema)
@blueprint.response(200, LeadSchema)
@requires(commands.WRITE)
def qualify_lead(verdict: qualification.Qualify, lead_id: UUID) -> sa.Row[Any]:
    return tagged(qualification.qualify_lead(work(), lead_id, verdict))


bulk_route(blueprint, "/bulk", CaptureLeadSchema, commands.WRITE, commands.capture_leads)
