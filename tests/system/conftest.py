"""The product run both ways, with a company's real deals in it."""

import psycopg
import pytest

from crm.company import NAMES
from tests.support.runs import MAVEN, PRESET, embedded, production

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


@pytest.fixture(scope="module", params=["embedded", "production"])
def company(request, tmp_path_factory):
    folder = open_folder(tmp_path_factory.mktemp(request.param))
    if request.param == "embedded":
        run = embedded(folder / "var")
    else:
        cluster, rabbit = request.getfixturevalue("cluster"), request.getfixturevalue("rabbit")
        drop_databases(cluster)
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
