"""Where sessions come from and when they were used, what API keys may do, and failures by address."""

from alembic import op

revision = "organization_0005"
down_revision = "organization_0004"

CHANGES = """
ALTER TABLE api_keys ADD COLUMN prefix text NOT NULL DEFAULT '';
ALTER TABLE api_keys ADD COLUMN scopes text[];
ALTER TABLE api_keys ADD COLUMN last_used_at timestamptz;
CREATE INDEX api_keys_user ON api_keys (user_id, created_at, id);

ALTER TABLE sessions ADD COLUMN last_used_at timestamptz NOT NULL DEFAULT clock_timestamp();
ALTER TABLE sessions ADD COLUMN address text NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN device text NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN api_key_id uuid REFERENCES api_keys (id);
UPDATE sessions SET last_used_at = created_at;
CREATE INDEX sessions_key ON sessions (api_key_id) WHERE revoked_at IS NULL AND api_key_id IS NOT NULL;
CREATE INDEX refresh_tokens_session ON refresh_tokens (session_id);

CREATE TABLE address_failures (
    address text PRIMARY KEY,
    failures integer NOT NULL,
    failed_at timestamptz NOT NULL
);
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(CHANGES)
