"""The tables of the customer service; a test compares them with what the migrations make."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSTZRANGE

metadata = sa.MetaData()

Moment = sa.DateTime(timezone=True)

customers = sa.Table(
    "customers",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("updated_at", Moment, nullable=False),
    sa.Column("unit_id", sa.Uuid, nullable=False),
    sa.Column("owner_id", sa.Uuid, nullable=False),
    sa.Column("manager_id", sa.Uuid),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("name_key", sa.Text, nullable=False),
    sa.Column("bigrams", ARRAY(sa.Text), nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("class", sa.Text, key="class_", nullable=False),
    sa.Column("lifecycle", sa.Text, nullable=False),
    sa.Column("credit_code", sa.Text),
    sa.Column("industry", sa.Text),
    sa.Column("region", sa.Text),
    sa.Column("source_id", sa.Uuid),
    sa.Column("parent_id", sa.Uuid),
    sa.Column("attributes", JSONB, nullable=False),
    sa.Column("override_reason", sa.Text),
    sa.Column("imported", sa.Boolean, nullable=False),
    sa.Column("external_system", sa.Text),
    sa.Column("external_id", sa.Text),
)
contacts = sa.Table(
    "contacts",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("updated_at", Moment, nullable=False),
    sa.Column("customer_id", sa.Uuid, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("phone", sa.Text),
    sa.Column("email", sa.Text),
    sa.Column("title", sa.Text),
    sa.Column("role", sa.Text),
    sa.Column("decision_maker", sa.Boolean, nullable=False),
)
ownerships = sa.Table(
    "ownerships",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("customer_id", sa.Uuid, nullable=False),
    sa.Column("owner_id", sa.Uuid, nullable=False),
    sa.Column("manager_id", sa.Uuid),
    sa.Column("unit_id", sa.Uuid, nullable=False),
    sa.Column("period", TSTZRANGE, nullable=False),
    sa.Column("cause", sa.Text, nullable=False),
    sa.Column("closed_cause", sa.Text),
    sa.Column("actor_id", sa.Uuid, nullable=False),
)
