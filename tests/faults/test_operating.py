"""What an operator meets in production processes, and what he has against it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from uuid import uuid4

import pytest

from chassis.bus import Message
from chassis.bus.rabbit import RabbitPublisher
from chassis.bus.topology import EVENTS
from tests.faults.conftest import Load, ask
from tests.support.runs import eventually
from tests.support.servers import RABBITMQ
from tests.system.conftest import total

LEASE = "SELECT holder FROM leases WHERE name = 'relay' AND expires_at > clock_timestamp()"


def environment(pid):
    pairs = Path(f"/proc/{pid}/environ").read_bytes().decode().split("\0")
    return dict(pair.split("=", 1) for pair in pairs if "=" in pair)


def deals_counted(client, load):
    return eventually(lambda: total(client)["deals"] == len(load.acknowledged), 90)


def rabbitmqctl(rabbit, *arguments):
    program = RABBITMQ.with_name("rabbitmqctl")
    named = os.environ | {"HOME": str(rabbit.folder)}
    node = f"crm-test-{rabbit.port}@localhost"
    subprocess.run([str(program), "-n", node, *arguments], env=named, check=True, capture_output=True, timeout=60)


@pytest.mark.timeout(300)
def test_a_poison_event_is_seen_tried_again_and_given_up_from_the_command_line(company, rabbit):
    client = company.client()
    event_id, subject = uuid4(), uuid4()
    body = (
        f'{{"specversion":"1.0","id":"{event_id}","source":"/services/leads","type":"crm.leads.opportunity.won",'
        f'"subject":"{subject}","time":"2026-01-01T00:00:00Z","datacontenttype":"application/json",'
        f'"dataschema":"crm.leads.opportunity.won/1","sequence":1,"actor":"system","data":{{"name":7}}}}'
    )
    publisher = RabbitPublisher(rabbit.url, EVENTS)
    publisher.publish([Message(event_id, "crm.leads.opportunity.won", body.encode())])
    publisher.close()

    def shown(state="parked"):
        said = company.crm("events", "parked", "--service", "analytics", "--state", state).stdout
        return [line for line in said.splitlines() if str(event_id) in line]

    (line,) = eventually(shown)
    assert "crm.leads.opportunity.won" in line
    company.crm("events", "requeue", "--service", "analytics", str(event_id))
    assert eventually(shown), "nothing was mended, so that it is parked again"
    client.post("/api/v1/opportunities", {"name": "好的"})
    assert eventually(lambda: total(client)["deals"] == 1)
    company.crm("events", "discard", "--service", "analytics", str(event_id))
    assert not shown()
    assert shown("discarded")


@pytest.mark.timeout(300)
def test_a_broker_that_takes_nothing_for_a_while_is_not_noticed_by_users(company, rabbit):
    client = company.client()
    with Load(company) as load:
        time.sleep(1)
        rabbitmqctl(rabbit, "set_vm_memory_high_watermark", "absolute", "1000")
        try:
            time.sleep(10)
            held = len(load.acknowledged)
        finally:
            rabbitmqctl(rabbit, "set_vm_memory_high_watermark", "0.4")
        time.sleep(1)
    assert load.failed == []
    assert len(load.acknowledged) > held > 50
    assert deals_counted(client, load)


@pytest.mark.timeout(300)
def test_a_worker_that_hangs_is_relieved_and_does_no_harm_when_it_comes_back(company, cluster):
    client = company.client()
    hung = company.children()["work leads"]
    second = environment(hung)
    second.pop("CRM_METRICS_PORT", None)
    relief = subprocess.Popen([sys.executable, "-m", "crm", "work", "leads"], env=second, stdout=subprocess.DEVNULL)
    try:
        with Load(company) as load:
            time.sleep(2)
            ((leader,),) = eventually(lambda: ask(cluster, company, "leads", LEASE))
            assert f":{hung}:" in leader
            os.kill(hung, signal.SIGSTOP)
            try:
                assert eventually(lambda: f":{relief.pid}:" in str(ask(cluster, company, "leads", LEASE)), 60)
                assert eventually(lambda: ask(cluster, company, "leads", "SELECT count(*) < 100 FROM outbox")[0][0])
            finally:
                os.kill(hung, signal.SIGCONT)
            time.sleep(2)
        assert load.failed == []
        assert deals_counted(client, load)
        ((sent, distinct),) = ask(cluster, company, "leads", "SELECT count(*), count(DISTINCT event_id) FROM event_log")
        assert sent == distinct
    finally:
        relief.terminate()
        assert relief.wait(60) == 0


@pytest.mark.timeout(300)
def test_the_doctor_finds_nothing_then_names_the_fault_and_its_remedy(company, rabbit):
    named = os.environ | {
        name: value
        for name, value in environment(company.children()["work leads"]).items()
        if name in ("CRM_DATABASE_URL", "CRM_AMQP_URL", "CRM_SECRET_KEY")
    }

    def doctor():
        command = [sys.executable, "-m", "crm", "doctor", "--service", "leads"]
        return subprocess.run(command, env=named, capture_output=True, text=True, timeout=60)

    well = doctor()
    assert well.returncode == 0, well.stdout + well.stderr
    assert "FAULT" not in well.stdout
    named["CRM_AMQP_URL"] = "amqp://guest:guest@127.0.0.1:1//"
    ill = doctor()
    assert ill.returncode == 1
    assert "FAULT  broker" in ill.stdout
    assert "crm broker setup" in ill.stdout
    migrated = subprocess.run(
        [sys.executable, "-m", "crm", "migrate", "leads"], env=named, capture_output=True, text=True, timeout=60
    )
    assert migrated.returncode == 0, migrated.stderr
