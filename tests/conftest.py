"""What every test may ask for: a fresh database, the broker, a clock that is moved by hand."""

from collections.abc import Iterator
from datetime import UTC, datetime

import psycopg
import pytest
from hypothesis import HealthCheck, settings

from chassis.clock import SetClock
from chassis.postgres import Cluster
from tests.support.servers import RabbitNode

settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def cluster(tmp_path_factory) -> Iterator[Cluster]:
    folder = tmp_path_factory.mktemp("postgres")
    for parent in (folder, *folder.parents[:2]):
        parent.chmod(parent.stat().st_mode | 0o011)
    running = Cluster(folder)
    running.start()
    yield running
    running.stop("immediate")


@pytest.fixture
def database_url(cluster) -> str:
    """The URL of an empty database of its own."""
    with psycopg.connect(cluster.url("postgres"), autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS crm_test WITH (FORCE)")
    return cluster.ensure_database("crm_test", "crm-test")


@pytest.fixture(scope="session")
def rabbit(tmp_path_factory) -> Iterator[RabbitNode]:
    node = RabbitNode(tmp_path_factory.mktemp("rabbitmq"))
    node.start()
    yield node
    node.stop()


@pytest.fixture
def clock() -> SetClock:
    return SetClock(datetime(2026, 3, 2, 1, 0, tzinfo=UTC))
