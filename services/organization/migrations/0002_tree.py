"""Where customers stand, so that no unit is closed that still holds some."""

from alembic import op

revision = "organization_0002"
down_revision = "organization_0001"

TABLES = """
CREATE TABLE customers (
    id uuid PRIMARY KEY,
    unit_id uuid,
    sequence bigint NOT NULL
);
CREATE INDEX customers_unit ON customers (unit_id);
CREATE INDEX units_parent ON units (parent_id);
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(TABLES)
