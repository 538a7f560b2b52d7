"""What lists are filtered and sorted by, found without reading every row."""

from alembic import op

revision = "leads_0002"
down_revision = "leads_0001"

INDEXES = """
CREATE INDEX leads_state ON leads (state, created_at, id);
CREATE INDEX leads_source ON leads (source_id, created_at, id);
CREATE INDEX opportunities_stage ON opportunities (stage, created_at, id);
CREATE INDEX opportunities_lead ON opportunities (lead_id) WHERE lead_id IS NOT NULL;
CREATE INDEX opportunities_lines ON opportunities USING gin (lines jsonb_path_ops);
CREATE INDEX opportunities_expected ON opportunities (coalesce(expected_close_on, 'infinity'::date), id);
CREATE INDEX opportunities_open ON opportunities (coalesce(expected_close_on, 'infinity'::date), id)
    WHERE outcome IS NULL;
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(INDEXES)
