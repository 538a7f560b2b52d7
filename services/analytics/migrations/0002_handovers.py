"""Who acts for those who left."""

from alembic import op

from chassis.directory import create_acting

revision = "analytics_0002"
down_revision = "analytics_0001"


def upgrade() -> None:
    create_acting(op.get_bind())
