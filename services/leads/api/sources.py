"""`/api/v1/sources`."""

from typing import Any, get_args
from uuid import UUID

import marshmallow as ma
import sqlalchemy as sa

from chassis.web import Blueprint, bulk_route, requires, tagged, work
from chassis.web.paging import PageSchema, page_of
from chassis.web.schemas import ImportableSchema, Row, Text
from contracts.leads import SourceKind
from services.leads.commands import sources as commands
from services.leads.queries import catalogue as queries
from services.leads.store.tables import sources

blueprint = Blueprint("sources", __name__, url_prefix="/api/v1/sources", description="Where leads come from")


class AddSourceSchema(ImportableSchema):
    makes = commands.AddSource

    name = Text(required=True)
    kind = ma.fields.String(required=True, validate=ma.validate.OneOf(get_args(SourceKind)))


class SourceSchema(Row):
    name = ma.fields.String()
    kind = ma.fields.String()


@blueprint.route("", methods=["POST"])
@blueprint.arguments(AddSourceSchema)
@blueprint.response(201, SourceSchema)
@requires(commands.WRITE)
def add_source(command: commands.AddSource) -> sa.Row[Any]:
    return tagged(commands.add_source(work(), command))


@blueprint.route("", methods=["GET"])
@blueprint.arguments(PageSchema, location="query")
@blueprint.response(200, page_of(SourceSchema))
@requires("sources:read")
def list_sources(asked: dict[str, Any]) -> dict[str, Any]:
    return queries.listed(work(), sources, asked)


@blueprint.route("/<uuid:source_id>", methods=["GET"])
@blueprint.response(200, SourceSchema)
@requires("sources:read")
def get_source(source_id: UUID) -> sa.Row[Any]:
    return tagged(queries.one(work(), sources, source_id))


bulk_route(blueprint, "/bulk", AddSourceSchema, commands.WRITE, commands.add_sources)
