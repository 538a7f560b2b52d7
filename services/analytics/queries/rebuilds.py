"""How far a rebuild has come."""

from typing import Any
from uuid import UUID

from chassis.work import Work
from services.analytics.store import rebuilds


def one(work: Work, rebuild_id: UUID) -> dict[str, Any]:
    """Raises NotFound."""
    with work.transaction() as tx:
        return rebuilds.find(tx, rebuild_id)
