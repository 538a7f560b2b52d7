"""The copy of the company's policies."""

from alembic import op

from chassis.policies import create_policies

revision = "leads_0004"
down_revision = "leads_0003"


def upgrade() -> None:
    create_policies(op.get_bind())
