"""Who acts for those who left, and the hand-overs of what they hold."""

from alembic import op

from chassis.directory import create_acting
from chassis.handovers import create_handovers

revision = "leads_0005"
down_revision = "leads_0004"


def upgrade() -> None:
    connection = op.get_bind()
    create_acting(connection)
    create_handovers(connection)
