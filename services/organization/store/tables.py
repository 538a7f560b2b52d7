"""The tables of the organization service; a test compares them with what the migrations make."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from chassis.scope import UNIT_PATH

metadata = sa.MetaData()

Moment = sa.DateTime(timezone=True)


def _aggregate() -> list[sa.Column[object]]:
    return [
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("updated_at", Moment, nullable=False),
        sa.Column("external_system", sa.Text),
        sa.Column("external_id", sa.Text),
    ]


units = sa.Table(
    "units",
    metadata,
    *_aggregate(),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("parent_id", sa.Uuid),
    sa.Column("path", UNIT_PATH, nullable=False),
    sa.Column("closed_at", Moment),
)
users = sa.Table(
    "users",
    metadata,
    *_aggregate(),
    sa.Column("username", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("email", sa.Text),
    sa.Column("locale", sa.Text, nullable=False),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("password_hash", sa.Text),
)
memberships = sa.Table(
    "memberships",
    metadata,
    sa.Column("user_id", sa.Uuid, primary_key=True),
    sa.Column("unit_id", sa.Uuid, primary_key=True),
    sa.Column("role", sa.Text, primary_key=True),
    sa.Column("manager_id", sa.Uuid),
    sa.Column("is_primary", sa.Boolean, nullable=False),
)
policies = sa.Table(
    "policies",
    metadata,
    *(column for column in _aggregate() if not column.name.startswith("external")),
    sa.Column("unit_id", sa.Uuid, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("body", JSONB, nullable=False),
    sa.Column("marks", JSONB, nullable=False),
    sa.Column("comment", sa.Text),
    sa.Column("copy_of", sa.Uuid),
    sa.Column("author_id", sa.Uuid, nullable=False),
    sa.Column("approved_by", sa.Uuid),
    sa.Column("approved_at", Moment),
    sa.Column("number", sa.Integer),
    sa.Column("published_by", sa.Uuid),
    sa.Column("published_at", Moment),
    sa.Column("effective_from", Moment),
    sa.Column("withdrawn_by", sa.Uuid),
    sa.Column("withdrawn_at", Moment),
    sa.Column("withdrawn_from", Moment),
)
policy_reach = sa.Table(
    "policy_reach",
    metadata,
    sa.Column("policy_id", sa.Uuid, primary_key=True),
    sa.Column("service", sa.Text, primary_key=True),
    sa.Column("delivered_at", Moment, nullable=False),
    sa.Column("applied_at", Moment),
    sa.Column("sequence", sa.BigInteger, nullable=False),
)
policy_acknowledgements = sa.Table(
    "policy_acknowledgements",
    metadata,
    sa.Column("policy_id", sa.Uuid, primary_key=True),
    sa.Column("unit_id", sa.Uuid, primary_key=True),
    sa.Column("acknowledged_at", Moment, nullable=False),
    sa.Column("acknowledged_by", sa.Uuid, nullable=False),
)
handovers = sa.Table(
    "handovers",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("updated_at", Moment, nullable=False),
    sa.Column("unit_id", sa.Uuid, nullable=False),
    sa.Column("user_id", sa.Uuid, nullable=False),
    sa.Column("manager_id", sa.Uuid, nullable=False),
    sa.Column("destination", sa.Text, nullable=False),
    sa.Column("heir_id", sa.Uuid),
    sa.Column("rules", JSONB, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("due_at", Moment),
    sa.Column("escalated_at", Moment),
    sa.Column("completed_at", Moment),
)
handover_parts = sa.Table(
    "handover_parts",
    metadata,
    sa.Column("handover_id", sa.Uuid, primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("held", sa.Integer, nullable=False),
    sa.Column("moved", sa.Integer, nullable=False),
    sa.Column("done", sa.Boolean, nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
)
sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("user_id", sa.Uuid, nullable=False),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("last_used_at", Moment, nullable=False),
    sa.Column("expires_at", Moment, nullable=False),
    sa.Column("revoked_at", Moment),
    sa.Column("address", sa.Text, nullable=False),
    sa.Column("device", sa.Text, nullable=False),
    sa.Column("api_key_id", sa.Uuid),
    sa.Column("second_factor_at", Moment),
)
api_keys = sa.Table(
    "api_keys",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("user_id", sa.Uuid, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("prefix", sa.Text, nullable=False),
    sa.Column("scopes", sa.ARRAY(sa.Text)),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("expires_at", Moment, nullable=False),
    sa.Column("last_used_at", Moment),
    sa.Column("revoked_at", Moment),
)
audit_entries = sa.Table(
    "audit_entries",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("at", Moment, nullable=False),
    sa.Column("service", sa.Text, nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("actor_id", sa.Uuid),
    sa.Column("actor_name", sa.Text),
    sa.Column("address", sa.Text),
    sa.Column("subject_kind", sa.Text, nullable=False),
    sa.Column("subject_id", sa.Uuid),
    sa.Column("subject_name", sa.Text),
    sa.Column("changes", JSONB, nullable=False),
    sa.Column("reason", sa.Text),
    sa.Column("trace_id", sa.Text, nullable=False),
    sa.Column("words", sa.Text, nullable=False),
)
