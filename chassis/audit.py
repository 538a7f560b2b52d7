"""The record of who did what: one function, called in the transaction that does it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.ids import new_id
from chassis.store import Transaction
from contracts.backbone import AUDITS, AuditChange

LONGEST = 1000
"""Characters of a value or reason that are kept."""


def record(
    tx: Transaction, action: str, subject: tuple[str, UUID | None], *, before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None, reason: str | None = None, unitpath: str = "",
) -> None:  # fmt: skip
    """Put on record that the transaction's actor did `action` to `subject` (its kind and id), if it commits.

    `before` and `after` are compared field by field, and only what differs is kept; callers leave secrets out.
    """
    service = tx.source.rpartition("/")[2]
    kind, subject_id = subject
    tx.record(
        AUDITS[service](
            audit_id=new_id(), service=service, action=action, at=tx.clock.now(), actor_id=_person(tx.actor),
            address=tx.address or None, subject_kind=kind, subject_id=subject_id,
            changes=changes(before or {}, after or {}), reason=reason[:LONGEST] if reason else None,
        ),
        unitpath=unitpath,
    )  # fmt: skip


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[AuditChange, ...]:
    """What differs between two states, field by field, in the order of `after`."""
    fields = [*after, *(field for field in before if field not in after)]
    return tuple(
        AuditChange(field=field, before=_written(before.get(field)), after=_written(after.get(field)))
        for field in fields
        if before.get(field) != after.get(field)
    )


def _written(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(_written(each) or "" for each in value)[:LONGEST]
    return str(value)[:LONGEST]


def _person(actor: str) -> UUID | None:
    try:
        return UUID(actor)
    except ValueError:
        return None
