"""A viewer of the live stream, as the console is one."""

import contextlib
import http.client
import json
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from tests.support.runs import eventually

PATH = "/api/v1/stream"


@dataclass(frozen=True)
class Message:
    id: str
    event: str
    said: dict[str, Any]


class Viewer:
    """Opens a stream and reads it on a thread of its own; `text` is all that came, `told` the messages in it."""

    def __init__(self, port: int, token: str, last_id: str = "", **headers: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        named = {"Authorization": f"Bearer {token}", **headers, **({"Last-Event-ID": last_id} if last_id else {})}
        self._connection.request("GET", PATH, headers=named)
        self._socket = self._connection.sock
        self.answer = self._connection.getresponse()
        self.text = ""
        self.how: Exception | None = None
        """What went wrong while reading; None for a stream that ended as it should."""
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    @property
    def ended(self) -> bool:
        return not self._thread.is_alive()

    @property
    def told(self) -> list[Message]:
        return [_message(part) for part in self.text.split("\n\n")[:-1] if "event: " in part]

    @property
    def changes(self) -> list[tuple[str, str]]:
        """Type and subject of each change told."""
        return [(message.said["type"], message.said["subject"]) for message in self.told if message.event == "change"]

    def told_of(self, event: str) -> list[Message]:
        """Messages of this kind, as soon as there is one."""
        return eventually(lambda: [message for message in self.told if message.event == event], 20)

    def leave(self) -> None:
        """Hang up, as a browser does that is closed."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self.answer.close()
        self._connection.close()

    def _read(self) -> None:
        try:
            while read := self.answer.read1():
                self.text += read.decode()
        except (OSError, http.client.HTTPException) as error:
            self.how = error


@contextlib.contextmanager
def opening(port: int) -> Iterator[Callable[..., Viewer]]:
    """Opens streams on `port`, and leaves them all at the end."""
    opened: list[Viewer] = []

    def begin(token: str, last_id: str = "", **headers: str) -> Viewer:
        opened.append(Viewer(port, token, last_id, **headers))
        return opened[-1]

    try:
        yield begin
    finally:
        for viewer in opened:
            viewer.leave()


def _message(part: str) -> Message:
    fields = dict(line.split(": ", 1) for line in part.split("\n"))
    return Message(fields["id"], fields["event"], json.loads(fields["data"]))
