"""From the publication of a policy to its storage in every service, for a company of fifty branches."""

from datetime import datetime
from pathlib import Path
from typing import Any

from bench.measure import Figure, percentile
from chassis.postgres import Cluster
from contracts.backbone import SERVICES
from crm.client import Client
from tests.support.runs import eventually, production
from tests.support.servers import RabbitNode

BRANCHES = 50
VERSIONS = 200


def measure(cluster: Cluster, rabbit: RabbitNode, folder: Path) -> list[Figure]:
    run = production(folder / "policies", rabbit.url, cluster.url("postgres")).start()
    try:
        client = run.client()
        branches = _branches(client)
        taken = [_published(client, branches[at % BRANCHES], at) for at in range(VERSIONS)]
        name = f"policy published, stored in {len(SERVICES)} services, {BRANCHES} branches"
        return [
            Figure(f"{name}, p50", percentile(taken, 0.5) * 1000, "ms"),
            Figure(f"{name}, p99", percentile(taken, 0.99) * 1000, "ms", target="≤ 1000"),
        ]
    finally:
        run.stop()


def _branches(client: Client) -> list[str]:
    (root,) = [unit["id"] for unit in client.every("/api/v1/units") if unit["parent_id"] is None]
    units = [{"code": f"B{at}", "name": f"分部 {at}", "kind": "branch", "parent_id": root} for at in range(BRANCHES)]
    made: list[dict[str, Any]] = client.post("/api/v1/units/bulk", {"items": units})["results"]
    return [each["id"] for each in made]


def _published(client: Client, unit_id: str, at: int) -> float:
    """Seconds from the publication to the last service's own word that it is stored, all on one machine's clock."""
    body = {"kind": "lead_routing", "unit_id": unit_id, "body": {"plan_within_hours": at % 8 + 1}}
    draft = client.post("/api/v1/policies", body)["id"]
    published_at = client.post(f"/api/v1/policies/{draft}/publication", {})["published_at"]

    def stored() -> list[datetime]:
        board = client.get(f"/api/v1/policies/{draft}/reach")["items"]
        moments = [line["delivered_at"] for line in board]
        return [datetime.fromisoformat(moment) for moment in moments] if all(moments) else []

    last = max(eventually(stored))
    return (last - datetime.fromisoformat(published_at)).total_seconds()
