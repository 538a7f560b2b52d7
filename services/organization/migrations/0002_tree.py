"""The units right below one are found without reading all."""

from alembic import op

revision = "organization_0002"
down_revision = "organization_0001"


def upgrade() -> None:
    op.get_bind().exec_driver_sql("CREATE INDEX units_parent ON units (parent_id)")
