"""`make bench`: every measurement, a table, and bench/results/<time>.json."""

import json
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from bench import console, dashboards, events, policies, requests, streams, whole
from bench.measure import Figure
from chassis import logs
from chassis.postgres import Cluster
from tests.support.servers import RabbitNode

RESULTS = Path(__file__).parent / "results"


def main() -> None:
    """Run what the arguments name, everything without any."""
    logs.configure("ERROR")
    parts = {
        "events": events,
        "requests": requests,
        "policies": policies,
        "streams": streams,
        "dashboards": dashboards,
        "whole": whole,
        "console": console,
    }
    wanted = set(sys.argv[1:]) or parts.keys()
    folder = Path(tempfile.mkdtemp(prefix="crm-bench-"))
    folder.chmod(0o755)
    cluster, rabbit = Cluster(folder / "postgres"), RabbitNode(folder / "rabbitmq")
    cluster.start()
    rabbit.start()
    figures: list[Figure] = []
    try:
        for name, part in parts.items():
            if name in wanted:
                measured = part.measure(cluster, rabbit, folder)
                sys.stdout.write("".join(f"{figure.line()}\n" for figure in measured))
                sys.stdout.flush()
                figures += measured
    finally:
        rabbit.stop()
        cluster.stop("immediate")
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{datetime.now(UTC):%Y-%m-%dT%H%M%S}.json"
    path.write_text(json.dumps([figure.__dict__ for figure in figures], indent=1) + "\n")
    sys.stdout.write(f"written to {path}\n")


if __name__ == "__main__":
    main()
