"""`python -m contracts.docs`: write docs/events.md and docs/asyncapi.json from the declarations."""

import json
from collections.abc import Iterator
from importlib import import_module
from itertools import groupby
from pathlib import Path
from typing import Any

import msgspec

from contracts import branch
from contracts.base import EventType, every
from contracts.release import OWNERS
from contracts.samples import sample

DOCS = Path(__file__).parents[1] / "docs"
EVENTS = DOCS / "events.md"
ASYNCAPI = DOCS / "asyncapi.json"
ENVELOPE = {
    "type": "object",
    "required": ["specversion", "id", "source", "type", "subject", "time", "dataschema", "sequence", "data"],
    "properties": {
        "specversion": {"const": "1.0"},
        "id": {"type": "string", "format": "uuid"},
        "source": {"type": "string", "examples": ["/services/leads"]},
        "type": {"type": "string"},
        "subject": {"type": "string", "format": "uuid", "description": "the aggregate's id"},
        "time": {"type": "string", "format": "date-time"},
        "dataschema": {"type": "string", "description": "type and major version"},
        "sequence": {"type": "integer", "minimum": 1, "description": "counts the events of one subject"},
        "unitpath": {"type": "string", "description": "the unit's path when it happened"},
        "actor": {"type": "string"},
        "traceparent": {"type": "string"},
        "epoch": {
            "type": "string",
            "format": "uuid",
            "description": "of a branch's spool, whose count the sequence is then; services have none",
        },
    },
}
CODE = {"description": "the branch's code"}
HEAD = """# Events

Written by `make docs` from `contracts/`; [asyncapi.json](asyncapi.json) is the same for machines (AsyncAPI 3).

Every event travels as a CloudEvents 1.0 envelope (structured JSON, at most 256 KiB) over the topic exchange
`crm.events`; its type is the routing key. `sequence` counts the events of one subject: a copy applies an event only if
it is newer. What branches tell comes through `crm.branch`, with the branch's code in its routing key; there `sequence`
counts all that one spool of the branch (`epoch`) told. A released schema (`contracts/released/`) only grows optional
fields; `python -m contracts.release` adds new types to it. Fields marked *personal* are rewritten everywhere when a
person is erased.
"""


def declared() -> list[EventType]:
    """Every event type there is."""
    for owner in OWNERS:
        import_module(f"contracts.{owner}")
    return every()


def events_md() -> str:
    """The document for people."""
    parts = [HEAD]
    for owner, types in groupby(declared(), key=lambda kind: kind.name.split(".")[1]):
        parts.append(f"\n## {owner}\n")
        parts.extend(part for kind in types for part in _described(kind))
    return "\n".join(parts) + "\n"


def asyncapi() -> dict[str, Any]:
    """The document for machines, AsyncAPI 3.0."""
    types = declared()
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Tongzhou CRM events", "version": "1.0.0"},
        "defaultContentType": "application/cloudevents+json",
        "channels": {kind.name: _channel(kind) for kind in types},
        "operations": {
            f"send {kind.name}": {"action": "send", "channel": {"$ref": f"#/channels/{kind.name}"}} for kind in types
        },
        "components": {"schemas": {kind.name: _inlined(kind.json_schema()) for kind in types}},
    }


def write() -> None:
    EVENTS.write_text(events_md(), encoding="utf-8")
    ASYNCAPI.write_text(json.dumps(asyncapi(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _channel(kind: EventType) -> dict[str, Any]:
    properties = ENVELOPE["properties"] | {  # type: ignore[operator]
        "type": {"const": kind.name},
        "dataschema": {"const": kind.dataschema},
        "data": {"$ref": f"#/components/schemas/{kind.name}"},
    }
    message = {
        "name": kind.name,
        "summary": _meaning(kind),
        "contentType": "application/cloudevents+json",
        "payload": ENVELOPE | {"properties": properties},
    }
    told = kind.name.startswith(branch.PREFIX)
    address = {"address": branch.routing_key("{code}", kind.name), "parameters": {"code": CODE}} if told else {}
    exchange = {"name": branch.EXCHANGE if told else "crm.events", "type": "topic", "durable": True}
    return {
        "address": kind.name,
        **address,
        "messages": {"event": message},
        "bindings": {"amqp": {"is": "routingKey", "exchange": exchange}},
    }


def _described(kind: EventType) -> Iterator[str]:
    schema = kind.json_schema()
    definition = schema["$defs"][schema["$ref"].rsplit("/", 1)[1]]
    required = set(definition.get("required", ()))
    yield f"### {kind.name}\n"
    yield f"{_meaning(kind)} Subject: `{kind.subject}`.\n"
    yield "| field | type | |\n|---|---|---|"
    for name, field in definition["properties"].items():
        notes = [*(["optional"] if name not in required else []), *(["personal"] if _personal(field) else [])]
        yield f"| `{name}` | {_type(field)} | {', '.join(notes)} |"
    shown = msgspec.json.format(kind.encode(sample(kind.payload)), indent=2).decode()
    yield f"\n```json\n{shown}\n```\n"


def _meaning(kind: EventType) -> str:
    return " ".join((kind.payload.__doc__ or "").split())


def _personal(field: dict[str, Any]) -> bool:
    return bool(field.get("x-personal")) or any(_personal(each) for each in field.get("anyOf", ()))


def _type(field: dict[str, Any]) -> str:
    if "anyOf" in field:
        return " or ".join(_type(each) for each in field["anyOf"])
    if "$ref" in field:
        return str(field["$ref"].rsplit("/", 1)[1])
    if "enum" in field:
        return ", ".join(f"`{choice}`" for choice in field["enum"])
    if field.get("type") == "array":
        return f"list of {_type(field.get('items') or {'type': 'any'})}"
    return str(field.get("format") or field.get("type", "any"))


def _inlined(schema: dict[str, Any]) -> Any:
    """`schema` without references of its own: an AsyncAPI component must stand alone."""
    definitions = schema.get("$defs", {})

    def resolve(part: Any) -> Any:
        if isinstance(part, dict) and "$ref" in part:
            return resolve(definitions[part["$ref"].rsplit("/", 1)[1]])
        if isinstance(part, dict):
            return {name: resolve(inner) for name, inner in part.items() if name != "$defs"}
        return [resolve(inner) for inner in part] if isinstance(part, list) else part

    return resolve(schema)


if __name__ == "__main__":
    write()
