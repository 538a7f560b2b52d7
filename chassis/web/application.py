"""The WSGI application of a service: who is let in, what is watched, how keys make a POST safe to repeat."""

from typing import Any

import flask
import flask_smorest
import sqlalchemy as sa
from werkzeug.exceptions import UnsupportedMediaType

from chassis import metrics, migrate
from chassis.auth import Verifier
from chassis.clock import Clock, SystemClock
from chassis.errors import Unauthenticated
from chassis.service import Service
from chassis.settings import Settings
from chassis.store import Database, open_engine
from chassis.trust import TrustKeeper
from chassis.waker import Waker
from chassis.web import idempotency, observe, problems
from chassis.web.operations import operations_blueprint
from chassis.web.requests import Runtime, origin, runtime, work
from chassis.work import Work

BODY_BYTES = 1024 * 1024
BULK_BYTES = 8 * BODY_BYTES
SPARE_CONNECTIONS = 2
"""Besides one for each thread: to wake the relay, and to answer probes when every thread is busy."""
CHANGING = ("POST", "PUT", "PATCH", "DELETE")
OPEN_ENDPOINTS = ("live", "ready", "metrics", "api-docs.openapi_json")


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
    engine = open_engine(settings.database_url, pool_size=settings.threads + SPARE_CONNECTIONS)
    metrics.watch_pool(service.name, "web", engine)
    waker = Waker(engine)
    verifier = Verifier(clock)
    keeper = TrustKeeper(engine, verifier, dict(settings.token_keys), clock)
    database = Database(engine, clock, f"/services/{service.name}", waker.wake)
    app = App(service.name, static_folder=None)
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
    for blueprint in (*service.blueprints, operations_blueprint(service)):
        api.register_blueprint(blueprint)
    problems.register(app, service.problems)
    return app


def _admit() -> None:
    """Who calls and whether he may, before anything of the body is read; then what a body may be."""
    endpoint = flask.request.endpoint
    if endpoint is None or endpoint in OPEN_ENDPOINTS:
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
    flask.g.work = Work(shared.database, actor, flask.g.traceparent, actor.locale, origin=origin())
    permission = getattr(view, "_permission", None)
    if permission is not None:
        actor.require(permission)


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
