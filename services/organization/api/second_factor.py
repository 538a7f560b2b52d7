"""`/api/v1/me/totp`: the caller's second factor; and its removal by an administrator."""

from typing import Any
from uuid import UUID

import marshmallow as ma

from chassis.web import Blueprint, Schema, in_person, requires, runtime, shown_once, stepped_up, work
from services.organization.commands import second_factor as commands
from services.organization.commands.users import MANAGE

blueprint = Blueprint("second-factor", __name__, url_prefix="/api/v1", description="The second factor")


class StatusSchema(ma.Schema):
    enrolled = ma.fields.Boolean()
    confirmed_at = ma.fields.AwareDateTime(format="iso", allow_none=True)
    recovery_codes_left = ma.fields.Integer()


class EnrolmentSchema(ma.Schema):
    secret = ma.fields.String()
    otpauth_url = ma.fields.String()


class ConfirmSchema(Schema):
    code = ma.fields.String(required=True, validate=ma.validate.Length(1, 100), load_only=True)


class RecoveryCodesSchema(ma.Schema):
    recovery_codes = ma.fields.List(ma.fields.String())


class RemoveSchema(Schema):
    password = ma.fields.String(required=True, validate=ma.validate.Length(1, 1000), load_only=True)


@blueprint.route("/me/totp", methods=["GET"])
@blueprint.response(200, StatusSchema)
@in_person
def get_totp() -> dict[str, Any]:
    return commands.status(work())


@blueprint.route("/me/totp", methods=["POST"])
@blueprint.response(200, EnrolmentSchema)
@shown_once
@in_person
def enrol() -> dict[str, str]:
    return commands.enrol(work(), runtime().settings.secret_key)


@blueprint.route("/me/totp/confirmation", methods=["POST"])
@blueprint.arguments(ConfirmSchema)
@blueprint.response(200, RecoveryCodesSchema)
@shown_once
@in_person
def confirm(sent: dict[str, str]) -> dict[str, list[str]]:
    return {"recovery_codes": commands.confirm(work(), runtime().settings.secret_key, sent["code"])}


@blueprint.route("/me/totp/removal", methods=["POST"])
@blueprint.arguments(RemoveSchema)
@blueprint.response(204)
@in_person
def remove_own(sent: dict[str, str]) -> None:
    commands.remove_own(work(), sent["password"])


@blueprint.route("/users/<uuid:user_id>/totp", methods=["DELETE"])
@blueprint.response(204)
@requires(MANAGE)
@stepped_up
def remove_of(user_id: UUID) -> None:
    """For somebody who lost his authenticator and his recovery codes."""
    commands.remove_of(work(), user_id)
