"""`/api/v1/users/{id}/departure` and `/api/v1/handovers`."""

from typing import Any, get_args
from uuid import UUID

import marshmallow as ma

from chassis.web import Blueprint, Schema, requires, tagged, work
from chassis.web.paging import PageSchema, page_of
from contracts.organization import HandoverKind, HandoverTo
from services.organization.commands import departures
from services.organization.commands.users import MANAGE
from services.organization.domain.handovers import Rule, Wish
from services.organization.queries import handovers as queries

blueprint = Blueprint("handovers", __name__, url_prefix="/api/v1", description="What becomes of what leavers hold")

READ = "handovers:read"
Kind = ma.validate.OneOf(get_args(HandoverKind))
To = ma.validate.OneOf(get_args(HandoverTo))


class RuleSchema(Schema):
    makes = Rule

    kind = ma.fields.String(required=True, validate=Kind)
    to = ma.fields.String(required=True, validate=To)
    heir_id = ma.fields.UUID(load_default=None, allow_none=True)


class DepartureSchema(Schema):
    to = ma.fields.String(required=True, validate=To)
    heir_id = ma.fields.UUID(load_default=None, allow_none=True)
    rules = ma.fields.List(ma.fields.Nested(RuleSchema), load_default=(), validate=ma.validate.Length(max=4))
    due_at = ma.fields.AwareDateTime(format="iso", load_default=None, allow_none=True)
    preview = ma.fields.Boolean(load_default=False)


class CountSchema(ma.Schema):
    held = ma.fields.Integer()
    moved = ma.fields.Integer()


class HandoverSchema(ma.Schema):
    id = ma.fields.UUID()
    version = ma.fields.Integer()
    created_at = ma.fields.AwareDateTime(format="iso")
    updated_at = ma.fields.AwareDateTime(format="iso")
    unit_id = ma.fields.UUID()
    state = ma.fields.String()
    counts = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Nested(CountSchema))
    user_id = ma.fields.UUID()
    to = ma.fields.String(attribute="destination")
    heir_id = ma.fields.UUID(allow_none=True)
    manager_id = ma.fields.UUID()
    rules = ma.fields.List(ma.fields.Nested(RuleSchema))
    due_at = ma.fields.AwareDateTime(format="iso", allow_none=True)
    escalated_at = ma.fields.AwareDateTime(format="iso", allow_none=True)
    completed_at = ma.fields.AwareDateTime(format="iso", allow_none=True)


class DepartedSchema(ma.Schema):
    """Of a departure its case; of a preview who would act, and what would be handed over to whom."""

    handover_id = ma.fields.UUID()
    user_id = ma.fields.UUID()
    manager_id = ma.fields.UUID()
    counts = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Nested(CountSchema))
    rules = ma.fields.List(ma.fields.Nested(RuleSchema))


class ListHandoversSchema(PageSchema):
    state = ma.fields.String(load_default=None, validate=ma.validate.OneOf(("running", "done")))
    user_id = ma.fields.UUID(load_default=None)


@blueprint.route("/users/<uuid:user_id>/departure", methods=["POST"])
@blueprint.arguments(DepartureSchema)
@blueprint.response(202, DepartedSchema)
@blueprint.alt_response(200, schema=DepartedSchema, description="The preview")
@requires(MANAGE)
def depart(asked: dict[str, Any], user_id: UUID) -> Any:
    only_preview = asked.pop("preview")
    wish = Wish(**asked | {"rules": tuple(asked["rules"])})
    if only_preview:
        return departures.preview(work(), user_id, wish), 200
    return {"handover_id": departures.depart(work(), user_id, wish)}


@blueprint.route("/handovers", methods=["GET"])
@blueprint.arguments(ListHandoversSchema, location="query")
@blueprint.response(200, page_of(HandoverSchema))
@requires(READ)
def list_handovers(asked: dict[str, Any]) -> dict[str, Any]:
    return queries.listed(work(), asked)


@blueprint.route("/handovers/<uuid:handover_id>", methods=["GET"])
@blueprint.response(200, HandoverSchema)
@requires(READ)
def get_handover(handover_id: UUID) -> queries.SeenHandover:
    return tagged(queries.one(work(), handover_id))
