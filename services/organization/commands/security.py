"""The security policy in force for a user: that of the unit where he primarily stands."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from chassis.policies import in_force_in
from chassis.store import Transaction
from contracts.policies import Security
from services.organization.domain.users import Membership, primary


def by_unit(tx: Transaction, unit_ids: Iterable[UUID]) -> dict[UUID, Security]:
    """The rules that hold in each unit now."""
    return {unit_id: held.rules for unit_id, held in in_force_in(tx, "security", unit_ids, tx.clock.now()).items()}


def of(tx: Transaction, held: Sequence[Membership]) -> Security:
    """The rules for who has these memberships; the shipped ones for who has none."""
    unit_id = primary(held)
    return by_unit(tx, [unit_id])[unit_id] if unit_id is not None else Security()
