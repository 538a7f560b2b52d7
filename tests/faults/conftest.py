"""The production processes, to be hurt."""

import pytest

from chassis.bus.rabbit import connect
from crm.company import consumers
from tests.support.runs import production
from tests.system.conftest import drop_databases, open_folder


@pytest.fixture
def company(tmp_path_factory, cluster, rabbit):
    folder = open_folder(tmp_path_factory.mktemp("production"))
    drop_databases(cluster)
    with_queues_gone(rabbit)
    run = production(folder / "var", rabbit.url, cluster.url("postgres")).start()
    yield run
    run.stop()


def with_queues_gone(rabbit):
    """What another run left in the broker is none of this one's business."""
    with connect(rabbit.url) as connection:
        channel = connection.channel()
        for consumer in consumers():
            for queue in consumer.queues:
                channel.queue_delete(queue.name)
