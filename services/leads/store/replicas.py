"""Local copies of what other services own: customers, as far as deals and leads refer to them."""

import sqlalchemy as sa

from chassis.store import Transaction
from contracts.customer import CustomerState
from contracts.envelope import Envelope
from services.leads.store.tables import metadata

customers = sa.Table(
    "customers",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("unit_id", sa.Uuid),
    sa.Column("owner_id", sa.Uuid),
    sa.Column("sequence", sa.BigInteger, nullable=False),
)

COPY_CUSTOMER = """
INSERT INTO customers (id, name, unit_id, owner_id, sequence)
VALUES (%(id)s, %(name)s, %(unit_id)s, %(owner_id)s, %(sequence)s)
ON CONFLICT (id) DO UPDATE SET name = excluded.name, unit_id = excluded.unit_id, owner_id = excluded.owner_id,
    sequence = excluded.sequence
WHERE customers.sequence < excluded.sequence
"""


def copy_customer(tx: Transaction, event: Envelope, customer: CustomerState) -> None:
    """Keep the newest state of a customer."""
    tx.driver(COPY_CUSTOMER, {
        "id": customer.customer_id, "name": customer.name, "unit_id": customer.unit_id,
        "owner_id": customer.owner_id, "sequence": event.sequence,
    })  # fmt: skip
