"""The activity service, put together."""

from flask import Flask

from chassis import web
from chassis.service import Service
from chassis.settings import Settings
from services.activity.api import activities
from services.activity.commands.plans import PLANS
from services.activity.handlers import HANDLERS
from services.activity.problems import PROBLEMS

SERVICE = Service(
    name="activity",
    routes=("/api/v1/activities", "/api/v1/plans", "/api/v1/agenda"),
    blueprints=(activities.blueprint,),
    handlers=HANDLERS,
    hands_over=(PLANS,),
    problems=PROBLEMS,
)


def create_app(settings: Settings) -> Flask:
    return web.create_app(SERVICE, settings)
