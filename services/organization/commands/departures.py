"""Somebody leaves: he is shut out and what he holds goes to others, in one act."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.errors import NotFound
from chassis.store import Transaction
from chassis.work import Work
from services.organization.commands import handovers, users
from services.organization.domain import handovers as domain
from services.organization.domain.handovers import Wish
from services.organization.store import handovers as store
from services.organization.store import replicas
from services.organization.store.tables import users as table


def depart(work: Work, user_id: UUID, wish: Wish) -> UUID:
    """Disable a user and open his case; its id.

    Raises SecondFactorRequired, NotFound, AlreadyLeft, WrongHeir, NobodyTakesOver.
    """
    work.require_second_factor()
    with work.transaction() as tx:
        row = _leaver(tx, user_id, wish)
        return users.disable(tx, row, wish)


def preview(work: Work, user_id: UUID, wish: Wish) -> dict[str, Any]:
    """What the same departure would find and do; nothing changes. Raises as it would."""
    with work.transaction() as tx:
        _leaver(tx, user_id, wish)
        manager_id = handovers.successor_of(tx, user_id)
        counts = {kind: {"held": held, "moved": 0} for kind, held in replicas.held_by(tx, user_id).items()}
        rules = handovers.as_told(domain.decided(wish, manager_id))
        return {"user_id": user_id, "manager_id": manager_id, "counts": counts, "rules": rules}


def _leaver(tx: Transaction, user_id: UUID, wish: Wish) -> sa.Row[Any]:
    """The user, locked together with his heirs so that none of them is disabled meanwhile."""
    domain.require_sound(wish, user_id, tx.clock.now())
    active = store.lock_users(tx, {user_id, *wish.heirs().values()})
    if user_id not in active:
        raise NotFound
    if not active[user_id]:
        raise domain.AlreadyLeft
    domain.require_able(wish, active)
    return tx.execute(sa.select(table).where(table.c.id == user_id)).one()
