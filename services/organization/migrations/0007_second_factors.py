"""Second factors: one authenticator and some recovery codes for each user who enrolled."""

from alembic import op

revision = "organization_0007"
down_revision = "organization_0006"

TABLES = """
ALTER TABLE sessions ADD COLUMN second_factor_at timestamptz;

-- The secret lies encrypted; a code of a step that is not after `last_step` was used before.
CREATE TABLE second_factors (
    user_id uuid PRIMARY KEY REFERENCES users (id),
    sealed bytea NOT NULL,
    created_at timestamptz NOT NULL,
    confirmed_at timestamptz,
    last_step bigint NOT NULL DEFAULT 0
);
CREATE TABLE recovery_codes (
    user_id uuid NOT NULL REFERENCES users (id),
    hash bytea NOT NULL,
    used_at timestamptz,
    PRIMARY KEY (user_id, hash)
);
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(TABLES)
