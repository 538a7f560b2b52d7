"""Lists: keyset pages, sorted by a column and the id, never by OFFSET."""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import marshmallow as ma
import sqlalchemy as sa

from chassis.errors import field_error
from chassis.store import Transaction
from chassis.web.schemas import Schema

LATEST = "infinity"
"""Where a day that nobody knows yet is sorted: behind all others."""
DEFAULT_LIMIT = 50
MOST = 200


class PageSchema(Schema):
    """The query of every list."""

    limit = ma.fields.Integer(load_default=DEFAULT_LIMIT, validate=ma.validate.Range(1, MOST))
    cursor = ma.fields.String(load_default=None)
    sort = ma.fields.String(load_default=None)
    q = ma.fields.String(load_default=None, validate=ma.validate.Length(1, 100))


@dataclass(frozen=True)
class Sort:
    column: sa.ColumnElement[Any]
    descending: bool
    name: str


def paginate(
    tx: Transaction, query: sa.Select[Any], table: sa.FromClause, asked: Mapping[str, Any],
    default: str = "-created_at", sortable: tuple[str, ...] = ("created_at", "updated_at"),
) -> dict[str, Any]:  # fmt: skip
    """One page of `query` over `table`: `{"items", "next_cursor"}`. Raises RuleNotMet for a bad sort or cursor."""
    sort = _sort(table, asked["sort"] or default, sortable)
    identity = table.c.id
    if asked["cursor"]:
        value, after = _open(asked["cursor"], sort)
        position, start = sa.tuple_(sort.column, identity), sa.tuple_(value, sa.literal(after))
        query = query.where(position < start if sort.descending else position > start)
    order = (sort.column.desc(), identity.desc()) if sort.descending else (sort.column, identity)
    rows = list(tx.execute(query.order_by(*order).limit(asked["limit"] + 1)))
    more = len(rows) > asked["limit"]
    rows = rows[: asked["limit"]]
    return {"items": rows, "next_cursor": _seal(sort, rows[-1]) if more else None}


def page_of(schema: type[ma.Schema]) -> type[ma.Schema]:
    """The answer of a list of `schema`."""
    name = schema.__name__.removesuffix("Schema") + "PageSchema"
    return type(
        name,
        (ma.Schema,),
        {
            "items": ma.fields.List(ma.fields.Nested(schema)),
            "next_cursor": ma.fields.String(allow_none=True),
        },
    )


def _sort(table: sa.FromClause, asked: str, sortable: tuple[str, ...]) -> Sort:
    name = asked.removeprefix("-")
    if name not in sortable:
        allowed = ", ".join(sortable)
        raise field_error("sort", (f"只能按 {allowed} 排序", f"Sort by one of {allowed}"))
    column: sa.ColumnElement[Any] = table.c[name]
    if isinstance(column.type, sa.Date):
        column = sa.func.coalesce(column, sa.literal_column(f"'{LATEST}'::date"), type_=sa.Date)
    return Sort(column, asked.startswith("-"), asked)


def _seal(sort: Sort, row: Any) -> str:
    value = getattr(row, sort.name.removeprefix("-"))
    text = LATEST if value is None else value.isoformat() if isinstance(value, date) else str(value)
    return base64.urlsafe_b64encode(json.dumps([sort.name, text, str(row.id)]).encode()).decode()


def _open(cursor: str, sort: Sort) -> tuple[Any, UUID]:
    try:
        name, text, after = json.loads(base64.urlsafe_b64decode(cursor))
        if name != sort.name:
            raise ValueError("another sort")
        return _value(text, sort.column.type.python_type), UUID(after)
    except (ValueError, TypeError, AttributeError, binascii.Error):
        raise field_error("cursor", ("游标无效", "Not a cursor of this list")) from None


def _value(text: Any, kind: type) -> sa.ColumnElement[Any]:
    """Raises ValueError, TypeError."""
    if kind is date:
        return sa.cast(text if text == LATEST else date.fromisoformat(text).isoformat(), sa.Date)
    if kind is datetime:
        return sa.literal(datetime.fromisoformat(text))
    return sa.literal(Decimal(text) if kind is Decimal else text)
