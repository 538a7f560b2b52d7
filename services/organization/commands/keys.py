"""Rotate the keys that sign access tokens."""

from datetime import timedelta

from chassis import audit, trust
from chassis.auth import TOKEN_SECONDS
from chassis.store import Transaction
from contracts.organization import KeysRotated
from services.organization.store import keyring

HEAD_START = timedelta(seconds=60)
"""How long a new key is known everywhere before it signs."""
EVERY = timedelta(days=90)


def rotate(tx: Transaction, secret: bytes) -> None:
    """A new key is announced now and signs a minute later; the old ones are believed until their tokens ran out."""
    now = tx.clock.now()
    signs_from = now + HEAD_START if keyring.usable(tx, secret, now) else now
    kid = keyring.add(tx, secret, now, signs_from)
    keyring.retire_others(tx, kid, signs_from + timedelta(seconds=2 * TOKEN_SECONDS))
    audit.record(tx, "keys.rotated", ("keyring", keyring.KEYRING_ID), after={"kid": kid, "signs_from": signs_from})
    announce(tx)


def rotate_when_due(tx: Transaction, secret: bytes) -> None:
    """Rotate when the newest key is older than EVERY; of several who notice it at once, one."""
    if keyring.claims_rotation(tx, tx.clock.now() - EVERY):
        rotate(tx, secret)


def announce(tx: Transaction) -> None:
    """Tell everybody which keys to believe, ourselves first."""
    keys = keyring.believed(tx, tx.clock.now())
    trust.believe(tx, keys)
    tx.record(KeysRotated(keyring_id=keyring.KEYRING_ID, keys=keys))
