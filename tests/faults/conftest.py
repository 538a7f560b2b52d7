"""The production processes, to be hurt."""

import contextlib
import json
import threading
import time

import psycopg
import pytest

from tests.support.runs import embedded, production
from tests.system.conftest import drop_databases, drop_queues, open_folder


@pytest.fixture
def company(tmp_path_factory, cluster, rabbit):
    folder = open_folder(tmp_path_factory.mktemp("production"))
    drop_databases(cluster)
    drop_queues(rabbit)
    run = production(folder / "var", rabbit.url, cluster.url("postgres")).start()
    yield run
    run.stop()


@pytest.fixture
def in_one_process(tmp_path_factory):
    run = embedded(open_folder(tmp_path_factory.mktemp("embedded")) / "var").start()
    yield run
    run.stop()


def ask(cluster, company, name, query):
    """What a service's own database says."""
    password = json.loads((company.folder / "secrets.json").read_text())[f"password.crm_{name}"]
    with psycopg.connect(cluster.url(f"crm_{name}", f"crm_{name}", password)) as connection:
        return connection.execute(query).fetchall()


THINK_SECONDS = 0.02
"""Keeps the clients, who are all one user, below the rate that one caller may have."""


class Load:
    """Clients that open deals without a pause until told to stop; every answer and its time is kept."""

    def __init__(self, company, clients=4):
        self.acknowledged, self.failed, self.seconds = [], [], []
        self._stopping = threading.Event()
        self._company = company
        self._threads = [threading.Thread(target=self._work, args=(number,)) for number in range(clients)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    def _work(self, client_number):
        client = self._company.client(pause=self._stopping.wait)
        made = 0
        while not self._stopping.is_set():
            body = {"name": f"负载 {client_number}/{made}"}
            began = time.monotonic()
            try:
                self.acknowledged.append(client.post("/api/v1/opportunities", body)["id"])
            except Exception as error:  # noqa: BLE001 -- whatever it was, the test judges it
                self.failed.append(repr(error))
                with contextlib.suppress(TimeoutError):
                    self._stopping.wait(0.2)
            self.seconds.append(time.monotonic() - began)
            made += 1
            self._stopping.wait(THINK_SECONDS)


def percentile(values, part):
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]
