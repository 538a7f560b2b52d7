"""What a user must look like."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

SHORTEST_PASSWORD = 8


class WeakPassword(Exception):
    """Too short, or no secret."""


class NoMembership(Exception):
    """A user stands somewhere: he needs at least one membership."""


class SeveralPrimary(Exception):
    """One membership at most is primary."""


@dataclass(frozen=True, slots=True)
class Membership:
    """A role in a unit, under a manager."""

    unit_id: UUID
    role: str
    manager_id: UUID | None = None
    primary: bool = False


def strong(username: str, password: str) -> str:
    """`password`, when it may be one. Raises WeakPassword."""
    if len(password) < SHORTEST_PASSWORD or password.casefold() == username.casefold():
        raise WeakPassword
    return password


def with_one_primary(memberships: Sequence[Membership]) -> tuple[Membership, ...]:
    """The memberships, the first one primary where none was named. Raises NoMembership, SeveralPrimary."""
    if not memberships:
        raise NoMembership
    named = sum(membership.primary for membership in memberships)
    if named > 1:
        raise SeveralPrimary
    if named == 1:
        return tuple(memberships)
    return (replace(memberships[0], primary=True), *memberships[1:])
