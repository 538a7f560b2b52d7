"""A policy's way: published at headquarters, stored and in force in every service, acknowledged in the branch."""

from contracts.backbone import SERVICES
from tests.support.runs import eventually
from tests.system.conftest import a_user, can_open


def published(client, kind, unit_id, body):
    draft = client.post("/api/v1/policies", {"kind": kind, "unit_id": unit_id, "body": body})
    return client.post(f"/api/v1/policies/{draft['id']}/publication", {})


def reached(client, policy, moment):
    """The services that have told of this moment of the policy's way to them."""
    board = client.get(f"/api/v1/policies/{policy['id']}/reach")["items"]
    return {line["service"] for line in board if line[moment]}


def routed(client, source, unit_id):
    lead = client.post("/api/v1/leads", {"company": "同舟", "source_id": source, "unit_id": unit_id})
    return lead["routing"]["rule"], lead["routing"]["policy_id"]


def test_a_published_policy_is_delivered_to_every_service_decides_there_and_is_withdrawn_again(company, branches):
    client, unit_id = company.client(), branches["N1"]
    seller = a_user(company, "p.seller", "sales", unit_id)
    assert eventually(lambda: can_open(seller))
    source = client.post("/api/v1/sources", {"name": "制度", "kind": "website"})["id"]
    assert routed(client, source, unit_id) == ("round_robin", None)
    policy = published(client, "lead_routing", unit_id, {"rule": "nobody"})
    for moment in ("delivered_at", "applied_at"):
        assert eventually(lambda moment=moment: reached(client, policy, moment) == set(SERVICES)), moment
    assert routed(client, source, unit_id) == ("nobody", policy["id"])
    query = f"?kind=lead_routing&unit_id={unit_id}"
    assert client.get(f"/api/v1/policies/in-force{query}")["id"] == policy["id"]
    client.post(f"/api/v1/policies/{policy['id']}/withdrawal", {})
    assert eventually(lambda: routed(client, source, unit_id) == ("round_robin", None))


def test_a_manager_reads_an_announcement_and_acknowledges_it_for_his_branch(company, branches):
    client, unit_id = company.client(), branches["S1"]
    manager = a_user(company, "p.manager", "manager", unit_id)
    (root,) = [unit["id"] for unit in client.every("/api/v1/units") if unit["parent_id"] is None]
    policy = published(client, "announcement", root, {"title": "新制度", "text": "请全体学习"})
    waiting = manager.get("/api/v1/policies?to_acknowledge=true")["items"]
    assert [each["body"]["title"] for each in waiting] == ["新制度"]
    manager.post(f"/api/v1/policies/{policy['id']}/acknowledgement", {})
    assert manager.get("/api/v1/policies?to_acknowledge=true")["items"] == []
    board = client.get(f"/api/v1/policies/{policy['id']}/reach")["items"]
    assert {line["acknowledged_by_name"] for line in board if line["unit_id"] == unit_id} == {"p.manager"}
