"""What is wrong with a field is said in the reader's language, whichever rule it breaks."""

import re

import marshmallow as ma
import pytest

from chassis.web import problems
from chassis.web.schemas import AmountField, MoneySchema, Text

REFUSED = (
    (Text(200), "长" * 201, "长度为 1 到 200 个字符"),
    (ma.fields.String(validate=ma.validate.Length(max=3)), "long", "至多 3 个"),
    (ma.fields.String(validate=ma.validate.Length(min=3)), "x", "至少 3 个"),
    (ma.fields.String(validate=ma.validate.Length(equal=18)), "x", "长度为 18"),
    (ma.fields.Integer(validate=ma.validate.Range(0, 1440)), 1441, "应在 0 到 1440 之间"),
    (ma.fields.Integer(validate=ma.validate.Range(min=1)), 0, "不能小于 1"),
    (ma.fields.Integer(validate=ma.validate.Range(max=9)), 10, "不能大于 9"),
    (ma.fields.Integer(validate=ma.validate.Range(0, 9, min_inclusive=False)), 0, "应大于 0，不超过 9"),
    (ma.fields.Integer(validate=ma.validate.Range(min=0, min_inclusive=False)), 0, "应大于 0"),
    (ma.fields.Integer(validate=ma.validate.Range(max=0, max_inclusive=False)), 0, "应小于 0"),
    (ma.fields.String(validate=ma.validate.Equal("甲")), "乙", "应为 甲"),
    (ma.fields.String(validate=ma.validate.OneOf(("甲", "乙"))), "丙", "应为其中之一：甲, 乙"),
    (ma.fields.String(validate=ma.validate.Regexp("^[A-Z]{3}$")), "cny", "格式有误"),
    (ma.fields.AwareDateTime(format="iso"), "2026-01-01T00:00:00", "时间要带时区 (RFC 3339)"),
    (ma.fields.Dict(), "x", "不是有效的对象"),
    (AmountField(), "NaN", "不是有效的数字"),
    (AmountField(), "9" * 40, "金额最多两位小数"),
)


@pytest.mark.parametrize(("field", "value", "said"), REFUSED)
def test_a_field_that_breaks_a_rule_is_told_so_in_either_language(field, value, said):
    messages = ma.Schema.from_dict({"field": field})().validate({"field": value})
    problem = problems.invalid(messages)
    assert problems.body(problem, "zh-CN")["errors"] == {"field": [said]}
    (english,) = problems.body(problem, "en")["errors"]["field"]
    assert re.search("[a-z]{2}", english)


def test_money_of_any_size_is_refused_and_never_breaks_the_service():
    assert MoneySchema().validate({"amount": "1" * 60, "currency": "CNY"}).keys() == {"amount"}


def test_a_body_that_is_no_json_is_told_so_in_either_language():
    problem = problems.invalid({"json": ["Invalid JSON body."]})
    assert problems.body(problem, "zh-CN")["errors"] == {"json": ["不是有效的 JSON"]}
    assert problems.body(problem, "en")["errors"] == {"json": ["Invalid JSON body."]}
