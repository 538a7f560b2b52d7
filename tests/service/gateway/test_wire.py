"""Between the gateway and a service: what is tried again, what is given up, what counts as an answer."""

import socket
import threading
import time

import pytest

from gateway.guards import OPEN_SECONDS, OPENS_AFTER
from gateway.upstreams import Call, HttpUpstream, TimedOut, Unavailable
from gateway.wire import Broken
from tests.support.upstream import OK, Upstream


@pytest.fixture
def service():
    running = Upstream().start()
    yield running
    running.stop()


def call(method="GET", body=b""):
    return Call(method, "/api/v1/leads", {"Accept": "application/json"}, body)


def test_one_connection_serves_many_requests(service):
    upstream = HttpUpstream(service.url)
    assert [upstream.call(call()).status for _ in range(5)] == [200] * 5
    assert service.connections == 1


@pytest.mark.parametrize("method", ["POST", "PATCH", "PUT", "DELETE"])
def test_what_changes_something_is_never_sent_twice(service, method):
    service.acts += ["hang up"]
    with pytest.raises(Broken):
        HttpUpstream(service.url).call(call(method, b"{}"))
    assert service.methods == [method]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_read_is_tried_once_more_and_no_more(service, method):
    service.acts += ["hang up", "hang up", "hang up"]
    with pytest.raises(Broken):
        HttpUpstream(service.url).call(call(method))
    assert service.methods == [method] * 2


def test_a_read_whose_answer_had_begun_is_not_tried_again(service):
    service.acts += ["half"]
    with pytest.raises(Broken, match="cut off"):
        HttpUpstream(service.url).call(call())
    assert service.methods == ["GET"]


def test_after_a_restart_of_the_service_nothing_is_lost_or_doubled(service):
    upstream = HttpUpstream(service.url)
    for _ in range(3):
        upstream.call(call())
    service.stop()
    time.sleep(0.05)
    again = Upstream(port=service.port).start()
    try:
        assert upstream.call(call("POST", b"{}")).status == 200
        assert again.methods == ["POST"]
        assert "POST" not in service.methods
    finally:
        again.stop()
        service.start()


def test_silence_ends_in_its_time_and_is_not_tried_again(service):
    service.acts += ["silence"]
    began = time.monotonic()
    with pytest.raises(TimedOut):
        HttpUpstream(service.url, read_seconds=0.2).call(call())
    assert time.monotonic() - began < 1
    assert service.methods == ["GET"]


def test_a_service_nobody_can_connect_to_is_given_up_within_a_second():
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        waiting = [socket.socket() for _ in range(4)]
        for each in waiting:
            each.setblocking(False)
            each.connect_ex(full.getsockname())
        began = time.monotonic()
        with pytest.raises(TimedOut):
            HttpUpstream(f"http://127.0.0.1:{full.getsockname()[1]}").call(call("POST"))
        assert time.monotonic() - began < 2
        for each in waiting:
            each.close()


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nT: x\r\n\r\n",
            b"abcde",
        ),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na", b"a"),
        (b"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", b""),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", b""),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n" + b"x" * 200000, b"x" * 200000),
    ],
)
def test_every_framing_of_an_answer_is_understood_and_the_connection_goes_on(service, answer, body):
    service.acts += [answer]
    upstream = HttpUpstream(service.url)
    assert upstream.call(call()).body == body
    assert upstream.call(call()).body == b"{}"
    assert service.connections == 1


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nab",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nab\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nab",
        b"HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\nab",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\nab",
        b"SSH-2.0-OpenSSH\r\n",
    ],
)
def test_an_answer_whose_end_is_in_doubt_is_refused_and_its_connection_not_used_again(service, answer):
    service.acts += [answer]
    upstream = HttpUpstream(service.url)
    with pytest.raises(Broken):
        upstream.call(call())
    assert upstream.call(call()).status == 200
    assert service.connections == 2


def test_an_answer_without_length_lasts_until_the_service_hangs_up(service):
    service.acts += [b"HTTP/1.0 200 OK\r\n\r\nabc"]
    upstream = HttpUpstream(service.url)
    threading.Timer(0.2, lambda: service._open[0].shutdown(socket.SHUT_RDWR)).start()
    assert upstream.call(call()).body == b"abc"


def test_a_service_that_keeps_failing_is_left_alone_then_tried_by_one(service):
    service.acts += ["hang up"] * (OPENS_AFTER + 1)
    now = [0.0]
    upstream = HttpUpstream(service.url, now=lambda: now[0])
    for _ in range(OPENS_AFTER):
        with pytest.raises(Broken):
            upstream.call(call("POST"))
    with pytest.raises(Unavailable, match="circuit open"):
        upstream.call(call())
    now[0] += OPEN_SECONDS
    with pytest.raises(Broken):
        upstream.call(call("POST"))
    with pytest.raises(Unavailable, match="circuit open"):
        upstream.call(call())
    assert len(service.requests) == OPENS_AFTER + 1
    now[0] += OPEN_SECONDS
    assert upstream.call(call("POST")).status == 200
    assert upstream.call(call()).status == 200


def test_services_do_not_learn_who_runs_us_nor_callers_what_runs_them(service):
    hidden = b"Server: gunicorn\r\nX-Powered-By: x\r\nAccess-Control-Allow-Origin: *\r\nConnection: keep-alive\r\n"
    service.acts += [OK.replace(b"Content-Length", hidden + b'ETag: "1"\r\nContent-Length')]
    answer = HttpUpstream(service.url).call(call())
    assert answer.headers == [("Content-Type", "application/json"), ("ETag", '"1"')]
