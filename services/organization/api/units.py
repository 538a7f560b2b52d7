"""`/api/v1/units`."""

from typing import Any, get_args
from uuid import UUID

import marshmallow as ma
import sqlalchemy as sa

from chassis.web import Blueprint, Schema, bulk_route, expected_version, requires, tagged, work
from chassis.web.paging import PageSchema, page_of
from chassis.web.schemas import ImportableSchema, Row, Text
from contracts.organization import UnitKind
from services.organization.commands import units as commands
from services.organization.commands.tree import close_unit as close
from services.organization.queries import people as queries

blueprint = Blueprint("units", __name__, url_prefix="/api/v1/units", description="The tree of the organisation")

Kind = ma.validate.OneOf(get_args(UnitKind))


class AddUnitSchema(ImportableSchema):
    makes = commands.AddUnit

    code = Text(40, required=True)
    name = Text(required=True)
    kind = ma.fields.String(required=True, validate=Kind)
    parent_id = ma.fields.UUID(load_default=None, allow_none=True)


class EditUnitSchema(Schema):
    name = Text()
    kind = ma.fields.String(validate=Kind)
    parent_id = ma.fields.UUID(allow_none=True)


class UnitSchema(Row):
    unit_id = ma.fields.UUID(attribute="id", dump_only=True)
    code = ma.fields.String()
    name = ma.fields.String()
    kind = ma.fields.String()
    parent_id = ma.fields.UUID(allow_none=True)
    path = ma.fields.String()
    closed_at = ma.fields.AwareDateTime(format="iso", allow_none=True)


class ListUnitsSchema(PageSchema):
    under = ma.fields.UUID(load_default=None)


@blueprint.route("", methods=["POST"])
@blueprint.arguments(AddUnitSchema)
@blueprint.response(201, UnitSchema)
@requires(commands.MANAGE)
def add_unit(command: commands.AddUnit) -> sa.Row[Any]:
    return tagged(commands.add_unit(work(), command))


@blueprint.route("", methods=["GET"])
@blueprint.arguments(ListUnitsSchema, location="query")
@blueprint.response(200, page_of(UnitSchema))
@requires("units:read")
def list_units(asked: dict[str, Any]) -> dict[str, Any]:
    return queries.list_units(work(), asked)


@blueprint.route("/<uuid:unit_id>", methods=["GET"])
@blueprint.response(200, UnitSchema)
@requires("units:read")
def get_unit(unit_id: UUID) -> sa.Row[Any]:
    return tagged(queries.one_unit(work(), unit_id))


@blueprint.route("/<uuid:unit_id>", methods=["PATCH"])
@blueprint.arguments(EditUnitSchema)
@blueprint.response(200, UnitSchema)
@requires(commands.MANAGE)
def edit_unit(changes: dict[str, Any], unit_id: UUID) -> sa.Row[Any]:
    return tagged(commands.edit_unit(work(), unit_id, expected_version(), changes))


@blueprint.route("/<uuid:unit_id>/closure", methods=["POST"])
@blueprint.response(200, UnitSchema)
@requires(commands.MANAGE)
def close_unit(unit_id: UUID) -> sa.Row[Any]:
    return tagged(close(work(), unit_id))


bulk_route(blueprint, "/bulk", AddUnitSchema, commands.MANAGE, commands.add_units)
