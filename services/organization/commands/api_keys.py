"""Make and revoke API keys."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from chassis import audit
from chassis.errors import NotFound, field_error
from chassis.work import Work
from services.organization.store import api_keys, sessions

NOT_YOURS = ("包含您没有的权限", "Names a permission that you do not have")


def add_api_key(work: Work, name: str, days: int, scopes: Sequence[str] | None) -> dict[str, Any]:
    """A key that signs in as the caller for `days`, limited to `scopes`; it is shown once and kept as a hash.

    Raises RuleNotMet for a scope that is no permission of the caller's.
    """
    if scopes is not None and not set(scopes) <= work.actor.permissions:
        raise field_error("scopes", NOT_YOURS)
    now = work.clock.now()
    expires_at: datetime = now + timedelta(days=days)
    with work.transaction() as tx:
        key_id, key = api_keys.add(tx, work.actor.user_id, name, scopes, now, expires_at)
        made = {"name": name, "scopes": sorted(scopes) if scopes is not None else None, "expires_at": expires_at}
        audit.record(tx, "api-key.created", ("api-key", key_id), after=made)
    return {"id": key_id, "key": key, "created_at": now, **made, "prefix": key[: len(api_keys.MARK) + api_keys.SHOWN]}


def revoke_api_key(work: Work, key_id: UUID) -> None:
    """The caller's key opens nothing any more, and what it opened ends. Raises NotFound for any other."""
    now = work.clock.now()
    with work.transaction() as tx:
        name = api_keys.revoke(tx, work.actor.user_id, key_id, now)
        if name is None:
            raise NotFound
        sessions.revoke_of_key(tx, now, key_id)
        audit.record(tx, "api-key.revoked", ("api-key", key_id), before={"name": name})
