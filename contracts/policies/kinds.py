"""The kinds of policy there are, each with the rules that are shipped."""

from dataclasses import dataclass
from typing import Annotated, Literal

import msgspec

from contracts.policies.base import policy, shipped

GateField = Literal["customer_id", "amount", "lines", "expected_close_on", "factors", "competitor"]
FactorCode = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z_]{0,39}$")]
Required = Annotated[tuple[GateField, ...], msgspec.Meta(max_length=6)]

FACTORS = (
    "price", "product", "quality", "service", "delivery", "relationship", "decision_maker", "timing", "budget", "brand",
    "technical_fit", "competitor_move",
)  # fmt: skip
WORDS = r"^(?=[\s\S]*\S)[^\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]*$|^$"
"""Something to read, without characters that nobody can read; empty only where it is shipped so."""
CLOSING: Required = ("factors", "competitor")


@policy("lead_routing")
@dataclass(frozen=True, slots=True, kw_only=True)
class LeadRouting:
    """Who gets a lead that names nobody, and within how many working hours its first follow-up must be planned."""

    rule: Literal["round_robin", "nobody", "manager"] = shipped("round_robin")
    plan_within_hours: Annotated[int, msgspec.Meta(ge=1, le=90)] = shipped(4, tighter="lower")


@dataclass(frozen=True, slots=True, kw_only=True)
class Gates:
    """What a deal must have to enter each stage."""

    prospecting: Required = ()
    engaging: Required = ()
    proposing: Required = ()
    negotiating: Required = ()
    won: Required = CLOSING
    lost: Required = CLOSING


@policy("pipeline")
@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    """What a deal must have to move on, and the factors that may have decided it."""

    gates: Gates = shipped(Gates(), tighter="more")  # noqa: RUF009 -- a field like the others, and frozen
    factors: Annotated[tuple[FactorCode, ...], msgspec.Meta(min_length=1, max_length=50)] = shipped(FACTORS)


@policy("security")
@dataclass(frozen=True, slots=True, kw_only=True)
class Security:
    """How users sign in, and whether a policy needs the approval of a second person."""

    shortest_password: Annotated[int, msgspec.Meta(ge=8, le=128)] = shipped(8, tighter="higher")
    second_approver: bool = shipped(False, tighter="higher")
    session_days: Annotated[int, msgspec.Meta(ge=1, le=90)] = shipped(30, tighter="lower")


@policy("announcement", spoken=("title", "text"))
@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """Something everybody below is to know; managers acknowledge it within so many hours of its publication."""

    title: Annotated[str, msgspec.Meta(max_length=200, pattern=WORDS)] = shipped("")
    text: Annotated[str, msgspec.Meta(max_length=20000, pattern=WORDS)] = shipped("")
    acknowledge_within_hours: Annotated[int, msgspec.Meta(ge=1, le=720)] = shipped(48, tighter="lower")
