"""Replay: this service's history, sent again to one consumer.

Without a rebuild it fills gaps: the consumer's inbox skips what it has. For a rebuild each message carries the
rebuild's id and goes to the new read model only. The worker that holds the replay's lease sends batch by batch and
remembers how far it came, so that one killed in the middle is taken up by the next.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.bus import Fate, Message, Publisher
from chassis.errors import NotFound
from chassis.ids import new_id
from chassis.store import Database, Transaction

BATCH = 500
FIELDS = ("id", "target", "since", "rebuild_id", "state", "sent", "asked_at")

# What commits after this, with whatever id, is live: the relay sends it, to the model being rebuilt as well.
ASK = """
INSERT INTO replays (id, target, since, rebuild_id, state, asked_at, upto_id)
SELECT %s, %s, %s, %s, 'waiting', %s,
       greatest((SELECT max(id) FROM outbox), (SELECT max(id) FROM event_log), 0)
"""
FIND = "SELECT id, target, since, rebuild_id, state, sent, asked_at FROM replays WHERE id = %s"
NEXT = """
SELECT id, target, since, rebuild_id, after_id, upto_id FROM replays WHERE state <> 'done'
ORDER BY asked_at LIMIT 1 FOR UPDATE SKIP LOCKED
"""
HISTORY = """
SELECT id, event_id, envelope::text FROM (
    SELECT id, event_id, recorded_at, envelope FROM event_log
    UNION ALL
    SELECT id, event_id, recorded_at, envelope FROM outbox WHERE type NOT LIKE '%%.watermark.reached'
) AS history
WHERE id > %(after)s AND id <= %(upto)s AND (%(since)s::timestamptz IS NULL OR recorded_at >= %(since)s)
ORDER BY id LIMIT %(limit)s
"""
ADVANCE = "UPDATE replays SET state = %s, sent = sent + %s, after_id = %s WHERE id = %s"


class Undeliverable(RuntimeError):
    """The target's queue is not there or refuses: `crm broker setup`, then the replay goes on."""


@dataclass(frozen=True)
class Replay:
    """What to send again: to whom, from when, and for which rebuild."""

    target: str
    since: datetime | None = None
    rebuild_id: UUID | None = None


def ask(tx: Transaction, replay: Replay) -> UUID:
    """Ask the worker for a replay of everything recorded until now; its id."""
    replay_id = new_id()
    tx.driver(ASK, (replay_id, replay.target, replay.since, replay.rebuild_id, tx.clock.now()))
    return replay_id


def find(tx: Transaction, replay_id: UUID) -> dict[str, Any]:
    """Raises NotFound."""
    rows = tx.driver(FIND, (replay_id,))
    if not rows:
        raise NotFound
    return dict(zip(FIELDS, rows[0], strict=True))


class Replayer:
    """Sends what replays ask for; `publisher` addresses queues by name."""

    def __init__(self, database: Database, publisher: Callable[[], Publisher]) -> None:
        self._database = database
        self._publisher = publisher

    def step(self) -> bool:
        """Send one batch of the oldest open replay; False when there is none. Raises BusUnavailable, Undeliverable.

        The replay's row stays locked while its batch is under way, which keeps other workers off it. That transaction
        touches nothing else, so no command waits for the broker.
        """
        with self._database.transaction() as tx:
            rows = tx.driver(NEXT)
            if not rows:
                return False
            replay_id, target, since, rebuild_id, after, upto = rows[0]
            found = tx.driver(HISTORY, {"after": after, "upto": upto, "since": since, "limit": BATCH})
            if found:
                self._send([Message(row[1], f"crm.{target}", row[2].encode(), _text(rebuild_id)) for row in found])
            state = "running" if len(found) == BATCH else "done"
            tx.driver(ADVANCE, (state, len(found), found[-1][0] if found else upto, replay_id))
        return True

    def _send(self, messages: list[Message]) -> None:
        publisher = self._publisher()
        try:
            fates = publisher.publish(messages)
        finally:
            publisher.close()
        if any(fate is not Fate.CONFIRMED for fate in fates):
            raise Undeliverable(messages[0].routing_key)


def _text(rebuild_id: UUID | None) -> str | None:
    return str(rebuild_id) if rebuild_id is not None else None
