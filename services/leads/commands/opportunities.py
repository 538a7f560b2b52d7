"""Open, move, edit and close opportunities."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from chassis.batch import Batch, External, Outcome, in_rounds, known_externals, previous, sole
from chassis.calendar import CHINA
from chassis.directory import REACHABLE, Place, places, unit_paths
from chassis.errors import UnknownReference
from chassis.ids import new_id
from chassis.references import Reference, refuse_unknown, require
from chassis.scope import readable
from chassis.store import Transaction
from chassis.work import Work
from services.leads.commands import announce, gates
from services.leads.domain import opportunities as domain
from services.leads.domain import pipeline
from services.leads.domain.opportunities import Closing, Line, Money, Opportunity, Step
from services.leads.problems import PROBLEMS
from services.leads.store import opportunities as store
from services.leads.store.replicas import customers
from services.leads.store.tables import opportunities, products

WRITE = "opportunities:write"
IMPORT = "history:import"


@dataclass(frozen=True, kw_only=True)
class OpenOpportunity:
    """A deal to begin; `history` holds the days that only an import may set."""

    name: str
    customer_id: UUID | None = None
    lead_id: UUID | None = None
    stage: str = pipeline.FIRST
    lines: tuple[Line, ...] = ()
    amount: Money | None = None
    expected_close_on: date | None = None
    owner_id: UUID | None = None
    factors: tuple[dict[str, Any], ...] = ()
    competitor: dict[str, Any] | None = None
    external: External | None = None
    history: Mapping[str, Any] = field(default_factory=dict)

    @property
    def historic(self) -> bool:
        return bool(self.history) or self.stage in pipeline.CLOSED


def open_opportunities(work: Work, requests: Sequence[OpenOpportunity]) -> list[Outcome]:
    """Begin each deal, or bring the one of the same external id up to date."""
    return in_rounds(requests, lambda group: _open_round(work, group))


def open_opportunity(work: Work, request: OpenOpportunity) -> Opportunity:
    """Begin one deal."""
    with work.transaction() as tx:
        outcome = sole(open_opportunities(work.within(tx), [request]))
        assert outcome.id is not None  # noqa: S101 -- what is not refused has an id
        return store.get(tx, work, outcome.id)


def move_stage(work: Work, opportunity_id: UUID, stage: str, reason: str | None) -> Opportunity:
    """Move an opportunity along its pipeline and announce it."""
    with work.transaction() as tx:
        opportunity = store.get(tx, work, opportunity_id, to_write=True)
        at = _present(work, opportunity)
        rules = gates.at(tx, opportunity.unit_id, at)
        overridden = reason is not None and work.actor.may(gates.OVERRIDE)
        step = domain.advance(opportunity, stage, rules, at=at, reason=reason, overridden=overridden)
        return opportunity if opportunity.stage == stage else _keep(tx, work, step)


def close_opportunity(work: Work, opportunity_id: UUID, closing: Mapping[str, Any]) -> Opportunity:
    """Win or lose an opportunity and announce it."""
    with work.transaction() as tx:
        opportunity = store.get(tx, work, opportunity_id, to_write=True)
        at = _present(work, opportunity)
        today = at.astimezone(CHINA).date()
        how = Closing(**{"closed_on": today} | dict(closing))
        rules = gates.at(tx, opportunity.unit_id, at)
        return _keep(tx, work, domain.close(opportunity, how, rules, at=at, today=today))


def edit_opportunity(work: Work, opportunity_id: UUID, version: int, changes: Mapping[str, Any]) -> Opportunity:
    """Change what the caller names, unless somebody else changed the deal meanwhile. Raises Stale."""
    named = _references(changes.get("customer_id"), changes.get("owner_id"), changes.get("lines") or ())
    with work.transaction() as tx:
        require(tx, work.actor, *named)
        opportunity = store.get(tx, work, opportunity_id, to_write=True)
        work.require_version(version, opportunity.version)
        place: dict[str, Any] = {}
        if changes.get("owner_id", opportunity.owner_id) != opportunity.owner_id:
            found = places(tx, {changes["owner_id"]}).get(changes["owner_id"])
            if found is None:
                raise UnknownReference(["owner_id"])
            place = {"unit_id": found.unit_id, "manager_id": found.manager_id}
        after = replace(opportunity, **changes, **place, updated_at=_present(work, opportunity))
        domain.total(after.lines)
        return _keep(tx, work, Step(opportunity, after))


def _keep(tx: Transaction, work: Work, step: Step) -> Opportunity:
    after = store.save(tx, step, work.actor.user_id)
    announce.changed(tx, replace(step, after=after), unit_paths(tx, {step.before.unit_id, after.unit_id}))
    return after


def _open_round(work: Work, requests: Sequence[OpenOpportunity]) -> list[Outcome]:
    batch = Batch(requests, PROBLEMS)
    for at, request in batch.pending():
        with batch.judging(at):
            pipeline.any_stage(request.stage)
            if request.historic:
                work.actor.require(IMPORT)
    with work.transaction() as tx:
        refuse_unknown(
            tx, work.actor, batch, lambda request: _references(request.customer_id, request.owner_id, request.lines)
        )
        mine = readable(work.actor, WRITE, opportunities)
        known = known_externals(tx, opportunities, [request for _, request in batch.pending()], mine)
        owners = {request.owner_id or work.actor.user_id for _, request in batch.pending()}
        found = places(tx, owners)
        paths = unit_paths(tx, {place.unit_id for place in found.values()})
        rules = gates.of_units(tx, {*paths, *(row.unit_id for row in known.values())}, work.clock.now())
        added = []
        for at, request in batch.pending():
            with batch.judging(at):
                row = previous(known, request, WRITE)
                before = store.of_row(row) if row is not None else None
                after = _target(work, request, found, before)
                policy_id = _let_in(request, before, after, rules[after.unit_id])
                if before is None:
                    added.append((after, policy_id))
                elif after != before:
                    changed = replace(after, updated_at=work.clock.now())
                    _keep(tx, work, Step(before, changed, policy_id=policy_id))
                batch.done(at, after.id, created=before is None)
        if added:
            store.add(tx, added, work.actor.user_id)
            for opportunity, _ in added:
                announce.opened(tx, opportunity, paths[opportunity.unit_id])
    return batch.outcomes


def _let_in(
    request: OpenOpportunity, before: Opportunity | None, after: Opportunity, rules: pipeline.Rules
) -> UUID | None:
    """The policy by which the deal may stand in its stage; none for history, which passes no gate."""
    domain.require_factors(after.factors, rules)
    if request.historic:
        return None
    if before is None or before.stage != after.stage:
        domain.require_gate(after, rules)
    return rules.policy_id


def _references(customer_id: UUID | None, owner_id: UUID | None, lines: Sequence[Line]) -> list[Reference]:
    references = [Reference("lines", products, line.product_id) for line in lines]
    if customer_id is not None:
        references.append(Reference("customer_id", customers, customer_id, "customers:read"))
    if owner_id is not None:
        references.append(Reference("owner_id", REACHABLE, owner_id, WRITE))
    return references


def _target(
    work: Work, request: OpenOpportunity, found: Mapping[UUID, Place], before: Opportunity | None
) -> Opportunity:
    """The deal as the request wants it; what only the first sight of it may decide stays as it was."""
    now = work.clock.now()
    today = now.astimezone(CHINA).date()
    owner_id = request.owner_id or (before.owner_id if before else work.actor.user_id)
    place = _place(owner_id, found, before)
    closed = request.stage in pipeline.CLOSED
    closed_on = request.history.get("closed_on") or (today if closed else None)
    opened_on = request.history.get("opened_on", before.opened_on if before else today)
    domain.require_days(opened_on, closed_on, today)
    value = request.amount or domain.total(request.lines)
    if request.stage == "won" and value is None:
        raise domain.AmountMissing
    return Opportunity(
        id=before.id if before else new_id(),
        version=before.version if before else 1,
        created_at=request.history.get("created_at") or (before.created_at if before else now),
        updated_at=before.updated_at if before else now,
        unit_id=place.unit_id,
        owner_id=owner_id,
        manager_id=place.manager_id,
        name=request.name,
        customer_id=request.customer_id,
        lead_id=request.lead_id or (before.lead_id if before else None),
        stage=request.stage,
        outcome=request.stage if closed else None,
        lines=request.lines,
        value=value,
        opened_on=opened_on,
        expected_close_on=request.expected_close_on,
        closed_on=closed_on if closed else None,
        stage_entered_at=_entered_at(request, closed_on, before, now),
        factors=request.factors,
        competitor=request.competitor,
        imported=request.historic or (before.imported if before else False),
        external_system=request.external.system if request.external else None,
        external_id=request.external.id if request.external else None,
    )


def _place(owner_id: UUID, found: Mapping[UUID, Place], before: Opportunity | None) -> Place:
    """Where the deal stands: with its owner as he is placed now, or as he was when it was given to him."""
    if before is not None and before.owner_id == owner_id:
        return Place(before.unit_id, "", before.manager_id)
    if owner_id not in found:
        raise UnknownReference(["owner_id"])
    return found[owner_id]


def _entered_at(
    request: OpenOpportunity, closed_on: date | None, before: Opportunity | None, now: datetime
) -> datetime | None:
    """When the present stage was entered: as history says, on the closing day, as before, or now."""
    if before is not None and before.stage == request.stage:
        return before.stage_entered_at
    day = request.history.get("entered_on") or (closed_on if request.history else None)
    if day is not None:
        return datetime.combine(day, time(0), CHINA)
    return None if "opened_on" in request.history else now


def _present(work: Work, opportunity: Opportunity) -> datetime:
    """Now, read after the row was locked, and never before the stage was entered."""
    entered_at = opportunity.stage_entered_at
    now = work.clock.now()
    return max(now, entered_at) if entered_at else now
