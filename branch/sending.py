"""Send what the spool holds until headquarters has it: one sender at a time, with pauses that grow between tries."""

import fcntl
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from branch.hub import Hub, HubAway
from branch.spool import Spool

BATCH = 500
LOOK_SECONDS = 0.2
FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 10.0


@dataclass
class Sender:
    """Sends from `spool` to `hub`; `away` is told why headquarters is, once for each reason."""

    spool: Spool
    hub: Hub
    away: Callable[[str], None] = lambda reason: None
    stopping: threading.Event = field(default_factory=threading.Event)

    def until_empty(self, seconds: float) -> bool:
        """Whether nothing waits any more; after `seconds` it is given up for now. What is sent is marked."""
        until = time.monotonic() + seconds
        for pause in self._rounds():
            if self.spool.status().waiting == 0:
                return True
            if self.stopping.wait(min(pause, max(0.0, until - time.monotonic()))) or time.monotonic() >= until:
                return self.spool.status().waiting == 0
        return False

    def for_ever(self) -> None:
        """Send whatever is stored, soon after it is, until `stopping` is set."""
        for pause in self._rounds():
            if self.stopping.wait(pause):
                return

    def _rounds(self) -> Iterator[float]:
        """Send all that waits, again and again; the pause to make before the next round."""
        failed, told = 0, ""
        while True:
            try:
                self._send_all()
                failed, told = 0, ""
                yield LOOK_SECONDS
            except HubAway as error:
                failed += 1
                if str(error) != told:
                    told = str(error)
                    self.away(told)
                longest = min(FIRST_PAUSE_SECONDS * 2 ** (failed - 1), LONGEST_PAUSE_SECONDS)
                yield longest * random.uniform(0.5, 1.0)  # noqa: S311 -- spreads load, guards nothing

    def _send_all(self) -> None:
        with _alone(self.spool.path) as alone:
            while alone and not self.stopping.is_set() and (waiting := self.spool.waiting(BATCH)):
                sent = []
                try:
                    for event in self.hub.deliver(waiting):
                        sent.append(event)
                        if self.stopping.is_set():
                            break
                finally:
                    self.spool.mark_sent(sent)


@contextmanager
def _alone(path: Path) -> Iterator[bool]:
    """Whether this process is the one that sends now; a second one would only say everything twice."""
    with path.with_name(f"{path.name}.sender").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
