"""Authenticators (TOTP, RFC 6238) with their sealed secrets, and recovery codes as hashes."""

import base64
import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import pyotp

from chassis.store import Transaction
from services.organization.domain.second_factor import RECOVERY_CODES, WrongCode, plain, step_of
from services.organization.store.sealing import Lost, seal, unseal
from services.organization.store.sessions import digest

ISSUER = "Tongzhou CRM"
RECOVERY_BYTES = 10

FIND = """
SELECT sealed, confirmed_at, last_step FROM second_factors WHERE user_id = %s FOR UPDATE
"""
ENROL = """
INSERT INTO second_factors (user_id, sealed, created_at) VALUES (%s, %s, %s)
ON CONFLICT (user_id) DO UPDATE SET sealed = excluded.sealed, created_at = excluded.created_at
"""
USE = "UPDATE second_factors SET last_step = %s, confirmed_at = coalesce(confirmed_at, %s) WHERE user_id = %s"
REMOVE = "DELETE FROM second_factors WHERE user_id = %s RETURNING confirmed_at"
FORGET_CODES = "DELETE FROM recovery_codes WHERE user_id = %s"
KEEP_CODES = "INSERT INTO recovery_codes (user_id, hash) SELECT %s, unnest(%s::bytea[])"
USE_CODE = "UPDATE recovery_codes SET used_at = %s WHERE user_id = %s AND hash = %s AND used_at IS NULL RETURNING 1"
LEFT = "SELECT count(*) FROM recovery_codes WHERE user_id = %s AND used_at IS NULL"
GIVEN = "UPDATE sessions SET second_factor_at = %s WHERE user_id = %s AND (id = %s OR %s::timestamptz IS NULL)"


@dataclass(frozen=True, slots=True)
class Factor:
    """A user's authenticator, locked; it counts once it is confirmed."""

    user_id: UUID
    sealed: bytes
    confirmed_at: datetime | None
    last_step: int


def find(tx: Transaction, user_id: UUID) -> Factor | None:
    rows = tx.driver(FIND, (user_id,))
    return Factor(user_id, bytes(rows[0][0]), rows[0][1], rows[0][2]) if rows else None


def enrol(tx: Transaction, secret: bytes, user_id: UUID, now: datetime) -> str:
    """A new authenticator's secret, not confirmed yet."""
    own = pyotp.random_base32()
    tx.driver(ENROL, (user_id, seal(secret, own, str(user_id)), now))
    return own


def address_of(own: str, username: str) -> str:
    """What an authenticator reads from a picture."""
    return pyotp.TOTP(own).provisioning_uri(name=username, issuer_name=ISSUER)


def use(tx: Transaction, secret: bytes, factor: Factor, code: str, now: datetime) -> None:
    """Take a code of the authenticator; the first one confirms it. Raises WrongCode."""
    try:
        totp = pyotp.TOTP(unseal(secret, factor.sealed, str(factor.user_id)))
    except Lost:
        raise WrongCode from None
    step = step_of(plain(code), totp.generate_otp, now.timestamp(), factor.last_step)
    tx.driver(USE, (step, now, factor.user_id))


def use_recovery_code(tx: Transaction, user_id: UUID, code: str, now: datetime) -> int:
    """Take a recovery code; how many are left. Raises WrongCode."""
    if not tx.driver(USE_CODE, (now, user_id, digest(plain(code)))):
        raise WrongCode
    return recovery_codes_left(tx, user_id)


def recovery_codes_left(tx: Transaction, user_id: UUID) -> int:
    return int(tx.driver(LEFT, (user_id,))[0][0])


def new_recovery_codes(tx: Transaction, user_id: UUID) -> list[str]:
    """Codes that get in without the authenticator, each once; those from before are void."""
    made = [base64.b32encode(secrets.token_bytes(RECOVERY_BYTES)).decode().lower() for _ in range(RECOVERY_CODES)]
    tx.driver(FORGET_CODES, (user_id,))
    tx.driver(KEEP_CODES, (user_id, [digest(code) for code in made]))
    return made


def remove(tx: Transaction, user_id: UUID) -> bool:
    """The user has no second factor any more; whether he had one."""
    rows = tx.driver(REMOVE, (user_id,))
    tx.driver(FORGET_CODES, (user_id,))
    given(tx, user_id, None, None)
    return bool(rows and rows[0][0])


def given(tx: Transaction, user_id: UUID, session_id: UUID | None, at: datetime | None) -> None:
    """In this session the second factor was given then; None forgets it in all of the user's."""
    tx.driver(GIVEN, (at, user_id, session_id, at))
