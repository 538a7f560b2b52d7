"""The default pipeline: four open stages, and the two ways out."""

from typing import Final

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
