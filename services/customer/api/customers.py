"""`/api/v1/customers`."""

from typing import Any, get_args
from uuid import UUID

import marshmallow as ma
import sqlalchemy as sa

from chassis.web import Blueprint, Schema, bulk_route, expected_version, requires, tagged, work
from chassis.web.paging import PageSchema, page_of
from chassis.web.schemas import ImportableSchema, Reach, Row, Text
from contracts.customer import CustomerClass, CustomerKind, Lifecycle
from services.customer.commands import contacts as people
from services.customer.commands import customers as commands
from services.customer.queries import customers as queries

blueprint = Blueprint("customers", __name__, url_prefix="/api/v1/customers", description="Whom the company deals with")

Kind = ma.validate.OneOf(get_args(CustomerKind))
Class = ma.validate.OneOf(get_args(CustomerClass))
Stage = ma.validate.OneOf(get_args(Lifecycle))


class AddCustomerSchema(ImportableSchema):
    makes = commands.AddCustomer

    name = Text(required=True)
    kind = ma.fields.String(load_default="company", validate=Kind)
    class_ = ma.fields.String(load_default="ordinary", validate=Class, data_key="class")
    lifecycle = ma.fields.String(load_default="potential", validate=Stage)
    credit_code = Text(18, load_default=None, allow_none=True)
    industry = Text(load_default=None, allow_none=True)
    region = Text(load_default=None, allow_none=True)
    source_id = ma.fields.UUID(load_default=None, allow_none=True)
    parent_id = ma.fields.UUID(load_default=None, allow_none=True)
    owner_id = ma.fields.UUID(load_default=None, allow_none=True)
    attributes = ma.fields.Dict(keys=ma.fields.String(), load_default=dict)
    override_reason = Text(1000, load_default=None, allow_none=True)


class EditCustomerSchema(Schema):
    name = Text()
    kind = ma.fields.String(validate=Kind)
    class_ = ma.fields.String(validate=Class, data_key="class")
    credit_code = Text(18, allow_none=True)
    industry = Text(allow_none=True)
    region = Text(allow_none=True)
    source_id = ma.fields.UUID(allow_none=True)
    parent_id = ma.fields.UUID(allow_none=True)
    owner_id = ma.fields.UUID()
    attributes = ma.fields.Dict(keys=ma.fields.String())


class CustomerSchema(Row):
    name = ma.fields.String()
    kind = ma.fields.String()
    class_ = ma.fields.String(data_key="class")
    lifecycle = ma.fields.String()
    credit_code = ma.fields.String(allow_none=True)
    industry = ma.fields.String(allow_none=True)
    region = ma.fields.String(allow_none=True)
    source_id = ma.fields.UUID(allow_none=True)
    parent_id = ma.fields.UUID(allow_none=True)
    owner_id = ma.fields.UUID()
    manager_id = ma.fields.UUID(allow_none=True)
    attributes = ma.fields.Dict()
    imported = ma.fields.Boolean()


class ListCustomersSchema(PageSchema):
    lifecycle = ma.fields.String(load_default=None, validate=Stage)
    owner_id = ma.fields.UUID(load_default=None)
    unit_id = ma.fields.UUID(load_default=None)
    kind = ma.fields.String(load_default=None, validate=Kind)
    industry = ma.fields.String(load_default=None)


class AddContactSchema(Schema):
    name = Text(required=True)
    phone = Text(60, load_default=None, allow_none=True)
    email = ma.fields.Email(load_default=None, allow_none=True)
    title = Text(load_default=None, allow_none=True)
    role = Text(load_default=None, allow_none=True)
    decision_maker = ma.fields.Boolean(load_default=False)


class EditContactSchema(Schema):
    name = Text()
    phone = Text(60, allow_none=True)
    email = ma.fields.Email(allow_none=True)
    title = Text(allow_none=True)
    role = Text(allow_none=True)
    decision_maker = ma.fields.Boolean()


class ContactSchema(ma.Schema):
    id = ma.fields.UUID()
    version = ma.fields.Integer()
    created_at = ma.fields.AwareDateTime(format="iso")
    updated_at = ma.fields.AwareDateTime(format="iso")
    customer_id = ma.fields.UUID()
    name = ma.fields.String()
    phone = Reach(allow_none=True)
    email = Reach(allow_none=True)
    title = ma.fields.String(allow_none=True)
    role = ma.fields.String(allow_none=True)
    decision_maker = ma.fields.Boolean()


class OwnershipSchema(ma.Schema):
    id = ma.fields.UUID()
    owner_id = ma.fields.UUID()
    manager_id = ma.fields.UUID(allow_none=True)
    unit_id = ma.fields.UUID()
    cause = ma.fields.String()
    closed_cause = ma.fields.String(allow_none=True)
    opened_at = ma.fields.AwareDateTime(format="iso")
    closed_at = ma.fields.AwareDateTime(format="iso", allow_none=True)


class OwnershipsSchema(ma.Schema):
    items = ma.fields.List(ma.fields.Nested(OwnershipSchema))


@blueprint.route("", methods=["POST"])
@blueprint.arguments(AddCustomerSchema)
@blueprint.response(201, CustomerSchema)
@requires(commands.WRITE)
def add_customer(command: commands.AddCustomer) -> sa.Row[Any]:
    return tagged(commands.add_customer(work(), command))


@blueprint.route("", methods=["GET"])
@blueprint.arguments(ListCustomersSchema, location="query")
@blueprint.response(200, page_of(CustomerSchema))
@requires("customers:read")
def list_customers(asked: dict[str, Any]) -> dict[str, Any]:
    return queries.listed(work(), asked)


@blueprint.route("/<uuid:customer_id>", methods=["GET"])
@blueprint.response(200, CustomerSchema)
@requires("customers:read")
def get_customer(customer_id: UUID) -> sa.Row[Any]:
    return tagged(queries.one(work(), customer_id))


@blueprint.route("/<uuid:customer_id>", methods=["PATCH"])
@blueprint.arguments(EditCustomerSchema)
@blueprint.response(200, CustomerSchema)
@requires(commands.WRITE)
def edit_customer(changes: dict[str, Any], customer_id: UUID) -> sa.Row[Any]:
    return tagged(commands.edit_customer(work(), customer_id, expected_version(), changes))


@blueprint.route("/<uuid:customer_id>/ownerships", methods=["GET"])
@blueprint.response(200, OwnershipsSchema)
@requires("customers:read")
def list_ownerships(customer_id: UUID) -> dict[str, Any]:
    return queries.ownerships_of(work(), customer_id)


@blueprint.route("/<uuid:customer_id>/contacts", methods=["GET"])
@blueprint.arguments(PageSchema, location="query")
@blueprint.response(200, page_of(ContactSchema))
@requires("customers:read")
def list_contacts(asked: dict[str, Any], customer_id: UUID) -> dict[str, Any]:
    return queries.contacts_of(work(), customer_id, asked)


@blueprint.route("/<uuid:customer_id>/contacts", methods=["POST"])
@blueprint.arguments(AddContactSchema)
@blueprint.response(201, ContactSchema)
@requires(commands.WRITE)
def add_contact(given: dict[str, Any], customer_id: UUID) -> sa.Row[Any]:
    return tagged(people.add_contact(work(), customer_id, given))


@blueprint.route("/<uuid:customer_id>/contacts/<uuid:contact_id>", methods=["PATCH"])
@blueprint.arguments(EditContactSchema)
@blueprint.response(200, ContactSchema)
@requires(commands.WRITE)
def edit_contact(changes: dict[str, Any], customer_id: UUID, contact_id: UUID) -> sa.Row[Any]:
    return tagged(people.edit_contact(work(), customer_id, contact_id, expected_version(), changes))


bulk_route(blueprint, "/bulk", AddCustomerSchema, commands.WRITE, commands.add_customers)
