"""The CloudEvents 1.0 envelope every event travels in (structured JSON, at most 256 KiB)."""

from typing import Annotated, Any
from uuid import UUID

import msgspec

from contracts.base import EventType, InvalidEvent, Moment, find

MAX_BYTES = 256 * 1024
UNNUMBERED = 0
"""The sequence of an event that the database has still to count."""


class UnknownEvent(InvalidEvent):
    """An event of a type or major this build does not know."""


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """CloudEvents attributes plus our extensions `sequence`, `unitpath`, `actor` and `epoch`.

    `sequence` counts the events of one subject from 1; `unitpath` is the unit's path when it happened;
    `actor` is a user id or the name of what acted. An event of a branch has an `epoch`: its `sequence` counts all that
    the branch tells, without gaps, from the spool that was begun under that epoch.
    """

    id: UUID
    source: str
    type: str
    subject: UUID
    time: Moment
    dataschema: str
    sequence: Annotated[int, msgspec.Meta(ge=1)]
    data: msgspec.Raw
    actor: str
    unitpath: str = ""
    traceparent: str = ""
    epoch: UUID | msgspec.UnsetType = msgspec.UNSET
    specversion: str = "1.0"
    datacontenttype: str = "application/json"

    def to_json(self) -> bytes:
        """Raises InvalidEvent when larger than 256 KiB."""
        body = msgspec.json.encode(self)
        if len(body) > MAX_BYTES:
            raise InvalidEvent(f"event of {len(body)} bytes; at most {MAX_BYTES}")
        return body

    def around_sequence(self) -> tuple[str, str]:
        """The JSON before and after the sequence of an event that is UNNUMBERED. Raises InvalidEvent."""
        head, key, tail = self.to_json().decode().partition('"sequence":')
        return head + key, tail.removeprefix(str(UNNUMBERED))

    def declared(self) -> EventType:
        """The declaration of this event's type. Raises UnknownEvent."""
        declared = find(self.dataschema)
        if declared is None or declared.name != self.type:
            raise UnknownEvent(f"unknown event type {self.type} ({self.dataschema})", "$.dataschema")
        return declared

    def payload(self) -> Any:
        """The payload as its declared dataclass. Raises InvalidEvent, with the path of the wrong field in data."""
        return self.declared().decode(bytes(self.data))


def parse(body: bytes) -> Envelope:
    """Raises InvalidEvent for anything that is not an envelope."""
    try:
        return msgspec.json.decode(body, type=Envelope)
    except msgspec.ValidationError as error:
        reason, _, path = str(error).partition(" - at `")
        raise InvalidEvent(reason, path.rstrip("`") or "$") from None
    except msgspec.DecodeError as error:
        raise InvalidEvent(str(error)) from None
