"""The pipeline's policy in force: what a deal must have to enter each stage, and which factors may decide it."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from chassis.policies import in_force_in
from chassis.store import Transaction
from services.leads.domain.pipeline import Rules

OVERRIDE = "opportunities:override"


def at(tx: Transaction, unit_id: UUID, moment: datetime) -> Rules:
    """The rules for deals of a unit."""
    return of_units(tx, {unit_id}, moment)[unit_id]


def of_units(tx: Transaction, unit_ids: Iterable[UUID], moment: datetime) -> dict[UUID, Rules]:
    """The rules for deals of each unit."""
    standing = in_force_in(tx, "pipeline", unit_ids, moment)
    return {unit_id: Rules(its.policy_id, its.body["gates"], its.body["factors"]) for unit_id, its in standing.items()}
