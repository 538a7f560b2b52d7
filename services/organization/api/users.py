"""`/api/v1/users`."""

from typing import Any, get_args
from uuid import UUID

import marshmallow as ma

from chassis.web import Blueprint, Schema, bulk_route, expected_version, requires, tagged, work
from chassis.web.paging import PageSchema, page_of
from chassis.web.schemas import ImportableSchema, Reach, Row, Text
from contracts.organization import Role
from services.organization.commands import users as commands
from services.organization.domain.users import Membership
from services.organization.queries import people as queries

blueprint = Blueprint("users", __name__, url_prefix="/api/v1/users", description="People who sign in")

Locale = ma.validate.OneOf(("zh-CN", "en"))
Username = ma.validate.Regexp(r"^[\w.@+-]{1,100}$", error="Letters, digits and . @ + - _ only.")


class MembershipSchema(Schema):
    makes = Membership

    unit_id = ma.fields.UUID(required=True)
    role = ma.fields.String(required=True, validate=ma.validate.OneOf(get_args(Role)))
    manager_id = ma.fields.UUID(load_default=None, allow_none=True)
    primary = ma.fields.Boolean(load_default=False)


class AddUserSchema(ImportableSchema):
    makes = commands.AddUser

    username = ma.fields.String(required=True, validate=Username)
    name = Text(required=True)
    email = ma.fields.Email(load_default=None, allow_none=True)
    password = ma.fields.String(load_default=None, load_only=True, validate=ma.validate.Length(max=1000))
    locale = ma.fields.String(load_default="zh-CN", validate=Locale)
    memberships = ma.fields.List(ma.fields.Nested(MembershipSchema), required=True, validate=ma.validate.Length(1, 20))


class EditUserSchema(Schema):
    name = Text()
    email = ma.fields.Email(allow_none=True)
    password = ma.fields.String(load_only=True, validate=ma.validate.Length(max=1000))
    locale = ma.fields.String(validate=Locale)
    active = ma.fields.Boolean()
    memberships = ma.fields.List(ma.fields.Nested(MembershipSchema), validate=ma.validate.Length(1, 20))


class UserSchema(Row):
    username = ma.fields.String()
    name = ma.fields.String()
    email = Reach(allow_none=True)
    locale = ma.fields.String()
    active = ma.fields.Boolean()
    memberships = ma.fields.List(ma.fields.Nested(MembershipSchema))


class ListUsersSchema(PageSchema):
    unit_id = ma.fields.UUID(load_default=None)


@blueprint.route("", methods=["POST"])
@blueprint.arguments(AddUserSchema)
@blueprint.response(201, UserSchema)
@requires(commands.MANAGE)
def add_user(command: commands.AddUser) -> Any:
    return tagged(queries.one_user(work(), commands.add_user(work(), command)))


@blueprint.route("", methods=["GET"])
@blueprint.arguments(ListUsersSchema, location="query")
@blueprint.response(200, page_of(UserSchema))
@requires("users:read")
def list_users(asked: dict[str, Any]) -> dict[str, Any]:
    return queries.list_users(work(), asked)


@blueprint.route("/<uuid:user_id>", methods=["GET"])
@blueprint.response(200, UserSchema)
@requires("users:read")
def get_user(user_id: UUID) -> Any:
    return tagged(queries.one_user(work(), user_id))


@blueprint.route("/<uuid:user_id>", methods=["PATCH"])
@blueprint.arguments(EditUserSchema)
@blueprint.response(200, UserSchema)
@requires(commands.MANAGE)
def edit_user(changes: dict[str, Any], user_id: UUID) -> Any:
    commands.edit_user(work(), user_id, expected_version(), changes)
    return tagged(queries.one_user(work(), user_id))


bulk_route(blueprint, "/bulk", AddUserSchema, commands.MANAGE, commands.add_users)
