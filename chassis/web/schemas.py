"""What requests and answers are made of: marshmallow schemas that know money, external ids and commands."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, ClassVar

import marshmallow as ma

from chassis.batch import External
from chassis.masks import masked
from chassis.web.requests import work

CENTS = Decimal("0.01")
MOST = Decimal("9999999999999999.99")


UNSTORABLE = ("含有无法保存的字符", "Contains characters that cannot be kept.")


def _unstorable(value: Any, path: str) -> Iterator[str]:
    """Where in `value` text holds what PostgreSQL cannot: a zero byte, or half of a surrogate pair."""
    if isinstance(value, str):
        if not value.isprintable() and any(each == "\0" or "\ud800" <= each <= "\udfff" for each in value):
            yield path
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _unstorable(key, path)
            yield from _unstorable(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield from _unstorable(inner, f"{path}.{at}")


class Schema(ma.Schema):
    """A body; a field it does not know is an error. `makes` is the dataclass a valid body becomes."""

    makes: ClassVar[type | None] = None

    class Meta:
        unknown = ma.RAISE

    @ma.pre_load
    def refuse_unstorable(self, sent: Any, **_: Any) -> Any:
        if wrong := {path or "_schema": [UNSTORABLE] for path in _unstorable(sent, "")}:
            raise ma.ValidationError(wrong)
        return sent

    @ma.post_load
    def make(self, loaded: dict[str, Any], **_: Any) -> Any:
        return self.makes(**loaded) if self.makes is not None and not self.partial else loaded


class Text(ma.fields.String):
    """Text without surrounding blanks or control characters, 1 to `most` characters long."""

    def __init__(self, most: int = 200, **options: Any) -> None:
        super().__init__(validate=[ma.validate.Length(1, most)], **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> Any:
        text = super()._deserialize(value, attr, data, **options)
        if any(ord(character) < 32 and character not in "\n\t" for character in text):
            raise ma.ValidationError([("含有控制字符", "Contains control characters.")])
        return text.strip()


class Reach(ma.fields.String):
    """An answered phone number or e-mail address; masked for who may see the row and not how to reach people."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **options: Any) -> str | None:
        text = super()._serialize(value, attr, obj, **options)
        return text if text is None or work().actor.may("personal:read") else masked(text)


class AmountField(ma.fields.Decimal):
    """A decimal with at most two places, sent as a string; a JSON float is refused, it cannot hold money."""

    def __init__(self, **options: Any) -> None:
        super().__init__(places=None, as_string=True, allow_nan=False, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> Decimal:
        if isinstance(value, float | bool):
            raise ma.ValidationError([("金额请用字符串", 'Send the amount as a string, such as "1234.50".')])
        amount: Decimal = super()._deserialize(value, attr, data, **options)
        if abs(amount) > MOST or amount != amount.quantize(CENTS):
            raise ma.ValidationError([("金额最多两位小数", "At most two decimal places and sixteen digits.")])
        return amount.quantize(CENTS)


class MoneySchema(Schema):
    """`{"amount": "1234.50", "currency": "CNY"}`."""

    amount = AmountField(required=True)
    currency = ma.fields.String(required=True, validate=ma.validate.Regexp("^[A-Z]{3}$"))


class ExternalSchema(Schema):
    """Where an imported row comes from: the same pair again updates instead of doubling."""

    makes = External

    system = Text(60, required=True)
    id = Text(200, required=True)


class ImportableSchema(Schema):
    """A body that may come from another system, and may say when things happened there.

    The days and times named in `historic` go into the command's `history`, as sent: null says that nobody knows.
    """

    historic: ClassVar[tuple[str, ...]] = ("created_at",)

    external = ma.fields.Nested(ExternalSchema, load_default=None)
    created_at = ma.fields.AwareDateTime(format="iso")

    @ma.post_load
    def make(self, loaded: dict[str, Any], **options: Any) -> Any:
        history = {name: loaded.pop(name) for name in self.historic if name in loaded}
        return super().make(loaded | {"history": history}, **options)


class Row(ma.Schema):
    """What every object that is answered has."""

    id = ma.fields.UUID()
    version = ma.fields.Integer()
    created_at = ma.fields.AwareDateTime(format="iso")
    updated_at = ma.fields.AwareDateTime(format="iso")
    unit_id = ma.fields.UUID()
    external = ma.fields.Function(lambda row: external_of(row), metadata={"type": "object"})


def external_of(row: Any) -> dict[str, str] | None:
    """A row's `external`, null for what was not imported."""
    system = getattr(row, "external_system", None)
    return {"system": system, "id": row.external_id} if system is not None else None


def money_of(amount: Decimal | None, currency: str | None) -> dict[str, str] | None:
    """An amount and its currency as they go out; null without an amount."""
    return None if amount is None or currency is None else {"amount": f"{amount:.2f}", "currency": currency}


def money_field(amount: str, currency: str) -> ma.fields.Field[Any]:
    """An answered field built from a row's columns `amount` and `currency`."""
    return ma.fields.Function(
        lambda row: money_of(getattr(row, amount), getattr(row, currency)), metadata={"type": "object"}
    )


class BulkSchema(ma.Schema):
    """`{"items": [...]}`, at most 1,000, each judged by itself."""

    class Meta:
        unknown = ma.RAISE

    items = ma.fields.List(ma.fields.Raw(), required=True, validate=ma.validate.Length(1, 1000))


class BulkResult(ma.Schema):
    status = ma.fields.Integer()
    id = ma.fields.UUID()
    problem = ma.fields.Dict()


class BulkAnswer(ma.Schema):
    results = ma.fields.List(ma.fields.Nested(BulkResult))
