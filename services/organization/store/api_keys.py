"""API keys: kept as hashes, with the beginning that their owners know them by."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.ids import new_id
from chassis.store import Transaction
from services.organization.store.sessions import digest

SHOWN = 8
"""Characters of a key that are kept as they are: enough to know it by, far too few to guess the other 43."""
MARK = "tzc_"
"""How every key begins, so that one that leaked into a text is recognised."""

ADD = """
INSERT INTO api_keys (id, user_id, name, hash, prefix, scopes, created_at, expires_at)
VALUES (%s, %s, %s, %s, %s, %s::text[], %s, %s)
"""
USE = """
UPDATE api_keys SET last_used_at = %(now)s FROM users
WHERE hash = %(hash)s AND users.id = user_id AND active AND revoked_at IS NULL AND expires_at > %(now)s
RETURNING api_keys.id, user_id, scopes
"""
REVOKE = """
UPDATE api_keys SET revoked_at = %s WHERE id = %s AND user_id = %s AND revoked_at IS NULL RETURNING name
"""


@dataclass(frozen=True, slots=True)
class Known:
    """A key that opens a session: whose it is and what its sessions are limited to, None for nothing."""

    id: UUID
    user_id: UUID
    scopes: frozenset[str] | None


def add(
    tx: Transaction, user_id: UUID, name: str, scopes: Sequence[str] | None, now: datetime, expires_at: datetime
) -> tuple[UUID, str]:
    """A new key's id, and the key itself, which is not kept."""
    key, key_id = MARK + secrets.token_urlsafe(32), new_id()
    stored_scopes = sorted(scopes) if scopes is not None else None
    prefix = key[: len(MARK) + SHOWN]
    tx.driver(ADD, (key_id, user_id, name, digest(key), prefix, stored_scopes, now, expires_at))
    return key_id, key


def use(tx: Transaction, key: str, now: datetime) -> Known | None:
    """The key, used just now; None when it is unknown, revoked, over, or its user may not sign in."""
    rows = tx.driver(USE, {"hash": digest(key), "now": now})
    if not rows:
        return None
    key_id, user_id, scopes = rows[0]
    return Known(key_id, user_id, frozenset(scopes) if scopes is not None else None)


def revoke(tx: Transaction, user_id: UUID, key_id: UUID, now: datetime) -> str | None:
    """The user's key opens nothing any more; its name, None when he has no such key."""
    rows = tx.driver(REVOKE, (now, key_id, user_id))
    return rows[0][0] if rows else None
