"""The gateway in this process, before services that answer as told."""

import io
from datetime import UTC, datetime
from uuid import uuid4
from wsgiref.util import setup_testing_defaults

import pytest
from joserfc.jwk import OKPKey

from chassis.auth import Actor, Grant, Trust, Verifier, issue
from chassis.clock import SystemClock
from gateway.answers import Answer
from gateway.hub import Hub
from gateway.limits import Limiter
from gateway.pages import create_pages
from gateway.proxy import Gateway

KEY = OKPKey.generate_key("Ed25519", private=True)


class Upstream:
    """Remembers what it was asked and answers as told."""

    def __init__(self):
        self.calls = []
        self.answer = Answer(200, [("Content-Type", "application/json")], b'{"items": []}')

    def call(self, call):
        self.calls.append(call)
        answer = self.answer(call) if callable(self.answer) else self.answer
        if isinstance(answer, Exception):
            raise answer
        return answer


class Door:
    def __init__(self):
        self.leads, self.organization = Upstream(), Upstream()
        self.customer, self.activity, self.analytics = Upstream(), Upstream(), Upstream()
        upstreams = {
            "leads": self.leads,
            "organization": self.organization,
            "customer": self.customer,
            "activity": self.activity,
            "analytics": self.analytics,
        }
        routes = {"/api/v1/leads": "leads", "/api/v1/session": "organization", "/api/v1/me": "organization"}
        verifier = Verifier(SystemClock(), Trust({"k": KEY.as_dict(private=False)["x"]}))
        pages = create_pages(upstreams, {"ready": lambda: True})
        self.gateway = Gateway(routes, upstreams, pages, verifier.verify, Limiter(), Hub(1))

    def ask(self, method="GET", path="/api/v1/leads", body=b"", token="", query="", **headers):
        environ = {}
        setup_testing_defaults(environ)
        environ |= {f"HTTP_{name.upper()}": value for name, value in headers.items()}
        environ |= {"REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query, "REMOTE_ADDR": "10.0.0.9"}
        environ |= {
            "CONTENT_LENGTH": headers.pop("length", str(len(body)) if body else ""),
            "wsgi.input": io.BytesIO(body),
        }
        if token:
            environ["HTTP_AUTHORIZATION"] = f"Bearer {token}"
        begun = {}
        written = self.gateway(environ, lambda status, sent: begun.update(status=int(status[:3]), headers=dict(sent)))
        whole = b"".join(written)
        if hasattr(written, "close"):
            written.close()
        return begun["status"], begun["headers"], whole


@pytest.fixture
def door():
    return Door()


@pytest.fixture
def caller():
    return uuid4()


@pytest.fixture
def token(caller):
    actor = Actor(caller, "li", uuid4(), (Grant(uuid4(), "sales", True),))
    return issue(actor, "k", KEY, datetime.now(UTC))
