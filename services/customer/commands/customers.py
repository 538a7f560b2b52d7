"""Add and edit customers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis import scope
from chassis.batch import Batch, External, Outcome, in_rounds, known_externals, previous, sole
from chassis.directory import REACHABLE, Place, places, unit_paths
from chassis.errors import Conflict, UnknownReference
from chassis.ids import new_id
from chassis.references import Reference, refuse_unknown, require
from chassis.scope import readable
from chassis.store import Transaction
from chassis.work import Work
from services.customer.commands import announce
from services.customer.commands.ownerships import pass_on
from services.customer.domain.credit_code import checked
from services.customer.domain.names import bigrams, masked, name_key
from services.customer.problems import PROBLEMS
from services.customer.store import customers as store
from services.customer.store.tables import customers

WRITE = "customers:write"
KNOWN = ("已有相同的客户", "There is such a customer already")
GIVEN = ("name", "kind", "class_", "credit_code", "industry", "region", "source_id", "parent_id", "attributes")


@dataclass(frozen=True, kw_only=True)
class AddCustomer:
    """A company or person; without an owner it belongs to the caller."""

    name: str
    kind: str = "company"
    class_: str = "ordinary"
    lifecycle: str = "potential"
    credit_code: str | None = None
    industry: str | None = None
    region: str | None = None
    source_id: UUID | None = None
    parent_id: UUID | None = None
    owner_id: UUID | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    override_reason: str | None = None
    external: External | None = None
    history: Mapping[str, Any] = field(default_factory=dict)


def add_customers(work: Work, requests: Sequence[AddCustomer]) -> list[Outcome]:
    """Add each customer, or bring the one of the same external id up to date."""
    return in_rounds(requests, lambda group: _add_round(work, group))


def add_customer(work: Work, request: AddCustomer) -> sa.Row[Any]:
    """Add one customer. Raises Refused with the candidates when there is one like it."""
    with work.transaction() as tx:
        outcome = sole(add_customers(work.within(tx), [request]))
        return tx.execute(sa.select(customers).where(customers.c.id == outcome.id)).one()


def edit_customer(work: Work, customer_id: UUID, version: int, changes: Mapping[str, Any]) -> sa.Row[Any]:
    """Change what the caller names; a new owner begins a new interval. Raises NotFound, Forbidden, Stale."""
    with work.transaction() as tx:
        require(tx, work.actor, *_references(changes.get("parent_id"), changes.get("owner_id")))
        row = scope.fetch(tx, work.actor, customers, customer_id, "customers", to_write=True)
        work.require_version(version, row.version)
        return _change(tx, work, row, changes)


def _change(tx: Transaction, work: Work, row: sa.Row[Any], changes: Mapping[str, Any]) -> sa.Row[Any]:
    columns = dict(changes)
    if columns.get("credit_code"):
        columns["credit_code"] = checked(columns["credit_code"])
    if all(getattr(row, name) == value for name, value in columns.items()):
        return row
    if "name" in columns:
        columns |= {"name_key": name_key(columns["name"]), "bigrams": bigrams(columns["name"])}
    given = columns.get("owner_id", row.owner_id) != row.owner_id
    if given:
        place = places(tx, {columns["owner_id"]}).get(columns["owner_id"])
        if place is None:
            raise UnknownReference(["owner_id"])
        columns |= {"unit_id": place.unit_id, "manager_id": place.manager_id}
    now = work.clock.now()
    _require_free_code(tx, work, columns.get("credit_code"), row.id)
    after = store.change(tx, row, columns, now)
    paths = unit_paths(tx, {row.unit_id, after.unit_id})
    announce.changed(tx, row, after._mapping, paths)
    if given:
        pass_on(tx, [after], work.actor.user_id, paths, "transferred", now)
    return after


def _add_round(work: Work, requests: Sequence[AddCustomer]) -> list[Outcome]:
    batch = Batch(requests, PROBLEMS)
    for at, request in batch.pending():
        with batch.judging(at):
            if request.credit_code:
                checked(request.credit_code)
            if request.history:
                work.actor.require("history:import")
    with work.transaction() as tx:
        refuse_unknown(tx, work.actor, batch, lambda request: _references(request.parent_id, request.owner_id))
        mine = readable(work.actor, WRITE, customers)
        known = known_externals(tx, customers, [request for _, request in batch.pending()], mine)
        found = places(tx, {request.owner_id or work.actor.user_id for _, request in batch.pending()})
        fresh: list[tuple[int, dict[str, Any]]] = []
        for at, request in batch.pending():
            with batch.judging(at):
                row = previous(known, request, WRITE)
                if row is None:
                    fresh.append((at, _row(work, request, found)))
                else:
                    _change(tx, work, row, {name: getattr(request, name) for name in GIVEN})
                    batch.done(at, row.id, created=False)
        _add(tx, work, batch, fresh, requests)
    return batch.outcomes


def _add(
    tx: Transaction, work: Work, batch: Batch[AddCustomer], fresh: Sequence[tuple[int, dict[str, Any]]],
    requests: Sequence[AddCustomer],
) -> None:  # fmt: skip
    store.lock_names(tx, (row["name_key"] for _, row in fresh))
    codes = [row["credit_code"] for _, row in fresh if row["credit_code"]]
    alike = [dict(row._mapping) for row in store.alike(tx, work.actor, (row["name_key"] for _, row in fresh), codes)]
    rows: list[dict[str, Any]] = []
    for at, row in fresh:
        with batch.judging(at):
            _refuse_known(requests[at], row, [*alike, *({**other, "visible": True} for other in rows)])
            rows.append(row)
            batch.done(at, row["id"], created=True)
    if not rows:
        return
    paths = unit_paths(tx, {row["unit_id"] for row in rows})
    for row, ownership_id in zip(rows, store.add(tx, rows, work.actor.user_id), strict=True):
        announce.created(tx, row, ownership_id, paths.get(row["unit_id"], ""))


def _refuse_known(request: AddCustomer, row: Mapping[str, Any], others: Sequence[Mapping[str, Any]]) -> None:
    """Raises Conflict: for a credit code that is taken always, for a name unless the caller says why it is another.

    Two customers of one external system that bear one name are two there, and stay two here.
    """
    same_code = [other for other in others if row["credit_code"] and other["credit_code"] == row["credit_code"]]
    if same_code:
        raise _known([_candidate(other, 1.0, "credit_code") for other in same_code])
    same_name = [
        other
        for other in others
        if other["name_key"] == row["name_key"]
        and not (row["external_system"] and other["external_system"] == row["external_system"])
    ]
    if same_name and not request.override_reason:
        raise _known([_candidate(other, 0.9, "name") for other in same_name[:10]])


def _candidate(other: Mapping[str, Any], score: float, matched_on: str) -> dict[str, Any]:
    """What may be said of a customer to somebody who cannot see it: enough to ask the right branch."""
    shown = {
        "masked_name": masked(other["name"]),
        "branch": str(other["unit_id"]),
        "score": score,
        "matched_on": matched_on,
    }
    return shown | ({"id": str(other["id"])} if other["visible"] else {})


def _known(candidates: list[dict[str, Any]]) -> Conflict:
    return Conflict("known-customer", KNOWN, extra={"candidates": candidates})


def _require_free_code(tx: Transaction, work: Work, code: str | None, customer_id: UUID) -> None:
    taken = [other for other in store.alike(tx, work.actor, (), [code] if code else []) if other.id != customer_id]
    if taken:
        raise _known([_candidate(dict(other._mapping), 1.0, "credit_code") for other in taken])


def _row(work: Work, request: AddCustomer, found: Mapping[UUID, Place]) -> dict[str, Any]:
    owner_id = request.owner_id or work.actor.user_id
    if owner_id not in found:
        raise UnknownReference(["owner_id"])
    created_at = request.history.get("created_at") or work.clock.now()
    return {name: getattr(request, name) for name in (*GIVEN, "lifecycle", "override_reason")} | {
        "id": new_id(),
        "version": 1,
        "created_at": created_at,
        "updated_at": created_at,
        "owner_id": owner_id,
        "unit_id": found[owner_id].unit_id,
        "manager_id": found[owner_id].manager_id,
        "name_key": name_key(request.name),
        "bigrams": bigrams(request.name),
        "credit_code": checked(request.credit_code) if request.credit_code else None,
        "attributes": dict(request.attributes),
        "imported": bool(request.history),
        "external_system": request.external.system if request.external else None,
        "external_id": request.external.id if request.external else None,
    }


def _references(parent_id: UUID | None, owner_id: UUID | None) -> list[Reference]:
    references = []
    if parent_id is not None:
        references.append(Reference("parent_id", customers, parent_id, "customers:read"))
    if owner_id is not None:
        references.append(Reference("owner_id", REACHABLE, owner_id, WRITE))
    return references
