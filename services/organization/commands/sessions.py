"""Sign in, go on, sign out."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from chassis import audit
from chassis.auth import TOKEN_SECONDS, Actor, Grant, issue
from chassis.errors import NotFound, Unauthenticated, field_error
from chassis.store import Database, Transaction
from chassis.work import Origin, Work
from services.organization.commands import attempts, second_factor, security
from services.organization.commands.keys import rotate_when_due
from services.organization.domain.second_factor import WrongCode
from services.organization.domain.users import Membership
from services.organization.store import api_keys, keyring, passwords, people, sessions

WRONG = ("用户名或密码错误", "Wrong username or password")
NO_KEY = ("API 密钥无效", "The API key is not valid")
USER = "SELECT id, username, locale, password_hash FROM users WHERE lower(username) = lower(%s) AND active"
BY_ID = "SELECT id, username, locale, password_hash FROM users WHERE id = %s AND active"
NOWHERE = Origin()


@dataclass(frozen=True)
class SignedIn:
    """An access token, and the refresh token that gets the next; an API key gets none, it can come again.

    `life` is for how long somebody may go on without signing in again.
    """

    access_token: str
    refresh_token: str | None
    life: timedelta


def sign_in(
    database: Database, secret: bytes, username: str, password: str, origin: Origin = NOWHERE, totp: str | None = None
) -> SignedIn:
    """Raises Unauthenticated, the same for a wrong name as for a wrong password; TooMany after several failures,
    and SecondFactorRequired when the password is right and its user has enrolled one.

    Only failures count: many clients of one user may sign in at once.
    """
    now = database.clock.now()
    with database.transaction() as tx:
        attempts.require_patience(tx, username, origin, now)
        found = tx.driver(USER, (username,))
    stored = found[0][3] if found and found[0][3] else passwords.NOBODY
    if not passwords.matches(stored, password) or not found:
        attempts.failed(database, username, origin, found[0][0] if found else None)
        raise Unauthenticated(WRONG)
    try:
        return _open(database, secret, found[0], origin, totp)
    except WrongCode:
        attempts.failed(database, username, origin, found[0][0], "second factor")
        raise Unauthenticated(second_factor.WRONG) from None


def _open(database: Database, secret: bytes, user: Any, origin: Origin, totp: str | None) -> SignedIn:
    now = database.clock.now()
    with database.transaction(address=origin.address) as tx:
        given_at = second_factor.taken(tx, secret, user[0], totp, now)
        if given_at is None and totp is not None:
            raise field_error("totp", second_factor.NONE_ENROLLED)
        attempts.succeeded(tx, user[1], origin, now)
        held, life = _held(tx, user[0])
        session_id = sessions.open_session(tx, user[0], now, origin, life=life, second_factor_at=given_at)
        token = _token(tx, secret, user, session_id, held, second_factor_at=given_at)
        return SignedIn(token, sessions.issue(tx, session_id), life)


def sign_in_with_key(database: Database, secret: bytes, api_key: str, origin: Origin = NOWHERE) -> SignedIn:
    """A session as long as one access token, limited to what the key may do. Raises Unauthenticated."""
    now = database.clock.now()
    with database.transaction() as tx:
        key = api_keys.use(tx, api_key, now)
        found = tx.driver(BY_ID, (key.user_id,)) if key is not None else []
        if key is None or not found:
            raise Unauthenticated(NO_KEY)
        life = timedelta(seconds=TOKEN_SECONDS)
        session_id = sessions.open_session(tx, key.user_id, now, origin, life=life, api_key_id=key.id)
        held, _ = _held(tx, key.user_id)
        return SignedIn(_token(tx, secret, found[0], session_id, held, key=key), None, life)


def refresh(database: Database, secret: bytes, token: str, origin: Origin = NOWHERE) -> SignedIn:
    """The next access and refresh token. A refresh token used again ends its session. Raises Unauthenticated."""
    now = database.clock.now()
    with database.transaction(address=origin.address) as tx:
        session = sessions.find(tx, token, now)
        signed_in = None
        if session is not None and session.spent:
            sessions.revoke(tx, now, session.id, session.user_id)
            audit.record(tx, "session.token-reused", ("user", session.user_id))
        elif session is not None and (user := tx.driver(BY_ID, (session.user_id,))):
            sessions.use(tx, token, session.id, origin, now)
            held, life = _held(tx, session.user_id)
            access = _token(tx, secret, user[0], session.id, held, second_factor_at=session.second_factor_at)
            signed_in = SignedIn(access, sessions.issue(tx, session.id), life)
    if signed_in is None:
        raise Unauthenticated
    return signed_in


def step_up(work: Work, secret: bytes, code: str) -> SignedIn:
    """An access token that says that the second factor was given just now. Raises RuleNotMet, TooMany."""
    given_at = second_factor.give_again(work, secret, code)
    with work.transaction() as tx:
        (user,) = tx.driver(BY_ID, (work.actor.user_id,))
        held, life = _held(tx, work.actor.user_id)
        return SignedIn(_token(tx, secret, user, work.actor.session_id, held, second_factor_at=given_at), None, life)


def sign_out(work: Work) -> None:
    """End the caller's session."""
    with work.transaction() as tx:
        sessions.revoke(tx, work.clock.now(), work.actor.session_id, work.actor.user_id)


def end_session(work: Work, session_id: UUID) -> None:
    """End a session of the caller's. Raises NotFound for any other."""
    with work.transaction() as tx:
        if not sessions.revoke(tx, work.clock.now(), session_id, work.actor.user_id):
            raise NotFound
        audit.record(tx, "session.ended", ("session", session_id))


def _held(tx: Transaction, user_id: UUID) -> tuple[tuple[Membership, ...], timedelta]:
    """Where a user stands, and how long a session of his may last there."""
    held = people.held_by(tx, [user_id]).get(user_id, ())
    return held, timedelta(days=security.of(tx, held).session_days)


def _token(
    tx: Transaction, secret: bytes, user: Any, session_id: UUID, held: tuple[Membership, ...], *,
    key: api_keys.Known | None = None, second_factor_at: datetime | None = None,
) -> str:  # fmt: skip
    user_id, username, locale, _ = user
    grants = tuple(Grant(membership.unit_id, membership.role, membership.primary) for membership in held)
    rotate_when_due(tx, secret)
    kid, signing = keyring.signing(tx, secret, tx.clock.now())
    key_id, scopes = (key.id, key.scopes) if key is not None else (None, None)
    actor = Actor(user_id, username, session_id, grants, locale, key_id, scopes, second_factor_at)
    return issue(actor, kid, signing, tx.clock.now())
