"""The default pipeline: four open stages, the two ways out, and what a deal must have to enter each."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

DEFAULT: Final = "default"
OPEN: Final = ("prospecting", "engaging", "proposing", "negotiating")
CLOSED: Final = ("won", "lost")
FIRST: Final = OPEN[0]


class UnknownStage(Exception):
    """No stage of the pipeline has this name."""

    def __init__(self, stage: str, allowed: tuple[str, ...]) -> None:
        super().__init__(stage)
        self.stage = stage
        self.allowed = allowed


class GateNotMet(Exception):
    """The deal may not enter `stage` before it has what is `missing`."""

    def __init__(self, stage: str, missing: Sequence[str]) -> None:
        super().__init__(stage)
        self.stage = stage
        self.missing = tuple(missing)


class UnknownFactor(Exception):
    """The company's policy knows no factor of this code."""

    def __init__(self, code: str, allowed: Collection[str]) -> None:
        super().__init__(code)
        self.code = code
        self.allowed = allowed


@dataclass(frozen=True, slots=True)
class Rules:
    """What a version of the pipeline's policy asks of a deal: fields for each stage, and codes for its factors."""

    policy_id: UUID | None
    gates: Mapping[str, Collection[str]] = field(default_factory=dict)
    factors: Collection[str] = ()


def open_stage(stage: str) -> str:
    """`stage`, when a deal in progress can stand there. Raises UnknownStage."""
    if stage not in OPEN:
        raise UnknownStage(stage, OPEN)
    return stage


def any_stage(stage: str) -> str:
    """`stage`, won and lost included. Raises UnknownStage."""
    if stage not in OPEN + CLOSED:
        raise UnknownStage(stage, OPEN + CLOSED)
    return stage
