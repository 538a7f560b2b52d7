"""What guards the caller's own account: `/api/v1/sessions`, `/api/v1/me/password` and `/api/v1/api-keys`."""

from typing import Any
from uuid import UUID

import marshmallow as ma

from chassis.roles import PERMISSIONS
from chassis.web import Blueprint, Schema, in_person, shown_once, stepped_up, work
from chassis.web.paging import PageSchema, page_of
from chassis.web.schemas import Text
from services.organization.commands import api_keys, passwords, sessions
from services.organization.queries import security as queries

blueprint = Blueprint("security", __name__, url_prefix="/api/v1", description="One's own sign-in")

EVERY_PERMISSION = sorted(frozenset().union(*PERMISSIONS.values()))


class SessionSchema(ma.Schema):
    id = ma.fields.UUID()
    created_at = ma.fields.AwareDateTime(format="iso")
    last_used_at = ma.fields.AwareDateTime(format="iso")
    expires_at = ma.fields.AwareDateTime(format="iso")
    address = ma.fields.String()
    device = ma.fields.String()
    api_key_id = ma.fields.UUID(allow_none=True)
    current = ma.fields.Boolean()


class ChangePasswordSchema(Schema):
    current = ma.fields.String(required=True, load_only=True, validate=ma.validate.Length(1, 1000))
    new = ma.fields.String(required=True, load_only=True, validate=ma.validate.Length(1, 1000))


class AddKeySchema(Schema):
    name = Text(required=True)
    days = ma.fields.Integer(load_default=365, validate=ma.validate.Range(1, 3650))
    scopes = ma.fields.List(
        ma.fields.String(validate=ma.validate.OneOf(EVERY_PERMISSION)),
        load_default=None,
        allow_none=True,
        validate=ma.validate.Length(1, len(EVERY_PERMISSION)),
    )


class KeySchema(ma.Schema):
    id = ma.fields.UUID()
    name = ma.fields.String()
    prefix = ma.fields.String()
    scopes = ma.fields.List(ma.fields.String(), allow_none=True)
    created_at = ma.fields.AwareDateTime(format="iso")
    expires_at = ma.fields.AwareDateTime(format="iso")
    last_used_at = ma.fields.AwareDateTime(format="iso", allow_none=True)


class NewKeySchema(KeySchema):
    key = ma.fields.String()


@blueprint.route("/sessions", methods=["GET"])
@blueprint.arguments(PageSchema, location="query")
@blueprint.response(200, page_of(SessionSchema))
@in_person
def list_sessions(asked: dict[str, Any]) -> dict[str, Any]:
    return queries.list_sessions(work(), asked)


@blueprint.route("/sessions/<uuid:session_id>", methods=["DELETE"])
@blueprint.response(204)
@in_person
def end_session(session_id: UUID) -> None:
    sessions.end_session(work(), session_id)


@blueprint.route("/me/password", methods=["POST"])
@blueprint.arguments(ChangePasswordSchema)
@blueprint.response(204)
@in_person
def change_password(sent: dict[str, str]) -> None:
    passwords.change_own(work(), sent["current"], sent["new"])


@blueprint.route("/api-keys", methods=["GET"])
@blueprint.arguments(PageSchema, location="query")
@blueprint.response(200, page_of(KeySchema))
@in_person
def list_api_keys(asked: dict[str, Any]) -> dict[str, Any]:
    return queries.list_api_keys(work(), asked)


@blueprint.route("/api-keys", methods=["POST"])
@blueprint.arguments(AddKeySchema)
@blueprint.response(201, NewKeySchema)
@shown_once
@in_person
@stepped_up
def add_api_key(sent: dict[str, Any]) -> dict[str, Any]:
    return api_keys.add_api_key(work(), sent["name"], sent["days"], sent["scopes"])


@blueprint.route("/api-keys/<uuid:key_id>", methods=["DELETE"])
@blueprint.response(204)
@in_person
def revoke_api_key(key_id: UUID) -> None:
    api_keys.revoke_api_key(work(), key_id)
