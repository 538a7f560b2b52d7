"""What was heard of late, and everybody who listens: each is told what he may hear, at his own pace."""

import threading
from collections import OrderedDict
from dataclasses import dataclass
from itertools import takewhile

import msgspec
import structlog

from chassis.errors import Problem, Refused
from chassis.ids import new_id
from contracts.base import InvalidEvent
from contracts.envelope import Envelope
from gateway import metrics
from gateway.answers import UNAVAILABLE
from gateway.audience import MOVED, Audience, unit_id

REMEMBERED = 4096
"""Changes kept for viewers who come back: so many are less than 10 MB."""
WAITING = 256
"""Messages a viewer may be behind; then it is told to fetch everything, which is less work for all."""

FULL = Problem(
    503, "too-many-viewers", ("实时连接已满，请稍后再试", "As many streams as may be are open"), retry_after=10
)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Change:
    """An event as viewers hear of it, and the keys of those who may."""

    id: str
    message: bytes
    reach: frozenset[str]


class Viewer:
    """One open stream: what it may hear, and what it has still to be told."""

    def __init__(self, ears: frozenset[str], told_first: list[bytes]) -> None:
        self.ears = ears
        self.ended = threading.Event()
        self._waiting = told_first
        self._news = threading.Condition()

    def tell(self, change: Change) -> None:
        """Put `change` in line; who is too far behind forgets the line and is to fetch everything."""
        with self._news:
            if len(self._waiting) >= WAITING:
                self._waiting = [_message("reset", change.id)]
                metrics.RESETS.labels("behind").inc()
            else:
                self._waiting.append(change.message)
            self._news.notify()

    def start_again(self, message: bytes) -> None:
        with self._news:
            self._waiting = [message]
            self._news.notify()

    def take(self, seconds: float) -> list[bytes]:
        """What waits, as soon as anything does; nothing after `seconds`, or when the stream is to end."""
        with self._news:
            self._news.wait_for(lambda: self._waiting or self.ended.is_set(), seconds)
            taken, self._waiting = self._waiting, []
        return taken

    def end(self) -> None:
        with self._news:
            self.ended.set()
            self._news.notify()


class Hub:
    """Hears every event and tells it on; at most `places` viewers at a time.

    A viewer is found by the keys of its ears, so that an event costs as much as it has hearers, not as there are
    viewers.
    """

    def __init__(self, places: int) -> None:
        self._places = places
        self._audience = Audience()
        self._late: OrderedDict[str, Change] = OrderedDict()
        self._viewers: set[Viewer] = set()
        self._by_key: dict[str, set[Viewer]] = {}
        self._lock = threading.Lock()
        self._ending = False
        self._begin()

    def hear(self, event: Envelope) -> None:
        """Tell `event` to those who may hear of it; what cannot be understood is told to nobody."""
        try:
            change = _change(event, self._audience.reach(event))
        except (InvalidEvent, ValueError) as error:
            log.warning("stream.event-refused", type=event.type, error=str(error))
            return
        if change.reach:
            self._publish(change)
        if event.type == MOVED:
            self.start_again("moved")

    def start_again(self, cause: str) -> None:
        """Something may have been missed, or other eyes may see now: what was heard counts no more, for anybody."""
        with self._lock:
            message = _message("reset", self._begin())
            metrics.RESETS.labels(cause).inc(len(self._viewers))
            for viewer in self._viewers:
                viewer.start_again(message)

    def open(self, ears: frozenset[str], last_id: str | None) -> Viewer:
        """A viewer that hears on from the event `last_id`, else from now. Raises Refused when there is no room."""
        with self._lock:
            if self._ending:
                raise Refused(UNAVAILABLE)
            if len(self._viewers) >= self._places:
                raise Refused(FULL)
            viewer = Viewer(ears, self._told_first(ears, last_id))
            self._viewers.add(viewer)
            for key in ears:
                self._by_key.setdefault(key, set()).add(viewer)
            metrics.VIEWERS.set(len(self._viewers))
            return viewer

    def leave(self, viewer: Viewer) -> None:
        with self._lock:
            self._viewers.discard(viewer)
            for key in viewer.ears:
                hearers = self._by_key.get(key, set())
                hearers.discard(viewer)
                if not hearers:
                    self._by_key.pop(key, None)
            metrics.VIEWERS.set(len(self._viewers))

    def end(self) -> None:
        """End every stream and open none any more."""
        with self._lock:
            self._ending = True
            for viewer in self._viewers:
                viewer.end()

    def _publish(self, change: Change) -> None:
        with self._lock:
            if change.id in self._late:
                return
            self._late[change.id] = change
            while len(self._late) > REMEMBERED:
                self._late.popitem(last=False)
            for viewer in set().union(*(self._by_key.get(key, ()) for key in change.reach)):
                viewer.tell(change)

    def _told_first(self, ears: frozenset[str], last_id: str | None) -> list[bytes]:
        newest = next(reversed(self._late))
        if not last_id:
            return [_message("hello", newest)]
        if last_id in self._late:
            since = takewhile(lambda change: change.id != last_id, reversed(self._late.values()))
            missed = [change.message for change in since if not ears.isdisjoint(change.reach)]
            if len(missed) <= WAITING:
                return missed[::-1]
        metrics.RESETS.labels("unknown" if last_id not in self._late else "behind").inc()
        return [_message("reset", newest)]

    def _begin(self) -> str:
        """Forget what was heard; the id from which viewers go on."""
        beginning = Change(str(new_id()), b"", frozenset())
        self._late.clear()
        self._late[beginning.id] = beginning
        return beginning.id


def _change(event: Envelope, reach: frozenset[str]) -> Change:
    """Raises ValueError when the event's unit is none."""
    said = {"type": event.type, "subject": str(event.subject), "unit_id": unit_id(event)}
    event_id = str(event.id)
    return Change(event_id, _message("change", event_id, msgspec.json.encode(said)), reach)


def _message(event: str, event_id: str, said: bytes = b"{}") -> bytes:
    """Every message has an id, so that a viewer who heard nothing since knows from where to go on."""
    return b"id: %s\nevent: %s\ndata: %s\n\n" % (event_id.encode(), event.encode(), said)
