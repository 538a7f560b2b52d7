"""What organization does when it hears others."""

from chassis.inbox import Handler
from contracts.backbone import SERVICES
from services.organization.store.policies import keep_reach
from services.organization.store.replicas import copy_customer

HANDLERS: dict[str, Handler] = {
    "crm.customer.customer.created": copy_customer,
    "crm.customer.customer.changed": copy_customer,
    **{f"crm.{service}.policy.applied": keep_reach for service in SERVICES},
}
