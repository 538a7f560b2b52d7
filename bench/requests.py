"""Creating leads, at the service and through the gateway, in production processes."""

from pathlib import Path

from bench.measure import Figure, load, percentile
from chassis.postgres import Cluster
from crm.client import Client
from tests.support.runs import eventually, production
from tests.support.servers import RabbitNode

SECONDS = 8
BRANCHES = 8
SALESPEOPLE = 3
TRYTON = 88
"""Requests/s of Tryton 8.2 creating sale opportunities on 2 cores with 2 workers: quoted, not measured in this run."""


def measure(cluster: Cluster, rabbit: RabbitNode, folder: Path) -> list[Figure]:
    run = production(folder / "requests", rabbit.url, cluster.url("postgres")).start()
    try:
        client = run.client()
        branches = staff(client)
        source = client.post("/api/v1/sources", {"name": "官网", "kind": "website"})["id"]
        ports = dict(pair.split("=http://127.0.0.1:") for pair in _environment(run)["CRM_UPSTREAMS"].split(","))
        number = iter(range(10**9))

        def body(units: list[str] = branches) -> dict[str, object]:
            at = next(number)
            lead = {"company": "同舟", "contact_name": "王", "phone": f"138{at:08}", "source_id": source}
            return {**lead, "unit_id": units[at % len(units)]}

        eventually(lambda: all(client.post("/api/v1/leads", body())["owner_id"] for _ in branches))
        figures = []
        direct, through = int(ports["leads"]), run.port
        for name, port in (("at the service", direct), ("through the gateway", through)):
            taken = load(port, client._token or "", body, 8, SECONDS)
            rate = len(taken) / SECONDS
            figures.append(Figure(f"create lead {name}", rate, "req/s", rate / TRYTON, "Tryton's 88/s", "≥ 5 / ≥ 3"))
            figures.append(Figure(f"create lead {name}, p50", percentile(taken, 0.5) * 1000, "ms"))
            figures.append(Figure(f"create lead {name}, p99", percentile(taken, 0.99) * 1000, "ms"))
        ratio = figures[3].value / figures[0].value
        figures.append(Figure("gateway", figures[3].value, "req/s", ratio, "direct", "≥ 0.70"))
        crowded = len(load(direct, client._token or "", lambda: body(branches[:1]), 8, SECONDS)) / SECONDS
        figures.append(
            Figure("create lead, all in one branch", crowded, "req/s", crowded / figures[0].value, "in eight")
        )
        calm = [percentile(load(port, client._token or "", body, 2, 4), 0.99) for port in (direct, through)]
        figures.append(Figure("gateway, added p99 at 2 clients", (calm[1] - calm[0]) * 1000, "ms", target="≤ 3"))
        return figures
    finally:
        run.stop()


def staff(client: Client, salespeople: int = SALESPEOPLE) -> list[str]:
    """Branches under the root with their salespeople; the branches' ids."""
    (root,) = [unit["id"] for unit in client.every("/api/v1/units")]
    branches = []
    for code in range(BRANCHES):
        unit = {"code": f"B{code}", "name": f"分部 {code}", "kind": "branch", "parent_id": root}
        branches.append(client.post("/api/v1/units", unit)["id"])
        held = [{"unit_id": branches[-1], "role": "sales", "primary": True}]
        people = [{"username": f"b{code}s{n}", "name": "销售", "memberships": held} for n in range(salespeople)]
        client.post("/api/v1/users/bulk", {"items": people})
    return branches


def _environment(run) -> dict[str, str]:  # type: ignore[no-untyped-def]
    pid = run.children()["serve gateway"]
    pairs = Path(f"/proc/{pid}/environ").read_bytes().decode().split("\0")
    return dict(pair.split("=", 1) for pair in pairs if "=" in pair)
