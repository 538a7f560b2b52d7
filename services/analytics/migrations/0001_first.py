"""The backbone, copies of names, and the read model in a schema of its own."""

from alembic import op

from chassis.directory import create_directory
from chassis.store import create_backbone
from chassis.trust import create_trust

revision = "analytics_0001"
down_revision = None

COPIES = """
CREATE TABLE products (id uuid PRIMARY KEY, name text NOT NULL, sequence bigint NOT NULL);
CREATE TABLE sources (id uuid PRIMARY KEY, name text NOT NULL, sequence bigint NOT NULL);

-- A read model being built beside the live one, from a source's replayed history.
CREATE TABLE rebuilds (
    id uuid PRIMARY KEY,
    source text NOT NULL,
    state text NOT NULL CHECK (state IN ('running', 'done', 'aborted')),
    applied bigint NOT NULL DEFAULT 0,
    started_at timestamptz NOT NULL,
    ended_at timestamptz
);
CREATE UNIQUE INDEX rebuilds_one ON rebuilds (state) WHERE state = 'running';
"""

# Unknown parts of a key are the nil id, the first day of the calendar, or an empty currency: a key holds no null.
MODEL = """
CREATE SCHEMA model;

CREATE TABLE model.deals (
    id uuid PRIMARY KEY,
    sequence bigint NOT NULL,
    placed_sequence bigint NOT NULL,
    stage text NOT NULL,
    unit_id uuid,
    manager_id uuid,
    owner_id uuid,
    lead_id uuid,
    opened_on date,
    closed_on date,
    amount numeric(18, 2),
    currency text,
    product_ids uuid[] NOT NULL
);

CREATE TABLE model.pipeline_cube (
    grain "char" NOT NULL,
    day date NOT NULL,
    unit_id uuid NOT NULL,
    manager_id uuid NOT NULL,
    owner_id uuid NOT NULL,
    product_id uuid NOT NULL,
    stage text NOT NULL,
    currency text NOT NULL,
    deals bigint NOT NULL,
    revenue numeric(20, 2) NOT NULL,
    PRIMARY KEY (grain, day, product_id, unit_id, manager_id, owner_id, stage, currency)
);

CREATE TABLE model.cycle_cube (
    grain "char" NOT NULL,
    day date NOT NULL,
    unit_id uuid NOT NULL,
    manager_id uuid NOT NULL,
    owner_id uuid NOT NULL,
    product_id uuid NOT NULL,
    stage text NOT NULL,
    days integer NOT NULL,
    deals bigint NOT NULL,
    PRIMARY KEY (grain, day, product_id, unit_id, manager_id, owner_id, stage, days)
);

CREATE TABLE model.lead_facts (
    id uuid PRIMARY KEY,
    sequence bigint NOT NULL,
    source_id uuid,
    unit_id uuid,
    owner_id uuid,
    captured_on date,
    qualified boolean NOT NULL DEFAULT false,
    won_deals integer NOT NULL DEFAULT 0
);

CREATE TABLE model.source_cube (
    grain "char" NOT NULL,
    day date NOT NULL,
    source_id uuid NOT NULL,
    unit_id uuid NOT NULL,
    owner_id uuid NOT NULL,
    leads bigint NOT NULL,
    qualified bigint NOT NULL,
    won bigint NOT NULL,
    PRIMARY KEY (grain, day, source_id, unit_id, owner_id)
);

CREATE TABLE model.freshness (sole boolean PRIMARY KEY DEFAULT true CHECK (sole), as_of timestamptz);
INSERT INTO model.freshness DEFAULT VALUES;

-- Which events of a replay have been applied: filled while a model is being rebuilt, empty in the live one.
CREATE TABLE model.replayed (event_id uuid PRIMARY KEY);
"""


def upgrade() -> None:
    connection = op.get_bind()
    create_backbone(connection)
    create_directory(connection)
    create_trust(connection)
    connection.exec_driver_sql(COPIES)
    connection.exec_driver_sql(MODEL)
