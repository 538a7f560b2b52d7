"""What a measurement is, and the few ways to take one."""

import http.client
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Figure:
    """One figure with its unit; `ratio` is to the baseline of the same run, `target` what design asks for."""

    name: str
    value: float
    unit: str
    ratio: float | None = None
    baseline: str = ""
    target: str = ""

    def line(self) -> str:
        ratio = f"{self.ratio:6.2f} × {self.baseline}" if self.ratio is not None else ""
        return f"{self.name:<58} {self.value:>10.1f} {self.unit:<10} {ratio:<44} {self.target}"


def percentile(values: list[float], part: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]


def load(port: int, token: str, body: Callable[[], dict[str, object]], clients: int, seconds: float) -> list[float]:
    """Seconds of each `POST /api/v1/leads` that `clients` send to `port` without a pause."""
    taken: list[float] = []
    until = time.monotonic() + seconds

    def work() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        while time.monotonic() < until:
            sent = json.dumps(body())
            began = time.perf_counter()
            connection.request("POST", "/api/v1/leads", sent, headers)
            response = connection.getresponse()
            response.read()
            if response.status != 201:
                raise RuntimeError(f"answered {response.status}")
            taken.append(time.perf_counter() - began)
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return taken


def pss(pid: int) -> float:
    """Proportional set size of a process in MB."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    (line,) = [line for line in text.splitlines() if line.startswith("Pss:")]
    return int(line.split()[1]) / 1024


def worker_of(pid: int) -> int:
    """The one child of a server's master; the process itself where it has none."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return int(children[0]) if children else pid
