"""The names behind ids: products and sources copied from events, units and users from the directory."""

from chassis.store import Transaction
from contracts.envelope import Envelope
from contracts.leads import ProductState, SourceCreated

KEEP = """
INSERT INTO {table} (id, name, sequence) VALUES (%s, %s, %s)
ON CONFLICT (id) DO UPDATE SET name = excluded.name, sequence = excluded.sequence
WHERE {table}.sequence < excluded.sequence
"""


def copy_product(tx: Transaction, event: Envelope, product: ProductState) -> None:
    """Keep the newest name of a product."""
    tx.driver(KEEP.format(table="products"), (product.product_id, product.name, event.sequence))


def copy_source(tx: Transaction, event: Envelope, source: SourceCreated) -> None:
    """Keep the name of a source."""
    tx.driver(KEEP.format(table="sources"), (source.source_id, source.name, event.sequence))
