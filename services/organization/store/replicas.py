"""A local copy of who holds what where in other services: what somebody, or a closed unit, would leave behind."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from chassis.store import Transaction
from contracts.activity import PlanKept, PlanState
from contracts.customer import CustomerState
from contracts.envelope import Envelope
from contracts.leads import LeadStateOf, OpportunityState
from services.organization.domain.handovers import KINDS

JUDGED = frozenset({"qualified", "converted", "invalid", "duplicate"})
"""The states of a lead that is history."""

COPY = """
INSERT INTO holdings (id, kind, owner_id, unit_id, sequence)
SELECT * FROM unnest(%s::uuid[], %s::text[], %s::uuid[], %s::uuid[], %s::bigint[])
ON CONFLICT (id) DO UPDATE SET owner_id = excluded.owner_id, unit_id = excluded.unit_id, sequence = excluded.sequence
WHERE holdings.sequence < excluded.sequence
"""
HELD = "SELECT kind, count(*) FROM holdings WHERE owner_id = %s GROUP BY kind"
LEFT_BEHIND = """
SELECT id FROM users WHERE NOT active AND EXISTS (SELECT FROM holdings WHERE owner_id = users.id)
    AND NOT EXISTS (SELECT FROM handovers WHERE user_id = users.id) ORDER BY id LIMIT %s
"""


def copy_holdings(tx: Transaction, events: Sequence[tuple[Envelope, Any]]) -> None:
    """Keep the newest owner and unit of everything these events tell of."""
    newest: dict[UUID, tuple[str, UUID | None, UUID, int]] = {}
    for event, state in events:
        known = newest.get(event.subject)
        if known is None or known[3] < event.sequence:
            newest[event.subject] = (*_holding(state), state.unit_id, event.sequence)
    ids = sorted(newest)
    columns: Iterator[list[Any]] = (list(column) for column in zip(*(newest[each] for each in ids), strict=True))
    if ids:
        tx.driver(COPY, (ids, *columns))


def held_by(tx: Transaction, user_id: UUID) -> dict[str, int]:
    """How much of each kind a user holds."""
    return dict.fromkeys(KINDS, 0) | {row[0]: row[1] for row in tx.driver(HELD, (user_id,))}


def left_behind(tx: Transaction, limit: int) -> list[UUID]:
    """Users who left with something in their hands and without a case."""
    return [row[0] for row in tx.driver(LEFT_BEHIND, (limit,))]


def _holding(state: Any) -> tuple[str, UUID | None]:
    """The kind, and who holds it: nobody holds what is closed."""
    if isinstance(state, CustomerState):
        return "customers", state.owner_id
    if isinstance(state, LeadStateOf):
        return "leads", None if state.state in JUDGED else state.owner_id
    if isinstance(state, OpportunityState):
        return "opportunities", None if state.outcome else state.owner_id
    if isinstance(state, PlanState):
        return "plans", None if isinstance(state, PlanKept) else state.owner_id
    raise TypeError(type(state))
