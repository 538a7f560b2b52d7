"""Every declared event: valid payloads travel, invalid ones are refused by field, released schemas only grow."""

import json
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import msgspec
import pytest

from contracts import base, envelope, leads, organization
from tests.contracts.compatibility import breaks

RELEASED = Path(__file__).parents[2] / "contracts" / "released"


def a_unit(**changes):
    return organization.UnitCreated(
        **{"unit_id": uuid4(), "code": "HQ", "name": "总部", "kind": "headquarters", "parent_id": None, "path": "a"}
        | changes
    )


def an_envelope(payload, **changes):
    declared = base.type_of(payload)
    return envelope.Envelope(
        **{
            "id": uuid4(),
            "source": "/services/organization",
            "type": declared.name,
            "subject": declared.subject_of(payload),
            "time": datetime(2026, 1, 2, tzinfo=UTC),
            "dataschema": declared.dataschema,
            "sequence": 1,
            "actor": "system",
            "data": msgspec.Raw(declared.encode(payload)),
        }
        | changes
    )


def test_an_event_survives_the_journey():
    unit = a_unit()

    assert envelope.parse(an_envelope(unit).to_json()).payload() == unit


def test_an_invalid_payload_is_refused_naming_the_field():
    with pytest.raises(base.InvalidEvent) as refused:
        base.type_of(a_unit()).encode(a_unit(kind="shop"))

    assert refused.value.field == "$.kind"


def test_unknown_fields_of_newer_producers_are_ignored():
    unit = a_unit()
    declared = base.type_of(unit)
    grown = json.loads(declared.encode(unit)) | {"invented_later": 1}

    assert declared.decode(json.dumps(grown).encode()) == unit


@pytest.mark.parametrize("dataschema", ["crm.organization.unit.created/2", "crm.organization.unit.exploded/1"])
def test_an_unknown_type_or_major_is_named_as_such(dataschema):
    with pytest.raises(envelope.UnknownEvent):
        an_envelope(a_unit(), dataschema=dataschema).payload()


def test_an_event_over_the_limit_is_refused():
    with pytest.raises(base.InvalidEvent, match="at most 262144"):
        an_envelope(a_unit(name="同" * envelope.MAX_BYTES)).to_json()


@pytest.mark.parametrize("declared", base.every(), ids=lambda declared: declared.dataschema)
def test_a_released_schema_only_grew_optional_fields(declared):
    released = json.loads((RELEASED / f"{declared.name}.{declared.major}.json").read_text())

    assert breaks(released, declared.json_schema()) == []


def test_no_released_type_was_dropped():
    known = {f"{declared.name}.{declared.major}.json" for declared in base.every()}

    assert {path.name for path in RELEASED.glob("*.json")} == known


def test_an_incompatible_change_is_noticed():
    schema = base.type_of(a_unit()).json_schema()
    changed = json.loads(json.dumps(schema))
    properties = changed["$defs"]["UnitCreated"]
    del properties["properties"]["code"]
    properties["required"].append("budget")
    properties["properties"]["name"] = {"type": "integer"}

    found = breaks(schema, changed)

    assert found == ["code: removed", "budget: required now", "name: another type"]


def test_personal_fields_are_marked():
    lead = base.find("crm.leads.lead.captured/1").json_schema()["$defs"]["LeadCaptured"]["properties"]

    assert {name for name, field in lead.items() if "x-personal" in json.dumps(field)} == {
        "contact_name",
        "phone",
        "email",
    }
    assert leads.LeadCaptured.__doc__
