"""Open the case of somebody who leaves, and follow it until nothing is left with him."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis import audit, succession
from chassis.ids import new_id
from chassis.store import Transaction
from contracts.backbone import PROGRESS, HandoverProgressed
from contracts.organization import HandoverCompleted, HandoverEscalated, HandoverRequested, HandoverRule
from services.organization.domain import handovers as domain
from services.organization.domain.handovers import Rule, Wish
from services.organization.store import handovers as store
from services.organization.store import people, replicas, tree

BATCH = 100


def open_case(tx: Transaction, user_id: UUID, wish: Wish) -> UUID:
    """Open the case of a user who is disabled in this transaction; its id. Raises NobodyTakesOver."""
    manager_id = successor_of(tx, user_id)
    rules = domain.decided(wish, manager_id)
    now, handover_id = tx.clock.now(), new_id()
    unit_id = people.held_by(tx, [user_id])[user_id][0].unit_id
    row = {
        "id": handover_id, "version": 1, "created_at": now, "updated_at": now, "unit_id": unit_id, "user_id": user_id,
        "manager_id": manager_id, "destination": wish.to, "heir_id": wish.heir_id, "rules": as_told(rules),
        "state": "running", "due_at": wish.due_at,
    }  # fmt: skip
    store.add(tx, row, replicas.held_by(tx, user_id))
    requested = HandoverRequested(
        handover_id=handover_id,
        user_id=user_id,
        manager_id=manager_id,
        rules=tuple(HandoverRule(kind=rule.kind, to=rule.to, heir_id=rule.heir_id) for rule in rules),  # type: ignore[arg-type]
        requested_at=now,
        due_at=wish.due_at,
    )
    tx.record(requested, unitpath=_path(tx, unit_id))
    to = [f"{rule.kind}: {rule.heir_id or rule.to}" for rule in rules]
    audit.record(tx, "handover.requested", ("user", user_id), after={"rules": to, "due_at": wish.due_at})
    return handover_id


def successor_of(tx: Transaction, user_id: UUID) -> UUID:
    """Who acts for a user who leaves. Raises NobodyTakesOver."""
    found = succession.successor_of(tx, user_id)
    if found is None:
        raise domain.NobodyTakesOver
    return found


def as_told(rules: tuple[Rule, ...]) -> list[dict[str, str | None]]:
    """Rules as they are kept and answered."""
    return [
        {"kind": rule.kind, "to": rule.to, "heir_id": str(rule.heir_id) if rule.heir_id else None} for rule in rules
    ]


def advance(tx: Transaction, progressed: HandoverProgressed, sequence: int) -> None:
    """A service tells how far one kind has come; a case is done when all are, and runs again when one is not."""
    case = store.lock(tx, progressed.handover_id)
    if case is None or not store.advance(tx, progressed, sequence):
        return
    path = _path(tx, case.unit_id)
    told = {name: getattr(progressed, name) for name in ("handover_id", "kind", "held", "moved", "done")}
    state = "running" if store.undone(tx, case.id) else "done"
    if state != case.state:
        completed_at = tx.clock.now() if state == "done" else None
        store.change(tx, case, {"state": state, "completed_at": completed_at})
        if completed_at is not None:
            tx.record(_completed(case, completed_at), unitpath=path)
    tx.record(PROGRESS["organization"](**told), unitpath=path)


def open_missing(tx: Transaction) -> int:
    """Open a case for everybody who left with something in his hands before there were cases; how many."""
    left = replicas.left_behind(tx, BATCH)
    for user_id in left:
        open_case(tx, user_id, Wish())
    return len(left)


def escalate_overdue(tx: Transaction, now: datetime) -> int:
    """Where a case is late the next manager above acts, once; how many cases there were."""
    late = store.overdue(tx, now, BATCH)
    for handover_id in late:
        case = store.lock(tx, handover_id)
        assert case is not None  # noqa: S101 -- it was locked above
        above = _above(tx, case)
        store.change(tx, case, {"manager_id": above, "escalated_at": now})
        told = HandoverEscalated(
            handover_id=case.id,
            user_id=case.user_id,
            manager_id=above,
            from_manager_id=case.manager_id,
            escalated_at=now,
        )
        tx.record(told, unitpath=_path(tx, case.unit_id))
    return len(late)


def _above(tx: Transaction, case: sa.Row[Any]) -> UUID:
    """The next one above the manager of a case, or himself where nobody is; never who left."""
    found = succession.successor_of(tx, case.manager_id)
    manager_id: UUID = case.manager_id
    return manager_id if found is None or found == case.user_id else found


def _completed(case: sa.Row[Any], at: datetime) -> HandoverCompleted:
    return HandoverCompleted(handover_id=case.id, user_id=case.user_id, manager_id=case.manager_id, completed_at=at)


def _path(tx: Transaction, unit_id: UUID) -> str:
    return tree.paths(tx, [unit_id]).get(unit_id, "")
