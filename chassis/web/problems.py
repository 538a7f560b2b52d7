"""Every error as one problem+json answer (RFC 9457), in the caller's language."""

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import flask
import structlog
from werkzeug.exceptions import HTTPException

from chassis.errors import Problem, Refused, Text

TYPES = "https://tongzhou.example/problems/"
LANGUAGES = ("zh-CN", "en")
TITLES: Mapping[int, tuple[str, Text]] = {
    400: ("bad-request", ("请求无法理解", "The request cannot be understood")),
    404: ("not-found", ("没有找到", "Not found")),
    405: ("method-not-allowed", ("不支持该操作", "Method not allowed here")),
    413: ("too-large", ("请求内容过大", "The request is too large")),
    415: ("unsupported-media-type", ("请使用 application/json", "Send application/json")),
    422: ("invalid", ("数据有误", "Something is wrong with what was sent")),
}
PLACES = ("json", "query", "headers", "cookies")
MESSAGES: Mapping[str, str] = {
    "Invalid JSON body.": "不是有效的 JSON",
    "Missing data for required field.": "必填",
    "Field may not be null.": "不能为空",
    "Unknown field.": "未知字段",
    "Not a valid UUID.": "不是有效的 ID",
    "Not a valid string.": "不是有效的文本",
    "Not a valid integer.": "不是有效的整数",
    "Not a valid number.": "不是有效的数字",
    "Not a valid boolean.": "不是有效的布尔值",
    "Not a valid date.": "不是有效的日期 (YYYY-MM-DD)",
    "Not a valid datetime.": "不是有效的时间 (RFC 3339)",
    "Not a valid email address.": "不是有效的邮箱地址",
    "Not a valid list.": "不是有效的列表",
    "Invalid input type.": "格式有误",
    "Invalid value.": "值无效",
    "Not a valid aware datetime.": "时间要带时区 (RFC 3339)",
    "Not a valid mapping type.": "不是有效的对象",
    "Not a valid utf-8 string.": "不是有效的文本",
    "Special numeric values (nan or infinity) are not permitted.": "不是有效的数字",
    "Number too large.": "数字过大",
    "String does not match expected pattern.": "格式有误",
}
LIMITS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"Length must be between 1 and (.+)\."), "长度为 1 到 {} 个字符"),
    (re.compile(r"Length must be between (.+) and (.+)\."), "长度为 {} 到 {}"),
    (re.compile(r"Length must be (.+)\."), "长度为 {}"),
    (re.compile(r"Shorter than minimum length (.+)\."), "至少 {} 个"),
    (re.compile(r"Longer than maximum length (.+)\."), "至多 {} 个"),
    (re.compile(r"Must be greater than or equal to (.+) and less than or equal to (.+)\."), "应在 {} 到 {} 之间"),
    (re.compile(r"Must be greater than (.+) and less than or equal to (.+)\."), "应大于 {}，不超过 {}"),
    (re.compile(r"Must be greater than or equal to (.+)\."), "不能小于 {}"),
    (re.compile(r"Must be greater than (.+)\."), "应大于 {}"),
    (re.compile(r"Must be less than or equal to (.+)\."), "不能大于 {}"),
    (re.compile(r"Must be less than (.+)\."), "应小于 {}"),
    (re.compile(r"Must be equal to (.+)\."), "应为 {}"),
    (re.compile(r"Must be one of: (.+)\."), "应为其中之一：{}"),
)
"""What marshmallow says of a limit, with the limits in it."""

log = structlog.get_logger()


def language(accepted: str | None) -> str:
    """The language to answer in, from Accept-Language; Chinese when nothing else is asked for."""
    return "en" if (accepted or "").strip().lower().startswith("en") else "zh-CN"


def body(problem: Problem, locale: str, *, instance: str = "", trace_id: str = "") -> dict[str, Any]:
    """`problem` as the JSON object that goes out."""
    index = LANGUAGES.index(locale)
    answer: dict[str, Any] = {
        "type": TYPES + problem.slug,
        "title": problem.title[index],
        "status": problem.status,
    }
    if problem.detail:
        answer["detail"] = problem.detail[index]
    if instance:
        answer["instance"] = instance
    if problem.errors:
        answer["errors"] = {field: [text[index] for text in texts] for field, texts in problem.errors.items()}
    if trace_id:
        answer["trace_id"] = trace_id
    return answer | dict(problem.extra or {})


def of_status(status: int) -> Problem:
    """The general problem of an HTTP status."""
    phrase = HTTPStatus(status).phrase
    slug, title = TITLES.get(status, (phrase.lower().replace(" ", "-"), (phrase, phrase)))
    return Problem(status, slug, title)


def invalid(messages: Mapping[str, Any]) -> Problem:
    """The problem of input that breaks its schema; `messages` are marshmallow's, nested by field."""
    slug, title = TITLES[422]
    return Problem(422, slug, title, errors=dict(_flat(messages)))


def _of_fields(messages: Any) -> Mapping[str, Any]:
    """The messages by field, wherever in the request the fields were."""
    if not isinstance(messages, Mapping):
        return {"body": messages}
    fields: dict[str, Any] = {}
    for place, found in messages.items():
        fields |= found if place in PLACES and isinstance(found, Mapping) else {place: found}
    return fields


def _flat(messages: Any, prefix: str = "") -> list[tuple[str, list[Text]]]:
    if isinstance(messages, Mapping):
        found = []
        for name, inner in messages.items():
            path = f"{prefix}.{name}" if prefix and name != "_schema" else (prefix or str(name))
            found += _flat(inner, path)
        return found
    texts = messages if isinstance(messages, list) else [messages]
    return [(prefix, [text if isinstance(text, tuple) else (_chinese(str(text)), str(text)) for text in texts])]


def _chinese(message: str) -> str:
    if message in MESSAGES:
        return MESSAGES[message]
    found = ((pattern.fullmatch(message), chinese) for pattern, chinese in LIMITS)
    return next((chinese.format(*match.groups()) for match, chinese in found if match), message)


def answer(problem: Problem) -> flask.Response:
    """`problem` as a response to the present request."""
    locale = language(flask.request.headers.get("Accept-Language"))
    response = flask.jsonify(body(problem, locale, instance=flask.request.path, trace_id=flask.g.get("trace_id", "")))
    response.status_code = problem.status
    response.content_type = "application/problem+json"
    response.headers["Content-Language"] = locale
    if problem.retry_after is not None:
        response.headers["Retry-After"] = str(problem.retry_after)
    if problem.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def register(app: flask.Flask, own: Mapping[type[Exception], Any]) -> None:
    """Answer every error of `app` as a problem; `own` maps a service's domain errors."""

    def refused(error: Refused) -> flask.Response:
        return answer(error.problem)

    def http(error: HTTPException) -> flask.Response:
        messages = (getattr(error, "data", None) or {}).get("messages")
        if messages is not None:
            return answer(invalid(_of_fields(messages)))
        return answer(of_status(error.code or 500))

    def unexpected(error: Exception) -> flask.Response:
        log.exception("request.failed", error=type(error).__name__, path=str(flask.request.url_rule))
        return answer(Problem(500, "internal", ("服务器内部错误", "Something went wrong on our side")))

    app.register_error_handler(Refused, refused)
    app.register_error_handler(HTTPException, http)
    for kind, translate in own.items():
        app.register_error_handler(kind, lambda error, translate=translate: answer(translate(error)))
    app.register_error_handler(Exception, unexpected)
