"""What organization does when it hears others."""

from chassis.inbox import Handler
from services.organization.store.replicas import copy_customer

HANDLERS: dict[str, Handler] = {
    "crm.customer.customer.created": copy_customer,
    "crm.customer.customer.changed": copy_customer,
}
