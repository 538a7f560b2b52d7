"""The copy of the company's policies."""

from alembic import op

from chassis.policies import create_policies

revision = "activity_0003"
down_revision = "activity_0002"


def upgrade() -> None:
    create_policies(op.get_bind())
