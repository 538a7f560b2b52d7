"""Which services there are, what is asked of them and what they hear.

An image holds one service's code, yet its gateway must know every path and `crm broker setup` every queue: the build
writes the map of the whole company (`python -m crm.company`) into each image, beside this module.
"""

import sys
from importlib import import_module
from pathlib import Path

import msgspec

from chassis.bus.topology import Consumer
from chassis.service import Service

NAMES = ("organization", "customer", "leads", "activity", "analytics")
WRITTEN = Path(__file__).with_suffix(".json")


class Map(msgspec.Struct):
    """Public path prefixes and whose they are, and the queues that must stand in the broker."""

    routes: dict[str, str]
    consumers: list[Consumer]


def service(name: str) -> Service:
    """The service of this name."""
    found: Service = import_module(f"services.{name}.app").SERVICE
    return found


def routes() -> dict[str, str]:
    """Public path prefixes and whose they are."""
    return _map().routes


def consumers() -> list[Consumer]:
    """The queues that must stand in the broker."""
    return _map().consumers


def drawn() -> Map:
    """The map as the services themselves declare it."""
    services = [service(name) for name in NAMES]
    return Map(
        routes={path: each.name for each in services for path in (*each.routes, each.operations)},
        consumers=[each.consumer for each in services],
    )


def _map() -> Map:
    return msgspec.json.decode(WRITTEN.read_bytes(), type=Map) if WRITTEN.exists() else drawn()


if __name__ == "__main__":
    sys.stdout.buffer.write(msgspec.json.encode(drawn()))
