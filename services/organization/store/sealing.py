"""What must be read again and not by whoever has the database: encrypted with the service's secret (AES-256-GCM)."""

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES = 12


class Lost(ValueError):
    """This was sealed with another secret, or for something else."""


def seal(secret: bytes, text: str, belonging: str) -> bytes:
    """`text` encrypted; it opens for what it belongs to only."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(secret).encrypt(nonce, text.encode(), belonging.encode())


def unseal(secret: bytes, sealed: bytes, belonging: str) -> str:
    """Raises Lost."""
    try:
        return AESGCM(secret).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], belonging.encode()).decode()
    except InvalidTag:
        raise Lost(belonging) from None
