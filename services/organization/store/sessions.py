"""Sessions, their refresh tokens, API keys, and failed sign-ins."""

import hashlib
import secrets
from datetime import datetime, timedelta
from uuid import UUID

from chassis import trust
from chassis.ids import new_id
from chassis.store import Transaction
from contracts.organization import SessionRevoked

FAILED = """
INSERT INTO sign_in_failures (username, failures, failed_at) VALUES (lower(%(username)s), 1, %(now)s)
ON CONFLICT (username) DO UPDATE SET failed_at = excluded.failed_at,
    failures = CASE WHEN sign_in_failures.failed_at < %(forget)s THEN 1 ELSE sign_in_failures.failures + 1 END
"""
FAILURES = "SELECT failures, failed_at FROM sign_in_failures WHERE username = lower(%s)"
FORGIVE = "DELETE FROM sign_in_failures WHERE username = lower(%s)"
OPEN = "INSERT INTO sessions (id, user_id, created_at, expires_at) VALUES (%s, %s, %s, %s)"
ISSUE = "INSERT INTO refresh_tokens (hash, session_id) VALUES (%s, %s)"
FIND = """
SELECT sessions.id, sessions.user_id, refresh_tokens.used_at IS NOT NULL
FROM refresh_tokens JOIN sessions ON sessions.id = session_id
WHERE hash = %s AND revoked_at IS NULL AND expires_at > %s FOR UPDATE
"""
USE = "UPDATE refresh_tokens SET used_at = %s WHERE hash = %s"
REVOKE = """
UPDATE sessions SET revoked_at = %(now)s
WHERE (id = %(session_id)s OR user_id = %(user_id)s) AND revoked_at IS NULL RETURNING id, user_id
"""


def digest(token: str) -> bytes:
    """What is kept of a secret that is long and random by itself."""
    return hashlib.sha256(token.encode()).digest()


def failures(tx: Transaction, username: str) -> tuple[int, datetime] | None:
    """How often signing in failed of late, and when last."""
    rows = tx.driver(FAILURES, (username,))
    return (rows[0][0], rows[0][1]) if rows else None


def count_failure(tx: Transaction, username: str, now: datetime, forget: timedelta) -> None:
    """One more wrong password; failures longer ago than `forget` no longer count."""
    tx.driver(FAILED, {"username": username, "now": now, "forget": now - forget})


def forgive(tx: Transaction, username: str) -> None:
    tx.driver(FORGIVE, (username,))


def open_session(tx: Transaction, user_id: UUID, now: datetime, life: timedelta) -> tuple[UUID, str]:
    """A new session that ends after `life`, and its first refresh token."""
    session_id = new_id()
    tx.driver(OPEN, (session_id, user_id, now, now + life))
    return session_id, issue(tx, session_id)


def issue(tx: Transaction, session_id: UUID) -> str:
    token = secrets.token_urlsafe(32)
    tx.driver(ISSUE, (digest(token), session_id))
    return token


def find(tx: Transaction, token: str, now: datetime) -> tuple[UUID, UUID, bool] | None:
    """The session of a refresh token, its user, and whether the token was used before; locked."""
    rows = tx.driver(FIND, (digest(token), now))
    return (rows[0][0], rows[0][1], rows[0][2]) if rows else None


def use(tx: Transaction, token: str, now: datetime) -> None:
    tx.driver(USE, (now, digest(token)))


def revoke(tx: Transaction, now: datetime, *, session_id: UUID | None = None, user_id: UUID | None = None) -> None:
    """End one session, or all of a user: refused here at once, everywhere within seconds."""
    for ended, whose in tx.driver(REVOKE, {"now": now, "session_id": session_id, "user_id": user_id}):
        tx.driver(trust.REVOKE, (ended, now))
        tx.record(SessionRevoked(session_id=ended, user_id=whose, revoked_at=now))
