"""The backbone, the copy of the organisation, and the tables of customers."""

from alembic import op

from chassis.directory import create_directory
from chassis.store import create_backbone
from chassis.trust import create_trust

revision = "customer_0001"
down_revision = None

TABLES = """
CREATE EXTENSION IF NOT EXISTS btree_gist;

CREATE TABLE customers (
    id uuid PRIMARY KEY,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    unit_id uuid NOT NULL,
    owner_id uuid NOT NULL,
    manager_id uuid,
    name text NOT NULL,
    name_key text NOT NULL,
    bigrams text[] NOT NULL,
    kind text NOT NULL,
    class text NOT NULL,
    lifecycle text NOT NULL,
    credit_code text,
    industry text,
    region text,
    source_id uuid,
    parent_id uuid REFERENCES customers (id),
    attributes jsonb NOT NULL,
    override_reason text,
    imported boolean NOT NULL,
    external_system text,
    external_id text
);
CREATE UNIQUE INDEX customers_external ON customers (external_system, external_id);
CREATE UNIQUE INDEX customers_credit_code ON customers (credit_code);
CREATE INDEX customers_name_key ON customers (name_key);
CREATE INDEX customers_bigrams ON customers USING gin (bigrams);
CREATE INDEX customers_created ON customers (created_at, id);
CREATE INDEX customers_updated ON customers (updated_at, id);
CREATE INDEX customers_owner ON customers (owner_id, updated_at, id);
CREATE INDEX customers_unit ON customers (unit_id, updated_at, id);

CREATE TABLE contacts (
    id uuid PRIMARY KEY,
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    customer_id uuid NOT NULL REFERENCES customers (id),
    name text NOT NULL,
    phone text,
    email text,
    title text,
    role text,
    decision_maker boolean NOT NULL
);
CREATE INDEX contacts_customer ON contacts (customer_id, created_at, id);

-- Who held a customer when: intervals never overlap and are never rewritten, the open one is the present owner.
CREATE TABLE ownerships (
    id uuid PRIMARY KEY,
    customer_id uuid NOT NULL REFERENCES customers (id),
    owner_id uuid NOT NULL,
    manager_id uuid,
    unit_id uuid NOT NULL,
    period tstzrange NOT NULL,
    cause text NOT NULL,
    actor_id uuid NOT NULL,
    EXCLUDE USING gist (customer_id WITH =, period WITH &&)
);
CREATE UNIQUE INDEX ownerships_open ON ownerships (customer_id) WHERE upper_inf(period);
"""


def upgrade() -> None:
    connection = op.get_bind()
    create_backbone(connection)
    create_directory(connection)
    create_trust(connection)
    connection.exec_driver_sql(TABLES)
