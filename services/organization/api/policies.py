"""`/api/v1/policies`."""

from typing import Any
from uuid import UUID

import marshmallow as ma

from chassis.web import Blueprint, Schema, expected_version, requires, tagged, work
from chassis.web.paging import PageSchema, page_of
from chassis.web.schemas import Row, Text
from contracts.policies import names
from services.organization.commands import policies as commands
from services.organization.queries import policies as queries

blueprint = Blueprint("policies", __name__, url_prefix="/api/v1/policies", description="Rules, published by version")

Kind = ma.validate.OneOf(names())
State = ma.validate.OneOf(("draft", "published", "withdrawn"))


class DraftPolicySchema(Schema):
    makes = commands.DraftPolicy

    kind = ma.fields.String(load_default=None, validate=Kind)
    unit_id = ma.fields.UUID(load_default=None)
    body = ma.fields.Dict(keys=ma.fields.String(), load_default=None)
    marks = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.String(), load_default=None)
    comment = Text(1000, load_default=None, allow_none=True)
    copy_of = ma.fields.UUID(load_default=None, allow_none=True)


class EditPolicySchema(Schema):
    body = ma.fields.Dict(keys=ma.fields.String())
    marks = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.String())
    comment = Text(1000, allow_none=True)


class PublishSchema(Schema):
    effective_from = ma.fields.AwareDateTime(format="iso", load_default=None, allow_none=True)


class NothingSchema(Schema):
    """An empty body."""


class PolicySchema(Row):
    kind = ma.fields.String()
    state = ma.fields.String()
    number = ma.fields.Integer(allow_none=True)
    body = ma.fields.Dict()
    marks = ma.fields.Dict()
    comment = ma.fields.String(allow_none=True)
    copy_of = ma.fields.UUID(allow_none=True)
    author_id = ma.fields.UUID()
    approved_by = ma.fields.UUID(allow_none=True)
    approved_at = ma.fields.AwareDateTime(format="iso", allow_none=True)
    published_by = ma.fields.UUID(allow_none=True)
    published_at = ma.fields.AwareDateTime(format="iso", allow_none=True)
    effective_from = ma.fields.AwareDateTime(format="iso", allow_none=True)
    withdrawn_by = ma.fields.UUID(allow_none=True)
    withdrawn_at = ma.fields.AwareDateTime(format="iso", allow_none=True)
    withdrawn_from = ma.fields.AwareDateTime(format="iso", allow_none=True)
    acknowledge_by = ma.fields.AwareDateTime(format="iso", allow_none=True)


class ListPoliciesSchema(PageSchema):
    kind = ma.fields.String(load_default=None, validate=Kind)
    state = ma.fields.String(load_default=None, validate=State)
    unit_id = ma.fields.UUID(load_default=None)
    to_acknowledge = ma.fields.Boolean(load_default=False)


class AskInForceSchema(Schema):
    kind = ma.fields.String(required=True, validate=Kind)
    unit_id = ma.fields.UUID(required=True)
    at = ma.fields.AwareDateTime(format="iso", load_default=None)


class OriginSchema(ma.Schema):
    id = ma.fields.UUID(attribute="policy_id")
    unit_id = ma.fields.UUID()
    version = ma.fields.Integer(attribute="number")
    effective_from = ma.fields.AwareDateTime(format="iso")


class InForceSchema(ma.Schema):
    id = ma.fields.UUID(allow_none=True)
    kind = ma.fields.String()
    unit_id = ma.fields.UUID()
    version = ma.fields.Integer()
    effective_from = ma.fields.AwareDateTime(format="iso", allow_none=True)
    body = ma.fields.Dict()
    marks = ma.fields.Dict()
    clamped = ma.fields.List(ma.fields.String())
    origins = ma.fields.List(ma.fields.Nested(OriginSchema))


class KindSchema(ma.Schema):
    kind = ma.fields.String()
    schema = ma.fields.Dict()
    shipped = ma.fields.Dict()


class KindsSchema(ma.Schema):
    items = ma.fields.List(ma.fields.Nested(KindSchema))
    marks = ma.fields.List(ma.fields.String())


class AskDiffSchema(Schema):
    against = ma.fields.UUID(load_default=None)


class DifferenceSchema(ma.Schema):
    path = ma.fields.String()
    before = ma.fields.Raw(allow_none=True)
    after = ma.fields.Raw(allow_none=True)


class DiffSchema(ma.Schema):
    items = ma.fields.List(ma.fields.Nested(DifferenceSchema))


class ReachedSchema(ma.Schema):
    unit_id = ma.fields.UUID()
    unit_name = ma.fields.String()
    service = ma.fields.String()
    delivered_at = ma.fields.AwareDateTime(format="iso", allow_none=True)
    applied_at = ma.fields.AwareDateTime(format="iso", allow_none=True)
    acknowledged_at = ma.fields.AwareDateTime(format="iso", allow_none=True)
    acknowledged_by = ma.fields.UUID(allow_none=True)
    acknowledged_by_name = ma.fields.String(allow_none=True)


class ReachSchema(ma.Schema):
    items = ma.fields.List(ma.fields.Nested(ReachedSchema))


@blueprint.route("", methods=["POST"])
@blueprint.arguments(DraftPolicySchema)
@blueprint.response(201, PolicySchema)
@requires(commands.WRITE)
def draft_policy(command: commands.DraftPolicy) -> queries.SeenPolicy:
    return tagged(queries.SeenPolicy(commands.draft(work(), command)))


@blueprint.route("", methods=["GET"])
@blueprint.arguments(ListPoliciesSchema, location="query")
@blueprint.response(200, page_of(PolicySchema))
@requires("policies:read")
def list_policies(asked: dict[str, Any]) -> dict[str, Any]:
    return queries.listed(work(), asked)


@blueprint.route("/kinds", methods=["GET"])
@blueprint.response(200, KindsSchema)
@requires("policies:read")
def list_kinds() -> dict[str, Any]:
    return queries.kinds()


@blueprint.route("/in-force", methods=["GET"])
@blueprint.arguments(AskInForceSchema, location="query")
@blueprint.response(200, InForceSchema)
@requires("policies:read")
def get_in_force(asked: dict[str, Any]) -> dict[str, Any]:
    return queries.in_force(work(), **asked)


@blueprint.route("/<uuid:policy_id>", methods=["GET"])
@blueprint.response(200, PolicySchema)
@requires("policies:read")
def get_policy(policy_id: UUID) -> queries.SeenPolicy:
    return tagged(queries.one(work(), policy_id))


@blueprint.route("/<uuid:policy_id>", methods=["PATCH"])
@blueprint.arguments(EditPolicySchema)
@blueprint.response(200, PolicySchema)
@requires(commands.WRITE)
def edit_policy(changes: dict[str, Any], policy_id: UUID) -> queries.SeenPolicy:
    return tagged(queries.SeenPolicy(commands.edit(work(), policy_id, expected_version(), changes)))


@blueprint.route("/<uuid:policy_id>/approval", methods=["POST"])
@blueprint.arguments(NothingSchema)
@blueprint.response(200, PolicySchema)
@requires(commands.WRITE)
def approve_policy(_: dict[str, Any], policy_id: UUID) -> queries.SeenPolicy:
    return tagged(queries.SeenPolicy(commands.approve(work(), policy_id)))


@blueprint.route("/<uuid:policy_id>/publication", methods=["POST"])
@blueprint.arguments(PublishSchema)
@blueprint.response(200, PolicySchema)
@requires(commands.WRITE)
def publish_policy(asked: dict[str, Any], policy_id: UUID) -> queries.SeenPolicy:
    return tagged(queries.SeenPolicy(commands.publish(work(), policy_id, asked["effective_from"])))


@blueprint.route("/<uuid:policy_id>/withdrawal", methods=["POST"])
@blueprint.arguments(NothingSchema)
@blueprint.response(200, PolicySchema)
@requires(commands.WRITE)
def withdraw_policy(_: dict[str, Any], policy_id: UUID) -> queries.SeenPolicy:
    return tagged(queries.SeenPolicy(commands.withdraw(work(), policy_id)))


@blueprint.route("/<uuid:policy_id>/acknowledgement", methods=["POST"])
@blueprint.arguments(NothingSchema)
@blueprint.response(200, ReachSchema)
@requires(commands.ACKNOWLEDGE)
def acknowledge_policy(_: dict[str, Any], policy_id: UUID) -> dict[str, Any]:
    commands.acknowledge(work(), policy_id)
    return queries.reach(work(), policy_id)


@blueprint.route("/<uuid:policy_id>/diff", methods=["GET"])
@blueprint.arguments(AskDiffSchema, location="query")
@blueprint.response(200, DiffSchema)
@requires("policies:read")
def get_diff(asked: dict[str, Any], policy_id: UUID) -> dict[str, Any]:
    return queries.diff(work(), policy_id, asked["against"])


@blueprint.route("/<uuid:policy_id>/reach", methods=["GET"])
@blueprint.response(200, ReachSchema)
@requires("policies:read")
def get_reach(policy_id: UUID) -> dict[str, Any]:
    return queries.reach(work(), policy_id)
