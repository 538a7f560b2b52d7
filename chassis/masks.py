"""How to reach somebody, for eyes that may know of him and not reach him: enough to recognise, too little to use."""

import re

MASK = "****"
NATIONAL_DIGITS = 11
"""Of a Chinese number without its country code: what is shown counts within these."""
FEWEST_DIGITS = 7


def masked(text: str) -> str:
    """A phone number or e-mail address as `138****5678` or `l****@example.com`."""
    local, at, domain = text.rpartition("@")
    if at:
        return f"{local[:1]}{MASK}@{domain}"
    digits = re.sub(r"\D", "", text)[-NATIONAL_DIGITS:]
    if len(digits) == NATIONAL_DIGITS:
        return f"{digits[:3]}{MASK}{digits[-4:]}"
    return f"{MASK}{digits[-2:]}" if len(digits) >= FEWEST_DIGITS else MASK
