"""When a one-time code counts, and what a recovery code looks like."""

import hmac
from collections.abc import Callable, Iterable

STEP_SECONDS = 30
DRIFT = 1
"""Steps that the clock of an authenticator may be ahead or behind."""
RECOVERY_CODES = 10
GROUP = 4


class WrongCode(Exception):
    """No code of this user's, or one that was used before."""


class AlreadyEnrolled(Exception):
    """There is a second factor; the old one goes before a new one comes."""


class NotEnrolled(Exception):
    """There is no second factor to be confirmed or given."""


def step_of(code: str, code_at: Callable[[int], str], seconds: float, last_step: int) -> int:
    """The step that `code` is the code of, if it is near and was not used before. Raises WrongCode."""
    present = int(seconds) // STEP_SECONDS
    for step in range(present - DRIFT, present + DRIFT + 1):
        if step > last_step and hmac.compare_digest(code_at(step).encode(), code.encode()):
            return step
    raise WrongCode


def grouped(letters: str) -> str:
    """A recovery code as it is shown: in groups that are easy to copy."""
    return "-".join(letters[at : at + GROUP] for at in range(0, len(letters), GROUP))


def plain(code: str) -> str:
    """A code as it was typed, without what may stand between its characters."""
    return "".join(_kept(code)).lower()


def _kept(code: str) -> Iterable[str]:
    return (character for character in code if character not in " -\t")
