"""What still has to leave a service, and what it could not apply: counted in SQL, for metrics and for operators."""

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

OUTBOX = """
SELECT count(*), coalesce(extract(epoch FROM clock_timestamp() - min(recorded_at)), 0), count(error) FROM outbox
"""
FAILED = "SELECT state, count(*) FROM failed_events GROUP BY state"
STATES = ("waiting", "parked", "discarded")


@dataclass(frozen=True, slots=True)
class Backlog:
    """Unsent events, the age of the oldest in seconds, those the broker refused, and failed events by state."""

    depth: int
    oldest_age_seconds: float
    refused: int
    failed: Mapping[str, int]


def measured(connection: sa.Connection) -> Backlog:
    """The backlog as it stands."""
    depth, age, refused = connection.exec_driver_sql(OUTBOX).one()
    failed = {row[0]: row[1] for row in connection.exec_driver_sql(FAILED)}
    return Backlog(depth, float(age), refused, {state: failed.get(state, 0) for state in STATES})
