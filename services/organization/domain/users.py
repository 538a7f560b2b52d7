"""What a user must look like."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID


class NoMembership(Exception):
    """A user stands somewhere: he needs at least one membership."""


class SeveralPrimary(Exception):
    """One membership at most is primary."""


class SameMembership(Exception):
    """A user has each role in a unit once."""


@dataclass(frozen=True, slots=True)
class Membership:
    """A role in a unit, under a manager."""

    unit_id: UUID
    role: str
    manager_id: UUID | None = None
    primary: bool = False


def primary(memberships: Sequence[Membership]) -> UUID | None:
    """The unit where who has these primarily stands; null for who has none."""
    return next((membership.unit_id for membership in memberships if membership.primary), None)


def with_one_primary(memberships: Sequence[Membership]) -> tuple[Membership, ...]:
    """The memberships, the first one primary where none was named.

    Raises NoMembership, SameMembership, SeveralPrimary.
    """
    if not memberships:
        raise NoMembership
    if len({(held.unit_id, held.role) for held in memberships}) < len(memberships):
        raise SameMembership
    named = sum(membership.primary for membership in memberships)
    if named > 1:
        raise SeveralPrimary
    if named == 1:
        return tuple(memberships)
    return (replace(memberships[0], primary=True), *memberships[1:])
