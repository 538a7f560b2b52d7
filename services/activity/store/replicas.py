"""Local copies of what activities are for: customers, leads and opportunities, what they are called and whose."""

import sqlalchemy as sa

from chassis.store import Transaction
from contracts.customer import CustomerState
from contracts.envelope import Envelope
from contracts.leads import LeadStateOf, OpportunityState
from services.activity.store.tables import metadata

subjects = sa.Table(
    "subjects",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("unit_id", sa.Uuid),
    sa.Column("owner_id", sa.Uuid),
    sa.Column("name", sa.Text),
    sa.Column("sequence", sa.BigInteger, nullable=False),
)

COPY = """
INSERT INTO subjects (id, kind, unit_id, owner_id, name, sequence) VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT (id) DO UPDATE SET unit_id = excluded.unit_id, owner_id = excluded.owner_id, name = excluded.name,
    sequence = excluded.sequence
WHERE subjects.sequence < excluded.sequence
"""


def copy_customer(tx: Transaction, event: Envelope, customer: CustomerState) -> None:
    """Keep what a customer is called and whose it is."""
    _copy(tx, event, "customer", customer, customer.name)


def copy_lead(tx: Transaction, event: Envelope, lead: LeadStateOf) -> None:
    """Keep what company a lead speaks of and whose it is."""
    _copy(tx, event, "lead", lead, lead.company)


def copy_opportunity(tx: Transaction, event: Envelope, opportunity: OpportunityState) -> None:
    """Keep what a deal is called and whose it is."""
    _copy(tx, event, "opportunity", opportunity, opportunity.name)


def _copy(
    tx: Transaction, event: Envelope, kind: str, state: CustomerState | LeadStateOf | OpportunityState, name: str
) -> None:
    tx.driver(COPY, (event.subject, kind, state.unit_id, state.owner_id, name, event.sequence))
