"""What users and units are called, for whoever has met their ids on a row of his own."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.work import Work
from services.organization.store.tables import memberships, units, users


def named(work: Work, ids: Sequence[UUID]) -> dict[str, Any]:
    """The users and units among `ids`, those who left and those closed included; `unit_name` is a user's own unit."""
    standing = users.outerjoin(memberships, sa.and_(memberships.c.user_id == users.c.id, memberships.c.is_primary))
    people = sa.select(
        users.c.id, sa.literal("user").label("kind"), users.c.name, units.c.name.label("unit_name")
    ).select_from(standing.outerjoin(units, units.c.id == memberships.c.unit_id))
    places = sa.select(units.c.id, sa.literal("unit"), units.c.name, sa.null())
    asked = people.where(users.c.id.in_(ids)).union_all(places.where(units.c.id.in_(ids)))
    with work.transaction() as tx:
        return {"items": list(tx.execute(asked))}
