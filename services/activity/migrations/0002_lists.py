"""What activities and plans are for has a name, and lists of what is for one subject or still due are found at once."""

from alembic import op

revision = "activity_0002"
down_revision = "activity_0001"

CHANGES = """
ALTER TABLE subjects ADD COLUMN name text;

CREATE INDEX activities_lead ON activities (lead_id, started_at, id) WHERE lead_id IS NOT NULL;
CREATE INDEX activities_opportunity ON activities (opportunity_id, started_at, id) WHERE opportunity_id IS NOT NULL;
CREATE INDEX plans_customer ON plans (customer_id, due_at, id) WHERE customer_id IS NOT NULL;
CREATE INDEX plans_lead ON plans (lead_id, due_at, id) WHERE lead_id IS NOT NULL;
CREATE INDEX plans_opportunity ON plans (opportunity_id, due_at, id) WHERE opportunity_id IS NOT NULL;
CREATE INDEX plans_open ON plans (due_at, id) WHERE kept_at IS NULL;
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(CHANGES)
