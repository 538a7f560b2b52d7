-- Every version of every policy that was published, as far as this service has heard; a version never changes.

CREATE TABLE policy_copies (
    id uuid PRIMARY KEY,
    kind text NOT NULL,
    unit_id uuid NOT NULL,
    number integer NOT NULL,
    body jsonb NOT NULL,
    marks jsonb NOT NULL,
    effective_from timestamptz NOT NULL,
    withdrawn_from timestamptz,
    delivered_at timestamptz NOT NULL,
    applied_at timestamptz,
    sequence bigint NOT NULL
);
CREATE INDEX policy_copies_unit ON policy_copies (kind, unit_id, effective_from DESC, number DESC);
CREATE INDEX policy_copies_due ON policy_copies (effective_from) WHERE applied_at IS NULL;
