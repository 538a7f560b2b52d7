"""The gateway's own routes: health, the merged description of the API, and the page that shows it."""

import json
import threading
import time
import urllib.request
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import flask

from chassis.web import problems
from gateway import compositions, console, stream
from gateway.upstreams import Call, Failed, Upstream

READY_SECONDS = 3.0
REMEMBERED_SECONDS = 0.5
DESCRIPTION_SECONDS = 5.0
STATIC = Path(__file__).parent / "static"
DOCS_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; frame-ancestors 'none'"
)

Check = Callable[[], bool]


class Remembered:
    """What `find` answered, found again when older than `seconds`: nobody can make us ask everybody at his pace."""

    def __init__(self, find: Callable[[], Any], seconds: float) -> None:
        self._find = find
        self._seconds = seconds
        self._found: Any = None
        self._at = float("-inf")
        self._lock = threading.Lock()

    def __call__(self) -> Any:
        with self._lock:
            if time.monotonic() - self._at > self._seconds:
                self._found = self._find()
                self._at = time.monotonic()
            return self._found


SignIns = Callable[[], dict[str, Any]]
"""Whom the sign-in page offers: `items` of a demo company, and whether it is still being loaded."""
NO_DEMO: Final = {"items": [], "loading": False}


def create_pages(
    upstreams: Mapping[str, Upstream], checks: Mapping[str, Check], sign_ins: SignIns = lambda: NO_DEMO
) -> flask.Flask:
    """A Flask application for what the gateway answers itself."""
    app = flask.Flask("gateway", static_folder=None)
    description = Remembered(lambda: merged(upstreams), DESCRIPTION_SECONDS)
    ready = Remembered(lambda: _ready(checks), REMEMBERED_SECONDS)
    problems.register(app, {})
    app.before_request(_follow)
    app.add_url_rule("/health/live", "live", lambda: {"status": "live"})
    app.add_url_rule("/health/ready", "ready", lambda: ready())
    app.add_url_rule("/api/openapi.json", "openapi", lambda: flask.jsonify(description()))
    app.add_url_rule("/api/docs", "docs", lambda: _static("docs.html"))
    app.add_url_rule("/api/docs/<name>", "docs-asset", _static)
    app.add_url_rule("/api/v1/demo-sign-ins", "demo-sign-ins", sign_ins)
    console.register(app)
    return app


def answers_ready(url: str) -> Check:
    """Whether the process at `url` says that it is ready."""

    def check() -> bool:
        try:
            with urllib.request.urlopen(url, timeout=READY_SECONDS) as answer:  # noqa: S310 -- from our own settings
                return bool(answer.status == 200)
        except OSError:
            return False

    return check


def merged(upstreams: Mapping[str, Upstream]) -> dict[str, Any]:
    """One OpenAPI document of all services; components carry their service's name, a missing service is named."""
    document: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": "Tongzhou CRM", "version": "v1"},
        "paths": {},
        "components": {
            "schemas": {},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
        "security": [{"token": []}],
        "x-missing": [],
    }
    for name, upstream in sorted(upstreams.items()):
        try:
            own = _description(name, upstream)
        except (*Failed, ValueError):
            document["x-missing"].append(name)
            continue
        document["paths"] |= own["paths"]
        schemas = own.get("components", {}).get("schemas", {})
        document["components"]["schemas"] |= {f"{name}.{schema}": body for schema, body in schemas.items()}
        for component, bodies in own.get("components", {}).items():
            if component != "schemas":
                document["components"].setdefault(component, {}).update(bodies)
    document["paths"] |= compositions.described(document["components"]["schemas"]) | stream.DESCRIBED
    return document


def _description(name: str, upstream: Upstream) -> dict[str, Any]:
    """Raises one of Failed, ValueError."""
    answer = upstream.call(Call("GET", "/openapi.json", {}, b""))
    if answer.status != 200:
        raise ValueError(answer.status)
    prefix = "#/components/schemas/"
    described: dict[str, Any] = json.loads(answer.body.decode().replace(prefix, f"{prefix}{name}."))
    return described


def _ready(checks: Mapping[str, Check]) -> tuple[dict[str, Any], int]:
    with ThreadPoolExecutor(max(1, len(checks))) as pool:
        found = dict(zip(checks, pool.map(lambda check: check(), checks.values()), strict=True))
    ready = all(found.values())
    return {"status": "ready" if ready else "not ready", "checks": found}, 200 if ready else 503


def _static(name: str) -> flask.Response:
    response = flask.send_from_directory(STATIC, name)
    response.headers["Content-Security-Policy"] = DOCS_POLICY
    return response


def _follow() -> None:
    flask.g.trace_id = flask.request.environ.get("crm.trace_id", "")
