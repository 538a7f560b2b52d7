"""Policies as lists, what is in force, how far a version has reached, and who is still to acknowledge what."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

import chassis.policies
from chassis.errors import NotFound
from chassis.scope import below, units_concerned, units_within
from chassis.store import Transaction
from chassis.web.paging import paginate
from chassis.work import Work
from contracts import policies as declared
from contracts.backbone import SERVICES
from services.organization.domain.policies import Policy, differences
from services.organization.store import policies as store
from services.organization.store.tables import (
    memberships,
    policies,
    policy_acknowledgements,
    policy_reach,
    units,
    users,
)

FILTERS = ("kind", "state", "unit_id")
INSTANT = timedelta(microseconds=1)


class SeenPolicy:
    """A policy together with until when its announcement is to be acknowledged."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy

    def __getattr__(self, name: str) -> Any:
        return getattr(self._policy, name)

    @property
    def acknowledge_by(self) -> datetime | None:
        rules = declared.find(self._policy.kind).read(self._policy.body)
        within = getattr(rules, "acknowledge_within_hours", None)
        published_at = self._policy.published_at
        return None if within is None or published_at is None else published_at + timedelta(hours=within)


def listed(work: Work, asked: Mapping[str, Any]) -> dict[str, Any]:
    """A page of the policies that concern the caller."""
    query = sa.select(policies).where(store.visible(work.actor))
    for name in FILTERS:
        if asked[name] is not None:
            query = query.where(policies.c[name] == asked[name])
    if asked["to_acknowledge"]:
        query = query.where(_waiting(work))
    if asked["q"]:
        query = query.where(policies.c.comment.icontains(asked["q"], autoescape=True))
    with work.transaction() as tx:
        page = paginate(tx, query, policies, asked)
    return page | {"items": [SeenPolicy(store.of_row(row)) for row in page["items"]]}


def one(work: Work, policy_id: UUID) -> SeenPolicy:
    """Raises NotFound."""
    with work.transaction() as tx:
        return SeenPolicy(store.get(tx, work.actor, policy_id))


def kinds() -> dict[str, Any]:
    """Every kind of policy with its JSON Schema and the rules that are shipped."""
    found = [declared.find(name) for name in declared.names()]
    return {
        "items": [{"kind": kind.name, "schema": kind.json_schema(), "shipped": kind.shipped()} for kind in found],
        "marks": list(declared.MARKS),
    }


def diff(work: Work, policy_id: UUID, against: UUID | None) -> dict[str, Any]:
    """What a policy says otherwise than another one, or than what held before it. Raises NotFound."""
    with work.transaction() as tx:
        policy = store.get(tx, work.actor, policy_id)
        before = _before(tx, policy) if against is None else _text(store.get(tx, work.actor, against))
    return {"items": list(differences(before, _text(policy)))}


def _text(policy: Policy) -> dict[str, Any]:
    return {**policy.body, "marks": policy.marks}


def _before(tx: Transaction, policy: Policy) -> dict[str, Any]:
    """Of the rules that held when the policy took effect, or hold now where it has not, those it speaks of."""
    until = policy.effective_from or tx.clock.now()
    standing = chassis.policies.in_force(tx, policy.kind, policy.unit_id, until - INSTANT)
    held = {**standing.body, "marks": standing.marks}
    return {name: held[name] for name in _text(policy)}


def in_force(work: Work, kind: str, unit_id: UUID, at: datetime | None) -> dict[str, Any]:
    """The rules of `kind` that hold in a unit the caller works in, below, or sees from above. Raises NotFound."""
    concerned = units_concerned(work.actor.scope(store.READ), units.c.id)
    with work.transaction() as tx:
        if tx.execute(sa.select(units.c.id).where(units.c.id == unit_id, concerned)).first() is None:
            raise NotFound
        standing = chassis.policies.in_force(tx, kind, unit_id, at or work.clock.now())
    return {
        "id": standing.policy_id,
        "kind": kind,
        "unit_id": unit_id,
        "version": standing.number,
        "effective_from": standing.effective_from,
        "body": standing.body,
        "marks": standing.marks,
        "clamped": standing.clamped,
        "origins": standing.origins,
    }


def reach(work: Work, policy_id: UUID) -> dict[str, Any]:
    """For each unit the version concerns and the caller sees, how far it has come in each service. Raises NotFound."""
    with work.transaction() as tx:
        policy = store.get(tx, work.actor, policy_id)
        if policy.published_at is None:
            return {"items": []}
        return {"items": list(tx.execute(_board(work, policy)))}


def _board(work: Work, policy: Policy) -> sa.Select[Any]:
    services = sa.func.unnest(sa.literal(list(SERVICES), sa.ARRAY(sa.Text))).table_valued("service").render_derived()
    known, reached = policy_acknowledgements, policy_reach
    joined = (
        units.join(services, sa.true())
        .outerjoin(reached, sa.and_(reached.c.policy_id == policy.id, reached.c.service == services.c.service))
        .outerjoin(known, sa.and_(known.c.policy_id == policy.id, known.c.unit_id == units.c.id))
        .outerjoin(users, users.c.id == known.c.acknowledged_by)
    )
    query = sa.select(
        units.c.id.label("unit_id"),
        units.c.name.label("unit_name"),
        services.c.service,
        reached.c.delivered_at,
        reached.c.applied_at,
        known.c.acknowledged_at,
        known.c.acknowledged_by,
        users.c.name.label("acknowledged_by_name"),
    ).select_from(joined)
    seen = units_within(work.actor.scope(store.READ), units.c.id)
    open_below = sa.and_(units.c.id.in_(below(policy.unit_id)), units.c.closed_at.is_(None))
    return query.where(open_below, seen).order_by(units.c.path, services.c.service)


def _waiting(work: Work) -> sa.ColumnElement[bool]:
    """Published, not replaced by a newer version in force, and not acknowledged for a unit the caller manages."""
    newer, own, top = policies.alias("newer"), units.alias("own"), units.alias("top")
    replaced = sa.exists().where(
        newer.c.kind == policies.c.kind,
        newer.c.unit_id == policies.c.unit_id,
        newer.c.number > policies.c.number,
        newer.c.state == "published",
        newer.c.effective_from <= work.clock.now(),
        policies.c.kind != "announcement",
    )
    known = sa.exists().where(
        policy_acknowledgements.c.policy_id == policies.c.id,
        policy_acknowledgements.c.unit_id == memberships.c.unit_id,
    )
    waiting = sa.exists().where(
        memberships.c.user_id == work.actor.user_id,
        memberships.c.role == "manager",
        own.c.id == memberships.c.unit_id,
        top.c.id == policies.c.unit_id,
        own.c.path.op("<@", is_comparison=True)(top.c.path),
        ~known.correlate(policies, memberships),
    )
    return sa.and_(policies.c.state == "published", ~replaced, waiting)
