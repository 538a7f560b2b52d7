"""The unified social credit code (统一社会信用代码) of Chinese organisations: GB 32100-2015."""

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
LENGTH = 18


class InvalidCreditCode(Exception):
    """Not 18 characters of the alphabet, or the check character is wrong."""


def checked(code: str) -> str:
    """`code` in capitals. Raises InvalidCreditCode."""
    capital = code.strip().upper()
    if len(capital) != LENGTH or any(character not in ALPHABET for character in capital):
        raise InvalidCreditCode
    total = sum(ALPHABET.index(character) * pow(3, at, 31) for at, character in enumerate(capital[:-1]))
    if ALPHABET[(31 - total % 31) % 31] != capital[-1]:
        raise InvalidCreditCode
    return capital
