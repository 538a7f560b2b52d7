"""Real servers for tests: one private RabbitMQ node and one PostgreSQL cluster a run."""

import os
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

from chassis.bus.rabbit import reachable

RABBITMQ = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
START_SECONDS = 90


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@dataclass
class RabbitNode:
    """A RabbitMQ node of our own, which tests stop, kill and start again with its data kept."""

    folder: Path
    port: int = field(default_factory=free_port)
    dist_port: int = field(default_factory=free_port)
    user: str = "guest:guest"
    configuration: str = ""
    plugins: str = "[]."
    process: subprocess.Popen | None = None

    @property
    def url(self) -> str:
        return f"amqp://{self.user}@127.0.0.1:{self.port}//"

    def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        config = self.folder / "rabbitmq.conf"
        config.write_text(f"listeners.tcp.default = 127.0.0.1:{self.port}\nlog.console = false\n{self.configuration}")
        (self.folder / "plugins").write_text(self.plugins)
        environment = os.environ | {
            "HOME": str(self.folder),
            "RABBITMQ_NODENAME": f"crm-test-{self.port}@localhost",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(self.dist_port),
            "RABBITMQ_MNESIA_BASE": str(self.folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(self.folder / "log"),
            "RABBITMQ_CONFIG_FILE": str(config),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "plugins"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 2:2",
        }
        program = RABBITMQ if RABBITMQ.exists() else shutil.which("rabbitmq-server")
        with (self.folder / "console.log").open("a") as log:
            self.process = subprocess.Popen(
                [str(program)],
                env=environment,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        deadline = time.monotonic() + START_SECONDS
        while not reachable(self.url):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"RabbitMQ did not start: {(self.folder / 'console.log').read_text()[-2000:]}")
            time.sleep(0.2)

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(60)
            self.process = None
