"""The caller's own sessions and API keys, those that still open something."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from chassis.web.paging import paginate
from chassis.work import Work
from services.organization.store.tables import api_keys, sessions


def list_sessions(work: Work, asked: Mapping[str, Any]) -> dict[str, Any]:
    """A page of the caller's sessions, the one used last first; `current` is the one that asks."""
    current = (sessions.c.id == work.actor.session_id).label("current")
    query = sa.select(sessions, current).where(*_living(sessions, work))
    with work.transaction() as tx:
        return paginate(tx, query, sessions, asked, "-last_used_at", ("last_used_at", "created_at"))


def list_api_keys(work: Work, asked: Mapping[str, Any]) -> dict[str, Any]:
    """A page of the caller's keys, the newest first."""
    query = sa.select(api_keys).where(*_living(api_keys, work))
    with work.transaction() as tx:
        return paginate(tx, query, api_keys, asked, "-created_at", ("created_at", "expires_at", "name"))


def _living(table: sa.Table, work: Work) -> tuple[sa.ColumnElement[bool], ...]:
    """The caller's rows of `table` that are neither revoked nor over."""
    return (
        table.c.user_id == work.actor.user_id,
        table.c.revoked_at.is_(None),
        table.c.expires_at > work.clock.now(),
    )
