"""20,000 events while processes are killed: nothing lost, nothing doubled."""

import contextlib
import os
import random
import signal
import threading

import pytest

from chassis.bus.rabbit import connect
from crm.company import NAMES
from tests.faults.conftest import ask
from tests.support.runs import eventually
from tests.system.conftest import total

DEALS = 10_000
BATCH = 100
RATE_SECONDS = 1.0


def a_batch(start):
    """Deals that come in won: two events each."""
    return [
        {
            "name": f"单 {number}",
            "stage": "won",
            "opened_on": "2025-01-02",
            "closed_on": "2025-02-03",
            "amount": {"amount": "1.00", "currency": "CNY"},
            "external": {"system": "ledger", "id": str(number)},
        }
        for number in range(start, start + BATCH)
    ]


@pytest.mark.timeout(400)
def test_20000_events_while_a_random_process_is_killed_every_second(company, cluster, rabbit):
    stopping, killed = threading.Event(), []
    killer = threading.Thread(target=kill_at_random, args=(company, stopping, killed))
    killer.start()
    acknowledged, refused = {}, []
    client = company.client()
    try:
        for start in range(0, DEALS, BATCH):
            results = client.post("/api/v1/opportunities/bulk", {"items": a_batch(start)})["results"]
            acknowledged |= {number: result.get("id") for number, result in enumerate(results, start)}
            refused += [result for result in results if "id" not in result]
    finally:
        stopping.set()
        killer.join()
    company.wait_until_ready()
    counted = eventually(lambda: total(client)["won"] >= DEALS, 120)
    assert counted, total(client)
    recorded = ask(cluster, company, "leads", "SELECT event_id, subject FROM event_log WHERE type LIKE '%opportunity%'")
    received = ask(cluster, company, "analytics", "SELECT event_id FROM inbox")
    lost = {event_id for event_id, _ in recorded} - {row[0] for row in received}
    deals = ask(cluster, company, "leads", "SELECT count(*), count(DISTINCT external_id) FROM opportunities")
    facts = ask(cluster, company, "analytics", "SELECT count(*) FROM model.deals WHERE stage = 'won'")
    assert len(killed) >= 5, killed
    assert refused == []
    assert len(set(acknowledged.values())) == DEALS
    assert len(recorded) == len({event_id for event_id, _ in recorded}) == 2 * DEALS
    assert lost == set()
    assert deals == [(DEALS, DEALS)]
    assert facts == [(DEALS,)]
    assert total(client)["revenue"] == {"amount": f"{DEALS}.00", "currency": "CNY"}
    assert ask(cluster, company, "leads", "SELECT count(*) FROM stage_entries") == [(DEALS,)]
    for name in NAMES:
        assert ask(cluster, company, name, "SELECT count(*) FROM failed_events") == [(0,)]
        assert dead_letters(rabbit, name) == 0


def kill_at_random(company, stopping, killed):
    """Every second one of the processes that serve or work, the gateway included, dies without a word."""
    chance = random.Random(20260302)
    while not stopping.wait(RATE_SECONDS):
        children = sorted(company.children().items())
        if children:
            name, pid = chance.choice(children)
            killed.append(name)
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def dead_letters(rabbit, name):
    with connect(rabbit.url) as connection:
        return connection.channel().queue_declare(f"crm.{name}.dead", passive=True).message_count
