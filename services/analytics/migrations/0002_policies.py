"""The copy of the company's policies."""

from alembic import op

from chassis.policies import create_policies

revision = "analytics_0002"
down_revision = "analytics_0001"


def upgrade() -> None:
    create_policies(op.get_bind())
