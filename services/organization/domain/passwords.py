"""What a password must be."""

from collections.abc import Sequence
from dataclasses import dataclass

LEAST_SCORE = 2
"""Of 4: holds against guessing at the sign-in, however long somebody tries (1e8 guesses)."""


@dataclass(frozen=True, slots=True)
class Strength:
    """0 to 4, as zxcvbn counts, and why it is no more, in zxcvbn's words."""

    score: int
    reasons: Sequence[str] = ()


class WeakPassword(Exception):
    """Soon guessed, as `reasons` say, or shorter than `shortest` characters or no secret, where that is said."""

    field = "password"
    """What the caller named it."""

    def __init__(self, strength: Strength, shortest: int | None = None) -> None:
        super().__init__("weak password")
        self.score = strength.score
        self.reasons = strength.reasons
        self.shortest = shortest


def long_enough(username: str, password: str, shortest: int) -> str:
    """`password`, when it is neither short nor the username. Raises WeakPassword."""
    if len(password) < shortest or password.casefold() == username.casefold():
        raise WeakPassword(Strength(0), shortest)
    return password


def require_strength(strength: Strength) -> None:
    """Raises WeakPassword."""
    if strength.score < LEAST_SCORE:
        raise WeakPassword(strength)
