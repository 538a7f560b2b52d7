"""The local copy of the organisation that every service keeps: units, users and their memberships, from events."""

from dataclasses import dataclass
from importlib.resources import files
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.scope import UNIT_PATH
from chassis.store import Transaction
from contracts.envelope import Envelope
from contracts.organization import HandoverEscalated, HandoverRequested, UnitState, UserState

copies = sa.MetaData()

units = sa.Table(
    "units",
    copies,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("parent_id", sa.Uuid),
    sa.Column("path", UNIT_PATH, nullable=False),
    sa.Column("closed_at", sa.DateTime(timezone=True)),
    sa.Column("sequence", sa.BigInteger, nullable=False),
)
users = sa.Table(
    "users",
    copies,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("username", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
)
memberships = sa.Table(
    "memberships",
    copies,
    sa.Column("user_id", sa.Uuid, primary_key=True),
    sa.Column("unit_id", sa.Uuid, primary_key=True),
    sa.Column("role", sa.Text, primary_key=True),
    sa.Column("manager_id", sa.Uuid),
    sa.Column("is_primary", sa.Boolean, nullable=False),
)

COPY_UNIT = """
INSERT INTO units (id, code, name, kind, parent_id, path, closed_at, sequence)
VALUES (%(id)s, %(code)s, %(name)s, %(kind)s, %(parent_id)s, %(path)s::text::ltree, %(closed_at)s, %(sequence)s)
ON CONFLICT (id) DO UPDATE SET code = excluded.code, name = excluded.name, kind = excluded.kind,
    parent_id = excluded.parent_id, path = excluded.path, closed_at = excluded.closed_at, sequence = excluded.sequence
WHERE units.sequence < excluded.sequence
"""
COPY_USER = """
INSERT INTO users (id, username, name, active, sequence)
VALUES (%(id)s, %(username)s, %(name)s, %(active)s, %(sequence)s)
ON CONFLICT (id) DO UPDATE SET username = excluded.username, name = excluded.name, active = excluded.active,
    sequence = excluded.sequence
WHERE users.sequence < excluded.sequence
RETURNING id
"""
FORGET_MEMBERSHIPS = "DELETE FROM memberships WHERE user_id = %s"
COPY_MEMBERSHIPS = """
INSERT INTO memberships (user_id, unit_id, role, manager_id, is_primary)
SELECT %s, * FROM unnest(%s::uuid[], %s::text[], %s::uuid[], %s::boolean[])
"""
ACTING_TABLE = """
CREATE TABLE acting (
    handover_id uuid PRIMARY KEY,
    user_id uuid NOT NULL,
    acting_id uuid NOT NULL,
    sequence bigint NOT NULL
);
"""
KEEP_ACTING = """
INSERT INTO acting (handover_id, user_id, acting_id, sequence) VALUES (%s, %s, %s, %s)
ON CONFLICT (handover_id) DO UPDATE SET acting_id = excluded.acting_id, sequence = excluded.sequence
WHERE acting.sequence < excluded.sequence
"""
PLACES = """
SELECT user_id, unit_id, manager_id, path::text FROM users
JOIN memberships ON memberships.user_id = users.id AND is_primary
JOIN units ON units.id = unit_id
WHERE users.id = ANY(%s::uuid[]) AND users.active
ORDER BY users.id FOR SHARE OF users
"""
PATHS = "SELECT id, path::text FROM units WHERE id = ANY(%s::uuid[])"
REACHABLE = (
    sa.select(users.c.id, users.c.sequence, memberships.c.unit_id, memberships.c.user_id.label("owner_id"))
    .join(memberships, sa.and_(memberships.c.user_id == users.c.id, memberships.c.is_primary))
    .where(users.c.active)
    .subquery("reachable")
)
"""Active users as rows with a unit and an owner, so that row scope says to whom a caller may give something."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a user stands now: the unit of his primary membership, its path, and his manager there."""

    unit_id: UUID
    unit_path: str
    manager_id: UUID | None


def create_directory(connection: sa.Connection) -> None:
    """The tables of units, users and memberships; called by a service's first migration."""
    connection.exec_driver_sql((files("chassis") / "directory.sql").read_text())


def create_acting(connection: sa.Connection) -> None:
    """The table of who acts for whom; called by a migration of a service that keeps a directory."""
    connection.exec_driver_sql(ACTING_TABLE)


def places(tx: Transaction, user_ids: set[UUID]) -> dict[UUID, Place]:
    """The place of each active user that has one; locked, so that none is disabled while he is given something."""
    rows = tx.driver(PLACES, (sorted(user_ids),)) if user_ids else []
    return {row[0]: Place(row[1], row[3], row[2]) for row in rows}


def unit_paths(tx: Transaction, unit_ids: set[UUID]) -> dict[UUID, str]:
    """The materialised path of each unit that is known."""
    rows = tx.driver(PATHS, (sorted(unit_ids),)) if unit_ids else []
    return {row[0]: row[1] for row in rows}


def branch(tx: Transaction, code: str) -> sa.Row[Any] | None:
    """The open unit of kind branch that has this code."""
    found = sa.select(units).where(units.c.code == code, units.c.kind == "branch", units.c.closed_at.is_(None))
    return tx.execute(found).first()


def copy_unit(tx: Transaction, event: Envelope, unit: UnitState) -> None:
    """Keep the newest state of a unit."""
    tx.driver(COPY_UNIT, {
        "id": unit.unit_id, "code": unit.code, "name": unit.name, "kind": unit.kind, "parent_id": unit.parent_id,
        "path": unit.path, "closed_at": unit.closed_at, "sequence": event.sequence,
    })  # fmt: skip


def copy_user(tx: Transaction, event: Envelope, user: UserState) -> None:
    """Keep the newest state of a user, memberships included.

    Writing it waits for whoever has locked it to give the user something, and whoever comes then sees him disabled.
    """
    newer = tx.driver(COPY_USER, {
        "id": user.user_id, "username": user.username, "name": user.name, "active": user.active,
        "sequence": event.sequence,
    })  # fmt: skip
    if newer:
        tx.driver(FORGET_MEMBERSHIPS, (user.user_id,))
        held = user.memberships
        tx.driver(COPY_MEMBERSHIPS, (
            user.user_id,
            [membership.unit_id for membership in held],
            [membership.role for membership in held],
            [membership.manager_id for membership in held],
            [membership.primary for membership in held],
        ))  # fmt: skip


def keep_acting(tx: Transaction, event: Envelope, told: HandoverRequested | HandoverEscalated) -> None:
    """Keep who acts for a user who has left: a right to what he still holds, no ownership."""
    tx.driver(KEEP_ACTING, (told.handover_id, told.user_id, told.manager_id, event.sequence))


HANDLERS: dict[str, Any] = {
    "crm.organization.handover.requested": keep_acting,
    "crm.organization.handover.escalated": keep_acting,
    "crm.organization.unit.created": copy_unit,
    "crm.organization.unit.changed": copy_unit,
    "crm.organization.unit.moved": copy_unit,
    "crm.organization.unit.closed": copy_unit,
    "crm.organization.user.created": copy_user,
    "crm.organization.user.changed": copy_user,
    "crm.organization.user.disabled": copy_user,
}
