"""Passwords: argon2id with the parameters OWASP names for servers (19 MiB, two passes, one lane); their strength."""

import re
import threading
from collections.abc import Iterable

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from services.organization.domain.passwords import Strength

WEIGHED = 72
"""Characters that count for strength: weighing more takes long, and so many are enough."""

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


def strength(password: str, known: Iterable[str]) -> Strength:
    """How well `password` holds against guessing by somebody who knows the words `known`."""
    from zxcvbn import zxcvbn  # loaded when first needed: its word lists take 18 MB

    weighed = zxcvbn(password[:WEIGHED], user_inputs=[part for word in known for part in _parts(word)])
    feedback = weighed["feedback"]
    reasons = [feedback["warning"], *feedback["suggestions"]]
    return Strength(weighed["score"], tuple(reason for reason in reasons if reason))


def _parts(word: str) -> list[str]:
    """A name is known whole, without what stands between its parts, and by each of them."""
    parts = [part for part in re.split(r"[\W_]+", word) if part]
    return [word, "".join(parts), *parts] if parts else []
