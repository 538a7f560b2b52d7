"""The gateway as it runs in production: gunicorn with gevent in a process of its own, spoken to byte by byte."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from joserfc.jwk import OKPKey

from chassis.auth import TOKEN_SECONDS, Actor, Grant, issue
from tests.support.runs import answers, eventually
from tests.support.servers import free_port
from tests.support.upstream import Upstream

KEY = OKPKey.generate_key("Ed25519", private=True)
KEYS = json.dumps({"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "k", "x": KEY.as_dict(private=False)["x"]}]})


def a_token(
    *grants: Grant, user_id: UUID | None = None, session_id: UUID | None = None, seconds_left: float = TOKEN_SECONDS
) -> str:
    """A token of somebody who may do what `grants` say."""
    actor = Actor(user_id or uuid4(), "li", session_id or uuid4(), grants)
    return issue(actor, "k", KEY, datetime.now(UTC) - timedelta(seconds=TOKEN_SECONDS - seconds_left))


class Door:
    """A gateway process in front of one service called leads, and an organization that only knows its keys."""

    def __init__(self, folder, **settings):
        self.leads = Upstream().start()
        self.port, self.metrics_port = free_port(), free_port()
        environment = os.environ | {
            "CRM_PORT": str(self.port),
            "CRM_METRICS_PORT": str(self.metrics_port),
            "CRM_UPSTREAMS": f"leads={self.leads.url},organization={Upstream().start().url}",
            "CRM_TOKEN_PUBLIC_KEYS": KEYS,
            **settings,
        }
        self.log = folder / "gateway.log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "crm", "serve", "gateway"], env=environment, stderr=log
            )
        if not eventually(lambda: answers(f"http://127.0.0.1:{self.port}/health/ready")):
            self.stop()
            raise RuntimeError(self.log.read_text())

    def send(self, request: bytes, *, then: str = "read") -> tuple[int, dict[str, str], bytes]:
        """The answer to exactly these bytes; (0, {}, b"") when the gateway only hung up."""
        with socket.create_connection(("127.0.0.1", self.port), 10) as connection:
            connection.sendall(request)
            if then == "hang up":
                return 0, {}, b""
            connection.shutdown(socket.SHUT_WR)
            data = b""
            while more := connection.recv(65536):
                data += more
        if not data:
            return 0, {}, b""
        head, _, body = data.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        return int(lines[0].split()[1]), dict(line.split(": ", 1) for line in lines[1:]), body

    def ask(self, token, method="GET", path="/api/v1/leads", body=b"", *headers):
        lines = [
            f"{method} {path} HTTP/1.1",
            "Host: crm.example",
            f"Authorization: Bearer {token}",
            "Connection: close",
        ]
        lines += [*headers, *([f"Content-Length: {len(body)}"] if body else [])]
        return self.send("\r\n".join((*lines, "", "")).encode("latin-1") + body)

    def metrics(self) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.metrics_port}/metrics", timeout=5) as answer:
            return answer.read().decode()

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(30)
