"""What a mapping may say about a value: where it comes from, and what is made of it."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

COLUMN = re.compile(r"{([^{}]+)}")
OPTIONS = frozenset(
    {"from", "map", "default", "date", "decimal", "ref", "slug", "upper", "lower", "empty", "money", "currency"}
)
ABSENT = object()

Find = Callable[[str, str], str]
"""Resource and key to id; raises Waiting or RowError."""


class InvalidMapping(ValueError):
    """The mapping makes no sense; the message names the place in it."""


class RowError(ValueError):
    """This row cannot be brought in; the message says why."""


class Waiting(Exception):
    """This row refers to one that is not there yet, but may come."""


@dataclass(frozen=True)
class Value:
    """One value of a row: alternatives tried in order, then a map, a format, a reference."""

    place: str
    templates: tuple[str, ...]
    options: Mapping[str, Any]

    @property
    def columns(self) -> set[str]:
        return {column for template in self.templates for column in COLUMN.findall(template)}

    def of(self, row: Mapping[str, str], find: Find) -> Any:
        """The value for `row`; ABSENT when its columns are empty. Raises RowError, Waiting."""
        text = next(filter(None, (_filled(template, row) for template in self.templates)), "")
        text = self.options.get("map", {}).get(text, text)
        if text in ("", None):
            text = self.options.get("default", "")
        if text in ("", None):
            return None if "empty" in self.options else ABSENT
        return self._made(str(text), find)

    def _made(self, text: str, find: Find) -> Any:
        options = self.options
        if "ref" in options:
            return find(options["ref"], text)
        if "date" in options:
            return self._date(text)
        if "money" in options:
            return {"amount": self._number(text), "currency": options["currency"]}
        if "decimal" in options:
            return self._number(text)
        if "slug" in options:
            return re.sub(r"[^\w]+", options["slug"], text.lower()).strip(options["slug"])
        return text.upper() if options.get("upper") else text.lower() if options.get("lower") else text

    def _date(self, text: str) -> str:
        try:
            return datetime.strptime(text, self.options["date"]).date().isoformat()  # noqa: DTZ007 -- a day has no zone
        except ValueError:
            raise RowError(f"{self.place}: {text!r} is no date like {self.options['date']}") from None

    def _number(self, text: str) -> str:
        point = self.options.get("decimal", ".")
        plain = re.sub(r"[\s'’_]", "", text).replace("," if point == "." else ".", "").replace(point, ".")
        if not re.fullmatch(r"-?\d+(\.\d+)?", plain):
            raise RowError(f"{self.place}: {text!r} is no number")
        return plain


def compiled(spec: Any, place: str) -> Any:
    """`spec` with every value in it ready for use: a text with {columns}, a set of options, a list or an object.

    Raises InvalidMapping.
    """
    if isinstance(spec, list):
        return [compiled(inner, f"{place}[{at}]") for at, inner in enumerate(spec)]
    if isinstance(spec, dict) and ("from" in spec or "money" in spec):
        return _with_options(spec, place)
    if isinstance(spec, dict):
        return {name: compiled(inner, f"{place}.{name}") for name, inner in spec.items()}
    return Value(place, (spec,), {}) if isinstance(spec, str) and COLUMN.search(spec) else spec


def made(compiled_spec: Any, row: Mapping[str, str], find: Find) -> Any:
    """What `compiled_spec` gives for `row`, absent values left out. Raises RowError, Waiting."""
    if isinstance(compiled_spec, Value):
        return compiled_spec.of(row, find)
    if isinstance(compiled_spec, list):
        return [value for value in (made(inner, row, find) for inner in compiled_spec) if value is not ABSENT]
    if isinstance(compiled_spec, dict):
        values = {name: made(inner, row, find) for name, inner in compiled_spec.items()}
        return {name: value for name, value in values.items() if value is not ABSENT}
    return compiled_spec


def columns_of(compiled_spec: Any) -> set[tuple[str, str]]:
    """Every column used, with the place in the mapping that uses it."""
    if isinstance(compiled_spec, Value):
        return {(column, compiled_spec.place) for column in compiled_spec.columns}
    inner: Sequence[Any] = ()
    if isinstance(compiled_spec, dict):
        inner = list(compiled_spec.values())
    elif isinstance(compiled_spec, list):
        inner = compiled_spec
    return {found for each in inner for found in columns_of(each)}


def _with_options(spec: dict[str, Any], place: str) -> Value:
    unknown = set(spec) - OPTIONS
    if unknown:
        raise InvalidMapping(f"{place}: unknown {', '.join(sorted(unknown))}; known are {', '.join(sorted(OPTIONS))}")
    source = spec.get("from", spec.get("money"))
    if "money" in spec and "currency" not in spec:
        raise InvalidMapping(f"{place}: money needs its currency")
    templates = tuple(source) if isinstance(source, list) else (source,)
    if not all(isinstance(template, str) for template in templates):
        raise InvalidMapping(f"{place}: from must be text with {{columns}}, or a list of such")
    return Value(place, templates, spec)


def _filled(template: str, row: Mapping[str, str]) -> str:
    """The template with its columns filled in; empty when one of them is."""
    missing = False

    def fill(found: re.Match[str]) -> str:
        nonlocal missing
        value = (row.get(found.group(1)) or "").strip()
        missing = missing or not value
        return value

    text = COLUMN.sub(fill, template)
    return "" if missing else text
