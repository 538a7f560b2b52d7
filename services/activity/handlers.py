"""What activity does when it hears others: it keeps what activities may be for."""

from chassis.inbox import Handler
from services.activity.store.replicas import copy_customer, copy_lead, copy_opportunity

HANDLERS: dict[str, Handler] = {
    **{f"crm.customer.customer.{happened}": copy_customer for happened in ("created", "changed")},
    **{f"crm.leads.lead.{happened}": copy_lead for happened in ("captured", "assigned", "changed", "qualified")},
    **{
        f"crm.leads.opportunity.{happened}": copy_opportunity
        for happened in ("opened", "changed", "reassigned", "stage-changed", "won", "lost")
    },
}
