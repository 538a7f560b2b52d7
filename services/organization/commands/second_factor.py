"""Enrol, confirm, give and remove a second factor."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis import audit
from chassis.errors import NotFound, SecondFactorRequired, field_error
from chassis.store import Transaction
from chassis.work import Work
from services.organization.commands import attempts
from services.organization.commands.passwords import require_own
from services.organization.domain.second_factor import AlreadyEnrolled, NotEnrolled, WrongCode, grouped, plain
from services.organization.store import second_factors, sessions
from services.organization.store.tables import users

CODE_DIGITS = 6
WRONG = ("动态口令无效或已用过", "This code is not valid, or was used before")
NONE_ENROLLED = ("此用户未启用动态口令", "No second factor is enrolled for this user")


def enrol(work: Work, secret: bytes) -> dict[str, str]:
    """A secret for the caller's authenticator; nothing is asked of him until he confirms it. Raises AlreadyEnrolled."""
    with work.transaction() as tx:
        factor = second_factors.find(tx, work.actor.user_id)
        if factor is not None and factor.confirmed_at is not None:
            raise AlreadyEnrolled
        own = second_factors.enrol(tx, secret, work.actor.user_id, work.clock.now())
    return {"secret": own, "otpauth_url": second_factors.address_of(own, work.actor.username)}


def confirm(work: Work, secret: bytes, code: str) -> list[str]:
    """From now on the caller signs in with codes; his other sessions end. Recovery codes, shown this once.

    Raises NotEnrolled, AlreadyEnrolled, RuleNotMet, TooMany.
    """
    user_id, now = work.actor.user_id, work.clock.now()
    with _patiently(work, "code"), work.transaction() as tx:
        factor = second_factors.find(tx, user_id)
        if factor is None:
            raise NotEnrolled
        if factor.confirmed_at is not None:
            raise AlreadyEnrolled
        second_factors.use(tx, secret, factor, code, now)
        second_factors.given(tx, user_id, work.actor.session_id, now)
        sessions.revoke_all(tx, now, user_id, kept=work.actor.session_id)
        audit.record(tx, "second-factor.enrolled", ("user", user_id))
        return [grouped(made) for made in second_factors.new_recovery_codes(tx, user_id)]


def give_again(work: Work, secret: bytes, code: str) -> datetime:
    """The caller gives his second factor for what asks for it anew. Raises RuleNotMet, TooMany."""
    now = work.clock.now()
    with _patiently(work, "totp"), work.transaction() as tx:
        if taken(tx, secret, work.actor.user_id, code, now) is None:
            raise field_error("totp", NONE_ENROLLED)
        second_factors.given(tx, work.actor.user_id, work.actor.session_id, now)
    return now


def remove_own(work: Work, password: str) -> None:
    """The caller signs in without a second factor again. Raises RuleNotMet, TooMany."""
    require_own(work, "password", password)
    with work.transaction() as tx:
        _remove(tx, work.actor.user_id)


def remove_of(work: Work, user_id: UUID) -> None:
    """A user who lost his authenticator and his recovery codes gets in again; his sessions end. Raises NotFound."""
    with work.transaction() as tx:
        if tx.execute(sa.select(users.c.id).where(users.c.id == user_id)).first() is None:
            raise NotFound
        _remove(tx, user_id)
        sessions.revoke_all(tx, work.clock.now(), user_id)


def status(work: Work) -> dict[str, Any]:
    """Whether the caller has a second factor, and how many recovery codes are left."""
    with work.transaction() as tx:
        factor = second_factors.find(tx, work.actor.user_id)
        left = second_factors.recovery_codes_left(tx, work.actor.user_id)
    confirmed_at = factor.confirmed_at if factor is not None else None
    return {"enrolled": confirmed_at is not None, "confirmed_at": confirmed_at, "recovery_codes_left": left}


def taken(tx: Transaction, secret: bytes, user_id: UUID, code: str | None, now: datetime) -> datetime | None:
    """When the second factor was given, None for who has none. Raises SecondFactorRequired, WrongCode."""
    factor = second_factors.find(tx, user_id)
    if factor is None or factor.confirmed_at is None:
        return None
    if code is None:
        raise SecondFactorRequired(401)
    if len(plain(code)) == CODE_DIGITS:
        second_factors.use(tx, secret, factor, code, now)
    else:
        left = second_factors.use_recovery_code(tx, user_id, code, now)
        audit.record(tx, "recovery-code.used", ("user", user_id), after={"left": left})
    return now


def _remove(tx: Transaction, user_id: UUID) -> None:
    if second_factors.remove(tx, user_id):
        audit.record(tx, "second-factor.removed", ("user", user_id))


@contextmanager
def _patiently(work: Work, field: str) -> Iterator[None]:
    """Around what takes a code: a wrong one counts as a failed sign-in and is refused at its field. Raises TooMany."""
    actor = work.actor
    with work.transaction() as tx:
        attempts.require_patience(tx, actor.username, work.origin, work.clock.now())
    try:
        yield
    except WrongCode:
        attempts.failed(work.database, actor.username, work.origin, actor.user_id, "second factor")
        raise field_error(field, WRONG) from None
