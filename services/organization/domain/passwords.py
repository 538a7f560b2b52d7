"""What a password must be."""

from collections.abc import Sequence
from dataclasses import dataclass

SHORTEST = 8
LEAST_SCORE = 2
"""Of 4: holds against guessing at the sign-in, however long somebody tries (1e8 guesses)."""
TOO_SHORT = f"At least {SHORTEST} characters, and not the username."


@dataclass(frozen=True, slots=True)
class Strength:
    """0 to 4, as zxcvbn counts, and why it is no more, in zxcvbn's words."""

    score: int
    reasons: Sequence[str] = ()


class WeakPassword(Exception):
    """Too short, no secret, or soon guessed; `reasons` say why."""

    field = "password"
    """What the caller named it."""

    def __init__(self, strength: Strength) -> None:
        super().__init__("weak password")
        self.score = strength.score
        self.reasons = strength.reasons


def long_enough(username: str, password: str) -> str:
    """`password`, when it is neither short nor the username. Raises WeakPassword."""
    if len(password) < SHORTEST or password.casefold() == username.casefold():
        raise WeakPassword(Strength(0, (TOO_SHORT,)))
    return password


def require_strength(strength: Strength) -> None:
    """Raises WeakPassword."""
    if strength.score < LEAST_SCORE:
        raise WeakPassword(strength)
