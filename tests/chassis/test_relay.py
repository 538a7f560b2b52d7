"""The relay under every misfortune: late commits, two leaders, a hung one, a kill at each point, no queue bound."""

import amqp
import pytest

from chassis.bus import BusUnavailable
from chassis.bus.rabbit import RabbitPublisher
from chassis.relay import Relay
from tests.chassis.conftest import a_unit
from tests.support.servers import free_port


@pytest.fixture
def relay(database, rabbit, exchange):
    exchange.bind()
    relays = []

    def make(holder="one", url=rabbit.url, **options):
        relays.append(Relay(database.engine, RabbitPublisher(url, exchange.name), holder=holder, **options))
        return relays[-1]

    yield make
    for made in relays:
        made.stop()


def record(database, count=1):
    with database.transaction() as tx:
        for _ in range(count):
            tx.record(a_unit())


def ids(database, table):
    with database.engine.connect() as connection:
        rows = connection.exec_driver_sql(f"SELECT event_id FROM {table} ORDER BY id").all()
    return [str(row[0]) for row in rows]


def expire_lease(database):
    with database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE leases SET expires_at = '-infinity'")


def test_what_is_recorded_is_sent_in_order_and_kept_in_the_log(database, relay, exchange):
    record(database, 3)

    assert relay().step().sent == 3

    assert ids(database, "outbox") == []
    assert exchange.received() == ids(database, "event_log")


def test_a_lower_id_that_commits_after_a_higher_one_is_still_sent(database, relay, exchange):
    relaying = relay()
    with database.transaction() as late:
        late.record(a_unit())
        late.flush()
        record(database)
        assert relaying.step().sent == 1

    assert relaying.step().sent == 1
    assert sorted(exchange.received()) == sorted(ids(database, "event_log"))


def test_killed_between_publish_and_confirm_loses_nothing(database, relay, exchange, monkeypatch):
    record(database, 2)
    waiting = ids(database, "outbox")

    def die(*_, **__):
        raise SystemExit

    with monkeypatch.context() as killed:
        killed.setattr(amqp.Connection, "drain_events", die)
        with pytest.raises(SystemExit):
            relay("killed").step()
    assert ids(database, "outbox") == waiting
    expire_lease(database)
    relay("next").step()

    assert set(exchange.received()) == set(waiting)
    assert ids(database, "event_log") == waiting


def test_killed_between_confirm_and_mark_sends_twice_and_loses_nothing(database, relay, exchange):
    record(database, 2)
    waiting = ids(database, "outbox")

    def die():
        raise SystemExit

    with pytest.raises(SystemExit):
        relay("killed", before_mark=die).step()
    expire_lease(database)
    relay("next").step()

    assert exchange.received() == waiting * 2
    assert ids(database, "event_log") == waiting


def test_of_two_relays_one_leads_and_the_other_stands_by(database, relay, exchange):
    record(database)
    leader, standby = relay("leader"), relay("standby")

    assert leader.step().sent == 1
    assert standby.step() is None

    leader.stop()
    record(database)
    assert standby.step().sent == 1
    assert len(exchange.received()) == 2


def test_a_leader_that_hung_cannot_mark_once_another_leads(database, relay):
    record(database)
    successor = relay("successor")

    def hang_until_replaced():
        expire_lease(database)
        with database.engine.begin() as connection:
            assert successor._lead()
            assert connection.exec_driver_sql("SELECT holder FROM leases").scalar() == "successor"

    hung = relay("hung", before_mark=hang_until_replaced)

    assert hung.step() is None
    assert not hung.leads
    assert len(ids(database, "outbox")) == 1
    assert successor.step().sent == 1


def test_an_event_no_queue_is_bound_for_is_not_marked_sent(database, rabbit, exchange):
    record(database)
    unbound = Relay(database.engine, RabbitPublisher(rabbit.url, exchange.name), holder="one")

    outcome = unbound.step()
    unbound.stop()

    assert (outcome.sent, outcome.refused) == (0, 1)
    with database.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT attempts, error FROM outbox").all() == [(1, "returned")]


def test_without_a_broker_nothing_is_marked(database, relay):
    record(database)

    with pytest.raises(BusUnavailable):
        relay(url=f"amqp://127.0.0.1:{free_port()}").step()

    assert len(ids(database, "outbox")) == 1
