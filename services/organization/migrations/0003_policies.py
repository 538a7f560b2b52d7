"""Policies with every version of them, how far each has reached, and who acknowledged it."""

from alembic import op

from chassis.policies import create_policies

revision = "organization_0003"
down_revision = "organization_0002"

TABLES = """
CREATE TABLE policies (
    id uuid PRIMARY KEY,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    unit_id uuid NOT NULL REFERENCES units (id),
    kind text NOT NULL,
    state text NOT NULL CHECK (state IN ('draft', 'published', 'withdrawn')),
    body jsonb NOT NULL,
    marks jsonb NOT NULL,
    comment text,
    copy_of uuid REFERENCES policies (id),
    author_id uuid NOT NULL REFERENCES users (id),
    approved_by uuid REFERENCES users (id),
    approved_at timestamptz,
    number integer,
    published_by uuid REFERENCES users (id),
    published_at timestamptz,
    effective_from timestamptz,
    withdrawn_by uuid REFERENCES users (id),
    withdrawn_at timestamptz,
    withdrawn_from timestamptz,
    CHECK ((state = 'draft') = (number IS NULL)),
    CHECK ((number IS NULL) = (effective_from IS NULL)),
    CHECK ((state = 'withdrawn') = (withdrawn_from IS NOT NULL)),
    CHECK (approved_by <> author_id)
);
CREATE UNIQUE INDEX policies_number ON policies (kind, unit_id, number);
CREATE INDEX policies_created ON policies (created_at, id);
CREATE INDEX policies_updated ON policies (updated_at, id);

-- How far a version has come in each service; the newest that the service said.
CREATE TABLE policy_reach (
    policy_id uuid NOT NULL,
    service text NOT NULL,
    delivered_at timestamptz NOT NULL,
    applied_at timestamptz,
    sequence bigint NOT NULL,
    PRIMARY KEY (policy_id, service)
);

-- One manager of each unit says that it knows; the first one counts.
CREATE TABLE policy_acknowledgements (
    policy_id uuid NOT NULL REFERENCES policies (id),
    unit_id uuid NOT NULL REFERENCES units (id),
    acknowledged_at timestamptz NOT NULL,
    acknowledged_by uuid NOT NULL REFERENCES users (id),
    PRIMARY KEY (policy_id, unit_id)
);
"""


def upgrade() -> None:
    connection = op.get_bind()
    create_policies(connection)
    connection.exec_driver_sql(TABLES)
