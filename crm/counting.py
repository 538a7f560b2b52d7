"""Where `crm serve` keeps its counts while it runs, and what gunicorn has to tell of its workers' places."""

import itertools
import os
import stat
import tempfile
from pathlib import Path
from typing import Any

import structlog

from chassis.counts import COUNTS, make_room
from chassis.settings import Settings

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
"""Names the folder to prometheus_client; given from outside, the folder in which ours is made."""

log = structlog.get_logger()


def choose_folder(name: str, settings: Settings) -> None:
    """For each address one, the same at every start; without one the counts of a worker that is killed are lost."""
    outside = os.environ.pop(VARIABLE, "")
    try:
        parent = Path(outside or tempfile.gettempdir())
        folder = parent / f"crm-{os.getuid()}-{name}-{settings.host}-{settings.port}"
        _make_own(folder)
        make_room(folder, 0)
    except OSError as error:
        log.warning("counts.not-kept", error=str(error))
    else:
        os.environ[VARIABLE] = str(folder)


def begin() -> None:
    """Count in the folder that was chosen; to be said before anything is counted."""
    if folder := os.environ.get(VARIABLE):
        COUNTS.keep_in(Path(folder))


def hooks() -> dict[str, Any]:
    """gunicorn's settings by which each worker has a place."""
    return {
        "when_ready": lambda arbiter: COUNTS.begin_anew(),
        "pre_fork": _find_place,
        "post_fork": lambda arbiter, worker: COUNTS.take_place(worker.place),
        "on_exit": lambda arbiter: COUNTS.end(),
    }


def _find_place(arbiter: Any, worker: Any) -> None:
    taken = {other.place for other in arbiter.WORKERS.values()}
    worker.place = next(place for place in itertools.count() if place not in taken)


def _make_own(folder: Path) -> None:
    """Others may write beside it, none in it. Raises OSError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o022:
        raise PermissionError(f"{folder} is not ours alone")
