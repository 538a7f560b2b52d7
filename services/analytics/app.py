"""The analytics service, put together."""

from flask import Flask

from chassis import web
from chassis.service import Service
from chassis.settings import Settings
from services.analytics.api import analytics
from services.analytics.commands.facts import take, take_replayed
from services.analytics.handlers import COUNTED, HANDLERS

SERVICE = Service(
    name="analytics",
    routes=("/api/v1/analytics",),
    blueprints=(analytics.blueprint,),
    handlers=HANDLERS,
    batch_handler=take,
    batch_types=COUNTED,
    rebuild_handler=take_replayed,
    bindings=tuple(f"crm.{service}.#" for service in ("customer", "leads", "activity", "analytics")),
)


def create_app(settings: Settings) -> Flask:
    return web.create_app(SERVICE, settings)
