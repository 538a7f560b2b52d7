"""Policies, their reach and their acknowledgements: rows to domain objects and back."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

import chassis.policies
from chassis.auth import Actor
from chassis.errors import NotFound
from chassis.scope import units_concerned
from chassis.store import Transaction
from contracts.backbone import PolicyApplied
from contracts.envelope import Envelope
from contracts.organization import PolicyPublished, PolicyWithdrawn
from services.organization.domain.policies import Policy
from services.organization.store.tables import policies

READ = "policies:read"
ALONE = "SELECT pg_advisory_xact_lock(hashtextextended('policy:' || %s || ':' || %s::text, 0))"
NEXT = "SELECT coalesce(max(number), 0) + 1 FROM policies WHERE kind = %s AND unit_id = %s"
PATH = "SELECT path::text FROM units WHERE id = %s"
KEEP_REACH = """
INSERT INTO policy_reach (policy_id, service, delivered_at, applied_at, sequence) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (policy_id, service) DO UPDATE SET delivered_at = excluded.delivered_at, applied_at = excluded.applied_at,
    sequence = excluded.sequence
WHERE policy_reach.sequence < excluded.sequence
"""
LED = """
SELECT memberships.unit_id FROM memberships
JOIN units ON units.id = memberships.unit_id JOIN units AS top ON units.path <@ top.path
WHERE memberships.user_id = %s AND memberships.role = 'manager' AND top.id = %s ORDER BY 1
"""
ACKNOWLEDGE = """
INSERT INTO policy_acknowledgements (policy_id, unit_id, acknowledged_at, acknowledged_by)
SELECT %s, unit_id, %s, %s FROM unnest(%s::uuid[]) AS unit_id ON CONFLICT DO NOTHING
"""


def visible(actor: Actor) -> sa.ColumnElement[bool]:
    """Whether the caller may see a policy: it concerns a unit of his, and a draft only who sees everything."""
    scope = actor.scope(READ)
    published = sa.true() if scope.all else policies.c.state != "draft"
    return sa.and_(units_concerned(scope, policies.c.unit_id), published)


def get(tx: Transaction, actor: Actor, policy_id: UUID, *, to_write: bool = False) -> Policy:
    """Raises NotFound."""
    query = sa.select(policies).where(policies.c.id == policy_id, visible(actor))
    row = tx.execute(query.with_for_update() if to_write else query).first()
    if row is None:
        raise NotFound
    return of_row(row)


def of_row(row: sa.Row[Any]) -> Policy:
    return Policy(**row._mapping)


def add(tx: Transaction, policy: Policy) -> None:
    tx.execute(sa.insert(policies).values(asdict(policy)))


def save(tx: Transaction, before: Policy, after: Policy) -> Policy:
    """Write a changed policy under its lock, with the next version of its row."""
    saved = replace(after, version=before.version + 1)
    tx.execute(sa.update(policies).where(policies.c.id == saved.id).values(asdict(saved)))
    return saved


def next_number(tx: Transaction, kind: str, unit_id: UUID) -> int:
    """The number of the unit's next version of this kind; who asks at once waits until we commit."""
    tx.driver(ALONE, (kind, unit_id))
    number: int = tx.driver(NEXT, (kind, unit_id))[0][0]
    return number


def announce(tx: Transaction, policy: Policy) -> None:
    """Tell everybody of a version that was published or withdrawn, and keep our own copy of it at once.

    Those are the only two events of a version, so its sequence is known before the outbox counts it.
    """
    said, sequence = (PolicyPublished, 1) if policy.withdrawn_from is None else (PolicyWithdrawn, 2)
    told = said(
        policy_id=policy.id,
        kind=policy.kind,
        unit_id=policy.unit_id,
        number=policy.number,  # type: ignore[arg-type]
        body=dict(policy.body),
        marks=dict(policy.marks),  # type: ignore[arg-type]
        published_at=policy.published_at,  # type: ignore[arg-type]
        effective_from=policy.effective_from,  # type: ignore[arg-type]
        withdrawn_from=policy.withdrawn_from,
    )
    tx.record(told, unitpath=tx.driver(PATH, (policy.unit_id,))[0][0])
    chassis.policies.store(tx, told, sequence)


def keep_reach(tx: Transaction, event: Envelope, applied: PolicyApplied) -> None:
    """Remember the newest that a service said of a version's way to it."""
    said = (applied.policy_id, applied.service, applied.delivered_at, applied.applied_at, event.sequence)
    tx.driver(KEEP_REACH, said)


def led_by(tx: Transaction, user_id: UUID, unit_id: UUID) -> list[UUID]:
    """The units, among this one and all below, of which the user is a manager."""
    return [row[0] for row in tx.driver(LED, (user_id, unit_id))]


def acknowledge(tx: Transaction, policy_id: UUID, unit_ids: Sequence[UUID], user_id: UUID, at: datetime) -> None:
    """These units know of the version; where somebody said so before, his word stands."""
    tx.driver(ACKNOWLEDGE, (policy_id, at, user_id, list(unit_ids)))
