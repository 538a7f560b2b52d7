"""A sample of each event, made from its declaration: for the documentation and for tests of handlers."""

import re
from dataclasses import fields
from datetime import UTC, date, datetime
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints
from uuid import NAMESPACE_URL, UUID, uuid5

import msgspec

from contracts.base import CurrencyCode, Money

MOMENT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def sample(payload: type) -> Any:
    """An instance of `payload` with plausible values, the same every time."""
    hints = get_type_hints(payload, include_extras=True)
    return payload(**{field.name: _value(hints[field.name], field.name) for field in fields(payload)})


def _value(hint: Any, name: str) -> Any:
    origin, arguments = get_origin(hint), get_args(hint)
    if hint is CurrencyCode:
        return "CNY"
    if origin is Annotated:
        return _annotated(arguments, name)
    if origin in (Union, UnionType):
        return _value(next(each for each in arguments if each is not NoneType), name)
    if origin is Literal:
        return arguments[0]
    if origin is tuple:
        return (_value(arguments[0], name),)
    if origin is dict:
        return {}
    plain = {UUID: uuid5(NAMESPACE_URL, name), datetime: MOMENT, date: MOMENT.date(), bool: True, int: 30, str: name}
    return plain[hint] if hint in plain else Money("1234.50", "CNY") if hint is Money else sample(hint)


def _annotated(arguments: tuple[Any, ...], name: str) -> Any:
    patterns = [each.pattern for each in arguments[1:] if isinstance(each, msgspec.Meta) and each.pattern]
    if patterns:
        return next(text for text in (name, "1", f"{name}@example.com") if re.search(patterns[0], text))
    return _value(arguments[0], name)
