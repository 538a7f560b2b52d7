"""What every service says of itself: how far everything it recorded has been sent, and how far a hand-over has come."""

from dataclasses import dataclass, make_dataclass
from typing import TypeVar
from uuid import NAMESPACE_URL, UUID, uuid5

from contracts.base import Moment, event
from contracts.organization import HandoverKind

T = TypeVar("T")

SERVICES = ("organization", "customer", "leads", "activity", "analytics")
HANDING_OVER = ("organization", "customer", "leads", "activity")
"""Those that carry hand-overs out, and organization, which tells how they come on as it knows it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WatermarkReached:
    """Everything `service` recorded before `reached_at` has been sent."""

    service_id: UUID
    service: str
    reached_at: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverProgressed:
    """Of one kind, `moved` have been handed over so far and `held` are still with the user who left."""

    handover_id: UUID
    kind: HandoverKind
    held: int
    moved: int
    done: bool


def service_id(service: str) -> UUID:
    """The aggregate id that stands for a service."""
    return uuid5(NAMESPACE_URL, f"crm.{service}")


def _of(service: str, base: type[T], thing: str, subject: str) -> type[T]:
    own = make_dataclass(f"{service.title()}{base.__name__}", [], bases=(base,), frozen=True, slots=True, kw_only=True)
    own.__doc__ = base.__doc__
    own.__module__ = __name__
    return event(f"crm.{service}.{thing}", subject=subject)(own)


WATERMARKS = {service: _of(service, WatermarkReached, "watermark.reached", "service_id") for service in SERVICES}
PROGRESS = {service: _of(service, HandoverProgressed, "handover.progressed", "handover_id") for service in HANDING_OVER}
