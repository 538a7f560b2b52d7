"""The spool: what a branch has to tell, on its own disk until headquarters has it.

SQLite, WAL, synchronous FULL: what `store` returned from outlives a power cut. One count without gaps numbers all
events of a spool; its epoch tells this count from that of a spool the branch had before, so that headquarters hears
each event once.
"""

import fcntl
import hashlib
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import msgspec

from branch.clock import now
from contracts.base import find, type_of
from contracts.branch import routing_key, source_of
from contracts.envelope import Envelope

BUSY_SECONDS = 30
KEEP_SENT = timedelta(days=30)

TABLES = """
CREATE TABLE IF NOT EXISTS spool (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    branch TEXT NOT NULL,
    epoch TEXT NOT NULL,
    begun_at TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS events (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    event_id TEXT NOT NULL UNIQUE,
    dataschema TEXT NOT NULL,
    subject TEXT NOT NULL,
    data BLOB NOT NULL,
    stored_at TEXT NOT NULL,
    sent_at TEXT
);
CREATE INDEX IF NOT EXISTS events_waiting ON events (sequence) WHERE sent_at IS NULL;
CREATE INDEX IF NOT EXISTS events_sent ON events (sent_at) WHERE sent_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS told (
    subject TEXT PRIMARY KEY,
    digest TEXT NOT NULL
) WITHOUT ROWID;
"""
WAITING = "SELECT * FROM events WHERE sent_at IS NULL ORDER BY sequence LIMIT ?"
STATUS = """
SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'events'), 0) AS stored,
    (SELECT count(*) FROM events WHERE sent_at IS NULL) AS waiting,
    (SELECT stored_at FROM events WHERE sent_at IS NULL ORDER BY sequence LIMIT 1) AS waiting_since
"""


class NotThisBranch(Exception):
    """The spool at this place is another branch's."""


@dataclass(frozen=True, slots=True)
class Stored:
    """An event that waits: its place in the count, the key it is sent under, and its envelope."""

    sequence: int
    event_id: UUID
    routing_key: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Status:
    """How many events were ever stored, how many wait, and since when the oldest of these does (UTC)."""

    epoch: UUID
    stored: int
    waiting: int
    waiting_since: datetime | None


class Spool:
    """One branch's spool in one file; several processes may have it open. Raises NotThisBranch, sqlite3.Error."""

    def __init__(self, path: Path, branch: str, clock: Callable[[], datetime] = now) -> None:
        self._path = path
        self._clock = clock
        self._branch = branch
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        with self._begun(), self._open() as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.executescript(TABLES)
            given = (branch, str(uuid4()), self._clock().isoformat())
            connection.execute("INSERT OR IGNORE INTO spool VALUES (1, ?, ?, ?)", given)
            found = connection.execute("SELECT branch, epoch FROM spool").fetchone()
        if found["branch"] != branch:
            raise NotThisBranch(f"{path} is the spool of branch {found['branch']}, not of {branch}")
        self.epoch = UUID(found["epoch"])

    @property
    def path(self) -> Path:
        return self._path

    def store(self, payloads: Sequence[object]) -> int:
        """Keep declared events, all or none; how many were news: one like the last of its subject is not kept again.

        What this returned from is on the disk. Raises InvalidEvent.
        """
        stored_at = self._clock().isoformat()
        rows = [_row(payload, stored_at) for payload in payloads]
        with self._open() as connection:
            connection.execute("BEGIN IMMEDIATE")
            new = [row for row in rows if self._is_news(connection, row)]
            connection.executemany(
                "INSERT INTO events (event_id, dataschema, subject, data, stored_at)"
                " VALUES (:event_id, :dataschema, :subject, :data, :stored_at)",
                new,
            )
            connection.execute("COMMIT")
        return len(new)

    def waiting(self, limit: int) -> list[Stored]:
        """The first `limit` events that headquarters does not have yet, in order."""
        with self._open() as connection:
            return [self._stored(row) for row in connection.execute(WAITING, (limit,))]

    def mark_sent(self, events: Sequence[Stored]) -> None:
        """Headquarters has these. They are kept for KEEP_SENT more, for whoever looks into what was told."""
        sent_at = self._clock()
        marks = [(sent_at.isoformat(), event.sequence) for event in events]
        with self._open() as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany("UPDATE events SET sent_at = ? WHERE sequence = ?", marks)
            connection.execute("DELETE FROM events WHERE sent_at < ?", ((sent_at - KEEP_SENT).isoformat(),))
            connection.execute("COMMIT")

    def status(self) -> Status:
        with self._open() as connection:
            found = connection.execute(STATUS).fetchone()
        since = found["waiting_since"]
        return Status(self.epoch, found["stored"], found["waiting"], datetime.fromisoformat(since) if since else None)

    @contextmanager
    def _begun(self) -> Iterator[None]:
        """One process at a time: SQLite does not wait for who begins the file just now."""
        with self._path.with_name(f"{self._path.name}.begun").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._path, timeout=BUSY_SECONDS, isolation_level=None)) as connection:
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA synchronous = FULL")
            yield connection

    def _is_news(self, connection: sqlite3.Connection, row: dict[str, Any]) -> bool:
        """Whether it differs from what was last told of its subject; from now on it is that."""
        told = connection.execute(
            "INSERT INTO told (subject, digest) VALUES (:subject, :digest)"
            " ON CONFLICT (subject) DO UPDATE SET digest = excluded.digest WHERE digest <> excluded.digest",
            {"subject": f"{row['dataschema']} {row['subject']}", "digest": hashlib.sha256(row["data"]).hexdigest()},
        )
        return told.rowcount == 1

    def _stored(self, row: sqlite3.Row) -> Stored:
        kind = find(row["dataschema"])
        if kind is None:
            raise LookupError(f"{row['dataschema']} was stored by a newer version")
        envelope = Envelope(
            id=UUID(row["event_id"]),
            source=source_of(self._branch),
            type=kind.name,
            subject=UUID(row["subject"]),
            time=datetime.fromisoformat(row["stored_at"]),
            dataschema=kind.dataschema,
            sequence=row["sequence"],
            epoch=self.epoch,
            data=msgspec.Raw(row["data"]),
            actor=source_of(self._branch),
        )
        return Stored(row["sequence"], envelope.id, routing_key(self._branch, kind.name), envelope.to_json())


def _row(payload: object, stored_at: str) -> dict[str, Any]:
    kind = type_of(payload)
    return {
        "event_id": str(uuid4()),
        "dataschema": kind.dataschema,
        "subject": str(kind.subject_of(payload)),
        "data": kind.encode(payload),
        "stored_at": stored_at,
    }
