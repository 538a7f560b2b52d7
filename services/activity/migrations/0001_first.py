"""The backbone, the copies of what activities are for, and the tables of activities and plans."""

from alembic import op

from chassis.directory import create_directory
from chassis.store import create_backbone
from chassis.trust import create_trust

revision = "activity_0001"
down_revision = None

TABLES = """
CREATE TABLE activities (
    id uuid PRIMARY KEY,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    unit_id uuid NOT NULL,
    owner_id uuid NOT NULL,
    manager_id uuid,
    kind text NOT NULL,
    customer_id uuid,
    lead_id uuid,
    opportunity_id uuid,
    contact_ids uuid[] NOT NULL,
    decision_maker_met boolean NOT NULL,
    started_at timestamptz NOT NULL,
    minutes integer NOT NULL CHECK (minutes BETWEEN 0 AND 1440),
    summary text NOT NULL,
    outcome text,
    imported boolean NOT NULL,
    external_system text,
    external_id text
);
CREATE UNIQUE INDEX activities_external ON activities (external_system, external_id);
CREATE INDEX activities_created ON activities (created_at, id);
CREATE INDEX activities_started ON activities (started_at, id);
CREATE INDEX activities_owner ON activities (owner_id, started_at, id);
CREATE INDEX activities_customer ON activities (customer_id, started_at, id);

CREATE TABLE plans (
    id uuid PRIMARY KEY,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    unit_id uuid NOT NULL,
    owner_id uuid NOT NULL,
    manager_id uuid,
    kind text NOT NULL,
    customer_id uuid,
    lead_id uuid,
    opportunity_id uuid,
    due_at timestamptz NOT NULL,
    summary text NOT NULL,
    kept_at timestamptz,
    activity_id uuid REFERENCES activities (id),
    external_system text,
    external_id text
);
CREATE INDEX plans_created ON plans (created_at, id);
CREATE INDEX plans_due ON plans (owner_id, due_at, id);

-- What activities are for: customers, leads and opportunities, as far as events told of them.
CREATE TABLE subjects (
    id uuid PRIMARY KEY,
    kind text NOT NULL,
    unit_id uuid,
    owner_id uuid,
    sequence bigint NOT NULL
);
"""


def upgrade() -> None:
    connection = op.get_bind()
    create_backbone(connection)
    create_directory(connection)
    create_trust(connection)
    connection.exec_driver_sql(TABLES)
