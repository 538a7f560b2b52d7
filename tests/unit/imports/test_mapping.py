"""Mappings: what they say about values, and what is said about their mistakes."""

import pytest

from crm.imports.mapping import load
from crm.imports.values import ABSENT, InvalidMapping, RowError, compiled, made


def value(spec, **row):
    return made(compiled(spec, "fields.x"), row, lambda resource, key: f"{resource}:{key}")


def test_values_are_made_from_columns():
    assert value("{a} {b}", a="x", b="y") == "x y"
    assert value({"from": ["{a} – {b}", "{a}"]}, a="x", b="") == "x"
    assert value({"from": "{a}", "map": {"GTXPro": "GTX Pro"}, "ref": "products"}, a="GTXPro") == "products:GTX Pro"
    assert value({"from": "{a}", "date": "%d.%m.%Y"}, a="31.12.2024") == "2024-12-31"
    assert value({"money": "{a}", "currency": "CNY"}, a="12,000.50") == {"amount": "12000.50", "currency": "CNY"}
    assert value({"money": "{a}", "currency": "EUR", "decimal": ","}, a="12.000,50")["amount"] == "12000.50"
    assert value({"from": "{a}", "slug": "."}, a="Mei-Mei Johns") == "mei.mei.johns"
    assert value("constant") == "constant"


def test_what_is_empty_is_left_out_or_said_to_be_unknown():
    assert value("{a}", a=" ") is ABSENT
    assert value({"from": "{a}", "empty": None}, a="") is None
    assert value({"name": "{a}", "kind": "company"}, a="") == {"kind": "company"}
    assert value({"from": "{a}", "default": "x"}, a="") == "x"


def test_a_value_that_makes_no_sense_is_named():
    with pytest.raises(RowError, match=r"fields\.x: '31\.2\.2024' is no date"):
        value({"from": "{a}", "date": "%d.%m.%Y"}, a="31.2.2024")
    with pytest.raises(RowError, match="no number"):
        value({"money": "{a}", "currency": "CNY"}, a="viel")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("system: x", "nothing to bring in"),
        ("units: []", "system: name the system"),
        ("system: x\nships: []", "unknown ships"),
        ("system: x\nunits: [{file: a.csv, fields: {a: b}}]", r"units\[0\]: key is missing"),
        ("system: x\nunits: [{file: a.csv, key: k, fields: {a: {from: b, colour: red}}}]", "unknown colour"),
        ("system: x\nunits: [{file: a.csv, key: k, fields: {a: {money: b}}}]", "money needs its currency"),
        ("{", "cannot read"),
    ],
)
def test_a_mistake_in_a_mapping_is_named_with_its_place(tmp_path, text, said):
    path = tmp_path / "m.yaml"
    path.write_text(text)
    with pytest.raises(InvalidMapping, match=said):
        load(path)


def test_a_column_that_is_not_there_is_named(tmp_path):
    (tmp_path / "a.csv").write_text("name\nx\n")
    path = tmp_path / "m.yaml"
    path.write_text('system: x\nunits: [{file: a.csv, key: "{nam}", fields: {name: "{name}"}}]')
    (section,) = load(path).sections
    with pytest.raises(InvalidMapping, match=r"a\.csv has no column 'nam'"):
        list(section.rows(tmp_path, {}))
