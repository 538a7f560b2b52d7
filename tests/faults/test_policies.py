"""Policies while processes are killed or stand still: none is lost, and each comes to the same end."""

import contextlib
import os
import signal
import threading

import pytest

from contracts.backbone import SERVICES
from crm.company import NAMES
from tests.faults.conftest import ask
from tests.faults.test_ledger import kill_at_random
from tests.support.runs import eventually
from tests.system.test_policies import published, reached, routed

VERSIONS = 20
COPIES = "SELECT number, body, withdrawn_from IS NULL, applied_at IS NOT NULL FROM policy_copies ORDER BY number"


def root_of(client):
    (root,) = [unit["id"] for unit in client.every("/api/v1/units") if unit["parent_id"] is None]
    return root


@pytest.mark.timeout(300)
def test_every_version_published_while_processes_are_killed_is_the_same_in_every_service(company, cluster):
    client, stopping, killed = company.client(), threading.Event(), []
    root = root_of(client)
    killer = threading.Thread(target=kill_at_random, args=(company, stopping, killed))
    killer.start()
    try:
        made = [published(client, "security", root, {"session_days": days}) for days in range(1, VERSIONS + 1)]
        client.post(f"/api/v1/policies/{made[-1]['id']}/withdrawal", {})
        stopping.wait(3)
    finally:
        stopping.set()
        killer.join()
    company.wait_until_ready()
    expected = [(number, {"session_days": number}, number < VERSIONS, True) for number in range(1, VERSIONS + 1)]
    for name in NAMES:
        assert eventually(lambda name=name: ask(cluster, company, name, COPIES)[:-1] == expected[:-1], 90), name
        last = ask(cluster, company, name, COPIES)[-1]
        assert last[:3] == expected[-1][:3], name
        assert ask(cluster, company, name, "SELECT count(*) FROM failed_events") == [(0,)]
    for policy in made[:-1]:
        assert eventually(lambda policy=policy: reached(client, policy, "applied_at") == set(SERVICES), 90)
    now = client.get(f"/api/v1/policies/in-force?kind=security&unit_id={root}")
    assert (now["version"], now["body"]["session_days"]) == (VERSIONS - 1, VERSIONS - 1)
    assert len(killed) >= 3, killed


@pytest.mark.timeout(300)
def test_a_version_that_reaches_a_service_late_holds_there_at_once_and_the_board_tells(company, cluster):
    client = company.client()
    root = root_of(client)
    source = client.post("/api/v1/sources", {"name": "晚到", "kind": "website"})["id"]
    pid = company.children()["work leads"]
    os.kill(pid, signal.SIGSTOP)
    try:
        policy = published(client, "lead_routing", root, {"rule": "nobody"})
        others = set(SERVICES) - {"leads"}
        assert eventually(lambda: reached(client, policy, "applied_at") == others)
        assert routed(client, source, root)[1] is None
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)
    assert eventually(lambda: reached(client, policy, "applied_at") == set(SERVICES), 60)
    assert routed(client, source, root) == ("nobody", policy["id"])
    late = "SELECT applied_at = delivered_at AND applied_at > effective_from FROM policy_copies"
    assert ask(cluster, company, "leads", late) == [(True,)]
