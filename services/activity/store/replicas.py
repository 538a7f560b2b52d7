"""Local copies of what activities are for: customers, leads and opportunities, and whose they are."""

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
    sa.Column("sequence", sa.BigInteger, nullable=False),
)

COPY = """
INSERT INTO subjects (id, kind, unit_id, owner_id, sequence) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (id) DO UPDATE SET unit_id = excluded.unit_id, owner_id = excluded.owner_id, sequence = excluded.sequence
WHERE subjects.sequence < excluded.sequence
"""


def copy_customer(tx: Transaction, event: Envelope, customer: CustomerState) -> None:
    """Keep whose customer it is."""
    tx.driver(COPY, (event.subject, "customer", customer.unit_id, customer.owner_id, event.sequence))


def copy_lead(tx: Transaction, event: Envelope, lead: LeadStateOf) -> None:
    """Keep whose lead it is."""
    tx.driver(COPY, (event.subject, "lead", lead.unit_id, lead.owner_id, event.sequence))


def copy_opportunity(tx: Transaction, event: Envelope, opportunity: OpportunityState) -> None:
    """Keep whose deal it is."""
    tx.driver(COPY, (event.subject, "opportunity", opportunity.unit_id, opportunity.owner_id, event.sequence))
