"""The tables of the leads service; a test compares them with what the migrations make."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

metadata = sa.MetaData()

Moment = sa.DateTime(timezone=True)
Money = sa.Numeric(18, 2)


def _aggregate() -> list[sa.Column[object]]:
    return [
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("updated_at", Moment, nullable=False),
        sa.Column("unit_id", sa.Uuid, nullable=False),
        sa.Column("external_system", sa.Text),
        sa.Column("external_id", sa.Text),
    ]


products = sa.Table(
    "products",
    metadata,
    *_aggregate(),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("series", sa.Text),
    sa.Column("list_price", Money),
    sa.Column("currency", sa.CHAR(3)),
)
sources = sa.Table(
    "sources",
    metadata,
    *_aggregate(),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
)
leads = sa.Table(
    "leads",
    metadata,
    *_aggregate(),
    sa.Column("owner_id", sa.Uuid),
    sa.Column("manager_id", sa.Uuid),
    sa.Column("company", sa.Text, nullable=False),
    sa.Column("contact_name", sa.Text),
    sa.Column("phone", sa.Text),
    sa.Column("email", sa.Text),
    sa.Column("phone_key", sa.Text),
    sa.Column("email_key", sa.Text),
    sa.Column("region", sa.Text),
    sa.Column("source_id", sa.Uuid, nullable=False),
    sa.Column("product_ids", ARRAY(sa.Uuid), nullable=False),
    sa.Column("note", sa.Text),
    sa.Column("attributes", JSONB, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("score", sa.Integer, nullable=False),
    sa.Column("rule", sa.Text, nullable=False),
    sa.Column("because", sa.Text, nullable=False),
    sa.Column("policy_id", sa.Uuid),
    sa.Column("duplicate_of_id", sa.Uuid),
    sa.Column("judge_by", Moment),
    sa.Column("plan_by", Moment),
    sa.Column("contact_by", Moment),
    sa.Column("planned_at", Moment),
    sa.Column("breached_at", Moment),
    sa.Column("customer_id", sa.Uuid),
    sa.Column("opportunity_id", sa.Uuid),
    sa.Column("imported", sa.Boolean, nullable=False),
)
assignment_cursors = sa.Table(
    "assignment_cursors",
    metadata,
    sa.Column("unit_id", sa.Uuid, primary_key=True),
    sa.Column("last_user_id", sa.Uuid),
)
opportunities = sa.Table(
    "opportunities",
    metadata,
    *_aggregate(),
    sa.Column("owner_id", sa.Uuid, nullable=False),
    sa.Column("manager_id", sa.Uuid),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("customer_id", sa.Uuid),
    sa.Column("lead_id", sa.Uuid),
    sa.Column("pipeline", sa.Text, nullable=False),
    sa.Column("stage", sa.Text, nullable=False),
    sa.Column("outcome", sa.Text),
    sa.Column("lines", JSONB, nullable=False),
    sa.Column("amount", Money),
    sa.Column("currency", sa.CHAR(3)),
    sa.Column("opened_on", sa.Date),
    sa.Column("expected_close_on", sa.Date),
    sa.Column("closed_on", sa.Date),
    sa.Column("stage_entered_at", Moment),
    sa.Column("factors", JSONB, nullable=False),
    sa.Column("competitor", JSONB),
    sa.Column("imported", sa.Boolean, nullable=False),
)
stage_entries = sa.Table(
    "stage_entries",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("opportunity_id", sa.Uuid, nullable=False),
    sa.Column("stage", sa.Text, nullable=False),
    sa.Column("entered_at", Moment),
    sa.Column("left_at", Moment),
    sa.Column("owner_id", sa.Uuid, nullable=False),
    sa.Column("actor_id", sa.Uuid, nullable=False),
    sa.Column("reason", sa.Text),
    sa.Column("policy_id", sa.Uuid),
)
