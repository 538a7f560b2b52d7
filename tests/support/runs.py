"""The product as it is run: `crm run` and `crm up` as processes of their own, and clients of their gateways."""

import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crm.client import Client, Credentials
from tests.support.servers import free_port

PASSWORD = "correct horse battery"
READY_SECONDS = 90
MAVEN = Path(__file__).parents[1] / "data" / "maven"
PRESET = Path(__file__).parents[2] / "presets" / "maven.yaml"


@dataclass
class Run:
    """`crm` with these arguments, its output in a file; ready when the gateway says so."""

    arguments: list[str]
    folder: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        return (self.folder / "console.log").read_text()

    @property
    def environment(self) -> dict[str, str]:
        return os.environ | {"CRM_ADMIN_PASSWORD": PASSWORD, "CRM_URL": self.url, "CRM_LOG_LEVEL": "WARNING"}

    def start(self) -> "Run":
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "console.log").open("a") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "crm", *self.arguments, "--port", str(self.port), "--data", str(self.folder)],
                env=self.environment,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
            )
        self.wait_until_ready()
        return self

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while not answers(f"{self.url}/health/ready"):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"not ready: {self.log[-4000:]}")
            time.sleep(0.1)

    def stop(self, number: int = signal.SIGTERM, seconds: float = 60) -> int:
        """The exit status."""
        if self.process is None or self.process.poll() is not None:
            return self.process.returncode if self.process else 0
        self.process.send_signal(number)
        return self.process.wait(seconds)

    def client(self, **more: Any) -> Client:
        return Client(self.url, Credentials(username="admin", password=PASSWORD), **more)

    def crm(
        self, *arguments: str, check: bool = True, environment: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess:
        """A client command run against this gateway."""
        done = subprocess.run(
            [sys.executable, "-m", "crm", *arguments],
            env=self.environment | (environment or {}),
            capture_output=True,
            text=True,
            cwd=self.folder,
            timeout=300,
        )
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done

    def children(self) -> dict[str, int]:
        """The processes of `crm up` by name."""
        return {
            found.group(1): int(pid.name)
            for pid in Path("/proc").iterdir()
            if pid.name.isdigit() and (found := self._is_child(pid)) is not None
        }

    def _is_child(self, pid: Path) -> re.Match | None:
        try:
            parent = int((pid / "stat").read_text().rpartition(")")[2].split()[1])
            command = (pid / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except (OSError, ValueError):
            return None
        command = command.replace("-m crm.door", "-m crm serve gateway")
        return re.search(r"-m crm ((?:serve|work) \w+)", command) if parent == self.process.pid else None


def embedded(folder: Path) -> Run:
    return Run(["run", "--no-demo"], folder)


def production(folder: Path, amqp_url: str, postgres_url: str) -> Run:
    return Run(["up", "--amqp", amqp_url, "--postgres", postgres_url], folder)


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 -- our own process
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False


def eventually(check, seconds: float = 30):
    """The first truthy answer of `check`; the last one when none came in time."""
    deadline = time.monotonic() + seconds
    while not (found := check()) and time.monotonic() < deadline:
        time.sleep(0.1)
    return found
