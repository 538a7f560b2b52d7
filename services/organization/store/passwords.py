"""Passwords: argon2id with the parameters OWASP names for servers (19 MiB, two passes, one lane)."""

import threading

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_room = threading.BoundedSemaphore(4)
"""At most four at a time: a flood of sign-ins must not take the memory of everything else."""

NOBODY = _hasher.hash("nobody has this password")
"""Checked when there is no such user, so that both answers take the same time."""


def hashed(password: str) -> str:
    with _room:
        return _hasher.hash(password)


def matches(password_hash: str, password: str) -> bool:
    with _room:
        try:
            return _hasher.verify(password_hash, password)
        except VerificationError:
            return False
