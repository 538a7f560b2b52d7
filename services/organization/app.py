"""The organization service, put together."""

from flask import Flask

from chassis import web
from chassis.service import Service
from chassis.settings import Settings
from services.organization.api import audit, handovers, names, policies, second_factor, security, session, units, users
from services.organization.commands.founding import found
from services.organization.handlers import HANDLERS, HOLDINGS
from services.organization.problems import PROBLEMS
from services.organization.store.replicas import copy_holdings
from services.organization.timers import TIMERS

SERVICE = Service(
    name="organization",
    routes=(
        "/api/v1/session",
        "/api/v1/sessions",
        "/api/v1/me",
        "/api/v1/keys",
        "/api/v1/api-keys",
        "/api/v1/units",
        "/api/v1/users",
        "/api/v1/handovers",
        "/api/v1/names",
        "/api/v1/policies",
        "/api/v1/audit",
        "/api/v1/audit.csv",
    ),
    blueprints=(
        session.blueprint,
        security.blueprint,
        second_factor.blueprint,
        units.blueprint,
        users.blueprint,
        handovers.blueprint,
        names.blueprint,
        policies.blueprint,
        audit.blueprint,
    ),
    handlers=HANDLERS,
    batch_handler=copy_holdings,
    batch_types=HOLDINGS,
    timers=TIMERS,
    problems=PROBLEMS,
    keeps_directory=False,
    on_start=found,
)


def create_app(settings: Settings) -> Flask:
    return web.create_app(SERVICE, settings)
