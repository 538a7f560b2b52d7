"""The customer service, put together."""

from flask import Flask

from chassis import web
from chassis.service import Service
from chassis.settings import Settings
from services.customer.api import customers
from services.customer.commands.ownerships import CUSTOMERS
from services.customer.problems import PROBLEMS

SERVICE = Service(
    name="customer",
    routes=("/api/v1/customers",),
    blueprints=(customers.blueprint,),
    problems=PROBLEMS,
    hands_over=(CUSTOMERS,),
)


def create_app(settings: Settings) -> Flask:
    return web.create_app(SERVICE, settings)
