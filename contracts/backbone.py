"""What every service says of itself: how far its events, policies and hand-overs have come, and who did what in it."""

from dataclasses import dataclass, make_dataclass
from typing import Annotated, TypeVar
from uuid import NAMESPACE_URL, UUID, uuid5

from contracts.base import Moment, Personal, event
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
class PolicyApplied:
    """A policy's version is stored in `service`, and in force there from `applied_at` on; null until then."""

    reach_id: UUID
    policy_id: UUID
    service: str
    delivered_at: Moment
    applied_at: Moment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverProgressed:
    """Of one kind, `moved` have been handed over so far and `held` are still with the user who left."""

    handover_id: UUID
    kind: HandoverKind
    held: int
    moved: int
    done: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditChange:
    """One thing that is other than before, written out; never a secret."""

    field: str
    before: Annotated[str | None, Personal]
    after: Annotated[str | None, Personal]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRecorded:
    """Somebody did, or tried, what must remain on record; `actor_id` is null where nobody was signed in."""

    audit_id: UUID
    service: str
    action: str
    at: Moment
    actor_id: UUID | None
    address: Annotated[str | None, Personal]
    subject_kind: str
    subject_id: UUID | None
    changes: tuple[AuditChange, ...]
    reason: str | None = None


def service_id(service: str) -> UUID:
    """The aggregate id that stands for a service."""
    return uuid5(NAMESPACE_URL, f"crm.{service}")


def reach_id(policy_id: UUID, service: str) -> UUID:
    """The aggregate id that stands for a policy's way into one service."""
    return uuid5(policy_id, service)


def _of(service: str, said: type[T], name: str, subject: str) -> type[T]:
    """What all services say alike, as an event type of this one's own."""
    own = make_dataclass(f"{service.title()}{said.__name__}", [], bases=(said,), frozen=True, slots=True, kw_only=True)
    own.__doc__ = said.__doc__
    own.__module__ = __name__
    return event(f"crm.{service}.{name}", subject=subject)(own)


WATERMARKS = {service: _of(service, WatermarkReached, "watermark.reached", "service_id") for service in SERVICES}
POLICIES_APPLIED = {service: _of(service, PolicyApplied, "policy.applied", "reach_id") for service in SERVICES}
PROGRESS = {service: _of(service, HandoverProgressed, "handover.progressed", "handover_id") for service in HANDING_OVER}
AUDITS = {service: _of(service, AuditRecorded, "audit.recorded", "audit_id") for service in SERVICES}
