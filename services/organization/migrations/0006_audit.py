"""The audit trail: entries are added, and neither changed nor taken away."""

from alembic import op

revision = "organization_0006"
down_revision = "organization_0005"

TABLES = """
CREATE EXTENSION IF NOT EXISTS pg_trgm;

CREATE TABLE audit_entries (
    id uuid PRIMARY KEY,
    at timestamptz NOT NULL,
    service text NOT NULL,
    action text NOT NULL,
    actor_id uuid,
    actor_name text,
    address text,
    subject_kind text NOT NULL,
    subject_id uuid,
    subject_name text,
    changes jsonb NOT NULL,
    reason text,
    trace_id text NOT NULL,
    words text NOT NULL
);
CREATE INDEX audit_entries_at ON audit_entries (at, id);
CREATE INDEX audit_entries_actor ON audit_entries (actor_id, at, id);
CREATE INDEX audit_entries_subject ON audit_entries (subject_id, at, id);
CREATE INDEX audit_entries_action ON audit_entries (action, at, id);
CREATE INDEX audit_entries_words ON audit_entries USING gin (words gin_trgm_ops);

CREATE FUNCTION audit_entries_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'entries of the audit trail are neither changed nor deleted';
END
$$;
CREATE TRIGGER audit_entries_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries
    FOR EACH STATEMENT EXECUTE FUNCTION audit_entries_stay();
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(TABLES)
