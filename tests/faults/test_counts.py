"""Workers that are killed, and files that are damaged: what Prometheus is told goes on all the same."""

import contextlib
import os
import shutil
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path
from uuid import uuid4

import pytest
from prometheus_client.parser import text_string_to_metric_families

from chassis import migrate
from chassis.auth import Grant
from tests.support.doors import Door, a_token
from tests.support.runs import answers, eventually
from tests.support.servers import free_port
from tests.support.streams import opening

KILLS = 4


def token():
    """Of somebody who may look: tokens do not last as long as all tests."""
    return a_token(Grant(uuid4(), "auditor"))


class House:
    """`crm serve leads`, asked for what it tells everybody."""

    def __init__(self, folder, url, port=0, **settings):
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / f"leads-{self.port}.log"
        self.command = [sys.executable, "-m", "crm", "serve", "leads"]
        self.environment = os.environ | {"CRM_PORT": str(self.port), "CRM_DATABASE_URL": url, **settings}
        with self.log.open("a") as log:
            self.process = subprocess.Popen(self.command, env=self.environment, stderr=log)
        if not eventually(lambda: answers(f"{self.url}/health/live")):
            self.stop()
            raise RuntimeError(self.log.read_text())

    def ask(self, _token=""):
        answers(f"{self.url}/openapi.json")

    def metrics(self):
        with urllib.request.urlopen(f"{self.url}/metrics", timeout=5) as answer:  # noqa: S310 -- our own process
            return answer.read().decode()

    def stop(self):
        self.process.terminate()
        self.process.wait(30)


@contextlib.contextmanager
def being_asked(served):
    """Somebody asks all the time, and is not deterred by a worker that goes away under him."""
    enough = threading.Event()

    def ask():
        while not enough.is_set():
            with contextlib.suppress(OSError, ValueError, IndexError):
                served.ask(token())

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        yield
    finally:
        enough.set()
        asking.join()


def worker(served):
    """The process that answers."""
    children = Path(f"/proc/{served.process.pid}/task/{served.process.pid}/children").read_text().split()
    return int(children[0]) if children else 0


def shown(served):
    """What `/metrics` says; nothing while nobody answers."""
    try:
        return served.metrics()
    except OSError:
        return ""


def kill_worker(served):
    """Another has taken its place."""
    killed = worker(served)
    os.kill(killed, 9)
    assert eventually(lambda: worker(served) not in (0, killed) and shown(served)), served.log.read_text()


def values(text, *types):
    """Samples of the product's metrics of these types."""
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        if family.type in types and family.name.startswith("crm_")
        for sample in family.samples
    }


def counts(served):
    return values(eventually(lambda: shown(served)), "counter", "histogram")


def requests(served):
    """All requests it says it has answered."""
    names = ("crm_http_requests_total", "crm_gateway_requests_total")
    return sum(value for (name, *_), value in counts(served).items() if name in names)


def gauge(served, name):
    return {value for (named, *_), value in values(served.metrics(), "gauge").items() if named == name}


def fallen(before, after):
    return {sample: (value, after.get(sample)) for sample, value in before.items() if after.get(sample, -1) < value}


def files(folder):
    return sorted(path.relative_to(folder) for path in folder.rglob("*.db"))


@pytest.fixture
def start(tmp_path, request):
    """Starts `leads` or `gateway` with its temporary files in the test's folder."""
    started = []

    def begin(name, **settings):
        settings = {"TMPDIR": str(tmp_path), **settings}
        first = (tmp_path, request.getfixturevalue("database_url")) if name == "leads" else (tmp_path,)
        if name == "leads":
            migrate.upgrade("leads", first[1])
        started.append({"leads": House, "gateway": Door}[name](*first, **settings))
        return started[-1]

    yield begin
    for each in started:
        each.stop()


@pytest.mark.parametrize("name", ["leads", "gateway"])
def test_no_count_falls_and_no_file_is_added_however_often_a_worker_is_killed(start, tmp_path, name):
    served = start(name)
    with being_asked(served):
        assert eventually(lambda: requests(served) > 0)
        told, had = counts(served), files(tmp_path)
        assert had
        for _ in range(KILLS):
            kill_worker(served)
            now = counts(served)
            assert fallen(told, now) == {}
            told, answered = now, requests(served)
            assert eventually(lambda than=answered: requests(served) > than)
    assert files(tmp_path) == had
    assert "pid=" not in served.metrics()
    served.stop()
    assert files(tmp_path) == []


def tells_of_its_process(served):
    told = {family.name for family in text_string_to_metric_families(served.metrics())}
    return {"process_resident_memory_bytes", "process_cpu_seconds"} <= told


def test_each_worker_of_a_service_tells_of_its_own_process_and_connections(start):
    served = start("leads", CRM_THREADS="5")
    for _ in range(2):
        assert tells_of_its_process(served)
        assert gauge(served, "crm_database_connections_allowed") == {7}
        assert gauge(served, "crm_database_connections_in_use") == {0}
        kill_worker(served)


def test_viewers_of_a_worker_that_was_killed_are_viewers_no_more(start):
    door = start("gateway")
    with opening(door.port) as view:
        assert view(token()).told_of("hello")
        assert gauge(door, "crm_gateway_viewers") == {1}
        kill_worker(door)
        assert tells_of_its_process(door)
        assert gauge(door, "crm_gateway_viewers") == {0}
        assert gauge(door, "crm_gateway_under_way") == {0}
        assert view(token()).told_of("hello")
        assert gauge(door, "crm_gateway_viewers") == {1}


def overwrite(path):
    with path.open("r+b") as file:
        file.write(b"\xff" * 64)


def scramble(path):
    with path.open("r+b") as file:
        file.seek(8)
        file.write(b"\xff" * 64)


def cut_off(path):
    os.truncate(path, 100)


def empty(path):
    os.truncate(path, 0)


def take_away(path):
    shutil.rmtree(path.parent)


@pytest.mark.parametrize("damage", [overwrite, scramble, cut_off, empty, take_away])
def test_a_damaged_file_is_survived_and_begun_anew(start, tmp_path, damage):
    door = start("gateway")
    door.ask(token())
    told, had = counts(door), files(tmp_path)
    for path in had:
        if (tmp_path / path).exists():
            damage(tmp_path / path)
    assert fallen(told, counts(door)) == {}
    kill_worker(door)
    assert door.ask(token())[0] == 200
    assert requests(door) == 1
    assert files(tmp_path) == had
    kill_worker(door)
    assert requests(door) == 1


def test_who_writes_into_a_file_that_was_cut_off_is_followed_by_one_who_can(start, tmp_path):
    door = start("gateway")
    door.ask(token())
    for path in files(tmp_path):
        empty(tmp_path / path)
    with contextlib.suppress(OSError):
        door.ask(token())
    assert eventually(lambda: answers(f"http://127.0.0.1:{door.port}/health/live"))
    assert door.ask(token())[0] == 200
    assert requests(door) >= 1


def test_the_folder_is_one_at_every_start_and_what_a_killed_arbiter_left_counts_no_more(start, tmp_path):
    served = start("leads")
    served.ask()
    had = files(tmp_path)
    last = worker(served)
    served.process.kill()
    served.process.wait()
    assert eventually(lambda: not Path(f"/proc/{last}").exists())
    assert files(tmp_path) == had
    again = House(tmp_path, served.environment["CRM_DATABASE_URL"], served.port, TMPDIR=str(tmp_path))
    try:
        assert files(tmp_path) == had
        assert requests(again) == 0
    finally:
        again.stop()


def test_a_start_in_vain_on_the_same_port_takes_nothing_away(start):
    served = start("leads")
    served.ask()
    vain = subprocess.run(served.command, env=served.environment, stderr=subprocess.PIPE, timeout=60)
    assert vain.returncode != 0
    served.ask()
    assert requests(served) == 2
    kill_worker(served)
    assert requests(served) == 2


def test_a_folder_given_from_outside_holds_one_of_each_process(start, tmp_path):
    given = tmp_path / "given"
    served = start("leads", PROMETHEUS_MULTIPROC_DIR=str(given))
    start("gateway", PROMETHEUS_MULTIPROC_DIR=str(given))
    served.ask()
    assert len(list(given.iterdir())) == 2
    kill_worker(served)
    assert requests(served) == 1


def test_where_nothing_can_be_kept_or_somebody_laid_a_link_it_serves_and_says_so(start, tmp_path):
    port, elsewhere = free_port(), tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / f"crm-{os.getuid()}-leads-127.0.0.1-{port}").symlink_to(elsewhere)
    (tmp_path / "file").touch()
    for served in (start("leads", port=port), start("gateway", PROMETHEUS_MULTIPROC_DIR=str(tmp_path / "file"))):
        served.ask(token())
        assert requests(served) == 1
        assert "counts.not-kept" in served.log.read_text()
    assert files(tmp_path) == []
