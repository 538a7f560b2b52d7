"""The HTTP edge of a service: who calls, what he may, what he sent; rules live elsewhere."""

from chassis.web.application import create_app
from chassis.web.blueprint import Blueprint
from chassis.web.bulk import bulk_route
from chassis.web.requests import (
    expected_version,
    in_person,
    origin,
    public,
    requires,
    runtime,
    shown_once,
    stepped_up,
    tagged,
    work,
)
from chassis.web.schemas import Schema

__all__ = [
    "Blueprint",
    "Schema",
    "bulk_route",
    "create_app",
    "expected_version",
    "in_person",
    "origin",
    "public",
    "requires",
    "runtime",
    "shown_once",
    "stepped_up",
    "tagged",
    "work",
]
