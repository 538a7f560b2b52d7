"""Who acts for those who left, the hand-overs of what they hold, and why somebody holds a customer no more."""

from alembic import op

from chassis.directory import create_acting
from chassis.handovers import create_handovers

revision = "customer_0003"
down_revision = "customer_0002"

CHANGES = """
ALTER TABLE ownerships ADD COLUMN closed_cause text;
"""


def upgrade() -> None:
    connection = op.get_bind()
    create_acting(connection)
    create_handovers(connection)
    connection.exec_driver_sql(CHANGES)
