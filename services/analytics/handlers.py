"""What analytics does when it hears others: it hears everything, and keeps what it counts."""

from chassis.inbox import Handler
from services.analytics.store.names import copy_product, copy_source

HANDLERS: dict[str, Handler] = {
    "crm.leads.product.created": copy_product,
    "crm.leads.product.changed": copy_product,
    "crm.leads.source.created": copy_source,
}

COUNTED = (
    *(
        f"crm.leads.opportunity.{happened}"
        for happened in ("opened", "changed", "reassigned", "stage-changed", "won", "lost")
    ),
    *(f"crm.leads.lead.{happened}" for happened in ("captured", "assigned", "changed", "qualified")),
)
