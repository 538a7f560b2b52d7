"""The gateway: who gets in, what passes, and what it does when a service does not answer."""

import contextlib
import json
import socket
import threading
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from chassis.auth import Actor, Verifier, issue
from chassis.clock import SystemClock
from gateway.answers import Answer
from gateway.limits import BURST, FAILED_SIGN_INS
from gateway.proxy import BODY_BYTES
from gateway.trust import GatewayTrust
from gateway.upstreams import OPENS_AFTER, Call, HttpUpstream, LocalUpstream, Overloaded, TimedOut, Unavailable
from gateway.wire import Broken
from tests.service.gateway.conftest import KEY, Upstream


def test_nobody_passes_without_a_valid_token(door, token):
    for bad in ("", "nonsense", token[:-3] + "abc"):
        status, headers, body = door.ask(token=bad)
        assert status == 401
        assert headers["Content-Type"] == "application/problem+json"
        assert json.loads(body)["title"] == "请先登录"
    assert door.leads.calls == []
    assert door.ask(token=token)[0] == 200


def test_headers_that_speak_of_identity_end_at_the_door_and_the_forwarded_ones_are_rewritten(door, token):
    spoofed = {"x_forwarded_for": "1.2.3.4", "x_real_ip": "1.2.3.4", "forwarded": "for=1.2.3.4", "x_user_id": "admin"}
    door.ask(token=token, **spoofed, connection="upgrade", if_match='"1"')
    (call,) = door.leads.calls
    assert call.headers["X-Forwarded-For"] == "10.0.0.9"
    assert call.headers["If-Match"] == '"1"'
    assert not {"X-Real-Ip", "Forwarded", "X-User-Id", "Connection", "Upgrade"} & call.headers.keys()


def test_a_trace_goes_on_and_a_bad_one_begins_anew(door, token):
    trace = "0" * 31 + "1"
    door.ask(token=token, traceparent=f"00-{trace}-{'0' * 15}2-01")
    door.ask(token=token, traceparent="rubbish")
    traces = [call.headers["Traceparent"][3:35] for call in door.leads.calls]
    assert traces[0] == trace
    assert len(traces[1]) == 32
    assert traces[1] != trace


def test_path_and_query_arrive_as_they_were_sent(door, token):
    door.ask(token=token, path="/api/v1/leads/%E4".replace("%E4", "同".encode().decode("latin-1")), query="q=%E5%90%8C")
    assert door.leads.calls[0].target == "/api/v1/leads/%E5%90%8C?q=%E5%90%8C"


def test_only_whole_segments_are_routed_and_metrics_stay_inside(door, token):
    for path in ("/api/v1/leadsx", "/metrics", "/api/v1"):
        assert door.ask(token=token, path=path)[0] == 404
    assert door.leads.calls == []


def test_a_body_is_limited_bulk_ones_higher_and_a_cut_one_is_refused(door, token):
    assert door.ask("POST", token=token, body=b"x" * (BODY_BYTES + 1))[0] == 413
    assert door.ask("POST", "/api/v1/leads/bulk", token=token, body=b"x" * (BODY_BYTES + 1))[0] == 200
    assert door.ask("POST", token=token, body=b"short", length="99")[0] == 400
    assert door.ask("POST", token=token, body=b"x", length="-1")[0] == 400
    assert len(door.leads.calls) == 1


def test_a_caller_has_his_rate_and_others_theirs(door, token):
    other = issue(Actor(uuid4(), "w", uuid4(), ()), "k", KEY, datetime.now(UTC))
    statuses = [door.ask(token=token)[0] for _ in range(BURST + 1)]
    assert statuses == [200] * BURST + [429]
    assert door.ask(token=token)[1]["Retry-After"] == "1"
    assert door.ask(token=other)[0] == 200


def test_failed_sign_ins_from_one_address_are_limited(door):
    door.organization.answer = Answer(401, [], b"{}")
    statuses = [door.ask("POST", "/api/v1/session", body=b"{}")[0] for _ in range(FAILED_SIGN_INS + 1)]
    assert statuses == [401] * FAILED_SIGN_INS + [429]


def test_a_sign_in_that_still_needs_its_second_factor_has_not_failed(door):
    door.organization.answer = Answer(401, [], b'{"type": "https://tongzhou.example/problems/second-factor-required"}')
    statuses = {door.ask("POST", "/api/v1/session", body=b"{}")[0] for _ in range(FAILED_SIGN_INS + 1)}
    assert statuses == {401}


@pytest.mark.parametrize(("failure", "status"), [(Unavailable(), 503), (Overloaded(), 503), (TimedOut(), 504)])
def test_a_service_that_does_not_answer_is_told_in_the_callers_language(door, token, failure, status):
    door.leads.answer = failure
    found, _, body = door.ask(token=token, accept_language="en")
    assert found == status
    assert json.loads(body)["type"].startswith("https://tongzhou.example/problems/")


def test_long_json_is_compressed_for_who_takes_it(door, token):
    door.leads.answer = Answer(200, [("Content-Type", "application/json")], b"[" + b"1," * 2000 + b"1]")
    _, plain, whole = door.ask(token=token)
    _, headers, packed = door.ask(token=token, accept_encoding="gzip")
    assert "Content-Encoding" not in plain
    assert headers["Content-Encoding"] == "gzip"
    assert len(packed) < len(whole) / 10


def test_every_answer_is_guarded_and_the_docs_page_runs_only_its_own_scripts(door, token):
    pages = ("/", "/console/app.js", "/console/vendor/icons.svg")
    for path in ("/api/v1/leads", "/api/docs", "/health/ready", "/nowhere", *pages):
        headers = door.ask(token=token, path=path)[1]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert "unsafe" not in headers["Content-Security-Policy"]


def test_one_description_of_all_services_says_who_is_missing(door):
    own = {"paths": {"/api/v1/leads": {}}, "components": {"schemas": {"Lead": {}}}}
    door.leads.answer = Answer(200, [], json.dumps(own).encode())
    for upstream in (door.organization, door.customer, door.activity, door.analytics):
        upstream.answer = Unavailable()
    document = json.loads(door.ask(path="/api/openapi.json")[2])
    assert "/api/v1/leads" in document["paths"]
    assert list(document["components"]["schemas"]) == ["leads.Lead"]
    assert document["x-missing"] == ["activity", "analytics", "customer", "organization"]


def test_a_key_that_is_new_is_fetched_at_once(token):
    organization = Upstream()
    public = KEY.as_dict(private=False)["x"]
    organization.answer = Answer(200, [], json.dumps({"keys": [{"kid": "k", "x": public}]}).encode())
    trust = GatewayTrust(Verifier(SystemClock()), organization, {})
    assert trust.verify(token).username == "li"
    assert trust.has_keys


class Server(threading.Thread):
    """A raw HTTP server that does with each connection what it is told."""

    def __init__(self, *acts):
        super().__init__(daemon=True)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.acts, self.seen = list(acts), []
        self.start()

    def run(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection:
                while data := connection.recv(65536):
                    self.seen.append(data.split(b" ")[0].decode())
                    act = self.acts.pop(0) if self.acts else "answer"
                    if act == "hang up":
                        break
                    if act == "silence":
                        threading.Event().wait(3)
                        break
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
                    if act == "answer and close":
                        break


def call(method="GET"):
    return Call(method, "/", {}, b"")


def test_a_get_that_breaks_is_tried_once_more_a_post_never():
    server = Server("hang up", "answer", "hang up")
    upstream = HttpUpstream(server.url)
    assert upstream.call(call()).status == 200
    with pytest.raises(Broken):
        upstream.call(call("POST"))
    assert server.seen == ["GET", "GET", "POST"]


def test_a_connection_the_service_closed_meanwhile_is_not_used_again():
    server = Server("answer and close", "answer")
    upstream = HttpUpstream(server.url)
    upstream.call(call())
    threading.Event().wait(0.1)
    assert upstream.call(call("POST")).status == 200
    assert server.seen == ["GET", "POST"]


def test_a_service_that_is_silent_is_given_up_after_its_time():
    server = Server("silence")
    with pytest.raises(TimedOut):
        HttpUpstream(server.url, read_seconds=0.2).call(call())


def test_a_service_that_keeps_failing_is_left_alone_for_a_while():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    upstream = HttpUpstream(url)
    for _ in range(OPENS_AFTER):
        with pytest.raises(Unavailable):
            upstream.call(call("POST"))
    with pytest.raises(Unavailable, match="circuit open"):
        upstream.call(call())


def test_more_requests_than_may_be_under_way_are_shed():
    server = Server("silence")
    upstream = HttpUpstream(server.url, read_seconds=1, at_once=1)

    def wait():
        with contextlib.suppress(TimedOut):
            upstream.call(call())

    waiting = threading.Thread(target=wait)
    waiting.start()
    threading.Event().wait(0.2)
    with pytest.raises(Overloaded):
        upstream.call(call())
    waiting.join()


def test_a_service_in_this_process_is_called_as_a_server_would():
    def application(environ, start_response):
        start_response("201 Created", [("X-Path", environ["PATH_INFO"]), ("Server", "x")])
        return [environ["wsgi.input"].read(), environ["QUERY_STRING"].encode()]

    answer = LocalUpstream(application).call(Call("POST", "/a%20b?q=1", {"Content-Type": "text/plain"}, b"body"))
    assert (answer.status, answer.headers, answer.body) == (201, [("X-Path", "/a b")], b"bodyq=1")
