"""References that are not here yet: a command waits for them together, a little, before it says no."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from chassis.errors import UnknownReference
from chassis.scope import readable
from chassis.work import Work

WAIT_SECONDS = 2.0
LOOK_SECONDS = 0.03


@dataclass(frozen=True)
class Reference:
    """A field that names a row of a local copy; `permission` is given where the caller must see the row to use it."""

    field: str
    table: sa.FromClause
    id: UUID
    permission: str | None = None


def require(work: Work, *references: Reference) -> None:
    """Wait until every reference is known, at most WAIT_SECONDS in all. Raises UnknownReference.

    A stub (sequence 0) is not known yet, and what the caller may not see never becomes known to him.
    """
    missing = unknown(work, references)
    if missing:
        raise UnknownReference(sorted({reference.field for reference in missing}))


def unknown(work: Work, references: Sequence[Reference]) -> list[Reference]:
    """The references still unknown after the wait: none waits for long when all are here."""
    missing = list(references)
    until = time.monotonic() + WAIT_SECONDS
    while True:
        missing = _missing(work, missing)
        if not missing or time.monotonic() > until:
            return missing
        time.sleep(LOOK_SECONDS)


def _missing(work: Work, references: list[Reference]) -> list[Reference]:
    if not references:
        return []
    missing: list[Reference] = []
    groups: dict[tuple[sa.FromClause, str | None], list[Reference]] = {}
    for reference in references:
        groups.setdefault((reference.table, reference.permission), []).append(reference)
    with work.transaction() as tx:
        for (table, permission), wanted in groups.items():
            query = sa.select(table.c.id).where(table.c.id.in_({reference.id for reference in wanted}))
            if "sequence" in table.c:
                query = query.where(table.c.sequence > 0)
            if permission is not None:
                query = query.where(readable(work.actor, permission, table))
            found = set(tx.execute(query).scalars())
            missing += [reference for reference in wanted if reference.id not in found]
    return missing
