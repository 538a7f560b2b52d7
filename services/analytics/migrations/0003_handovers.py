"""Who acts for those who left."""

from alembic import op

from chassis.directory import create_acting

revision = "analytics_0003"
down_revision = "analytics_0002"


def upgrade() -> None:
    create_acting(op.get_bind())
