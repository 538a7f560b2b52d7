"""The spool: what was stored is there after a kill, numbered without gaps, and each piece of news once."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from branch.leads import read
from branch.spool import KEEP_SENT, NotThisBranch, Spool
from contracts.base import InvalidEvent
from contracts.envelope import parse


@pytest.fixture
def spool(tmp_path):
    return Spool(tmp_path / "east.spool", "EAST")


def leads(*names, key=None):
    return read([msgspec.json.encode({"id": key or name, "company": name}) for name in names], "EAST")


def test_what_is_stored_waits_in_order_numbered_without_gaps(spool):
    assert spool.store(leads("甲", "乙")) == 2
    assert spool.store(leads("丙")) == 1
    waiting = spool.waiting(10)
    assert [event.sequence for event in waiting] == [1, 2, 3]
    assert [parse(event.body).payload().company for event in waiting] == ["甲", "乙", "丙"]
    assert {event.routing_key for event in waiting} == {"branch.EAST.lead.captured"}


def test_the_envelope_tells_the_branch_its_count_and_its_epoch(spool):
    spool.store(leads("甲"))
    (event,) = spool.waiting(1)
    envelope = parse(event.body)
    assert (envelope.source, envelope.sequence, envelope.epoch) == ("/branches/EAST", 1, spool.epoch)


def test_what_is_sent_waits_no_more_and_the_count_goes_on(spool):
    spool.store(leads("甲", "乙"))
    spool.mark_sent(spool.waiting(1))
    assert [event.sequence for event in spool.waiting(10)] == [2]
    spool.mark_sent(spool.waiting(10))
    spool.store(leads("丙"))
    assert [event.sequence for event in spool.waiting(10)] == [3]
    assert spool.status().stored == 3


def test_the_same_again_is_no_news_and_a_change_is(spool):
    assert spool.store(leads("甲", key="1")) == 1
    assert spool.store(leads("甲", key="1")) == 0
    assert spool.store(leads("乙", key="1")) == 1
    assert spool.store(leads("甲", key="1")) == 1


def test_an_event_stays_the_same_however_often_it_is_read(spool):
    spool.store(leads("甲"))
    assert spool.waiting(1) == spool.waiting(1)


def test_what_was_sent_is_forgotten_after_a_month_and_what_waits_never(tmp_path):
    today = [datetime(2026, 1, 1, tzinfo=UTC)]
    spool = Spool(tmp_path / "spool", "EAST", lambda: today[0])
    spool.store(leads("甲", "乙"))
    spool.mark_sent(spool.waiting(1))
    today[0] += KEEP_SENT + timedelta(seconds=1)
    spool.store(leads("丙"))
    (second, third) = spool.waiting(10)
    spool.mark_sent([third])
    with closing(sqlite3.connect(spool.path)) as connection:
        assert connection.execute("SELECT sequence FROM events ORDER BY sequence").fetchall() == [(2,), (3,)]
    assert [event.sequence for event in spool.waiting(10)] == [second.sequence]


def test_an_invalid_event_keeps_the_others_out_too(spool):
    good = leads("甲", "乙")
    bad = type(good[0])(lead_id=good[1].lead_id, company="")
    with pytest.raises(InvalidEvent):
        spool.store([good[0], bad])
    assert spool.status().stored == 0


def test_a_spool_belongs_to_one_branch(spool):
    with pytest.raises(NotThisBranch):
        Spool(spool.path, "WEST")


def test_a_lost_spool_is_followed_by_another_epoch(spool, tmp_path):
    assert Spool(tmp_path / "new.spool", "EAST").epoch != spool.epoch
    assert Spool(spool.path, "EAST").epoch == spool.epoch


def test_nobody_else_may_read_it(spool):
    assert spool.path.stat().st_mode & 0o077 == 0


def test_many_may_store_at_once(spool):
    def store(number):
        Spool(spool.path, "EAST").store(leads(*[f"{number}-{each}" for each in range(20)]))

    threads = [threading.Thread(target=store, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [event.sequence for event in spool.waiting(1000)] == list(range(1, 161))


STORE_AND_DIE = """
import os, signal, sys
from pathlib import Path
from branch.leads import read
from branch.spool import Spool
Spool(Path(sys.argv[1]), "EAST").store(read([b'{"company": "x"}'], "EAST"))
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_was_stored_outlives_a_kill(spool):
    died = subprocess.run([sys.executable, "-c", STORE_AND_DIE, str(spool.path)], env=os.environ, timeout=60)
    assert died.returncode == -signal.SIGKILL
    assert spool.status().waiting == 1


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xyz")), max_size=30))
def test_what_waits_ends_with_the_last_word_on_each(tmp_path_factory, told):
    spool = Spool(tmp_path_factory.mktemp("spool") / "spool", "EAST")
    for key, name in told:
        spool.store(leads(name, key=key))
    events = [parse(event.body).payload() for event in spool.waiting(100)]
    last = {event.lead_id: event.company for event in events}
    assert last == {lead.lead_id: lead.company for key, name in told for lead in leads(name, key=key)}
    assert all(one != following for one, following in pairwise(events))


OPEN = """
import sys
from pathlib import Path
from branch.spool import Spool
print(Spool(Path(sys.argv[1]), "EAST").epoch)
"""


def test_several_may_begin_it_at_once_and_it_has_one_epoch(tmp_path):
    command = [sys.executable, "-c", OPEN, str(tmp_path / "spool")]
    opening = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(6)]
    epochs = [each.communicate(timeout=60)[0] for each in opening]
    assert [each.returncode for each in opening] == [0] * 6
    assert len(set(epochs)) == 1
