"""The local copy of the company's policies that every service keeps, from events, and asks what is in force.

Policies are read from the database at each decision, never remembered by a process, so that all services switch at the
moment a version takes effect. Each service tells when a version came to it, and when it took effect there.
"""

from collections.abc import Iterable
from datetime import datetime
from importlib.resources import files
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from psycopg.types.json import Jsonb

from chassis.store import Transaction
from contracts import policies
from contracts.backbone import POLICIES_APPLIED, reach_id
from contracts.envelope import Envelope
from contracts.organization import PolicyState
from contracts.policies import Standing, Version

EVERY_SECONDS = 1.0

KEEP = """
INSERT INTO policy_copies AS copy
    (id, kind, unit_id, number, body, marks, effective_from, withdrawn_from, delivered_at, sequence)
VALUES (%(id)s, %(kind)s, %(unit_id)s, %(number)s, %(body)s, %(marks)s, %(effective_from)s, %(withdrawn_from)s,
        %(delivered_at)s, %(sequence)s)
ON CONFLICT (id) DO UPDATE SET withdrawn_from = excluded.withdrawn_from, sequence = excluded.sequence
WHERE copy.sequence < excluded.sequence
RETURNING xmax = 0
"""
APPLY = """
UPDATE policy_copies SET applied_at = greatest(effective_from, delivered_at)
WHERE applied_at IS NULL AND effective_from <= %s AND (withdrawn_from IS NULL OR withdrawn_from > effective_from)
RETURNING id, delivered_at, applied_at
"""
# Only what may have a part in the answer is read, or each decision would read the whole history: of every unit on the
# way the version that stands. A test holds this narrowing against the whole.
VERSIONS = """
SELECT asked.id, asked.path::text, copy.* FROM units AS asked
LEFT JOIN LATERAL (
    SELECT DISTINCT ON (unit_id) id, unit_id, number, effective_from, body, marks, withdrawn_from FROM policy_copies
    WHERE kind = %(kind)s AND unit_id = ANY(string_to_array(asked.path::text, '.')::uuid[])
        AND effective_from <= %(at)s AND (withdrawn_from IS NULL OR withdrawn_from > %(at)s)
    ORDER BY unit_id, effective_from DESC, number DESC
) AS copy ON true
WHERE asked.id = ANY(%(unit_ids)s::uuid[])
"""


def create_policies(connection: sa.Connection) -> None:
    """The table of policies; called by a migration of each service."""
    connection.exec_driver_sql((files("chassis") / "policies.sql").read_text())


def in_force(tx: Transaction, kind: str, unit_id: UUID, at: datetime) -> Standing:
    """The rules of `kind` that hold at `at` in a unit; the shipped ones in a unit that is not known."""
    return in_force_in(tx, kind, {unit_id}, at)[unit_id]


def in_force_in(tx: Transaction, kind: str, unit_ids: Iterable[UUID], at: datetime) -> dict[UUID, Standing]:
    """The rules of `kind` that hold at `at` in each of several units."""
    declared = policies.find(kind)
    paths: dict[UUID, list[UUID]] = {unit_id: [] for unit_id in unit_ids}
    versions: dict[UUID, list[Version]] = {unit_id: [] for unit_id in paths}
    asking = {"kind": kind, "at": at, "unit_ids": sorted(paths)}
    for asked, path, policy_id, *said in tx.driver(VERSIONS, asking):
        paths[asked] = [UUID(hex=label) for label in path.split(".")]
        if policy_id is not None:
            versions[asked].append(_version(policy_id, *said))
    return {unit_id: policies.in_force(declared, versions[unit_id], paths[unit_id], at) for unit_id in paths}


def store(tx: Transaction, policy: PolicyState, sequence: int) -> None:
    """Keep the newest state of a version, and tell when it is here for the first time."""
    now = tx.clock.now()
    kept = tx.driver(KEEP, {
        "id": policy.policy_id, "kind": policy.kind, "unit_id": policy.unit_id, "number": policy.number,
        "body": Jsonb(policy.body), "marks": Jsonb(policy.marks), "effective_from": policy.effective_from,
        "withdrawn_from": policy.withdrawn_from, "delivered_at": now, "sequence": sequence,
    })  # fmt: skip
    if kept == [(True,)]:
        _tell(tx, policy.policy_id, now)


def keep(tx: Transaction, event: Envelope, policy: PolicyState) -> None:
    """Hear of a version that was published or withdrawn."""
    store(tx, policy, event.sequence)


def apply_due(tx: Transaction, now: datetime) -> None:
    """Tell of the versions that took effect here: at their time, or when they came where they came late."""
    for policy_id, delivered_at, applied_at in tx.driver(APPLY, (now,)):
        _tell(tx, policy_id, delivered_at, applied_at)


def _tell(tx: Transaction, policy_id: UUID, delivered_at: datetime, applied_at: datetime | None = None) -> None:
    service = tx.source.rpartition("/")[2]
    tx.record(
        POLICIES_APPLIED[service](
            reach_id=reach_id(policy_id, service),
            policy_id=policy_id,
            service=service,
            delivered_at=delivered_at,
            applied_at=applied_at,
        )
    )


def _version(
    policy_id: UUID, unit_id: UUID, number: int, effective_from: datetime, body: Any, marks: Any,
    withdrawn_from: datetime | None,
) -> Version:  # fmt: skip
    return Version(
        policy_id=policy_id,
        unit_id=unit_id,
        number=number,
        effective_from=effective_from,
        body=body,
        marks=marks,
        withdrawn_from=withdrawn_from,
    )


HANDLERS: dict[str, Any] = {
    "crm.organization.policy.published": keep,
    "crm.organization.policy.withdrawn": keep,
}
