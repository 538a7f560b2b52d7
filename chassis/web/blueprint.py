"""flask-smorest's blueprint, as strict about queries as about bodies."""

from typing import Any, ClassVar

import flask_smorest
from webargs.flaskparser import FlaskParser


class StrictParser(FlaskParser):
    """Leaves it to the schema what to do with a parameter it does not know: refuse it, by name."""

    DEFAULT_UNKNOWN_BY_LOCATION: ClassVar[dict[str, Any]] = {"query": None, "json": None}  # type: ignore[misc]


class Blueprint(flask_smorest.Blueprint):  # type: ignore[misc]
    """A group of routes."""

    ARGUMENTS_PARSER = StrictParser()
