"""Which services there are."""

from importlib import import_module

from chassis.bus.topology import Consumer
from chassis.service import Service

NAMES = ("organization", "customer", "leads", "activity", "analytics")


def service(name: str) -> Service:
    """The service of this name."""
    found: Service = import_module(f"services.{name}.app").SERVICE
    return found


def routes() -> dict[str, str]:
    """Public path prefixes and whose they are."""
    return {path: name for name in NAMES for path in (*service(name).routes, service(name).operations)}


def consumers() -> list[Consumer]:
    """The queues that must stand in the broker."""
    return [service(name).consumer for name in NAMES]
