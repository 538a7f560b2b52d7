"""Events of branch systems: what a branch's own system tells headquarters, through the exchange crm.branch.

A branch numbers what it tells by its own count, without gaps; `epoch` tells one count from another, since a branch
that loses its spool begins a new one.
"""

import re
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

import msgspec

from contracts.base import Moment, Personal, event

EXCHANGE = "crm.branch"
PREFIX = "crm.branch."
SOURCE = "/branches/"
CODE = re.compile(r"[A-Za-z0-9_-]{1,40}")
"""A branch's code: that of its unit. It is a word of a routing key and part of the name of a broker's user."""

TEXT = r"^(?=[\s\S]*\S)[^\x00-\x08\x0b-\x1f]+$"
"""Something to read, and no control characters."""
EMAIL = r"^[^@\s\x00-\x1f]+@[^@\s\x00-\x1f]+$"

Short = Annotated[str, msgspec.Meta(max_length=200, pattern=TEXT)]
Phone = Annotated[str, msgspec.Meta(max_length=60, pattern=TEXT)]
Email = Annotated[str, msgspec.Meta(max_length=200, pattern=EMAIL)]
Long = Annotated[str, msgspec.Meta(max_length=4000, pattern=TEXT)]


def source_of(code: str) -> str:
    """The `source` of what the branch of this code tells."""
    return f"{SOURCE}{code}"


def user_of(code: str) -> str:
    """The broker's user that the branch of this code signs in as, and nobody else."""
    return f"branch.{code}"


def routing_key(code: str, kind: str) -> str:
    """Under which key the branch of this code sends an event of type `kind`."""
    return f"branch.{code}.{kind.removeprefix(PREFIX)}"


@event("crm.branch.lead.captured", subject="lead_id")
@dataclass(frozen=True, slots=True, kw_only=True)
class BranchLeadCaptured:
    """A branch's own system met somebody who may buy; the same lead again brings it up to date.

    `lead_id` follows from the branch's code and the lead's id there, so that a branch that begins a new spool, or
    tells everything once more, doubles nothing. Without `captured_at` the lead was met when it was stored there.
    """

    lead_id: UUID
    company: Short
    captured_at: Moment | None = None
    contact_name: Annotated[Short | None, Personal] = None
    phone: Annotated[Phone | None, Personal] = None
    email: Annotated[Email | None, Personal] = None
    region: Short | None = None
    note: Long | None = None
