"""Names of customers: what makes two alike, and what they are found by."""

import unicodedata

CHINESE_FORMS = ("股份有限公司", "有限责任公司", "集团有限公司", "有限公司", "公司", "集团")
LATIN_FORMS = frozenset(
    {"incorporated", "corporation", "limited", "company", "gmbh", "corp", "inc", "ltd", "llc", "co"}
)
MASK = "＊"


def name_key(name: str) -> str:
    """What remains of a name when width, case, punctuation and the legal form are left out."""
    plain = unicodedata.normalize("NFKC", name).casefold()
    lettered = "".join(each if unicodedata.category(each)[0] in "LN" else " " for each in plain)
    words = lettered.split()
    while len(words) > 1 and words[-1] in LATIN_FORMS:
        words.pop()
    key = "".join(words) or plain.strip()
    for form in CHINESE_FORMS:
        if key.endswith(form) and len(key) > len(form):
            return key.removesuffix(form)
    return key


def bigrams(name: str) -> list[str]:
    """Every pair of neighbouring characters, for search within a name; a single character stands alone."""
    plain = _plain(name)
    return sorted({plain[at : at + 2] for at in range(len(plain) - 1)} or {plain})


def _plain(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def searched(text: str) -> str:
    """`text` as it is compared with names."""
    return _plain(text)


def masked(name: str) -> str:
    """A name that one who knows it recognises, and nobody else."""
    if len(name) <= 2:
        return name[0] + MASK
    return name[0] + MASK * (len(name) - 2) + name[-1]
