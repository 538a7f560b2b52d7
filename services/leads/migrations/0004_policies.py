"""The copy of the company's policies, and by which version each lead was routed and each stage entered."""

from alembic import op

from chassis.policies import create_policies

revision = "leads_0004"
down_revision = "leads_0003"

DECISIONS = """
ALTER TABLE leads ADD COLUMN policy_id uuid;
ALTER TABLE stage_entries ADD COLUMN policy_id uuid;
"""


def upgrade() -> None:
    connection = op.get_bind()
    create_policies(connection)
    connection.exec_driver_sql(DECISIONS)
