"""The leads service, put together."""

from flask import Flask

from chassis import web
from chassis.service import Service
from chassis.settings import Settings
from services.leads.api import leads, opportunities, products, sources
from services.leads.commands.handovers import HANDS_OVER
from services.leads.handlers import HANDLERS
from services.leads.problems import PROBLEMS
from services.leads.timers import TIMERS

SERVICE = Service(
    name="leads",
    routes=("/api/v1/products", "/api/v1/sources", "/api/v1/leads", "/api/v1/opportunities"),
    blueprints=(products.blueprint, sources.blueprint, leads.blueprint, opportunities.blueprint),
    handlers=HANDLERS,
    timers=TIMERS,
    hands_over=HANDS_OVER,
    problems=PROBLEMS,
)


def create_app(settings: Settings) -> Flask:
    return web.create_app(SERVICE, settings)
