"""`/api/v1/names`."""

from typing import Any

import marshmallow as ma
from webargs.fields import DelimitedList

from chassis.web import Blueprint, Schema, requires, work
from chassis.web.paging import MOST
from services.organization.queries import names as queries

blueprint = Blueprint("names", __name__, url_prefix="/api/v1/names", description="What people and units are called")


class AskNamesSchema(Schema):
    ids = DelimitedList(ma.fields.UUID(), required=True, validate=ma.validate.Length(1, MOST))


class NameSchema(ma.Schema):
    id = ma.fields.UUID()
    kind = ma.fields.String()
    name = ma.fields.String()
    unit_name = ma.fields.String(allow_none=True)


class NamesSchema(ma.Schema):
    items = ma.fields.List(ma.fields.Nested(NameSchema))


@blueprint.route("", methods=["GET"])
@blueprint.arguments(AskNamesSchema, location="query")
@blueprint.response(200, NamesSchema)
@requires("users:read")
def list_names(asked: dict[str, Any]) -> dict[str, Any]:
    return queries.named(work(), asked["ids"])
