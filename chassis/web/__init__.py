"""The HTTP edge of a service: who calls, what he may, what he sent; rules live elsewhere."""

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import flask
import flask_smorest
import sqlalchemy as sa
from werkzeug.exceptions import UnsupportedMediaType

from chassis import migrate
from chassis.auth import Verifier
from chassis.batch import Outcome
from chassis.clock import Clock, SystemClock
from chassis.errors import Problem, Refused, Unauthenticated
from chassis.service import Service
from chassis.settings import Settings
from chassis.store import Database, open_engine
from chassis.trust import TrustKeeper
from chassis.waker import Waker
from chassis.web import bulk, idempotency, observe, problems
from chassis.web.schemas import BulkAnswer, BulkSchema, Schema
from chassis.work import Work

Blueprint = flask_smorest.Blueprint
View = TypeVar("View", bound=Callable[..., Any])
Versioned = TypeVar("Versioned", bound=Any)

BODY_BYTES = 1024 * 1024
BULK_BYTES = 8 * BODY_BYTES
CHANGING = ("POST", "PUT", "PATCH", "DELETE")

__all__ = ["Blueprint", "Schema", "bulk_route", "create_app", "expected_version", "public", "requires", "work"]


@dataclass(frozen=True)
class Runtime:
    """What the requests of one process share."""

    database: Database
    verifier: Verifier
    keeper: TrustKeeper
    settings: Settings
    waker: Waker

    def close(self) -> None:
        """Let go of the database, once nobody is served any more."""
        self.waker.close()
        self.database.engine.dispose()


class App(flask.Flask):
    """Flask, with the Idempotency-Key around every POST that carries one."""

    def dispatch_request(self) -> flask.typing.ResponseReturnValue:
        key = flask.request.headers.get("Idempotency-Key")
        if key is None or flask.request.method != "POST" or "work" not in flask.g:
            return self._respond()

        def respond(within: Work) -> flask.Response:
            flask.g.work = within
            return self._respond()

        return idempotency.answer_once(work(), key, respond)

    def _respond(self) -> flask.Response:
        response = self.make_response(super().dispatch_request())
        if "version" in flask.g and response.status_code < 300:
            response.set_etag(str(flask.g.version))
        return response


def create_app(service: Service, settings: Settings, *, clock: Clock | None = None) -> flask.Flask:
    """The WSGI application of `service`, on the database that the settings name."""
    clock = clock or SystemClock()
    engine = open_engine(settings.database_url, pool_size=settings.threads + 2)
    waker = Waker(engine)
    verifier = Verifier(clock)
    keeper = TrustKeeper(engine, verifier, dict(settings.token_keys), clock)
    database = Database(engine, clock, f"/services/{service.name}", waker.wake)
    app = App(service.name)
    app.config.update(
        API_TITLE=f"Tongzhou CRM: {service.name}",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/",
        OPENAPI_JSON_PATH="openapi.json",
        PROPAGATE_EXCEPTIONS=False,
    )
    app.extensions["crm"] = Runtime(database, verifier, keeper, settings, waker)
    observe.register(app, service.name, _checks(service, engine, verifier, keeper))
    app.before_request(_admit)
    api = flask_smorest.Api(app)
    api.DEFAULT_ERROR_RESPONSE_NAME = None
    for blueprint in service.blueprints:
        api.register_blueprint(blueprint)
    problems.register(app, service.problems)
    return app


def runtime() -> Runtime:
    shared: Runtime = flask.current_app.extensions["crm"]
    return shared


def work() -> Work:
    """The present request's work."""
    present: Work = flask.g.work
    return present


def public(view: View) -> View:
    """Marks a view that needs no token; the list of all such is tested."""
    view._is_public = True  # type: ignore[attr-defined]
    return view


def requires(permission: str) -> Callable[[View], View]:
    """Answer 403 to callers without `permission`."""

    def mark(view: View) -> View:
        @functools.wraps(view)
        def checked(*arguments: Any, **named: Any) -> Any:
            work().actor.require(permission)
            return view(*arguments, **named)

        checked._permission = permission  # type: ignore[attr-defined]
        return checked  # type: ignore[return-value]

    return mark


def expected_version() -> int:
    """The version that If-Match names. Raises Refused: 428 without one, 412 when it is none of ours."""
    tag = flask.request.headers.get("If-Match")
    if tag is None:
        title = ("请带上 If-Match", "Send If-Match with the version you edit")
        raise Refused(Problem(428, "precondition-required", title))
    text = tag.strip().removeprefix("W/").strip('"')
    if not text.isdecimal() or len(text) > 18:
        raise Refused(Problem(412, "stale", ("If-Match 无效", "If-Match names no version")))
    return int(text)


def tagged(row: Versioned) -> Versioned:
    """`row`, with its ETag on the answer."""
    flask.g.version = row.version
    return row


def bulk_route(
    blueprint: Any, path: str, schema: type[Schema], permission: str,
    command: Callable[[Work, Sequence[Any]], Sequence[Outcome]],
) -> None:  # fmt: skip
    """Add `POST <path>` to `blueprint`: up to 1,000 items, each judged by itself."""

    @requires(permission)
    def view(body: dict[str, Any]) -> dict[str, Any]:
        locale = problems.language(flask.request.headers.get("Accept-Language"))
        return bulk.run(body["items"], schema(), lambda items: command(work(), items), locale)

    view.__doc__ = "Each item is judged by itself; `external` makes sending it again harmless."
    view.__name__ = "bulk_" + blueprint.name + path.replace("/", "_").replace("-", "_")
    answered = blueprint.response(200, BulkAnswer)(view)
    blueprint.route(path, methods=["POST"])(blueprint.arguments(BulkSchema)(answered))


def _admit() -> None:
    """Who calls, before anything else; then what a body may be."""
    endpoint = flask.request.endpoint
    if endpoint is None or endpoint in ("live", "ready", "metrics", "api-docs.openapi_json"):
        return
    request = flask.request
    request.max_content_length = BULK_BYTES if request.path.endswith("/bulk") else BODY_BYTES
    if request.method in CHANGING and request.content_length and not request.is_json:
        raise UnsupportedMediaType
    view = flask.current_app.view_functions[endpoint]
    if getattr(view, "_is_public", False):
        return
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated
    shared = runtime()
    shared.keeper.refresh()
    actor = _verified(shared, token)
    flask.g.work = Work(shared.database, actor, flask.g.traceparent, actor.locale)


def _verified(shared: Runtime, token: str) -> Any:
    if not shared.verifier.trust.keys:
        shared.keeper.refresh(at_once=True)
    return shared.verifier.verify(token)


def _checks(service: Service, engine: sa.Engine, verifier: Verifier, keeper: TrustKeeper) -> dict[str, observe.Check]:
    def database() -> bool:
        try:
            with engine.connect() as connection:
                return migrate.is_current(service.name, connection)
        except sa.exc.SQLAlchemyError:
            return False

    def organization() -> bool:
        """Token keys and the root unit have come: without them every caller would be refused or see nothing."""
        keeper.refresh(at_once=not verifier.trust.keys)
        try:
            with engine.connect() as connection:
                root = connection.exec_driver_sql("SELECT 1 FROM units WHERE parent_id IS NULL LIMIT 1").first()
        except sa.exc.SQLAlchemyError:
            return False
        return bool(verifier.trust.keys) and root is not None

    return {"database": database, "organization": organization}
