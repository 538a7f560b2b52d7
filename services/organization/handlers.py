"""What organization does when it hears others: it keeps how far each policy has come."""

from chassis.inbox import Handler
from contracts.backbone import SERVICES
from services.organization.store.policies import keep_reach

HANDLERS: dict[str, Handler] = {f"crm.{service}.policy.applied": keep_reach for service in SERVICES}
