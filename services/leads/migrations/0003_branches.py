"""What branches tell is heard once, whenever they tell it again."""

from alembic import op

from chassis.branches import create_branches

revision = "leads_0003"
down_revision = "leads_0002"


def upgrade() -> None:
    create_branches(op.get_bind())
