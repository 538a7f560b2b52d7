-- What every service keeps of the organisation: units, users and their memberships.

CREATE EXTENSION IF NOT EXISTS ltree;

CREATE TABLE units (
    id uuid PRIMARY KEY,
    code text NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    parent_id uuid,
    path ltree NOT NULL,
    closed_at timestamptz,
    sequence bigint NOT NULL
);
CREATE INDEX units_path ON units USING gist (path);

CREATE TABLE users (
    id uuid PRIMARY KEY,
    username text NOT NULL,
    name text NOT NULL,
    active boolean NOT NULL,
    sequence bigint NOT NULL
);

CREATE TABLE memberships (
    user_id uuid NOT NULL REFERENCES users (id),
    unit_id uuid NOT NULL,
    role text NOT NULL,
    manager_id uuid,
    is_primary boolean NOT NULL,
    PRIMARY KEY (user_id, unit_id, role)
);
CREATE INDEX memberships_unit ON memberships (unit_id, role);
