"""The backbone, the copies of the organisation and of customers, and the tables of leads."""

from alembic import op

from chassis.directory import create_directory
from chassis.store import create_backbone
from chassis.trust import create_trust

revision = "leads_0001"
down_revision = None

TABLES = """
CREATE TABLE products (
    id uuid PRIMARY KEY,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    unit_id uuid NOT NULL,
    name text NOT NULL,
    series text,
    list_price numeric(18, 2),
    currency char(3),
    external_system text,
    external_id text,
    CHECK ((list_price IS NULL) = (currency IS NULL))
);
CREATE UNIQUE INDEX products_external ON products (external_system, external_id);
CREATE UNIQUE INDEX products_name ON products (lower(name));
CREATE INDEX products_created ON products (created_at, id);

CREATE TABLE sources (
    id uuid PRIMARY KEY,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    unit_id uuid NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    external_system text,
    external_id text
);
CREATE UNIQUE INDEX sources_external ON sources (external_system, external_id);
CREATE UNIQUE INDEX sources_name ON sources (lower(name));
CREATE INDEX sources_created ON sources (created_at, id);

CREATE TABLE leads (
    id uuid PRIMARY KEY,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    unit_id uuid NOT NULL,
    owner_id uuid,
    manager_id uuid,
    company text NOT NULL,
    contact_name text,
    phone text,
    email text,
    phone_key text,
    email_key text,
    region text,
    source_id uuid NOT NULL REFERENCES sources (id),
    product_ids uuid[] NOT NULL,
    note text,
    attributes jsonb NOT NULL,
    state text NOT NULL,
    score integer NOT NULL,
    rule text NOT NULL,
    because text NOT NULL,
    duplicate_of_id uuid,
    judge_by timestamptz,
    plan_by timestamptz,
    contact_by timestamptz,
    planned_at timestamptz,
    breached_at timestamptz,
    customer_id uuid,
    opportunity_id uuid,
    imported boolean NOT NULL,
    external_system text,
    external_id text
);
CREATE UNIQUE INDEX leads_external ON leads (external_system, external_id);
CREATE INDEX leads_created ON leads (created_at, id);
CREATE INDEX leads_updated ON leads (updated_at, id);
CREATE INDEX leads_owner ON leads (owner_id, created_at, id);
CREATE INDEX leads_unit ON leads (unit_id, created_at, id);
CREATE INDEX leads_phone ON leads (phone_key, created_at) WHERE phone_key IS NOT NULL;
CREATE INDEX leads_email ON leads (email_key, created_at) WHERE email_key IS NOT NULL;
CREATE INDEX leads_plan_by ON leads (plan_by) WHERE planned_at IS NULL AND breached_at IS NULL;

-- Where each unit's round robin stands: who was given the last lead.
CREATE TABLE assignment_cursors (
    unit_id uuid PRIMARY KEY,
    last_user_id uuid
);

CREATE TABLE opportunities (
    id uuid PRIMARY KEY,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    unit_id uuid NOT NULL,
    owner_id uuid NOT NULL,
    manager_id uuid,
    name text NOT NULL,
    customer_id uuid,
    lead_id uuid,
    pipeline text NOT NULL,
    stage text NOT NULL,
    outcome text CHECK (outcome IN ('won', 'lost')),
    lines jsonb NOT NULL,
    amount numeric(18, 2),
    currency char(3),
    opened_on date,
    expected_close_on date,
    closed_on date,
    stage_entered_at timestamptz,
    factors jsonb NOT NULL,
    competitor jsonb,
    imported boolean NOT NULL,
    external_system text,
    external_id text,
    CHECK ((amount IS NULL) = (currency IS NULL)),
    CHECK ((outcome IS NULL) = (closed_on IS NULL))
);
CREATE UNIQUE INDEX opportunities_external ON opportunities (external_system, external_id);
CREATE INDEX opportunities_created ON opportunities (created_at, id);
CREATE INDEX opportunities_updated ON opportunities (updated_at, id);
CREATE INDEX opportunities_owner ON opportunities (owner_id, created_at, id);
CREATE INDEX opportunities_unit ON opportunities (unit_id, created_at, id);
CREATE INDEX opportunities_customer ON opportunities (customer_id, created_at, id);

-- What happened is never rewritten: one row for each entry into a stage, won and lost included.
CREATE TABLE stage_entries (
    id uuid PRIMARY KEY,
    opportunity_id uuid NOT NULL REFERENCES opportunities (id),
    stage text NOT NULL,
    entered_at timestamptz,
    left_at timestamptz,
    owner_id uuid NOT NULL,
    actor_id uuid NOT NULL,
    reason text
);
CREATE INDEX stage_entries_opportunity ON stage_entries (opportunity_id, id);
CREATE UNIQUE INDEX stage_entries_open ON stage_entries (opportunity_id) WHERE left_at IS NULL;

CREATE TABLE customers (
    id uuid PRIMARY KEY,
    name text NOT NULL,
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
