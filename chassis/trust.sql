-- What decides about an access token besides its signature; kept in every service's database.

CREATE TABLE token_keys (
    kid text PRIMARY KEY,
    x text NOT NULL,
    not_after timestamptz
);
CREATE TABLE keyrings (
    id uuid PRIMARY KEY,
    sequence bigint NOT NULL
);
CREATE TABLE revoked_sessions (
    session_id uuid PRIMARY KEY,
    revoked_at timestamptz NOT NULL
);
CREATE INDEX revoked_sessions_at ON revoked_sessions (revoked_at);
