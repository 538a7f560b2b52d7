"""What every service says of itself: how far everything it recorded has been sent."""

from dataclasses import dataclass, make_dataclass
from uuid import NAMESPACE_URL, UUID, uuid5

from contracts.base import Moment, event

SERVICES = ("organization", "customer", "leads", "activity", "analytics")


@dataclass(frozen=True, slots=True, kw_only=True)
class WatermarkReached:
    """Everything `service` recorded before `reached_at` has been sent."""

    service_id: UUID
    service: str
    reached_at: Moment


def service_id(service: str) -> UUID:
    """The aggregate id that stands for a service."""
    return uuid5(NAMESPACE_URL, f"crm.{service}")


def _of(service: str) -> type[WatermarkReached]:
    name = f"{service.title()}WatermarkReached"
    own = make_dataclass(name, [], bases=(WatermarkReached,), frozen=True, slots=True, kw_only=True)
    own.__doc__ = WatermarkReached.__doc__
    own.__module__ = __name__
    return event(f"crm.{service}.watermark.reached", subject="service_id")(own)


WATERMARKS = {service: _of(service) for service in SERVICES}
