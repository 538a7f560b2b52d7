"""Failed sign-ins, counted by account and by address."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from chassis.store import Transaction
from services.organization.domain.sign_in import FORGOTTEN_AFTER

FAILED = """
INSERT INTO {table} ({column}, failures, failed_at) VALUES (%(who)s, 1, %(now)s)
ON CONFLICT ({column}) DO UPDATE SET failed_at = excluded.failed_at,
    failures = CASE WHEN {table}.failed_at < %(forget)s THEN 1 ELSE {table}.failures + 1 END
RETURNING failures
"""
FAILURES = "SELECT failures, failed_at FROM {table} WHERE {column} = %(who)s AND failed_at >= %(forget)s"
FORGIVE = "DELETE FROM {table} WHERE {column} = %(who)s"
FORGET = "DELETE FROM {table} WHERE failed_at < %(forget)s"
RELENT = "UPDATE {table} SET failures = failures - 1 WHERE {column} = %(who)s AND failures > 0"


@dataclass(frozen=True, slots=True)
class Failures:
    """The failures of one kind of culprit; those longer ago than `forgotten_after` no longer count."""

    table: str
    column: str
    forgotten_after: timedelta = FORGOTTEN_AFTER

    def of(self, tx: Transaction, who: str, now: datetime) -> tuple[int, datetime]:
        """How often it failed of late, and when last."""
        rows = self._run(tx, FAILURES, who, now)
        return (rows[0][0], rows[0][1]) if rows else (0, now)

    def count(self, tx: Transaction, who: str, now: datetime) -> int:
        """One more; how many there are with it."""
        return int(self._run(tx, FAILED, who, now)[0][0])

    def forgive(self, tx: Transaction, who: str, now: datetime) -> None:
        self._run(tx, FORGIVE, who, now)

    def relent(self, tx: Transaction, who: str, now: datetime) -> None:
        """One less: a success among many users' failures."""
        self._run(tx, RELENT, who, now)

    def forget(self, tx: Transaction, now: datetime) -> None:
        """All that no longer counts."""
        self._run(tx, FORGET, "", now)

    def _run(self, tx: Transaction, statement: str, who: str, now: datetime) -> list[tuple[int, datetime]]:
        text = statement.format(table=self.table, column=self.column)
        return tx.driver(text, {"who": who.lower(), "now": now, "forget": now - self.forgotten_after})


ACCOUNTS = Failures("sign_in_failures", "username")
ADDRESSES = Failures("address_failures", "address")
