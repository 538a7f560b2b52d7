"""`/api/v1/products`."""

from typing import Any
from uuid import UUID

import marshmallow as ma
import sqlalchemy as sa

from chassis.web import Blueprint, bulk_route, expected_version, requires, tagged, work
from chassis.web.paging import PageSchema, page_of
from chassis.web.schemas import ImportableSchema, Row, Schema, Text, money_field
from services.leads.api.money import MoneySchema
from services.leads.commands import products as commands
from services.leads.queries import catalogue as queries
from services.leads.store.tables import products

blueprint = Blueprint("products", __name__, url_prefix="/api/v1/products", description="What the company sells")


class EditProductSchema(Schema):
    name = Text()
    series = Text(allow_none=True)
    list_price = ma.fields.Nested(MoneySchema, allow_none=True)


class AddProductSchema(ImportableSchema):
    makes = commands.AddProduct

    name = Text(required=True)
    series = Text(load_default=None, allow_none=True)
    list_price = ma.fields.Nested(MoneySchema, load_default=None, allow_none=True)


class ProductSchema(Row):
    name = ma.fields.String()
    series = ma.fields.String(allow_none=True)
    list_price = money_field("list_price", "currency")


@blueprint.route("", methods=["POST"])
@blueprint.arguments(AddProductSchema)
@blueprint.response(201, ProductSchema)
@requires(commands.WRITE)
def add_product(command: commands.AddProduct) -> sa.Row[Any]:
    return tagged(commands.add_product(work(), command))


@blueprint.route("", methods=["GET"])
@blueprint.arguments(PageSchema, location="query")
@blueprint.response(200, page_of(ProductSchema))
@requires("products:read")
def list_products(asked: dict[str, Any]) -> dict[str, Any]:
    return queries.listed(work(), products, asked)


@blueprint.route("/<uuid:product_id>", methods=["GET"])
@blueprint.response(200, ProductSchema)
@requires("products:read")
def get_product(product_id: UUID) -> sa.Row[Any]:
    return tagged(queries.one(work(), products, product_id))


@blueprint.route("/<uuid:product_id>", methods=["PATCH"])
@blueprint.arguments(EditProductSchema)
@blueprint.response(200, ProductSchema)
@requires(commands.WRITE)
def edit_product(changes: dict[str, Any], product_id: UUID) -> sa.Row[Any]:
    return tagged(commands.edit_product(work(), product_id, expected_version(), changes))


bulk_route(blueprint, "/bulk", AddProductSchema, commands.WRITE, commands.add_products)
