"""Sessions and their refresh tokens."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from chassis import trust
from chassis.ids import new_id
from chassis.store import Transaction
from chassis.work import Origin
from contracts.organization import SessionRevoked

OPEN = """
INSERT INTO sessions (id, user_id, created_at, last_used_at, expires_at, address, device, api_key_id, second_factor_at)
VALUES (%(id)s, %(user_id)s, %(now)s, %(now)s, %(expires_at)s, %(address)s, %(device)s, %(api_key_id)s, %(given_at)s)
"""
ISSUE = "INSERT INTO refresh_tokens (hash, session_id) VALUES (%s, %s)"
FIND = """
SELECT sessions.id, sessions.user_id, refresh_tokens.used_at IS NOT NULL, second_factor_at
FROM refresh_tokens JOIN sessions ON sessions.id = session_id
WHERE hash = %s AND revoked_at IS NULL AND expires_at > %s FOR UPDATE
"""
USE = "UPDATE refresh_tokens SET used_at = %s WHERE hash = %s"
TOUCH = "UPDATE sessions SET last_used_at = %s, address = %s, device = %s WHERE id = %s"
REVOKE = """
UPDATE sessions SET revoked_at = %(now)s
WHERE revoked_at IS NULL AND {which} RETURNING id, user_id
"""
FORGET = "DELETE FROM sessions WHERE expires_at < %s OR revoked_at < %s"
FORGET_TOKENS = """
DELETE FROM refresh_tokens USING sessions WHERE sessions.id = session_id AND (expires_at < %s OR revoked_at < %s)
"""
ONE = REVOKE.format(which="id = %(session_id)s AND user_id = %(user_id)s")
OF_USER = REVOKE.format(which="user_id = %(user_id)s AND id IS DISTINCT FROM %(kept)s::uuid")
OF_KEY = REVOKE.format(which="api_key_id = %(api_key_id)s")


@dataclass(frozen=True, slots=True)
class Found:
    """The session of a refresh token; `spent` tells of a token that was used before."""

    id: UUID
    user_id: UUID
    spent: bool
    second_factor_at: datetime | None


def digest(token: str) -> bytes:
    """What is kept of a secret that is long and random by itself."""
    return hashlib.sha256(token.encode()).digest()


def open_session(
    tx: Transaction, user_id: UUID, now: datetime, origin: Origin, *, life: timedelta,
    api_key_id: UUID | None = None, second_factor_at: datetime | None = None,
) -> UUID:  # fmt: skip
    """A new session of this user's."""
    session_id = new_id()
    tx.driver(OPEN, {
        "id": session_id, "user_id": user_id, "now": now, "expires_at": now + life, "address": origin.address,
        "device": origin.device, "api_key_id": api_key_id, "given_at": second_factor_at,
    })  # fmt: skip
    return session_id


def issue(tx: Transaction, session_id: UUID) -> str:
    """The session's next refresh token."""
    token = secrets.token_urlsafe(32)
    tx.driver(ISSUE, (digest(token), session_id))
    return token


def find(tx: Transaction, token: str, now: datetime) -> Found | None:
    """The session of a refresh token, locked."""
    rows = tx.driver(FIND, (digest(token), now))
    return Found(*rows[0]) if rows else None


def use(tx: Transaction, token: str, session_id: UUID, origin: Origin, now: datetime) -> None:
    """This refresh token is spent, and its session was used just now from there."""
    tx.driver(USE, (now, digest(token)))
    tx.driver(TOUCH, (now, origin.address, origin.device, session_id))


def revoke(tx: Transaction, now: datetime, session_id: UUID, user_id: UUID) -> bool:
    """End one session of a user's: refused here at once, everywhere within seconds. False when he has none such."""
    return _ended(tx, now, ONE, session_id=session_id, user_id=user_id) > 0


def revoke_all(tx: Transaction, now: datetime, user_id: UUID, *, kept: UUID | None = None) -> int:
    """End every session of a user's but `kept`; how many there were."""
    return _ended(tx, now, OF_USER, user_id=user_id, kept=kept)


def revoke_of_key(tx: Transaction, now: datetime, api_key_id: UUID) -> int:
    """End every session that this API key opened."""
    return _ended(tx, now, OF_KEY, api_key_id=api_key_id)


def forget(tx: Transaction, before: datetime) -> None:
    """Sessions that were over by then, with their refresh tokens."""
    tx.driver(FORGET_TOKENS, (before, before))
    tx.driver(FORGET, (before, before))


def _ended(tx: Transaction, now: datetime, statement: str, **which: UUID | None) -> int:
    ended = tx.driver(statement, {"now": now, **which})
    for session_id, whose in ended:
        tx.driver(trust.REVOKE, (session_id, now))
        tx.record(SessionRevoked(session_id=session_id, user_id=whose, revoked_at=now))
    return len(ended)
