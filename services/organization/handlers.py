"""What organization does when it hears others: it keeps who holds what, and how far hand-overs have come."""

from chassis.inbox import Handler
from chassis.store import Transaction
from contracts.backbone import HandoverProgressed
from contracts.envelope import Envelope
from services.organization.commands.handovers import advance


def follow(tx: Transaction, event: Envelope, progressed: HandoverProgressed) -> None:
    """One kind of what somebody left has come on."""
    advance(tx, progressed, event.sequence)


HANDLERS: dict[str, Handler] = {
    f"crm.{service}.handover.progressed": follow for service in ("customer", "leads", "activity")
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
