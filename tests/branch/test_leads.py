"""Lines that are leads, and lines that are none."""

import json

import pytest

from branch.leads import InvalidLines, read


def lines(*rows):
    return [json.dumps(row, ensure_ascii=False).encode() for row in rows]


def test_a_lead_keeps_its_identity_however_it_changes():
    first, second = read(lines({"id": "A-1", "company": "同舟"}, {"id": "A-1", "company": "同舟科技"}), "EAST")
    assert first.lead_id == second.lead_id
    assert (first.company, second.company) == ("同舟", "同舟科技")


def test_without_an_id_what_stands_in_the_line_tells_it_apart():
    once, again, other = read(lines({"company": "甲"}, {"company": "甲"}, {"company": "乙"}), "EAST")
    assert once == again
    assert once.lead_id != other.lead_id


def test_two_branches_share_no_lead():
    (east,) = read(lines({"id": "1", "company": "甲"}), "EAST")
    (west,) = read(lines({"id": "1", "company": "甲"}), "WEST")
    assert east.lead_id != west.lead_id


def test_blank_lines_are_passed_over():
    assert len(read([b"\n", *lines({"company": "甲"}), b"  \n"], "EAST")) == 1


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (b"{", "1: Input data was truncated"),
        (b"[]", "1: Expected `object`, got `array`"),
        (b"{}", "1: Object missing required field `company`"),
        (b'{"company": " "}', "1: company: must be text without control characters"),
        (b'{"company": "a\\u0000b"}', "1: company: must be text without control characters"),
        (b'{"company": "a", "email": "nobody"}', "1: email: must be an e-mail address"),
        (b'{"company": "a", "phone": 13800000000}', "1: phone: Expected `str | null`, got `int`"),
        (b'{"company": "a", "captured_at": "2026-01-01T00:00:00"}', "1: captured_at: Expected `datetime`"),
        (b'{"company": "a", "tel": "1"}', "1: Object contains unknown field `tel`"),
        (b'{"company": "' + b"x" * 201 + b'"}', "1: company: Expected `str` of length <= 200"),
    ],
)
def test_a_line_that_is_no_lead_is_named_with_its_field(line, problem):
    with pytest.raises(InvalidLines) as refused:
        read([line], "EAST")
    assert refused.value.problems[0].startswith(problem), refused.value.problems


def test_all_bad_lines_are_named_at_once():
    with pytest.raises(InvalidLines) as refused:
        read([b"{}", *lines({"company": "甲"}), b"?"], "EAST")
    assert [problem.partition(":")[0] for problem in refused.value.problems] == ["1", "3"]
