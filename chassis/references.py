"""References that are not here yet: a command waits for them together, a little, before it says no."""

import functools
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

import sqlalchemy as sa

from chassis.auth import Actor
from chassis.batch import Batch, Request
from chassis.errors import UnknownReference
from chassis.scope import readable
from chassis.store import Transaction

WAIT_SECONDS = 2.0
LOOK_SECONDS = 0.03

R = TypeVar("R", bound=Request)


@dataclass(frozen=True)
class Reference:
    """A field that names a row of a local copy; `permission` is given where the caller must see the row to use it."""

    field: str
    table: sa.FromClause
    id: UUID
    permission: str | None = None


def require(tx: Transaction, actor: Actor, *references: Reference) -> None:
    """Wait until every reference is known, at most WAIT_SECONDS in all. Raises UnknownReference.

    A stub (sequence 0) is not known yet, and what the caller may not see never becomes known to him. Come here before
    anything is locked: the transaction waits as well.
    """
    found = _found(tx, actor, set(references))
    if fields := sorted({reference.field for reference in references if reference not in found}):
        raise UnknownReference(fields)


def refuse_unknown(
    tx: Transaction, actor: Actor, batch: Batch[R], named: Callable[[R], Sequence[Reference]]
) -> dict[Reference, sa.Row[Any]]:
    """Refuse the pending requests whose references, as `named` lists them, are not all known after one wait in all.

    What was found, by reference.
    """
    wanted = {at: named(request) for at, request in batch.pending()}
    found = _found(tx, actor, {reference for references in wanted.values() for reference in references})
    for at, references in wanted.items():
        if fields := sorted({reference.field for reference in references if reference not in found}):
            batch.refuse(at, UnknownReference(fields))
    return found


def _found(tx: Transaction, actor: Actor, references: set[Reference]) -> dict[Reference, sa.Row[Any]]:
    found: dict[Reference, sa.Row[Any]] = {}
    until = time.monotonic() + WAIT_SECONDS
    while missing := references - found.keys():
        found |= _look(tx, actor, missing)
        if time.monotonic() > until or len(found) == len(references):
            break
        time.sleep(LOOK_SECONDS)
    return found


def _look(tx: Transaction, actor: Actor, references: set[Reference]) -> dict[Reference, sa.Row[Any]]:
    groups: dict[tuple[sa.FromClause, str | None], list[Reference]] = {}
    for reference in references:
        groups.setdefault((reference.table, reference.permission), []).append(reference)
    found: dict[Reference, sa.Row[Any]] = {}
    for (table, permission), wanted in groups.items():
        query = _known_in(table) if isinstance(table, sa.Table) else _known(table)
        if permission is not None:
            query = query.where(readable(actor, permission, table))
        rows = {row.id: row for row in tx.execute(query, {"ids": [reference.id for reference in wanted]})}
        found |= {reference: rows[reference.id] for reference in wanted if reference.id in rows}
    return found


def _known(table: sa.FromClause) -> sa.Select[Any]:
    query = sa.select(table).where(table.c.id == sa.any_(sa.bindparam("ids", type_=sa.ARRAY(sa.Uuid))))
    return query.where(table.c.sequence > 0) if "sequence" in table.c else query


@functools.cache
def _known_in(table: sa.Table) -> sa.Select[Any]:
    """Built once for each table, of which there are few; a caller's own subquery is built as often as he asks."""
    return _known(table)
