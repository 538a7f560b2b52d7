-- What every service's database holds for the event backbone; run by each service's first migration.

-- How many events each aggregate has recorded: its sequence, raised in the transaction that records.
CREATE TABLE event_sequences (
    subject uuid PRIMARY KEY,
    sequence bigint NOT NULL
);

-- Events recorded and not yet confirmed by the broker. A row is a state, never a cursor: a lower id may commit later.
CREATE TABLE outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id uuid NOT NULL UNIQUE,
    type text NOT NULL,
    subject uuid NOT NULL,
    sequence bigint NOT NULL,
    recorded_at timestamptz NOT NULL,
    envelope json NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL DEFAULT '-infinity',
    error text
);
CREATE INDEX outbox_waiting ON outbox (next_attempt_at, id);

-- Everything ever sent: the service's history, and the source of replays. Monthly partitions are made ahead.
CREATE TABLE event_log (
    id bigint NOT NULL,
    event_id uuid NOT NULL,
    type text NOT NULL,
    subject uuid NOT NULL,
    sequence bigint NOT NULL,
    recorded_at timestamptz NOT NULL,
    envelope json NOT NULL,
    PRIMARY KEY (id, recorded_at)
) PARTITION BY RANGE (recorded_at);
CREATE TABLE event_log_default PARTITION OF event_log DEFAULT;
CREATE INDEX event_log_subject ON event_log (subject, sequence);
CREATE INDEX event_log_recorded ON event_log (recorded_at);

-- Who leads a duty that only one process may do; the token fences off a leader that hung and came back.
CREATE TABLE leases (
    name text PRIMARY KEY,
    holder text NOT NULL,
    token bigint NOT NULL,
    expires_at timestamptz NOT NULL
);

-- Ids of events this service has accepted: applied, or stored in failed_events.
CREATE TABLE inbox (
    event_id uuid PRIMARY KEY,
    received_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX inbox_received ON inbox USING brin (received_at);

-- Events a handler could not apply: waiting for their next attempt, parked for an operator, or discarded by one.
CREATE TABLE failed_events (
    event_id uuid PRIMARY KEY,
    type text NOT NULL,
    subject uuid NOT NULL,
    sequence bigint NOT NULL,
    body bytea NOT NULL,
    state text NOT NULL CHECK (state IN ('waiting', 'parked', 'discarded')),
    attempts integer NOT NULL DEFAULT 0,
    error text NOT NULL,
    field text,
    failed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    next_attempt_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX failed_events_waiting ON failed_events (subject, sequence) WHERE state = 'waiting';
CREATE INDEX failed_events_due ON failed_events (next_attempt_at) WHERE state = 'waiting';

-- The answers given to requests that carried an Idempotency-Key, kept for a day.
CREATE TABLE idempotency_keys (
    user_id uuid NOT NULL,
    key text NOT NULL,
    request bytea NOT NULL,
    status integer,
    headers jsonb,
    body bytea,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (user_id, key)
);
CREATE INDEX idempotency_keys_created ON idempotency_keys (created_at);

-- Up to when everything each other service recorded has been sent.
CREATE TABLE watermarks (
    source text PRIMARY KEY,
    reached_at timestamptz NOT NULL
);

-- When each timer of this service ran last.
CREATE TABLE timers (
    name text PRIMARY KEY,
    ran_at timestamptz NOT NULL
);

-- Replays asked for: this service's history, sent again to one consumer's queue by the worker.
CREATE TABLE replays (
    id uuid PRIMARY KEY,
    target text NOT NULL,
    since timestamptz,
    rebuild_id uuid,
    state text NOT NULL CHECK (state IN ('waiting', 'running', 'done')),
    sent bigint NOT NULL DEFAULT 0,
    asked_at timestamptz NOT NULL,
    after_id bigint NOT NULL DEFAULT 0,
    upto_id bigint NOT NULL
);
CREATE INDEX replays_open ON replays (asked_at) WHERE state <> 'done';
