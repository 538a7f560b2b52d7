"""Durable events, producer commit to consumer commit, and the relay alone; against the same rows by hand."""

import contextlib
import multiprocessing
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import amqp
import psycopg

from bench.measure import Figure
from chassis.bus import Message
from chassis.bus.rabbit import RabbitPublisher, connect
from chassis.bus.subscriber import RabbitSubscriber
from chassis.clock import SystemClock
from chassis.consumer import Consumer
from chassis.inbox import Inbox
from chassis.postgres import Cluster
from chassis.relay import Relay
from chassis.relay_loop import RelayLoop
from chassis.store import Database, create_backbone, open_engine
from chassis.waker import Waker
from contracts.leads import SourceCreated
from tests.support.servers import RabbitNode

EXCHANGE = "bench.events"
QUEUE = "bench.queue"
KEY = "crm.leads.source.created"
ROWS = "CREATE TABLE rows (id uuid PRIMARY KEY, name text NOT NULL)"
INSERT = "INSERT INTO rows (id, name) SELECT *, 'x' FROM unnest(%s::uuid[])"


def measure(cluster: Cluster, rabbit: RabbitNode, folder: Path) -> list[Figure]:
    figures = []
    for size, transactions, target in ((1, 4000, "≥ 0.60"), (100, 300, "≥ 0.55 batch")):
        ours = _ours(cluster, rabbit, size, transactions)
        ceiling = _by_hand(cluster, rabbit, size, transactions)
        name = f"durable events, {size} per transaction"
        figures.append(Figure(f"{name}, by hand", ceiling, "events/s"))
        figures.append(Figure(name, ours, "events/s", ours / ceiling, "by hand", target))
    bare = _bare(rabbit)
    relayed = _relay(cluster, rabbit)
    figures.append(Figure("bare publisher, confirms per 500", bare, "events/s"))
    figures.append(Figure("relay, select to marked", relayed, "events/s", relayed / bare, "bare publisher", "≥ 0.60"))
    return figures


def _fresh(cluster: Cluster, name: str) -> Database:
    with psycopg.connect(cluster.url("postgres"), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    engine = open_engine(cluster.ensure_database(name, "bench"))
    with engine.begin() as connection:
        create_backbone(connection)
        connection.exec_driver_sql(ROWS)
    return Database(engine, SystemClock(), "/services/leads", Waker(engine).wake)


def _queue(rabbit: RabbitNode) -> None:
    with connect(rabbit.url) as connection:
        channel = connection.channel()
        channel.exchange_declare(EXCHANGE, "topic", durable=True, auto_delete=False)
        channel.queue_delete(QUEUE)
        channel.queue_declare(QUEUE, durable=True, auto_delete=False, arguments={"x-queue-type": "quorum"})
        channel.queue_bind(QUEUE, EXCHANGE, "crm.#")


@dataclass
class Others:
    """Relay and consumer in processes of their own, as in production: `seen` counts what the consumer committed."""

    relay: Callable[..., None]
    consumer: Callable[..., None]
    urls: tuple[str, str]
    amqp_url: str

    def __enter__(self) -> "Others":
        spawn = multiprocessing.get_context("spawn")
        self.seen, self.stopping, ready = spawn.Value("q", 0), spawn.Event(), spawn.Barrier(3)
        shared = (self.amqp_url, self.seen, ready, self.stopping)
        pairs = ((self.relay, self.urls[0]), (self.consumer, self.urls[1]))
        self._processes = [spawn.Process(target=target, args=(url, *shared)) for target, url in pairs]
        for process in self._processes:
            process.start()
        ready.wait(60)
        return self

    def until(self, count: int) -> None:
        while self.seen.value < count:
            time.sleep(0.002)

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        for process in self._processes:
            process.join()


def _ours(cluster: Cluster, rabbit: RabbitNode, size: int, transactions: int) -> float:
    _queue(rabbit)
    producer, consumer = _fresh(cluster, "bench_producer"), _fresh(cluster, "bench_consumer")
    with Others(_our_relay, _our_consumer, (_url(producer), _url(consumer)), rabbit.url) as others:
        began = time.perf_counter()
        for _ in range(transactions):
            ids = [uuid4() for _ in range(size)]
            with producer.transaction() as tx:
                tx.driver(INSERT, (ids,))
                for source_id in ids:
                    tx.record(SourceCreated(source_id=source_id, name="x", kind="website"))
        others.until(size * transactions)
        return size * transactions / (time.perf_counter() - began)


def _our_relay(url: str, amqp_url: str, _: Any, ready: Any, stopping: Any) -> None:
    engine = open_engine(url)
    relay = RelayLoop(engine, Relay(engine, RabbitPublisher(amqp_url, EXCHANGE), holder="bench"), "leads")
    ready.wait()
    relay.run(stopping)


def _our_consumer(url: str, amqp_url: str, seen: Any, ready: Any, stopping: Any) -> None:
    def take(tx, events):  # type: ignore[no-untyped-def]
        tx.driver(INSERT, ([payload.source_id for _, payload in events],))
        seen.value += len(events)

    database = Database(open_engine(url), SystemClock(), "/services/analytics")
    inbox = Inbox(database, {}, batch_handler=take, batch_types=(KEY,))
    ready.wait()
    Consumer(inbox, RabbitSubscriber(amqp_url, QUEUE)).run(stopping)


def _by_hand(cluster: Cluster, rabbit: RabbitNode, size: int, transactions: int) -> float:
    """The same rows with psycopg and py-amqp and nothing else: no validation, no lease, no sequence."""
    _queue(rabbit)
    a, b = (_url(_fresh(cluster, name)) for name in ("bench_a", "bench_b"))
    body = '{"specversion":"1.0","data":{"name":"x","kind":"website"},"padding":"' + "x" * 300 + '"}'
    append = (
        "INSERT INTO outbox (event_id, type, subject, sequence, recorded_at, envelope) "
        "SELECT id, %s, id, 1, now(), %s::json FROM unnest(%s::uuid[]) AS id"
    )
    with Others(_hand_relay, _hand_consumer, (a, b), rabbit.url) as others, psycopg.connect(a) as connection:
        began = time.perf_counter()
        for _ in range(transactions):
            ids = [uuid4() for _ in range(size)]
            connection.execute(INSERT, (ids,), prepare=True)
            connection.execute(append, (KEY, body, ids), prepare=True)
            connection.commit()
        others.until(size * transactions)
        return size * transactions / (time.perf_counter() - began)


def _hand_relay(url: str, amqp_url: str, _: Any, ready: Any, stopping: Any) -> None:
    publisher = RabbitPublisher(amqp_url, EXCHANGE)
    move = (
        "WITH sent AS (DELETE FROM outbox WHERE event_id = ANY(%s) "
        "RETURNING id, event_id, type, subject, sequence, recorded_at, envelope) "
        "INSERT INTO event_log SELECT * FROM sent"
    )
    unsent = "SELECT event_id, type, envelope::text FROM outbox ORDER BY id LIMIT 500"
    with psycopg.connect(url) as connection:
        ready.wait()
        while not stopping.is_set():
            rows = connection.execute(unsent).fetchall()
            connection.commit()
            if not rows:
                stopping.wait(0.005)
                continue
            publisher.publish([Message(row[0], row[1], row[2].encode()) for row in rows])
            connection.execute(move, ([row[0] for row in rows],), prepare=True)
            connection.commit()
    publisher.close()


def _hand_consumer(url: str, amqp_url: str, seen: Any, ready: Any, stopping: Any) -> None:
    arrived: list[amqp.Message] = []
    with connect(amqp_url) as connection, psycopg.connect(url) as database:
        channel = connection.channel()
        channel.basic_qos(0, 400, False)
        channel.basic_consume(QUEUE, callback=arrived.append)
        ready.wait()
        while not stopping.is_set():
            with contextlib.suppress(TimeoutError):
                while len(arrived) < 200:
                    connection.drain_events(timeout=0.01 if not arrived else 0.0005)
            if not arrived:
                continue
            ids = [UUID(message.properties["message_id"]) for message in arrived]
            accept = "INSERT INTO inbox (event_id) SELECT * FROM unnest(%s::uuid[]) ON CONFLICT DO NOTHING"
            database.execute(accept, (ids,), prepare=True)
            database.execute(INSERT, (ids,), prepare=True)
            database.commit()
            channel.basic_ack(arrived[-1].delivery_tag, multiple=True)
            seen.value += len(arrived)
            arrived.clear()


def _url(database: Database) -> str:
    return database.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)


def _bare(rabbit: RabbitNode, count: int = 20000) -> float:
    _queue(rabbit)
    publisher = RabbitPublisher(rabbit.url, EXCHANGE)
    body = b'{"padding":"' + b"x" * 600 + b'"}'
    began = time.perf_counter()
    for _ in range(count // 500):
        publisher.publish([Message(uuid4(), KEY, body) for _ in range(500)])
    taken = time.perf_counter() - began
    publisher.close()
    return count / taken


def _relay(cluster: Cluster, rabbit: RabbitNode, count: int = 20000) -> float:
    _queue(rabbit)
    database = _fresh(cluster, "bench_relay")
    for _ in range(count // 1000):
        with database.transaction() as tx:
            for _ in range(1000):
                tx.record(SourceCreated(source_id=uuid4(), name="x" * 300, kind="website"))
    relay = Relay(database.engine, RabbitPublisher(rabbit.url, EXCHANGE), holder="bench")
    began = time.perf_counter()
    while (done := relay.step()) is not None and done.sent:
        pass
    taken = time.perf_counter() - began
    relay.stop()
    return count / taken
