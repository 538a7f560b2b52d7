"""The audit trail, searched and written out."""

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa

from chassis.web.paging import paginate
from chassis.work import Work
from services.organization.store.tables import audit_entries

BATCH = 1000
COLUMNS = (
    "at", "service", "action", "actor_name", "actor_id", "subject_kind", "subject_id", "subject_name", "address",
    "changes", "reason", "trace_id",
)  # fmt: skip
MARK = "\ufeff"
"""By which spreadsheets know that the text is UTF-8."""
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def list_entries(work: Work, asked: Mapping[str, Any]) -> dict[str, Any]:
    """A page of the entries that were asked for, the latest first."""
    with work.transaction() as tx:
        return paginate(tx, _asked(asked), audit_entries, asked, "-at", ("at",))


def written_out(work: Work, asked: Mapping[str, Any]) -> Iterator[str]:
    """Every entry that was asked for as CSV, the latest first; read in batches while it is sent."""
    yield MARK + _line(COLUMNS)
    page: dict[str, Any] = {**asked, "limit": BATCH, "cursor": None, "sort": None}
    while True:
        found = list_entries(work, page)
        yield "".join(_line(_cells(row)) for row in found["items"])
        if found["next_cursor"] is None:
            return
        page["cursor"] = found["next_cursor"]


def _asked(asked: Mapping[str, Any]) -> sa.Select[Any]:
    query = sa.select(audit_entries)
    for name in ("actor_id", "subject_id", "action", "service"):
        if asked[name] is not None:
            query = query.where(audit_entries.c[name] == asked[name])
    if asked["begin"] is not None:
        query = query.where(audit_entries.c.at >= asked["begin"])
    if asked["end"] is not None:
        query = query.where(audit_entries.c.at < asked["end"])
    for word in (asked["q"] or "").lower().split():
        query = query.where(audit_entries.c.words.contains(word, autoescape=True))
    return query


def _cells(row: sa.Row[Any]) -> list[str]:
    changes = "; ".join(f"{each['field']}: {each['before'] or ''} → {each['after'] or ''}" for each in row.changes)
    values = dict(row._mapping) | {"at": row.at.isoformat(), "changes": changes}
    return [_harmless(str(values[name]) if values[name] is not None else "") for name in COLUMNS]


def _harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def _line(cells: Any) -> str:
    written = io.StringIO()
    csv.writer(written).writerow(cells)
    return written.getvalue()
