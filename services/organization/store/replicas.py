"""Local copies of what other services own: where customers stand, so that no unit is closed that still holds some."""

import sqlalchemy as sa

from chassis.store import Transaction
from contracts.customer import CustomerState
from contracts.envelope import Envelope
from services.organization.store.tables import metadata

customers = sa.Table(
    "customers",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("unit_id", sa.Uuid),
    sa.Column("sequence", sa.BigInteger, nullable=False),
)

COPY_CUSTOMER = """
INSERT INTO customers (id, unit_id, sequence) VALUES (%s, %s, %s)
ON CONFLICT (id) DO UPDATE SET unit_id = excluded.unit_id, sequence = excluded.sequence
WHERE customers.sequence < excluded.sequence
"""


def copy_customer(tx: Transaction, event: Envelope, customer: CustomerState) -> None:
    """Keep where a customer stands now."""
    tx.driver(COPY_CUSTOMER, (customer.customer_id, customer.unit_id, event.sequence))
