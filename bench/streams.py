"""Creating leads through the gateway while 500 people have its stream open, beside the same with none."""

import contextlib
import http.client
import multiprocessing
import os
import selectors
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from bench.measure import Figure, load, percentile, pss, worker_of
from bench.requests import BRANCHES, staff
from chassis.auth import Grant
from chassis.postgres import Cluster
from crm.client import Client, Refusal
from gateway.stream import PATH
from tests.support.doors import KEYS, a_token
from tests.support.runs import Run, eventually, production
from tests.support.servers import RabbitNode

SALESPEOPLE = 60
EXECUTIVES = 12
"""Besides a manager in each branch: all in all 500 people."""
ROUNDS = 5
SECONDS = 6


def measure(cluster: Cluster, rabbit: RabbitNode, folder: Path) -> list[Figure]:
    os.environ["CRM_TOKEN_PUBLIC_KEYS"] = KEYS
    run = production(folder / "streams", rabbit.url, cluster.url("postgres")).start()
    try:
        client = run.client()
        branches = staff(client, SALESPEOPLE)
        source = eventually(lambda: _source(client))
        number = iter(range(10**9))

        def body() -> dict[str, object]:
            at = next(number)
            lead = {"company": "同舟", "contact_name": "王", "phone": f"138{at:08}", "source_id": source}
            return {**lead, "unit_id": branches[at % len(branches)]}

        eventually(lambda: all(client.post("/api/v1/leads", body())["owner_id"] for _ in branches))
        return [figure for clients in (2, 8) for figure in _compared(run, client, body, clients)]
    finally:
        run.stop()
        del os.environ["CRM_TOKEN_PUBLIC_KEYS"]


def _source(client: Client) -> str | None:
    """With keys of ours a service is ready before it knows those of organization."""
    try:
        made: str = client.post("/api/v1/sources", {"name": "官网", "kind": "website"})["id"]
    except Refusal:
        return None
    return made


def _compared(run: Run, client: Client, body: Any, clients: int) -> Iterator[Figure]:
    """In turns, so that whatever else happens on the machine happens to both."""
    people = [user for user in client.every("/api/v1/users") if user["username"] != "admin"]
    alone: list[float] = []
    beside: list[float] = []
    told = 0
    for _ in range(ROUNDS):
        alone += load(run.port, client._token or "", body, clients, SECONDS)
        with _open(run, _tokens(people)) as heard:
            beside += load(run.port, client._token or "", body, clients, SECONDS)
            told += heard.value
            memory = pss(worker_of(run.children()["serve gateway"]))
    name = f"create lead beside 500 streams, {clients} clients"
    for part, label in ((0.5, "p50"), (0.99, "p99")):
        without, with_them = (percentile(taken, part) * 1000 for taken in (alone, beside))
        yield Figure(f"{name}, {label}", with_them, "ms", with_them / without, f"{without:.1f} ms with none")
    yield Figure(f"{name}, messages told", told / ROUNDS / SECONDS, "1/s")
    yield Figure(f"{name}, memory of the gateway", memory, "MB", target="≤ 150")


def _tokens(people: list[dict[str, Any]]) -> list[str]:
    """One of every salesperson and of a manager in each branch, and those of executives."""
    units = {UUID(user["memberships"][0]["unit_id"]) for user in people}
    assert (len(units), len(people)) == (BRANCHES, BRANCHES * SALESPEOPLE)
    sales = [
        a_token(Grant(UUID(user["memberships"][0]["unit_id"]), "sales", True), user_id=UUID(user["id"]))
        for user in people
    ]
    managers = [a_token(Grant(unit, "manager", True)) for unit in units]
    return sales + managers + [a_token(Grant(uuid4(), "executive", True)) for _ in range(EXECUTIVES)]


@contextlib.contextmanager
def _open(run: Run, tokens: list[str]) -> Iterator[Any]:
    """A stream for each of `tokens`, read by a process of its own; how many messages came."""
    spawn = multiprocessing.get_context("spawn")
    heard, ready, stopping = spawn.Value("q", 0), spawn.Event(), spawn.Event()
    reader = spawn.Process(target=_read, args=(run.port, tokens, heard, ready, stopping))
    reader.start()
    if not ready.wait(60):
        raise RuntimeError("the streams did not open")
    try:
        yield heard
    finally:
        stopping.set()
        reader.join()


def _read(port: int, tokens: list[str], heard: Any, ready: Any, stopping: Any) -> None:
    with selectors.DefaultSelector() as selector, contextlib.ExitStack() as opened:
        for token in tokens:
            connection = opened.enter_context(socket.create_connection(("127.0.0.1", port)))
            request = f"GET {PATH} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n\r\n"
            connection.sendall(request.encode())
            if not connection.recv(65536).startswith(b"HTTP/1.1 200"):
                raise http.client.HTTPException("a stream did not open")
            selector.register(connection, selectors.EVENT_READ)
        ready.set()
        while not stopping.is_set():
            for key, _ in selector.select(0.2):
                heard.value += key.fileobj.recv(65536).count(b"event: change")  # type: ignore[union-attr]
