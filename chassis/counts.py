"""Counts that outlive who counts: kept in files, one of each kind for each place of a worker, whoever takes it.

gunicorn puts another worker in the place of one that was killed. It opens the same files and counts on, so that no
counter falls and there are never more files than places. Gauges stay in memory: they tell what is so in the worker that
is here now, and nothing of one that is gone.
"""

import contextlib
import os
import struct
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import structlog
from prometheus_client import REGISTRY, CollectorRegistry, Metric, disable_created_metrics, values
from prometheus_client.multiprocess import MultiProcessCollector

KINDS = ("counter", "histogram")
HEAD = 8
"""Where counts begin in a file, in bytes."""
ROOM = 1 << 20
"""Bytes of each file taken at once: to write where a disk that filled up has no room would kill the worker."""

log = structlog.get_logger()

values.ValueClass = values.MutexValue  # whatever the environment says: a process that is told no folder needs none


class Counts:
    """What a process shows of itself; in files as well as in memory once it was told where."""

    def __init__(self) -> None:
        self._folder: Path | None = None
        self._place = "arbiter"

    def keep_in(self, folder: Path) -> None:
        """To be said before anything is counted; `folder` is also what PROMETHEUS_MULTIPROC_DIR names."""
        self._folder = folder
        for path in folder.glob(f"*_{self._place}.db"):
            path.unlink()
        disable_created_metrics()  # type: ignore[no-untyped-call]
        in_files: Any = values.MultiProcessValue(lambda: self._place)  # type: ignore[no-untyped-call]
        in_memory: Any = values.MutexValue

        def counted(kind: str, *given: Any, **named: Any) -> Any:
            return (in_files if kind in KINDS else in_memory)(kind, *given, **named)

        values.ValueClass = counted

    def begin_anew(self) -> None:
        """What an arbiter before this one left; only who has the port may say so."""
        for path in self._files():
            path.unlink(missing_ok=True)

    def take_place(self, place: int) -> None:
        """A worker's first act: count on where the last one here ended, but anew in a damaged file. Raises OSError."""
        if self._folder is None:
            return
        for path in self._files():
            if _is_damaged(path):
                log.warning("counts.lost", file=path.name)
                path.unlink(missing_ok=True)
        make_room(self._folder, place)
        self._place = str(place)

    def end(self) -> None:
        """Nothing is left behind."""
        self.begin_anew()
        if self._folder is not None:
            with contextlib.suppress(OSError):
                self._folder.rmdir()

    def collect(self) -> Iterable[Metric]:
        """What the files tell, of all workers there have been; then what only this process knows."""
        kept = self._kept()
        told = {metric.name for metric in kept}
        return [*kept, *(metric for metric in REGISTRY.collect() if metric.name not in told)]

    def _kept(self) -> list[Metric]:
        """None when a file is damaged: this process then tells what it knows itself until the next takes its place."""
        try:
            return _read(self._files())
        except Exception as error:  # noqa: BLE001 -- whatever the damage leads to
            log.warning("counts.unreadable", error=repr(error))
            return []

    def _files(self) -> list[Path]:
        return sorted(self._folder.glob("*.db")) if self._folder else []


def make_room(folder: Path, place: int) -> None:
    """The files of one place, empty or as they are. Raises OSError when there is no room for them."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for kind in KINDS:
        with (folder / f"{kind}_{place}.db").open("ab") as file:
            os.posix_fallocate(file.fileno(), 0, ROOM)


def _read(files: Iterable[Path]) -> list[Metric]:
    return list(MultiProcessCollector.merge(files))  # type: ignore[no-untyped-call]


def _is_damaged(path: Path) -> bool:
    """Whether it says in its first bytes how far it is written, and has counts so far."""
    try:
        (written,) = struct.unpack_from("i", path.read_bytes())
        read = _read([path])
    except Exception:  # noqa: BLE001 -- whatever the damage leads to
        return True
    counts = all(sample.value >= 0 for metric in read for sample in metric.samples)
    return not (counts and (written == 0 or HEAD <= written <= path.stat().st_size))


COUNTS = Counts()
SHOWN = CollectorRegistry()
"""All that `/metrics` shows."""
SHOWN.register(COUNTS)
