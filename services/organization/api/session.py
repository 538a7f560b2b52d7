"""`/api/v1/session`, `/api/v1/me` and `/api/v1/keys`."""

from typing import Any

import flask
import marshmallow as ma

from chassis.auth import TOKEN_SECONDS
from chassis.errors import Unauthenticated
from chassis.web import Blueprint, Schema, in_person, origin, public, requires, runtime, shown_once, work
from services.organization.api.users import MembershipSchema
from services.organization.commands import keys, sessions
from services.organization.queries import people
from services.organization.store import keyring

blueprint = Blueprint("session", __name__, url_prefix="/api/v1", description="Signing in")

COOKIE = "crm_refresh"
COOKIE_PATH = "/api/v1/session"


class SignInSchema(Schema):
    username = ma.fields.String(validate=ma.validate.Length(1, 200))
    password = ma.fields.String(validate=ma.validate.Length(1, 1000), load_only=True)
    totp = ma.fields.String(validate=ma.validate.Length(1, 100), load_only=True)
    api_key = ma.fields.String(validate=ma.validate.Length(1, 200), load_only=True)

    @ma.validates_schema
    def one_way(self, sent: dict[str, Any], **_: Any) -> None:
        missing = [name for name in ("username", "password") if "api_key" not in sent and name not in sent]
        if missing:
            raise ma.ValidationError({name: ["Missing data for required field."] for name in missing})


class StepUpSchema(Schema):
    totp = ma.fields.String(required=True, validate=ma.validate.Length(1, 100), load_only=True)


class TokenSchema(ma.Schema):
    access_token = ma.fields.String()
    token_type = ma.fields.String()
    expires_in = ma.fields.Integer()


class MeSchema(ma.Schema):
    id = ma.fields.UUID()
    username = ma.fields.String()
    name = ma.fields.String()
    roles = ma.fields.List(ma.fields.String())
    memberships = ma.fields.List(ma.fields.Nested(MembershipSchema))
    permissions = ma.fields.List(ma.fields.String())
    locale = ma.fields.String()


@blueprint.route("/session", methods=["POST"])
@public
@blueprint.arguments(SignInSchema)
@blueprint.response(200, TokenSchema)
def sign_in(sent: dict[str, str]) -> Any:
    shared = runtime()
    secret = shared.settings.secret_key
    if "api_key" in sent:
        return _answer(sessions.sign_in_with_key(shared.database, secret, sent["api_key"], origin()))
    return _answer(
        sessions.sign_in(shared.database, secret, sent["username"], sent["password"], origin(), sent.get("totp"))
    )


@blueprint.route("/session/refresh", methods=["POST"])
@public
@blueprint.response(200, TokenSchema)
def refresh() -> Any:
    token = flask.request.cookies.get(COOKIE)
    if token is None:
        raise Unauthenticated
    shared = runtime()
    return _answer(sessions.refresh(shared.database, shared.settings.secret_key, token, origin()))


@blueprint.route("/session/step-up", methods=["POST"])
@blueprint.arguments(StepUpSchema)
@blueprint.response(200, TokenSchema)
@shown_once
@in_person
def step_up(sent: dict[str, str]) -> Any:
    return _answer(sessions.step_up(work(), runtime().settings.secret_key, sent["totp"]))


@blueprint.route("/session", methods=["DELETE"])
@blueprint.response(204)
def sign_out() -> None:
    sessions.sign_out(work())

    @flask.after_this_request
    def forget(response: flask.Response) -> flask.Response:
        response.delete_cookie(COOKIE, path=COOKIE_PATH)
        return response


@blueprint.route("/me", methods=["GET"])
@blueprint.response(200, MeSchema)
def me() -> dict[str, Any]:
    return people.me(work())


@blueprint.route("/keys", methods=["GET"])
@public
def list_keys() -> Any:
    database = runtime().database
    with database.transaction() as tx:
        believed = keyring.believed(tx, database.clock.now())
    return {"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": key.kid, "x": key.x} for key in believed]}


@blueprint.route("/keys/rotation", methods=["POST"])
@blueprint.response(204)
@requires("organization:manage")
def rotate_keys() -> None:
    with work().transaction() as tx:
        keys.rotate(tx, runtime().settings.secret_key)


def _answer(signed_in: sessions.SignedIn) -> dict[str, Any]:
    if signed_in.refresh_token is not None:
        token, life = signed_in.refresh_token, signed_in.life
        secure = flask.request.headers.get("X-Forwarded-Proto") == "https"

        @flask.after_this_request
        def keep(response: flask.Response) -> flask.Response:
            response.set_cookie(
                COOKIE, token, max_age=life, path=COOKIE_PATH, httponly=True, samesite="Strict", secure=secure
            )
            return response

    return {"access_token": signed_in.access_token, "token_type": "Bearer", "expires_in": TOKEN_SECONDS}
