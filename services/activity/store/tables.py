"""The tables of the activity service; a test compares them with what the migrations make."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

metadata = sa.MetaData()

Moment = sa.DateTime(timezone=True)


def _aggregate() -> list[sa.Column[object]]:
    return [
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("updated_at", Moment, nullable=False),
        sa.Column("unit_id", sa.Uuid, nullable=False),
        sa.Column("owner_id", sa.Uuid, nullable=False),
        sa.Column("manager_id", sa.Uuid),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("customer_id", sa.Uuid),
        sa.Column("lead_id", sa.Uuid),
        sa.Column("opportunity_id", sa.Uuid),
        sa.Column("summary", sa.Text, nullable=False),
        sa.Column("external_system", sa.Text),
        sa.Column("external_id", sa.Text),
    ]


activities = sa.Table(
    "activities",
    metadata,
    *_aggregate(),
    sa.Column("contact_ids", ARRAY(sa.Uuid), nullable=False),
    sa.Column("decision_maker_met", sa.Boolean, nullable=False),
    sa.Column("started_at", Moment, nullable=False),
    sa.Column("minutes", sa.Integer, nullable=False),
    sa.Column("outcome", sa.Text),
    sa.Column("imported", sa.Boolean, nullable=False),
)
plans = sa.Table(
    "plans",
    metadata,
    *_aggregate(),
    sa.Column("due_at", Moment, nullable=False),
    sa.Column("kept_at", Moment),
    sa.Column("activity_id", sa.Uuid),
)
