"""The documents of events are those of the declarations, and every event has a sample that is valid."""

import json

import pytest

from contracts.docs import ASYNCAPI, EVENTS, asyncapi, declared, events_md
from contracts.samples import sample


def test_the_documents_are_up_to_date():
    assert EVENTS.read_text(encoding="utf-8") == events_md()
    assert json.loads(ASYNCAPI.read_text(encoding="utf-8")) == asyncapi()


def test_the_asyncapi_document_names_every_event_and_every_reference_in_it_resolves():
    document = asyncapi()
    assert document["asyncapi"] == "3.0.0"
    assert document["channels"].keys() == {kind.name for kind in declared()} == document["components"]["schemas"].keys()
    for operation in document["operations"].values():
        assert operation["channel"]["$ref"].removeprefix("#/channels/") in document["channels"]
    assert "$ref" not in json.dumps(document["components"])


@pytest.mark.parametrize("kind", declared(), ids=lambda kind: kind.dataschema)
def test_every_event_has_a_sample_that_survives_the_way(kind):
    made = sample(kind.payload)
    assert kind.decode(kind.encode(made)) == made
