"""What leads does when it hears others."""

from chassis import watermarks
from chassis.inbox import Handler
from chassis.store import Transaction
from contracts.activity import PlanMade
from contracts.branch import BranchLeadCaptured
from contracts.envelope import Envelope
from services.leads.commands.branches import take_in_lead
from services.leads.commands.deadlines import meet_deadline
from services.leads.store.replicas import copy_customer


def keep_first_response(tx: Transaction, event: Envelope, plan: PlanMade) -> None:
    """A plan for a lead stops its clock."""
    if plan.lead_id is not None:
        meet_deadline(tx, plan.lead_id, plan.made_at)


def take_in(tx: Transaction, event: Envelope, lead: BranchLeadCaptured) -> None:
    """A branch met somebody who may buy."""
    take_in_lead(tx, event.source, lead)


HANDLERS: dict[str, Handler] = {
    "crm.customer.customer.created": copy_customer,
    "crm.customer.customer.changed": copy_customer,
    "crm.activity.plan.made": keep_first_response,
    "crm.activity.watermark.reached": watermarks.keep,
    "crm.branch.lead.captured": take_in,
}
