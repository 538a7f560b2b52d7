"""Signing keys: private parts encrypted with the service's secret, public parts announced before they are used."""

import secrets
from datetime import datetime
from typing import Any
from uuid import uuid5

from joserfc.jwk import OKPKey

from chassis.store import Transaction
from contracts.backbone import service_id
from contracts.organization import PublicKey
from services.organization.store.sealing import seal, unseal

KEYRING_ID = uuid5(service_id("organization"), "keyring")

ADD = """
INSERT INTO signing_keys (kid, x, private, created_at, signs_from) VALUES (%s, %s, %s, %s, %s)
"""
RETIRE = "UPDATE signing_keys SET not_after = %s WHERE not_after IS NULL AND kid <> %s"
BELIEVED = "SELECT kid, x, not_after FROM signing_keys WHERE not_after IS NULL OR not_after > %s ORDER BY created_at"
SIGNING = """
SELECT kid, private, x FROM signing_keys WHERE signs_from <= %s ORDER BY signs_from DESC, created_at DESC LIMIT 1
"""

CLAIM_ROTATION = """
SELECT pg_try_advisory_xact_lock(hashtextextended('crm.rotation', 0))
WHERE (SELECT max(created_at) FROM signing_keys) <= %s
"""


def add(tx: Transaction, secret: bytes, now: datetime, signs_from: datetime) -> str:
    """A new key that signs from `signs_from` on; its id."""
    key = OKPKey.generate_key("Ed25519", private=True)
    parts: dict[str, Any] = dict(key.as_dict(private=True))
    kid = secrets.token_hex(8)
    private = seal(secret, parts["d"], kid)
    tx.driver(ADD, (kid, parts["x"], private, now, signs_from))
    return kid


def claims_rotation(tx: Transaction, oldest: datetime) -> bool:
    """Whether no key was made after `oldest`, and nobody else is seeing to it now."""
    return tx.driver(CLAIM_ROTATION, (oldest,)) == [(True,)]


def retire_others(tx: Transaction, kid: str, not_after: datetime) -> None:
    """Every other key is believed until `not_after` only."""
    tx.driver(RETIRE, (not_after, kid))


def believed(tx: Transaction, now: datetime) -> tuple[PublicKey, ...]:
    """The public keys that verify tokens now."""
    return tuple(PublicKey(kid=row[0], x=row[1], not_after=row[2]) for row in tx.driver(BELIEVED, (now,)))


def usable(tx: Transaction, secret: bytes, now: datetime) -> bool:
    """Whether there is a key to sign with that `secret` opens: after a lost secret there is none."""
    try:
        signing(tx, secret, now)
    except ValueError:
        return False
    return True


def signing(tx: Transaction, secret: bytes, now: datetime) -> tuple[str, OKPKey]:
    """The id and the private key that sign now."""
    ((kid, private, x),) = tx.driver(SIGNING, (now,))
    d = unseal(secret, bytes(private), kid)
    return kid, OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": x, "d": d})
