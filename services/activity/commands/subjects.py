"""Whom an activity or a plan is for, and whose it is."""

from typing import Any, Protocol
from uuid import UUID

import sqlalchemy as sa

from chassis.directory import Place, places
from chassis.errors import Forbidden
from chassis.references import Reference
from chassis.store import Transaction
from chassis.work import Work
from services.activity.store.replicas import subjects


class About(Protocol):
    """What names whom it is for."""

    customer_id: UUID | None
    lead_id: UUID | None
    opportunity_id: UUID | None


PERMISSIONS = {"customer": "customers:read", "lead": "leads:read", "opportunity": "opportunities:read"}
KNOWN = {kind: sa.select(subjects).where(subjects.c.kind == kind).subquery(f"{kind}_subjects") for kind in PERMISSIONS}


def references(about: Any) -> list[Reference]:
    """What must be known here, and be the caller's to see."""
    return [
        Reference(f"{kind}_id", KNOWN[kind], getattr(about, f"{kind}_id"), permission)
        for kind, permission in PERMISSIONS.items()
        if getattr(about, f"{kind}_id") is not None
    ]


def place_of_caller(tx: Transaction, work: Work) -> Place:
    """Where the caller stands. Raises Forbidden for somebody who stands nowhere."""
    found = places(tx, {work.actor.user_id}).get(work.actor.user_id)
    if found is None:
        raise Forbidden("membership")
    return found
