"""Capture leads and edit them."""

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis import directory, scope
from chassis.auth import Actor
from chassis.batch import Batch, External, Outcome, in_rounds, known_externals, previous, sole
from chassis.calendar import Calendar
from chassis.ids import new_id
from chassis.policies import in_force_in
from chassis.references import Reference, refuse_unknown
from chassis.scope import readable, units_within
from chassis.store import Transaction
from chassis.work import Work
from contracts.leads import LeadAssigned, LeadCaptured, LeadChanged
from contracts.policies import Standing
from services.leads.commands.announce import lead_state
from services.leads.commands.assignment import given, route
from services.leads.domain import leads as domain
from services.leads.domain.scoring import Signals, score
from services.leads.problems import PROBLEMS
from services.leads.store import leads as store
from services.leads.store.tables import leads, products, sources

WRITE = "leads:write"
ALIKE_WITHIN = timedelta(days=90)
GIVEN = ("company", "contact_name", "phone", "email", "region", "source_id", "product_ids", "note", "attributes")


@dataclass(frozen=True, kw_only=True)
class CaptureLead:
    """A signal of interest; `unit_id` is where to route within, the caller's own unit when not given."""

    company: str
    source_id: UUID
    contact_name: str | None = None
    phone: str | None = None
    email: str | None = None
    region: str | None = None
    unit_id: UUID | None = None
    product_ids: tuple[UUID, ...] = ()
    note: str | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    owner_id: UUID | None = None
    external: External | None = None
    history: Mapping[str, Any] = field(default_factory=dict)


def capture_leads(work: Work, requests: Sequence[CaptureLead]) -> list[Outcome]:
    """Capture and route each lead, or bring the one of the same external id up to date."""
    return in_rounds(requests, lambda group: _capture_round(work, group))


def capture_lead(work: Work, request: CaptureLead) -> sa.Row[Any]:
    """Capture one lead; the caller sees what became of it, whoever got it."""
    captured: sa.Row[Any] = sole(capture_leads(work, [request])).row
    return captured


def edit_lead(work: Work, lead_id: UUID, version: int, changes: Mapping[str, Any]) -> sa.Row[Any]:
    """Change what the caller names. Raises NotFound, Forbidden, Stale."""
    with work.transaction() as tx:
        row = scope.fetch(tx, work.actor, leads, lead_id, "leads", to_write=True)
        work.require_version(version, row.version)
        return change(tx, row, changes)


def change(tx: Transaction, row: sa.Row[Any], changes: Mapping[str, Any]) -> sa.Row[Any]:
    """The locked lead with what `changes` names, announced; as it is where they change nothing."""
    columns = {name: list(value) if name == "product_ids" else value for name, value in changes.items()}
    if all(getattr(row, name) == value for name, value in columns.items()):
        return row
    keys = {
        "phone_key": domain.phone_key(columns.get("phone", row.phone)),
        "email_key": domain.email_key(columns.get("email", row.email)),
    }
    after = store.change(tx, row, columns | keys, tx.clock.now())
    path = directory.unit_paths(tx, {after.unit_id}).get(after.unit_id, "")
    tx.record(LeadChanged(**lead_state(after._mapping)), unitpath=path)
    return after


def _capture_round(work: Work, requests: Sequence[CaptureLead]) -> list[Outcome]:
    batch = Batch(requests, PROBLEMS)
    for at, request in batch.pending():
        with batch.judging(at):
            if request.history:
                work.actor.require("history:import")
    with work.transaction() as tx:
        found = refuse_unknown(tx, work.actor, batch, _references(work.actor))
        mine = readable(work.actor, WRITE, leads)
        known = known_externals(tx, leads, [request for _, request in batch.pending()], mine)
        fresh = []
        for at, request in batch.pending():
            with batch.judging(at):
                row = previous(known, request, WRITE)
                if row is None:
                    fresh.append((at, request))
                else:
                    after = change(tx, row, {name: getattr(request, name) for name in GIVEN})
                    batch.done(at, row.id, created=False, row=after)
        placed = [replace(request, unit_id=request.unit_id or work.actor.unit_id) for _, request in fresh]
        kinds = [found[_source(request)].kind for request in placed]
        for (at, _), added in zip(fresh, capture(tx, placed, kinds), strict=True):
            batch.done(at, added.id, created=True, row=added)
    return batch.outcomes


def capture(tx: Transaction, requests: Sequence[CaptureLead], source_kinds: Sequence[str]) -> list[sa.Row[Any]]:
    """New leads, each judged, routed within its unit and announced; of which kind the source of each is, is known."""
    if not requests:
        return []
    now = tx.clock.now()
    rules = in_force_in(tx, "lead_routing", {_unit(request) for request in requests}, now)
    rows = [
        _row(now, request, kind, rules[_unit(request)]) for request, kind in zip(requests, source_kinds, strict=True)
    ]
    earlier = store.alike(tx, ((row["phone_key"], row["email_key"]) for row in rows), now - ALIKE_WITHIN)
    for row in rows:
        row["duplicate_of_id"] = earlier.get(row["phone_key"]) or earlier.get(row["email_key"])
    owners = [request.owner_id for request in requests]
    policies = {unit_id: standing.rules for unit_id, standing in rules.items()}
    routings, placed = route(tx, [row["unit_id"] for row in rows], owners, policies)
    for row, routing in zip(rows, routings, strict=True):
        row.update(given(row["unit_id"], routing, placed))
    _announce(tx, rows, {place.unit_id: place.unit_path for place in placed.values()})
    return store.add(tx, rows)


def _announce(tx: Transaction, rows: Sequence[Mapping[str, Any]], paths: dict[UUID, str]) -> None:
    """`paths` are those of units that are known already."""
    paths |= directory.unit_paths(tx, {row["unit_id"] for row in rows} - paths.keys())
    for row in rows:
        path = paths.get(row["unit_id"], "")
        tx.record(LeadCaptured(**lead_state(row)), unitpath=path)
        if row["owner_id"] is not None:
            tx.record(LeadAssigned(**lead_state(row), rule=row["rule"]), unitpath=path)


def _unit(request: CaptureLead) -> UUID:
    """Where a lead is routed; by now every request names it."""
    assert request.unit_id is not None  # noqa: S101 -- filled in when it was placed
    return request.unit_id


def _row(now: datetime, request: CaptureLead, source_kind: str, standing: Standing) -> dict[str, Any]:
    captured_at = request.history.get("created_at") or now
    imported = bool(request.history)
    plan_within = timedelta(hours=standing.rules.plan_within_hours)
    deadlines = None if imported else domain.due(captured_at, Calendar(), plan_within)
    phone_key, email_key = domain.phone_key(request.phone), domain.email_key(request.email)
    signals = Signals(
        source_kind, phone_key is not None, email_key is not None, bool(request.contact_name), len(request.product_ids)
    )
    return {name: getattr(request, name) for name in GIVEN} | {
        "id": new_id(),
        "version": 1,
        "created_at": captured_at,
        "updated_at": captured_at,
        "unit_id": request.unit_id,
        "product_ids": list(request.product_ids),
        "attributes": dict(request.attributes),
        "phone_key": phone_key,
        "email_key": email_key,
        "score": score(signals),
        "judge_by": deadlines.judge_by if deadlines else None,
        "plan_by": deadlines.plan_by if deadlines else None,
        "policy_id": standing.policy_id,
        "imported": imported,
        "external_system": request.external.system if request.external else None,
        "external_id": request.external.id if request.external else None,
    }


def _source(request: CaptureLead) -> Reference:
    return Reference("source_id", sources, request.source_id)


def _references(actor: Actor) -> Callable[[CaptureLead], list[Reference]]:
    """What a request refers to, its unit being one within the caller's reach."""

    @functools.cache
    def reachable_units() -> sa.FromClause:
        within = units_within(actor.scope(WRITE), directory.units.c.id)
        return sa.select(directory.units).where(within).subquery("reachable_units")

    def named(request: CaptureLead) -> list[Reference]:
        references = [_source(request)]
        references += [Reference("product_ids", products, product_id) for product_id in request.product_ids]
        if request.unit_id is not None:
            references.append(Reference("unit_id", reachable_units(), request.unit_id))
        if request.owner_id is not None:
            references.append(Reference("owner_id", directory.REACHABLE, request.owner_id, WRITE))
        return references

    return named
