"""Watermarks: up to when everything a service recorded has been sent, so that absence can be told from delay.

Each worker announces every five seconds that all its service recorded before a moment has left the outbox. Whoever
punishes absence acts only up to the watermark of the source: after an outage nobody is late who was not.
"""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from chassis.store import Transaction
from contracts.backbone import WATERMARKS, WatermarkReached, service_id
from contracts.envelope import Envelope

EVERY_SECONDS = 5.0
MARGIN = timedelta(seconds=30)
NEVER = datetime(1970, 1, 1, tzinfo=UTC)

# A transaction still open may hold events recorded earlier, so nothing after the oldest one's start is claimed;
# it is asked before the outbox, because what commits in between must be seen in one of the two.
OLDEST_OPEN = """
SELECT min(xact_start) FROM pg_stat_activity
WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()
"""
OLDEST_UNSENT = "SELECT min(recorded_at) FROM outbox WHERE type <> %(own)s"
KEEP = """
INSERT INTO watermarks (source, reached_at) VALUES (%s, %s)
ON CONFLICT (source) DO UPDATE SET reached_at = greatest(watermarks.reached_at, excluded.reached_at)
"""
REACHED = "SELECT reached_at FROM watermarks WHERE source = %s"


def reached(connection: sa.Connection, service: str, now: datetime) -> datetime:
    """The moment before which everything this service recorded has been sent; `connection` is in autocommit."""
    oldest_open = connection.exec_driver_sql(OLDEST_OPEN).scalar_one()
    own = f"crm.{service}.watermark.reached"
    oldest_unsent = connection.exec_driver_sql(OLDEST_UNSENT, {"own": own}).scalar_one()
    return min(moment for moment in (now, oldest_open, oldest_unsent) if moment is not None)


def announce(tx: Transaction, service: str, moment: datetime) -> None:
    """Tell how far this service's events have been sent."""
    tx.record(WATERMARKS[service](service_id=service_id(service), service=service, reached_at=moment))


def keep(tx: Transaction, event: Envelope, watermark: WatermarkReached) -> None:
    """Remember the newest watermark of a source."""
    tx.driver(KEEP, (watermark.service, watermark.reached_at))


def horizon(tx: Transaction, source: str, now: datetime) -> datetime:
    """Up to when everything of `source` is surely known here: its watermark less 30 s, and never after now."""
    rows = tx.driver(REACHED, (source,))
    return min(now, rows[0][0] - MARGIN) if rows else NEVER
