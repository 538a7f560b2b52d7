"""Who holds a customer: one interval ends and the next begins at the same moment."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.directory import unit_paths
from chassis.handovers import Heir, Job, Part, take_over
from chassis.store import Transaction
from services.customer.commands import announce
from services.customer.store import customers as store
from services.customer.store.tables import customers


def pass_on(
    tx: Transaction, after: Sequence[sa.Row[Any]], actor_id: UUID, paths: Mapping[UUID, str], cause: str,
    at: datetime, handover_id: UUID | None = None,
) -> None:  # fmt: skip
    """From `at` on, read after the customers were locked, these are held by the owners they name now."""
    ended = store.close_ownerships(tx, [row.id for row in after], at, cause)
    for row in after:
        announce.closed(tx, row.id, ended[row.id], paths.get(ended[row.id]["unit_id"], ""), handover_id)
    since = [ended[row.id]["closed_at"] for row in after]
    opened = store.open_ownerships(tx, [{**row._mapping} for row in after], actor_id, since, cause)
    for row, ownership_id, began in zip(after, opened, since, strict=True):
        announce.opened(tx, row._mapping, ownership_id, began, cause, paths.get(row.unit_id, ""), handover_id)


def hand_over(tx: Transaction, rows: Sequence[sa.Row[Any]], job: Job, heir: Heir | None) -> None:
    """Customers of somebody who left go to his heir, with everything that is theirs."""
    assert heir is not None  # noqa: S101 -- customers have no pool, organization asks for an heir
    at = tx.clock.now()
    pairs = take_over(tx, customers, rows, heir, at)
    paths = unit_paths(tx, {row.unit_id for pair in pairs for row in pair})
    for before, row in pairs:
        announce.changed(tx, before, row._mapping, paths)
    pass_on(tx, [row for _, row in pairs], job.actor_id, paths, "handover", at, job.handover_id)


CUSTOMERS = Part("customers", customers, sa.true(), hand_over)
