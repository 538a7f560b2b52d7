"""How an event type is declared: one frozen dataclass, from which validation and JSON Schema follow."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Annotated, Any, TypeVar
from uuid import UUID

import msgspec

T = TypeVar("T")

Personal = msgspec.Meta(extra_json_schema={"x-personal": True})
"""Marks a field that names or reaches a natural person; erasure rewrites it wherever it was copied."""

Moment = Annotated[datetime, msgspec.Meta(tz=True)]
"""A point in time with its zone, UTC on the wire (RFC 3339)."""

CurrencyCode = Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$")]


@dataclass(frozen=True, slots=True)
class Money:
    """An amount as a decimal string with two places, and its ISO 4217 currency."""

    amount: Annotated[str, msgspec.Meta(pattern=r"^-?\d{1,16}\.\d{2}$")]
    currency: CurrencyCode


class InvalidEvent(ValueError):
    """An event that breaks its declared schema; `field` is the JSON path of what is wrong, `$` for the whole."""

    def __init__(self, reason: str, field: str = "$") -> None:
        super().__init__(reason)
        self.field = field


@dataclass(frozen=True, slots=True)
class EventType:
    """One declared type: its routing key, major version, subject field and payload class."""

    name: str
    major: int
    subject: str
    payload: type

    @property
    def dataschema(self) -> str:
        return f"{self.name}/{self.major}"

    def json_schema(self) -> dict[str, Any]:
        return msgspec.json.schema(self.payload)

    def decode(self, data: bytes) -> Any:
        """The payload in `data` (JSON); unknown fields of newer producers are ignored. Raises InvalidEvent."""
        try:
            return msgspec.json.decode(data, type=self.payload)
        except msgspec.ValidationError as error:
            reason, _, path = str(error).partition(" - at `")
            raise InvalidEvent(reason, path.rstrip("`") or "$") from None
        except msgspec.DecodeError as error:
            raise InvalidEvent(str(error)) from None

    def encode(self, payload: object) -> bytes:
        """`payload` as JSON, checked against its own declaration. Raises InvalidEvent."""
        data = msgspec.json.encode(payload)
        self.decode(data)
        return data

    def subject_of(self, payload: object) -> UUID:
        subject: UUID = getattr(payload, self.subject)
        return subject


_by_schema: dict[str, EventType] = {}
_by_payload: dict[type, EventType] = {}


def event(name: str, *, subject: str, major: int = 1) -> Callable[[type[T]], type[T]]:
    """Declare the decorated frozen dataclass as the payload of event `name`; `subject` names its aggregate-id field."""

    def declare(payload: type[T]) -> type[T]:
        declared = EventType(name, major, subject, payload)
        if declared.dataschema in _by_schema:
            raise TypeError(f"{declared.dataschema} is declared twice")
        if subject not in {field.name for field in fields(payload)}:  # type: ignore[arg-type]
            raise TypeError(f"{name}: no field {subject}")
        _by_schema[declared.dataschema] = declared
        _by_payload[payload] = declared
        return payload

    return declare


def type_of(payload: object) -> EventType:
    return _by_payload[type(payload)]


def find(dataschema: str) -> EventType | None:
    """The type declared as `name/major`, or None where this build does not know it."""
    return _by_schema.get(dataschema)


def every() -> list[EventType]:
    return sorted(_by_schema.values(), key=lambda declared: declared.dataschema)
