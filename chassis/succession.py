"""Who takes over what somebody leaves: his manager, or whoever stands above where he stood.

`users`, `memberships` and `units` are the service's own: organization's tables, or the copy every other service keeps.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from chassis.store import Transaction

STANDING = """
SELECT memberships.user_id, units.path::text, memberships.manager_id FROM memberships
JOIN units ON units.id = memberships.unit_id WHERE memberships.user_id = %s AND memberships.is_primary
"""
COLLEAGUES = """
SELECT users.id, memberships.role, units.path::text FROM users
JOIN memberships ON memberships.user_id = users.id JOIN units ON units.id = memberships.unit_id
WHERE users.active AND users.id <> %(user_id)s AND (
    users.id = %(manager_id)s OR memberships.role = 'admin'
    OR (memberships.role = 'manager' AND units.path @> %(path)s::text::ltree)
)
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where somebody stands: the path of his unit, and whom his membership names as his manager."""

    user_id: UUID
    unit_path: str
    manager_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody active, in one of his roles and where he has it."""

    user_id: UUID
    role: str
    unit_path: str


def successor(leaver: Standing, colleagues: Sequence[Colleague]) -> UUID | None:
    """The manager he names; else the first manager of his unit, else of the next one above; else the first admin.

    The first is the one with the smallest id, who was added first. None where nobody is left.
    """
    others = [colleague for colleague in colleagues if colleague.user_id != leaver.user_id]
    if leaver.manager_id in {colleague.user_id for colleague in others}:
        return leaver.manager_id
    within = f"{leaver.unit_path}."
    above = [each for each in others if each.role == "manager" and within.startswith(f"{each.unit_path}.")]
    chosen = above or [colleague for colleague in others if colleague.role == "admin"]
    nearest_first = sorted(chosen, key=lambda each: (-each.unit_path.count(".") if above else 0, each.user_id))
    return nearest_first[0].user_id if nearest_first else None


def successor_of(tx: Transaction, user_id: UUID) -> UUID | None:
    """Who takes over from this user as things stand now; None where nobody does or the user is not known."""
    found = tx.driver(STANDING, (user_id,))
    if not found:
        return None
    leaver = Standing(*found[0])
    asked = {"user_id": user_id, "manager_id": leaver.manager_id, "path": leaver.unit_path}
    return successor(leaver, [Colleague(*row) for row in tx.driver(COLLEAGUES, asked)])
