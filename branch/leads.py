"""Leads in a file, one JSON object a line: `company`, and what else is known of whoever may buy.

    {"id": "A-17", "company": "杭州云帆机械", "contact_name": "王芳", "phone": "13800001111", "region": "浙江"}

`id` is the lead's own in the branch's system: a line with the same id and other content brings the lead up to date.
Without one, what stands in the line tells it apart.
"""

import hashlib
from collections.abc import Iterable
from uuid import NAMESPACE_URL, UUID, uuid5

import msgspec

from contracts.base import Moment
from contracts.branch import EMAIL, TEXT, BranchLeadCaptured, Email, Long, Phone, Short, source_of

IN_WORDS = {TEXT: "must be text without control characters", EMAIL: "must be an e-mail address"}


class InvalidLines(ValueError):
    """Lines that are no leads; `problems` has a text for each, with its number."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One lead as a branch writes it; without `captured_at` it counts from when it was stored."""

    company: Short
    id: Short | None = None
    contact_name: Short | None = None
    phone: Phone | None = None
    email: Email | None = None
    region: Short | None = None
    note: Long | None = None
    captured_at: Moment | None = None


def read(lines: Iterable[bytes], code: str) -> list[BranchLeadCaptured]:
    """The leads of the branch of this code; blank lines are passed over. Raises InvalidLines, all of them at once."""
    found, problems = [], []
    for number, text in enumerate(lines, 1):
        if not text.strip():
            continue
        try:
            found.append(_lead(msgspec.json.decode(text, type=Line), code))
        except msgspec.DecodeError as error:
            problems.append(f"{number}: {_in_words(str(error))}")
    if problems:
        raise InvalidLines(problems)
    return found


def _lead(line: Line, code: str) -> BranchLeadCaptured:
    content = {name: getattr(line, name) for name in line.__struct_fields__ if name != "id"}
    named = line.id or hashlib.sha256(msgspec.json.encode(content, order="sorted")).hexdigest()
    return BranchLeadCaptured(lead_id=_lead_id(code, "id" if line.id else "content", named), **content)


def _lead_id(code: str, kind: str, named: str) -> UUID:
    return uuid5(uuid5(NAMESPACE_URL, source_of(code)), f"{kind}:{named}")


def _in_words(error: str) -> str:
    """What is wrong with which field, as one who writes files would say it."""
    reason, _, path = error.partition(" - at `")
    for pattern, words in IN_WORDS.items():
        if pattern in reason or repr(pattern) in reason:
            reason = words
    field = path.rstrip("`").removeprefix("$").lstrip(".")
    return f"{field}: {reason}" if field else reason
