"""Take in the leads that branches' own systems met."""

from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from chassis import directory
from chassis.batch import External, known_externals
from chassis.ids import new_id
from chassis.store import Transaction
from contracts.branch import SOURCE, BranchLeadCaptured
from contracts.leads import SourceCreated
from services.leads.commands.leads import CaptureLead, capture, change
from services.leads.commands.sources import AddSource
from services.leads.store import catalogue
from services.leads.store.tables import leads, sources

KIND: Final = "branch"
TOLD = ("company", "contact_name", "phone", "email", "region", "note")


class UnknownBranch(Exception):
    """There is no open branch of this code, or the news of it is still under way: the event is tried again."""


def take_in_lead(tx: Transaction, branch: str, told: BranchLeadCaptured) -> None:
    """Capture the lead within the branch's unit, or bring it up to date. Raises UnknownBranch.

    Its deadlines run from now: a branch that was cut off is not late for what nobody could have seen.
    """
    unit = directory.branch(tx, branch.removeprefix(SOURCE))
    if unit is None:
        raise UnknownBranch(branch)
    external = External(f"{KIND}.{unit.code}", str(told.lead_id))
    given = {name: getattr(told, name) for name in TOLD}
    request = CaptureLead(source_id=_source(tx, unit), unit_id=unit.id, external=external, **given)
    known = known_externals(tx, leads, [request]).get(external)
    if known is None:
        capture(tx, [request], [KIND])
    else:
        change(tx, known, given)


def _source(tx: Transaction, unit: sa.Row[Any]) -> UUID:
    """Where leads of this branch's own system come from: one source for each branch, made with its first lead."""
    external = External(KIND, unit.code)
    theirs = sa.and_(sources.c.external_system == external.system, sources.c.external_id == external.id)
    found: UUID | None = tx.execute(sa.select(sources.c.id).where(theirs)).scalar()
    return found or _first_source(tx, unit, external)


def _first_source(tx: Transaction, unit: sa.Row[Any], external: External) -> UUID:
    made = known_externals(tx, sources, [AddSource(name=unit.name, kind=KIND, external=external)]).get(external)
    if made is not None:
        return UUID(str(made.id))
    now, source_id = tx.clock.now(), new_id()
    row = {
        "id": source_id, "version": 1, "created_at": now, "updated_at": now, "unit_id": unit.id, "kind": KIND,
        "external_system": external.system, "external_id": external.id,
    }  # fmt: skip
    names = (unit.name, f"{unit.name} {unit.code}", f"{unit.name} {unit.id}")
    name = next(name for name in names if catalogue.add(tx, sources, row | {"name": name}))
    tx.record(SourceCreated(source_id=source_id, name=name, kind=KIND))
    return source_id
