"""Text that no database keeps is refused by the field it stands in, wherever that is."""

import pytest

HALF, ZERO = "\ud800", "\0"


@pytest.mark.parametrize(
    ("field", "value", "named"),
    [
        ("company", f"同舟{HALF}", "company"),
        ("company", f"同舟{ZERO}", "company"),
        ("note", HALF, "note"),
        ("email", f"a{HALF}@example.com", "email"),
        ("attributes", {"colour": ZERO}, "attributes.colour"),
        ("attributes", {"colours": ["red", {HALF: 1}]}, "attributes.colours.1"),
    ],
)
def test_what_cannot_be_kept_is_refused_naming_the_field(leads, admin, source, field, value, named):
    answer = admin.post("/leads", {"company": "同舟", "source_id": source} | {field: value})
    assert answer.status_code == 422, answer.text
    assert list(answer.json["errors"]) == [named]
    assert admin.get("/leads").json["items"] == []


def test_in_bulk_it_concerns_its_row_alone(admin, source):
    rows = [{"company": name, "source_id": source} for name in ("甲", f"乙{HALF}")]
    results = admin.post("/leads/bulk", {"items": rows}).json["results"]
    assert [result["status"] for result in results] == [201, 422]


def test_a_search_for_it_is_refused_too(admin):
    answer = admin.get("/leads?q=%00")
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["q"])
