"""Idempotency-Key: the same request sent twice takes effect once and gets the same answer.

The key, the effect and the answer commit in one transaction, opened around the whole request. A second request with
the key waits for the first on the key's row; what failed leaves no trace and may be sent again.
"""

import hashlib
from collections.abc import Callable
from typing import Any

import flask

from chassis.errors import Conflict, RuleNotMet, field_error
from chassis.work import Work

CLAIM = """
INSERT INTO idempotency_keys (user_id, key, request) VALUES (%s, %s, %s)
ON CONFLICT (user_id, key) DO NOTHING RETURNING key
"""
STORED = "SELECT request, status, headers, body FROM idempotency_keys WHERE user_id = %s AND key = %s"
KEEP = "UPDATE idempotency_keys SET status = %s, headers = %s::jsonb, body = %s WHERE user_id = %s AND key = %s"
KEPT_HEADERS = ("Content-Type", "ETag", "Location")
LONGEST_KEY = 200


class _NotKept(Exception):
    """The answer was no success: nothing of the request is kept, the key neither."""


def answer_once(work: Work, key: str, respond: Callable[[Work], flask.Response]) -> flask.Response:
    """The answer of `respond`, or the one it gave before to the same key. Raises RuleNotMet for another request."""
    if len(key) > LONGEST_KEY or not key.isprintable():
        raise field_error("Idempotency-Key", ("最长 200 个可见字符", "At most 200 printable characters"))
    mark = _mark()
    response: flask.Response | None = None
    try:
        with work.transaction() as tx:
            if not tx.driver(CLAIM, (work.actor.user_id, key, mark)):
                return _replay(tx.driver(STORED, (work.actor.user_id, key)), mark)
            response = respond(work.within(tx))
            if response.status_code >= 300:
                raise _NotKept
            if _is_shown_once():
                return response
            headers = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
            kept = (response.status_code, flask.json.dumps(headers), response.get_data(), work.actor.user_id, key)
            tx.driver(KEEP, kept)
    except _NotKept:
        pass
    assert response is not None  # noqa: S101 -- every way here has set it
    return response


def _is_shown_once() -> bool:
    """Whether the answer holds a secret: then the key stands for an answer that nobody kept."""
    view = flask.current_app.view_functions[flask.request.endpoint or ""]
    return bool(getattr(view, "_is_shown_once", False))


def _mark() -> bytes:
    request = flask.request
    return hashlib.sha256(b"\0".join((request.method.encode(), request.path.encode(), request.get_data()))).digest()


def _replay(stored: list[Any], mark: bytes) -> flask.Response:
    request, status, headers, body = stored[0]
    if bytes(request) != mark:
        text = ("此键已用于另一个请求", "This key was used for another request")
        raise RuleNotMet("idempotency-key-reused", text, {"Idempotency-Key": [text]})
    if status is None:
        text = ("此请求已完成，其答复只显示一次", "This was done before, and its answer is shown once only")
        raise Conflict("shown-once", text)
    response = flask.Response(bytes(body), status=status, headers=headers)
    response.headers["Idempotency-Replayed"] = "true"
    return response
