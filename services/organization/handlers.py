"""What organization does when it hears others, and itself."""

from chassis.inbox import Handler
from chassis.store import Transaction
from contracts.backbone import SERVICES, HandoverProgressed
from contracts.envelope import Envelope
from services.organization.commands import audit
from services.organization.commands.handovers import advance
from services.organization.store.policies import keep_reach


def follow(tx: Transaction, event: Envelope, progressed: HandoverProgressed) -> None:
    """One kind of what somebody left has come on."""
    advance(tx, progressed, event.sequence)


HANDLERS: dict[str, Handler] = {
    **{f"crm.{service}.handover.progressed": follow for service in ("customer", "leads", "activity")},
    **{f"crm.{service}.policy.applied": keep_reach for service in SERVICES},
    **{f"crm.{service}.audit.recorded": audit.keep for service in SERVICES},
}
HOLDINGS = (
    *(f"crm.customer.customer.{happened}" for happened in ("created", "changed")),
    *(f"crm.leads.lead.{happened}" for happened in ("captured", "assigned", "changed", "qualified")),
    *(
        f"crm.leads.opportunity.{happened}"
        for happened in ("opened", "changed", "reassigned", "stage-changed", "won", "lost")
    ),
    *(f"crm.activity.plan.{happened}" for happened in ("made", "reassigned", "kept")),
)
