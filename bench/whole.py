"""The product as a whole: start, import, memory; in one process and in production processes."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.measure import Figure, pss, worker_of
from chassis.postgres import Cluster
from tests.support.runs import MAVEN, PRESET, Run, embedded, eventually, production
from tests.support.servers import RabbitNode


def measure(cluster: Cluster, rabbit: RabbitNode, folder: Path) -> list[Figure]:
    figures = []
    run = embedded(folder / "embedded")
    with _started(run) as seconds:
        figures.append(Figure("crm run, first start to ready", seconds, "s", target="≤ 6"))
        figures.append(_imported(run, "in one process"))
        figures.append(Figure("memory in one process, PostgreSQL included", _tree(run), "MB", target="≤ 600"))
    with _started(run) as seconds:
        figures.append(Figure("crm run, later start to ready", seconds, "s", target="≤ 4"))
    run = production(folder / "production", rabbit.url, cluster.url("postgres"))
    with _started(run) as seconds:
        figures.append(Figure("crm up, first start to ready", seconds, "s"))
        figures.append(_imported(run, "in production processes"))
        figures += [Figure(f"memory of {name}", pss(pid), "MB", target="≤ 150") for name, pid in _largest(run)]
    return figures


@contextmanager
def _started(run: Run) -> Iterator[float]:
    """Seconds until it was ready; ended afterwards, whatever happened."""
    began = time.perf_counter()
    try:
        run.start()
        yield time.perf_counter() - began
    finally:
        run.stop()


def _imported(run: Run, where: str) -> Figure:
    said = run.crm("import", "--mapping", str(PRESET), str(MAVEN)).stdout
    eventually(lambda: run.client().get("/api/v1/analytics/pipeline")["total"]["deals"] == 8800, 60)
    rate = float(re.search(r"\((\d+) rows/s\)", said).group(1))  # type: ignore[union-attr]
    return Figure(f"import, {where}", rate, "rows/s", target="≥ 2,000")


def _largest(run: Run) -> list[tuple[str, int]]:
    """Each process of `crm up`, of a server its worker."""
    return [(name, worker_of(pid)) for name, pid in sorted(run.children().items())]


def _tree(run: Run) -> float:
    """The process and the PostgreSQL server that runs in its folder."""
    assert run.process is not None
    server = int((run.folder / "postgres" / "data" / "postmaster.pid").read_text().split()[0])
    backends = Path(f"/proc/{server}/task/{server}/children").read_text().split()
    return pss(run.process.pid) + sum(pss(int(pid)) for pid in [str(server), *backends])
