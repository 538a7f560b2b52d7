"""What every service says of itself: how far everything it recorded has been sent, and who did what in it."""

from dataclasses import dataclass, make_dataclass
from typing import Annotated, TypeVar
from uuid import NAMESPACE_URL, UUID, uuid5

from contracts.base import Moment, Personal, event

Said = TypeVar("Said")

SERVICES = ("organization", "customer", "leads", "activity", "analytics")


@dataclass(frozen=True, slots=True, kw_only=True)
class WatermarkReached:
    """Everything `service` recorded before `reached_at` has been sent."""

    service_id: UUID
    service: str
    reached_at: Moment


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


def _of(service: str, kind: type[Said], what: str, subject: str) -> type[Said]:
    """What every service says, as a type of this service's own."""
    own = make_dataclass(service.title() + kind.__name__, [], bases=(kind,), frozen=True, slots=True, kw_only=True)
    own.__doc__ = kind.__doc__
    own.__module__ = __name__
    return event(f"crm.{service}.{what}", subject=subject)(own)


WATERMARKS = {service: _of(service, WatermarkReached, "watermark.reached", "service_id") for service in SERVICES}
AUDITS = {service: _of(service, AuditRecorded, "audit.recorded", "audit_id") for service in SERVICES}
