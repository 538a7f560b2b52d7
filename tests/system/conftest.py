"""The product run both ways, with a company's real deals in it."""

import psycopg
import pytest

from chassis.bus.rabbit import connect
from crm.client import Client, Credentials, Refusal
from crm.company import NAMES, consumers
from tests.support.runs import MAVEN, PASSWORD, PRESET, embedded, production

DEALS = 8800


def open_folder(folder):
    """PostgreSQL's user must be able to enter, whoever runs the tests."""
    for parent in (folder, *folder.parents[:2]):
        parent.chmod(parent.stat().st_mode | 0o011)
    return folder


def drop_databases(cluster):
    with psycopg.connect(cluster.url("postgres"), autocommit=True) as connection:
        for name in NAMES:
            connection.execute(f"DROP DATABASE IF EXISTS crm_{name} WITH (FORCE)")


def drop_queues(rabbit):
    """What another run left in the broker would have to be worked off first."""
    with connect(rabbit.url) as connection:
        channel = connection.channel()
        for consumer in consumers():
            for queue in consumer.queues:
                channel.queue_delete(queue.name)


@pytest.fixture(scope="module", params=["embedded", "production"])
def company(request, tmp_path_factory):
    folder = open_folder(tmp_path_factory.mktemp(request.param))
    if request.param == "embedded":
        run = embedded(folder / "var")
    else:
        cluster, rabbit = request.getfixturevalue("cluster"), request.getfixturevalue("rabbit")
        drop_databases(cluster)
        drop_queues(rabbit)
        run = production(folder / "var", rabbit.url, cluster.url("postgres"))
    run.start()
    yield run
    run.stop()


@pytest.fixture(scope="module")
def imported(company):
    """The company with Maven's export brought in; whoever asks right afterwards gets all of it."""
    said = company.crm("import", "--mapping", str(PRESET), str(MAVEN)).stdout
    assert "the figures are up to date" in said
    assert total(company.client())["deals"] == DEALS
    return company


def total(client):
    return client.get("/api/v1/analytics/pipeline")["total"]


def a_user(company, username, role, unit_id, **more):
    """`more` of his membership, such as his manager's id."""
    client = company.client()
    body = {
        "username": username,
        "name": username,
        "password": PASSWORD,
        "memberships": [{"unit_id": unit_id, "role": role} | more],
    }
    client.post("/api/v1/users", body)
    return Client(company.url, Credentials(username=username, password=PASSWORD))


@pytest.fixture(scope="module")
def branches(company):
    client = company.client()
    (root,) = [unit for unit in client.every("/api/v1/units") if unit["parent_id"] is None]
    made = {}
    for code in ("N1", "S1"):
        body = {"code": code, "name": code, "kind": "branch", "parent_id": root["id"]}
        made[code] = client.post("/api/v1/units", body)["id"]
    return made


def can_open(client):
    """A user is known to the other services a moment after he was created."""
    try:
        return client.post("/api/v1/opportunities", {"name": "试"})["id"]
    except Refusal:
        return None
