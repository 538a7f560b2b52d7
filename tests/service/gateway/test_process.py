"""The gateway as it runs in production: gunicorn with gevent in a process of its own, spoken to byte by byte."""

import gzip
import json
import signal
import socket
import time
from uuid import uuid4

import pytest

from chassis.auth import Grant
from gateway.bodies import BODY_BYTES
from tests.support.doors import Door, a_token
from tests.support.runs import eventually
from tests.support.upstream import OK


@pytest.fixture(scope="module")
def token():
    return a_token(Grant(uuid4(), "sales", True))


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    door = Door(tmp_path_factory.mktemp("gateway"))
    yield door
    door.stop()


@pytest.fixture
def door(running):
    running.leads.requests.clear()
    running.leads.acts.clear()
    return running


def head(token, *lines):
    return "\r\n".join(
        ("POST /api/v1/leads HTTP/1.1", "Host: a", f"Authorization: Bearer {token}", *lines, "", "")
    ).encode()


def test_a_body_in_chunks_arrives_whole_and_measured(door, token):
    status, _, _ = door.send(head(token, "Transfer-Encoding: chunked") + b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
    assert status == 200
    (request,) = door.leads.requests
    assert request.endswith(b"\r\n\r\nabcde")
    assert b"Content-Length: 5\r\n" in request
    assert b"chunked" not in request.lower()


def test_chunks_that_never_end_are_refused_at_the_limit(door, token):
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    body = chunk * (BODY_BYTES // 0x10000 + 1) + b"0\r\n\r\n"
    assert door.send(head(token, "Transfer-Encoding: chunked") + body)[0] == 413
    assert door.leads.requests == []


@pytest.mark.parametrize(
    "lines",
    [
        ("Transfer-Encoding: chunked", "Content-Length: 3"),
        ("Content-Length: 3", "Content-Length: 4"),
        ("Transfer-Encoding: chunked", "Transfer-Encoding: identity"),
        ("Transfer-Encoding: xchunked",),
        ("Content-Length: +3",),
        ("Content-Length: 3, 3",),
        (" Content-Length: 3",),
        ("Content-Length : 3",),
        ("X-Split: a\rContent-Length: 3",),
    ],
)
def test_a_request_that_could_hide_another_reaches_nobody(door, token, lines):
    status, _, _ = door.send(head(token, *lines) + b"0\r\n\r\nGET /api/v1/leads/hidden HTTP/1.1\r\nHost: a\r\n\r\n")
    assert 400 <= status < 600 or status == 0
    assert not [request for request in door.leads.requests if b"hidden" in request.split(b"\r\n", 1)[0]]


def test_a_caller_who_leaves_in_the_middle_has_asked_for_nothing(door, token):
    door.send(head(token, "Content-Length: 100") + b"half", then="hang up")
    door.send(head(token, "Transfer-Encoding: chunked") + b"64\r\nhalf", then="hang up")
    assert door.ask(token)[0] == 200
    assert door.leads.methods == ["GET"]


def test_headers_with_underscores_do_not_pass_for_others(door, token):
    spoofed = ("X_Forwarded_For: 1.2.3.4", "If_Match: 1", "X-Forwarded-For: 1.2.3.4", "Forwarded: for=1.2.3.4")
    door.ask(token, "GET", "/api/v1/leads", b"", *spoofed, "Connection: X-Request-Id", "X-Real-IP: 1.2.3.4")
    (request,) = door.leads.requests
    assert b"1.2.3.4" not in request
    assert b"X-Forwarded-For: 127.0.0.1\r\n" in request
    assert b"If-Match" not in request


def test_an_address_too_long_or_a_header_too_large_is_refused(door, token):
    assert door.ask(token, "GET", "/api/v1/leads?q=" + "x" * 9000)[0] in (400, 414)
    assert door.ask(token, "GET", "/api/v1/leads", b"", "User-Agent: " + "x" * 9000)[0] in (400, 431)
    assert door.leads.requests == []


def test_a_path_that_climbs_out_of_its_service_leads_nowhere(door, token):
    for path in ("/api/v1/leads/../users", "/api/v1/leads/%2e%2e/users", "/api/v1//leads", "/api/v1/leads/./x"):
        assert door.ask(token, "GET", path)[0] == 404
    assert door.leads.requests == []


def test_a_service_that_breaks_off_is_told_apart_from_one_that_is_away(door, token):
    door.leads.acts += ["hang up"]
    status, headers, body = door.ask(token, "POST", "/api/v1/leads", b"{}", "Accept-Language: en")
    assert status == 502
    assert "Retry-After" not in headers
    assert json.loads(body)["title"] == "The service broke off; what it did is not known"
    assert door.leads.methods == ["POST"]


def test_long_json_is_compressed_and_its_tag_made_weak(door, token):
    body = json.dumps({"items": ["同舟"] * 500}).encode()
    answer = OK.replace(b"Content-Length: 2\r\n\r\n{}", b'ETag: "7"\r\nContent-Length: %d\r\n\r\n' % len(body) + body)
    door.leads.acts += [answer, answer, answer]
    _, plain, whole = door.ask(token)
    _, headers, packed = door.ask(token, "GET", "/api/v1/leads", b"", "Accept-Encoding: br, gzip")
    assert (plain["ETag"], plain["Vary"], whole) == ('"7"', "Accept-Encoding", body)
    assert (headers["ETag"], headers["Content-Encoding"]) == ('W/"7"', "gzip")
    assert gzip.decompress(packed) == body
    refusing = door.ask(token, "GET", "/api/v1/leads", b"", "Accept-Encoding: gzip;q=0")
    assert "Content-Encoding" not in refusing[1]


def test_every_answer_names_its_request_the_callers_own_name_only_when_well_formed(door, token):
    named = door.ask(token, "GET", "/api/v1/leads", b"", "X-Request-Id: import-17")[1]["X-Request-Id"]
    made_up = door.ask(token, "GET", "/nowhere", b"", "X-Request-Id: <b>")[1]["X-Request-Id"]
    assert named == "import-17"
    assert made_up.isalnum()
    assert b"X-Request-Id: import-17\r\n" in door.leads.requests[0]


def test_a_head_says_how_long_the_body_would_be(door, token):
    door.leads.acts += [b"HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n"]
    status, headers, body = door.ask(token, "HEAD")
    assert (status, headers["Content-Length"], body) == (200, "1234", b"")


def test_other_origins_get_no_leave_and_cookies_go_to_signing_in_only(door, token):
    _, headers, _ = door.ask(
        token, "GET", "/api/v1/leads", b"", "Origin: https://evil.example", "Cookie: crm_refresh=x"
    )
    assert not [name for name in headers if name.lower().startswith("access-control")]
    assert b"Cookie" not in door.leads.requests[0]


def test_metrics_stand_on_their_own_port_by_route_and_never_by_path(door, token):
    door.ask(token, "GET", "/api/v1/leads/0198aaaa")
    text = door.metrics()
    assert 'crm_gateway_requests_total{method="GET",route="/api/v1/leads",status="200",upstream="leads"}' in text
    assert "0198aaaa" not in text
    assert door.ask(token, "GET", "/metrics")[0] == 404


def test_the_log_has_one_line_for_a_request_and_no_secret_in_it(door, token):
    door.ask(token, "GET", "/api/v1/leads?q=secret-name", b"", "X-Request-Id: look-for-me")
    (line,) = [line for line in door.log.read_text().splitlines() if "look-for-me" in line]
    assert json.loads(line)["route"] == "/api/v1/leads"
    assert "secret-name" not in line
    assert token not in door.log.read_text()


def test_a_request_under_way_at_sigterm_is_answered(tmp_path, token):
    door = Door(tmp_path)
    door.leads.acts += ["silence"]
    with socket.create_connection(("127.0.0.1", door.port), 10) as connection:
        connection.sendall(head(token, "Content-Length: 0"))
        assert eventually(lambda: door.leads.requests)
        time.sleep(0.1)
        door.process.send_signal(signal.SIGTERM)
        assert connection.recv(65536).startswith(b"HTTP/1.1 502")
    assert door.process.wait(30) == 0


def test_who_keeps_a_connection_open_and_asks_nothing_does_not_hold_up_the_end(tmp_path, token):
    door = Door(tmp_path, CRM_GRACE_SECONDS="60")
    with (
        socket.create_connection(("127.0.0.1", door.port), 10) as silent,
        socket.create_connection(("127.0.0.1", door.port), 10) as answered,
    ):
        answered.sendall(head(token, "Content-Length: 0"))
        answer = b""
        while not answer.endswith(b"\r\n\r\n{}"):
            answer += answered.recv(65536)
        assert answer.startswith(b"HTTP/1.1 200")
        door.process.send_signal(signal.SIGTERM)
        assert door.process.wait(15) == 0
        assert (silent.recv(1), answered.recv(1)) == (b"", b"")


FORWARDED = ("X-Forwarded-For: 1.2.3.4, 203.0.113.7", "X-Forwarded-Proto: https", "X-Forwarded-Host: crm.example.com")


@pytest.mark.parametrize(
    ("proxies", "address", "scheme", "host"),
    [("0", "127.0.0.1", "http", "crm.example"), ("1", "203.0.113.7", "https", "crm.example.com")],
)
def test_only_our_own_proxies_are_believed_about_who_asks(tmp_path, token, proxies, address, scheme, host):
    behind = Door(tmp_path, CRM_TRUSTED_PROXIES=proxies)
    try:
        status, headers, _ = behind.ask(token, "GET", "/api/v1/leads", b"", *FORWARDED)
        assert status == 200
        (sent,) = behind.leads.requests
        head = sent.decode("latin-1")
        assert f"X-Forwarded-For: {address}\r\n" in head
        assert f"X-Forwarded-Proto: {scheme}\r\n" in head
        assert f"X-Forwarded-Host: {host}\r\n" in head
        assert ("Strict-Transport-Security" in headers) == (scheme == "https")
    finally:
        behind.stop()
