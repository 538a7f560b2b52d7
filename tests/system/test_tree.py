"""A branch changes its region: what its managers see follows in every service, and no row of business is touched."""

from uuid import uuid4

import pytest

from tests.support.runs import eventually
from tests.system.conftest import a_user, can_open


@pytest.fixture
def regions(company):
    """Two regions, each with a manager, and a branch below the first with somebody who sells."""
    admin = company.client()
    (root,) = [unit for unit in admin.every("/api/v1/units") if unit["parent_id"] is None]
    made = {}
    for name, kind, parent in (("old", "region", root), ("new", "region", root), ("branch", "branch", "old")):
        above = made[parent] if isinstance(parent, str) else parent
        body = {"code": f"{name}-{uuid4().hex[:6]}", "name": name, "kind": kind, "parent_id": above["id"]}
        made[name] = admin.post("/api/v1/units", body)
    people = {"seller": ("sales", "branch"), "before": ("manager", "old"), "after": ("manager", "new")}
    clients = {
        name: a_user(company, f"{name}.{uuid4().hex[:6]}", role, made[unit]["id"])
        for name, (role, unit) in people.items()
    }
    assert eventually(lambda: all(can_open(client) for client in clients.values()))
    return made, clients


def seen(client, customer, deal):
    """Which services let this manager see what happens in the branch."""
    lists = {
        "customer": [row["id"] for row in client.every("/api/v1/customers")],
        "leads": [row["id"] for row in client.every("/api/v1/opportunities")],
        "activity": [row["customer_id"] for row in client.every("/api/v1/activities")],
    }
    counted = client.get("/api/v1/analytics/pipeline", group_by="unit")["items"]
    return {
        *(name for name, ids in lists.items() if customer in ids or deal in ids),
        *({"analytics"} if any(row["group"]["name"] == "branch" and row["deals"] for row in counted) else ()),
    }


ALL = {"customer", "leads", "activity", "analytics"}


def test_what_managers_see_follows_a_moved_branch_in_every_service(company, regions):
    units, clients = regions
    seller = clients["seller"]
    customer = seller.post("/api/v1/customers", {"name": f"同舟 {uuid4().hex}"})["id"]
    deal = seller.post("/api/v1/opportunities", {"name": "扩容", "customer_id": customer})
    visit = {"kind": "visit", "started_at": "2026-01-01T09:00:00+08:00", "minutes": 30, "summary": "拜访"}
    seller.post("/api/v1/activities", visit | {"customer_id": customer})
    assert eventually(lambda: seen(clients["before"], customer, deal["id"]) == ALL)
    assert seen(clients["after"], customer, deal["id"]) == set()
    admin, branch = company.client(), units["branch"]
    changes, stamp = {"parent_id": units["new"]["id"]}, {"If-Match": f'"{branch["version"]}"'}
    admin.call("PATCH", f"/api/v1/units/{branch['id']}", changes, stamp)
    assert eventually(lambda: seen(clients["after"], customer, deal["id"]) == ALL)
    assert eventually(lambda: seen(clients["before"], customer, deal["id"]) == set())
    assert seller.get(f"/api/v1/opportunities/{deal['id']}")["version"] == deal["version"]
