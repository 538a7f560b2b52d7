"""What organization does when it hears others, and itself."""

from chassis.inbox import Handler
from contracts.backbone import SERVICES
from services.organization.commands import audit

HANDLERS: dict[str, Handler] = {f"crm.{service}.audit.recorded": audit.keep for service in SERVICES}
