"""What surrounds us fails, and comes back: users work on, and nothing is forgotten."""

import signal
import threading
import time

import pytest

from chassis.bus.rabbit import connect
from tests.faults.conftest import Load, ask, percentile
from tests.support.runs import eventually
from tests.system.conftest import total

OUTAGE_SECONDS = 30


def deals_counted(client, load):
    return eventually(lambda: total(client)["deals"] == len(load.acknowledged), 90)


@pytest.mark.timeout(300)
def test_the_broker_stops_for_30_seconds_under_load_and_users_do_not_notice(company, rabbit):
    client = company.client()
    with Load(company) as before:
        time.sleep(5)
    with Load(company) as during:
        rabbit.stop()
        time.sleep(OUTAGE_SECONDS)
        rabbit.start()
    assert during.failed == before.failed == []
    assert percentile(during.seconds, 0.99) < 3 * percentile(before.seconds, 0.99) + 0.05
    during.acknowledged += before.acknowledged
    assert deals_counted(client, during)


@pytest.mark.timeout(300)
def test_a_deleted_queue_is_set_up_again_and_a_replay_fills_the_gap(company, rabbit):
    client = company.client()
    with connect(rabbit.url) as connection:
        connection.channel().queue_delete("crm.analytics")
    with Load(company, clients=1) as load:
        time.sleep(2)
    assert company.crm("broker", "verify", "--amqp", rabbit.url, check=False).returncode == 1
    company.crm("broker", "setup", "--amqp", rabbit.url)
    assert company.crm("broker", "verify", "--amqp", rabbit.url).returncode == 0
    company.crm("events", "replay", "--from", "leads", "--to", "analytics")
    assert deals_counted(client, load)


@pytest.mark.timeout(300)
def test_sigterm_under_load_cuts_no_request_and_drains_the_workers(company, cluster, rabbit):
    with Load(company) as load:
        time.sleep(3)
        stopping = threading.Thread(target=company.stop)
        stopping.start()
        time.sleep(1)
        load._stopping.set()
        stopping.join()
    assert company.process.returncode == 0
    assert all("Refused" not in failure or "CannotConnect" in failure for failure in load.failed)
    stored = {str(row[0]) for row in ask(cluster, company, "leads", "SELECT id FROM opportunities")}
    assert stored == set(load.acknowledged)
    assert "killed" not in company.log
    assert ask(cluster, company, "leads", "SELECT count(*) FROM outbox") == [(0,)]
    company.start()
    assert deals_counted(company.client(), load)


@pytest.mark.timeout(300)
def test_the_database_restarts_under_the_consumers_and_nothing_is_parked(company, cluster):
    client = company.client()
    with Load(company) as load:
        time.sleep(2)
        cluster.stop("fast")
        time.sleep(2)
        cluster.start()
        time.sleep(3)
    company.wait_until_ready()
    stored = ask(cluster, company, "leads", "SELECT count(*) FROM opportunities")[0][0]
    assert stored >= len(load.acknowledged)
    assert eventually(lambda: total(client)["deals"] == stored, 90)
    assert ask(cluster, company, "analytics", "SELECT count(*) FROM failed_events") == [(0,)]


@pytest.mark.timeout(120)
def test_the_whole_in_one_process_ends_without_cutting_a_request(in_one_process):
    with Load(in_one_process) as load:
        time.sleep(3)
        assert in_one_process.stop() == 0
        load._stopping.set()
    in_one_process.start()
    listed = {deal["id"] for deal in in_one_process.client().every("/api/v1/opportunities")}
    assert listed == set(load.acknowledged)


@pytest.mark.timeout(300)
def test_the_whole_in_one_process_is_killed_and_nothing_is_lost_or_doubled(in_one_process):
    with Load(in_one_process) as load:
        time.sleep(3)
        in_one_process.stop(signal.SIGKILL)
        load._stopping.set()
    client = in_one_process.start().client()
    assert eventually(lambda: total(client)["deals"] >= len(load.acknowledged), 60)
    listed = {deal["id"] for deal in client.every("/api/v1/opportunities")}
    assert set(load.acknowledged) <= listed
    assert eventually(lambda: total(client)["deals"] == len(listed), 60)
