"""Hand-overs of those who leave, and a copy of who holds what."""

from alembic import op

revision = "organization_0004"
down_revision = "organization_0003"

TABLES = """
CREATE TABLE handovers (
    id uuid PRIMARY KEY,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    unit_id uuid NOT NULL REFERENCES units (id),
    user_id uuid NOT NULL REFERENCES users (id),
    manager_id uuid NOT NULL REFERENCES users (id),
    destination text NOT NULL CHECK (destination IN ('heir', 'manager', 'pool')),
    heir_id uuid REFERENCES users (id),
    rules jsonb NOT NULL,
    state text NOT NULL CHECK (state IN ('running', 'done')),
    due_at timestamptz,
    escalated_at timestamptz,
    completed_at timestamptz
);
CREATE UNIQUE INDEX handovers_running ON handovers (user_id) WHERE state = 'running';
CREATE INDEX handovers_user ON handovers (user_id, created_at);
CREATE INDEX handovers_created ON handovers (created_at, id);
CREATE INDEX handovers_due ON handovers (due_at) WHERE state = 'running' AND escalated_at IS NULL;

-- How far each kind has come; `sequence` is that of the news it comes from, of the service that owns the kind.
CREATE TABLE handover_parts (
    handover_id uuid NOT NULL REFERENCES handovers (id),
    kind text NOT NULL,
    held integer NOT NULL,
    moved integer NOT NULL,
    done boolean NOT NULL,
    sequence bigint NOT NULL,
    PRIMARY KEY (handover_id, kind)
);

-- Who acts for whom, as `chassis.trust` asks every service.
CREATE VIEW acting AS SELECT id AS handover_id, user_id, manager_id AS acting_id FROM handovers;

-- Who holds what, as the services that own it tell; nobody once it is closed.
CREATE TABLE holdings (
    id uuid PRIMARY KEY,
    kind text NOT NULL,
    owner_id uuid,
    unit_id uuid,
    sequence bigint NOT NULL
);
CREATE INDEX holdings_unit ON holdings (unit_id, kind);
CREATE INDEX holdings_owner ON holdings (owner_id, kind) WHERE owner_id IS NOT NULL;
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(TABLES)
