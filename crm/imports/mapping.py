"""The mapping file: which files and columns become what."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from crm.imports.values import InvalidMapping, Value, columns_of, compiled

RESOURCES = ("units", "users", "sources", "products", "customers", "leads", "opportunities")
"""In the order in which they are brought in: what is referred to comes first."""
SECTION = frozenset({"file", "key", "fields", "distinct", "when"})
TOP = frozenset({"system", "csv", *RESOURCES})
CSV_OPTIONS = frozenset({"encoding", "delimiter"})


@dataclass(frozen=True)
class Row:
    """One line of a file: where it stands, its columns, and the key it has in the other system."""

    file: str
    line: int
    columns: Mapping[str, str]
    key: str


@dataclass(frozen=True)
class Section:
    """One file's rows becoming one resource; `distinct` lets a key come several times, its first row counts."""

    resource: str
    file: str
    key: Value
    fields: dict[str, Any]
    distinct: bool
    when: Mapping[str, list[str]]

    def rows(self, folder: Path, options: Mapping[str, str]) -> Iterator[Row]:
        """The rows that the mapping takes. Raises InvalidMapping for a file or column that is not there."""
        with open_csv(folder / self.file, options) as reader:
            used = columns_of(self.fields) | columns_of(self.key) | {(name, "when") for name in self.when}
            for column, place in sorted(used):
                if column not in (reader.fieldnames or ()):
                    raise InvalidMapping(f"{place}: {self.file} has no column {column!r}")
            for columns in reader:
                if all(columns[name] in values for name, values in self.when.items()):
                    key = self.key.of(columns, lambda *_: "")
                    yield Row(self.file, reader.line_num, columns, key if isinstance(key, str) else "")


@dataclass(frozen=True)
class ImportMapping:
    """A whole mapping file."""

    system: str
    sections: tuple[Section, ...]
    csv: Mapping[str, str]


class open_csv:  # noqa: N801 -- used as a context manager like `open`
    """A CSV file with a header, read as dictionaries; a byte-order mark is no part of the first name."""

    def __init__(self, path: Path, options: Mapping[str, str]) -> None:
        self._path = path
        self._options = options

    def __enter__(self) -> "csv.DictReader[str]":
        encoding = self._options.get("encoding", "utf-8-sig")
        try:
            self._file = self._path.open(encoding=encoding, newline="")
        except OSError as error:
            raise InvalidMapping(f"cannot read {self._path}: {error.strerror}") from None
        return csv.DictReader(self._file, delimiter=self._options.get("delimiter", ","), restval="")

    def __exit__(self, *_: object) -> None:
        self._file.close()


def load(path: Path) -> ImportMapping:
    """Raises InvalidMapping, naming the place."""
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise InvalidMapping(f"cannot read {path}: {error}") from None
    if not isinstance(found, dict):
        raise InvalidMapping(f"{path} must be a mapping")
    _require_known(found, TOP, str(path))
    if not isinstance(found.get("system"), str) or not found["system"]:
        raise InvalidMapping("system: name the system the export comes from")
    options = found.get("csv") or {}
    _require_known(options, CSV_OPTIONS, "csv")
    sections = [
        _section(resource, spec, f"{resource}[{at}]")
        for resource in RESOURCES
        for at, spec in enumerate(found.get(resource) or [])
    ]
    if not sections:
        raise InvalidMapping(f"nothing to bring in: name at least one of {', '.join(RESOURCES)}")
    return ImportMapping(found["system"], tuple(sections), options)


def _section(resource: str, spec: Any, place: str) -> Section:
    if not isinstance(spec, dict):
        raise InvalidMapping(f"{place} must have file, key and fields")
    _require_known(spec, SECTION, place)
    for name in ("file", "key", "fields"):
        if not spec.get(name):
            raise InvalidMapping(f"{place}: {name} is missing")
    if not isinstance(spec["fields"], dict):
        raise InvalidMapping(f"{place}.fields must name fields")
    key = compiled({"from": spec["key"]}, f"{place}.key")
    when = {str(name): [str(value) for value in values] for name, values in (spec.get("when") or {}).items()}
    fields = compiled(spec["fields"], f"{place}.fields")
    return Section(resource, spec["file"], key, fields, bool(spec.get("distinct")), when)


def _require_known(found: Mapping[str, Any], known: frozenset[str], place: str) -> None:
    unknown = sorted(str(name) for name in set(found) - known)
    if unknown:
        raise InvalidMapping(f"{place}: unknown {', '.join(unknown)}; known are {', '.join(sorted(known))}")
