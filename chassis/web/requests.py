"""The present request: whose it is, what he may, which version he edits."""

import functools
import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import flask

from chassis.auth import Verifier
from chassis.errors import Forbidden, Problem, Refused
from chassis.settings import Settings
from chassis.store import Database
from chassis.trust import TrustKeeper
from chassis.waker import Waker
from chassis.work import Origin, Work

DEVICE_CHARACTERS = 200

View = TypeVar("View", bound=Callable[..., Any])
Versioned = TypeVar("Versioned", bound=Any)


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


def in_person(view: View) -> View:
    """Answer 403 to the sessions of API keys: what guards an account is changed by its owner alone."""

    @functools.wraps(view)
    def checked(*arguments: Any, **named: Any) -> Any:
        if work().actor.key_id is not None:
            raise Forbidden("in-person")
        return view(*arguments, **named)

    return checked  # type: ignore[return-value]


def stepped_up(view: View) -> View:
    """Answer 403 `second-factor-required` to callers who have a second factor and did not give it of late."""

    @functools.wraps(view)
    def checked(*arguments: Any, **named: Any) -> Any:
        work().require_second_factor()
        return view(*arguments, **named)

    return checked  # type: ignore[return-value]


def shown_once(view: View) -> View:
    """Marks a view whose answer holds a secret: it is not kept for whoever sends the request again."""
    view._is_shown_once = True  # type: ignore[attr-defined]
    return view


def origin() -> Origin:
    """Where the present request came from; without a gateway in between, from where its connection did."""
    told = flask.request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    device = flask.request.headers.get("User-Agent", "")[:DEVICE_CHARACTERS]
    return Origin(told if _is_address(told) else flask.request.remote_addr or "", device)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


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
