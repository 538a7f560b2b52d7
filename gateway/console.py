"""The web console: files as they lie in `console/`, and its one page for every address that is not the API's."""

from pathlib import Path

import flask
from werkzeug.exceptions import NotFound

FOLDER = Path(__file__).parents[1] / "console"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def register(app: flask.Flask) -> None:
    """Serve the console from `app`: `/console/…` are its files, every other page is one of its own."""
    app.add_url_rule("/console/<path:name>", "console-file", _file)
    app.add_url_rule("/", "console", _page, defaults={"path": ""})
    app.add_url_rule("/<path:path>", "console-page", _page)


def _page(path: str) -> flask.Response:
    """Only who asks for a page gets one: a client that mistook an address must not be told 200."""
    asks_for_page = "text/html" in flask.request.headers.get("Accept", "")
    if path and (not asks_for_page or path.startswith(("api/", "console/"))):
        raise NotFound
    return _file("index.html")


def _file(name: str) -> flask.Response:
    """The browser keeps files and asks each time whether they are still true: an upgrade shows at the next click."""
    response = flask.send_from_directory(FOLDER, name, max_age=None)
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Content-Security-Policy"] = POLICY
    return response
