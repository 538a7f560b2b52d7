"""Sign in, go on, sign out."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from chassis.auth import Actor, Grant, issue
from chassis.errors import TooMany, Unauthenticated
from chassis.ids import new_id
from chassis.store import Database, Transaction
from chassis.work import Work
from services.organization.commands import security
from services.organization.commands.keys import rotate_when_due
from services.organization.domain.sign_in import FORGOTTEN_AFTER, wait_until
from services.organization.domain.users import Membership
from services.organization.store import keyring, passwords, people, sessions

WRONG = ("用户名或密码错误", "Wrong username or password")
USER = "SELECT id, username, locale, password_hash FROM users WHERE lower(username) = lower(%s) AND active"
BY_ID = "SELECT id, username, locale, password_hash FROM users WHERE id = %s AND active"
BY_KEY = """
SELECT users.id, username, locale, password_hash FROM api_keys JOIN users ON users.id = user_id
WHERE hash = %s AND revoked_at IS NULL AND expires_at > %s AND active
"""
ADD_KEY = """
INSERT INTO api_keys (id, user_id, name, hash, created_at, expires_at) VALUES (%s, %s, %s, %s, %s, %s)
"""


@dataclass(frozen=True)
class SignedIn:
    """An access token, and the refresh token that gets the next; an API key gets none, it can come again.

    `life` is for how long somebody may go on without signing in again.
    """

    access_token: str
    refresh_token: str | None
    life: timedelta


def sign_in(database: Database, secret: bytes, username: str, password: str) -> SignedIn:
    """Raises Unauthenticated, the same for a wrong name as for a wrong password; TooMany after five failures.

    Only failures count: many clients of one user may sign in at once.
    """
    now = database.clock.now()
    with database.transaction() as tx:
        failed = sessions.failures(tx, username)
        until = wait_until(*failed) if failed else now
        if until > now:
            raise TooMany(int((until - now).total_seconds()) + 1)
        found = tx.driver(USER, (username,))
    stored = found[0][3] if found and found[0][3] else passwords.NOBODY
    if not passwords.matches(stored, password) or not found:
        with database.transaction() as tx:
            sessions.count_failure(tx, username, now, FORGOTTEN_AFTER)
        raise Unauthenticated(WRONG)
    with database.transaction() as tx:
        sessions.forgive(tx, username)
        held, life = _held(tx, found[0][0])
        session_id, refresh = sessions.open_session(tx, found[0][0], now, life)
        return SignedIn(_token(tx, secret, found[0], session_id, held), refresh, life)


def sign_in_with_key(database: Database, secret: bytes, api_key: str) -> SignedIn:
    """Raises Unauthenticated."""
    now = database.clock.now()
    with database.transaction() as tx:
        found = tx.driver(BY_KEY, (sessions.digest(api_key), now))
        if not found:
            raise Unauthenticated(("API 密钥无效", "The API key is not valid"))
        held, life = _held(tx, found[0][0])
        session_id, _ = sessions.open_session(tx, found[0][0], now, life)
        return SignedIn(_token(tx, secret, found[0], session_id, held), None, life)


def refresh(database: Database, secret: bytes, token: str) -> SignedIn:
    """The next access and refresh token. A refresh token used again ends its session. Raises Unauthenticated."""
    now = database.clock.now()
    with database.transaction() as tx:
        session = sessions.find(tx, token, now)
        signed_in = None
        if session is not None and session[2]:
            sessions.revoke(tx, now, session_id=session[0])
        elif session is not None and (user := tx.driver(BY_ID, (session[1],))):
            sessions.use(tx, token, now)
            held, life = _held(tx, session[1])
            signed_in = SignedIn(_token(tx, secret, user[0], session[0], held), sessions.issue(tx, session[0]), life)
    if signed_in is None:
        raise Unauthenticated
    return signed_in


def sign_out(work: Work) -> None:
    """End the caller's session."""
    with work.transaction() as tx:
        sessions.revoke(tx, work.clock.now(), session_id=work.actor.session_id)


def add_api_key(work: Work, name: str, days: int) -> tuple[UUID, str]:
    """A key that signs in as the caller for `days`; it is shown once and kept as a hash."""
    key, key_id, now = secrets.token_urlsafe(32), new_id(), work.clock.now()
    with work.transaction() as tx:
        expires_at = now + timedelta(days=days)
        tx.driver(ADD_KEY, (key_id, work.actor.user_id, name, sessions.digest(key), now, expires_at))
    return key_id, key


def revoke_api_key(work: Work, key_id: UUID) -> None:
    """The caller's key opens nothing any more."""
    statement = "UPDATE api_keys SET revoked_at = %s WHERE id = %s AND user_id = %s AND revoked_at IS NULL"
    with work.transaction() as tx:
        tx.driver(statement, (work.clock.now(), key_id, work.actor.user_id))


def _held(tx: Transaction, user_id: UUID) -> tuple[tuple[Membership, ...], timedelta]:
    """Where a user stands, and how long a session of his may last there."""
    held = people.held_by(tx, [user_id]).get(user_id, ())
    return held, timedelta(days=security.of(tx, held).session_days)


def _token(
    tx: Transaction, secret: bytes, user: tuple[UUID, str, str, str], session_id: UUID, held: tuple[Membership, ...]
) -> str:
    user_id, username, locale, _ = user
    grants = tuple(Grant(membership.unit_id, membership.role, membership.primary) for membership in held)
    rotate_when_due(tx, secret)
    kid, key = keyring.signing(tx, secret, tx.clock.now())
    return issue(Actor(user_id, username, session_id, grants, locale), kid, key, tx.clock.now())
