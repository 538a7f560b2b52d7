"""What decides about tokens, copied from organization's events and held in memory, at most two seconds old."""

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from importlib.resources import files
from typing import Any
from uuid import UUID

import sqlalchemy as sa
import structlog

from chassis.auth import TOKEN_SECONDS, Trust, Verifier
from chassis.clock import Clock
from chassis.store import Transaction
from contracts.envelope import Envelope
from contracts.organization import KeysRotated, PublicKey, SessionRevoked

RELOAD_SECONDS = 2.0

NEWER_KEYRING = """
INSERT INTO keyrings (id, sequence) VALUES (%s, %s)
ON CONFLICT (id) DO UPDATE SET sequence = excluded.sequence WHERE keyrings.sequence < excluded.sequence
RETURNING id
"""
FORGET_KEYS = "DELETE FROM token_keys"
COPY_KEYS = """
INSERT INTO token_keys (kid, x, not_after) SELECT * FROM unnest(%s::text[], %s::text[], %s::timestamptz[])
"""
REVOKE = "INSERT INTO revoked_sessions (session_id, revoked_at) VALUES (%s, %s) ON CONFLICT DO NOTHING"
KEYS = "SELECT kid, x FROM token_keys WHERE not_after IS NULL OR not_after > %(now)s"
REVOKED = "SELECT session_id FROM revoked_sessions WHERE revoked_at > %(since)s"
DISABLED = "SELECT id FROM users WHERE NOT active AND sequence > 0"
ACTING = """
SELECT DISTINCT ON (acting.user_id) acting.user_id, acting.acting_id
FROM acting JOIN users ON users.id = acting.user_id AND NOT users.active
ORDER BY acting.user_id, acting.handover_id DESC
"""

log = structlog.get_logger()


def create_trust(connection: sa.Connection) -> None:
    """The tables of token keys and revoked sessions; called by a service's first migration."""
    connection.exec_driver_sql((files("chassis") / "trust.sql").read_text())


def keep_keys(tx: Transaction, event: Envelope, rotated: KeysRotated) -> None:
    """Trust the newest set of keys, and no other."""
    if tx.driver(NEWER_KEYRING, (rotated.keyring_id, event.sequence)):
        believe(tx, rotated.keys)


def believe(tx: Transaction, keys: Sequence[PublicKey]) -> None:
    """Verify tokens with these keys from now on, and with no other."""
    tx.driver(FORGET_KEYS)
    tx.driver(COPY_KEYS, ([key.kid for key in keys], [key.x for key in keys], [key.not_after for key in keys]))


def keep_revocation(tx: Transaction, event: Envelope, revoked: SessionRevoked) -> None:
    """Refuse the access tokens of an ended session."""
    tx.driver(REVOKE, (revoked.session_id, revoked.revoked_at))


HANDLERS: dict[str, Any] = {
    "crm.organization.keys.rotated": keep_keys,
    "crm.organization.session.revoked": keep_revocation,
}


def load(connection: sa.Connection, now: datetime) -> Trust:
    """What the service's own tables say now; a session is remembered for as long as its tokens could live."""
    keys = connection.exec_driver_sql(KEYS, {"now": now}).all()
    revoked = connection.exec_driver_sql(REVOKED, {"since": now - timedelta(seconds=2 * TOKEN_SECONDS)})
    disabled = connection.exec_driver_sql(DISABLED)
    acting = {row[0]: row[1] for row in connection.exec_driver_sql(ACTING)}
    public = {row[0]: row[1] for row in keys}
    return Trust(public, frozenset(revoked.scalars()), frozenset(disabled.scalars()), acted_for(acting))


def acted_for(acting: Mapping[UUID, UUID]) -> dict[UUID, frozenset[UUID]]:
    """For whom each user acts, when `acting` says who acts for each who left; one who leaves himself passes it on."""
    found: dict[UUID, frozenset[UUID]] = {}
    for leaver, user_id in acting.items():
        passed = {leaver}
        while user_id in acting and user_id not in passed:
            passed.add(user_id)
            user_id = acting[user_id]
        found[user_id] = found.get(user_id, frozenset()) | {leaver}
    return found


class TrustKeeper:
    """Keeps a verifier's trust at most RELOAD_SECONDS old; `fixed` keys come from the settings."""

    def __init__(self, engine: sa.Engine, verifier: Verifier, fixed: dict[str, str], clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._verifier = verifier
        self._fixed = fixed
        self._loaded_at = float("-inf")
        self._lock = threading.Lock()

    def refresh(self, *, at_once: bool = False) -> None:
        """Load again when it is time; while the database is away what was known holds on."""
        if not at_once and time.monotonic() - self._loaded_at < RELOAD_SECONDS:
            return
        if not self._lock.acquire(blocking=at_once):
            return
        try:
            with self._engine.connect() as connection:
                trust = load(connection, self._clock.now())
            self._verifier.renew(replace(trust, keys=self._fixed | dict(trust.keys)))
            self._loaded_at = time.monotonic()
        except sa.exc.SQLAlchemyError as error:
            log.warning("trust.not-loaded", error=type(error).__name__)
        finally:
            self._lock.release()
