"""Images, and servers of their own: set up by the deployment's own scripts, with its own secrets."""

import os
import subprocess

import pytest

from chassis.postgres import Cluster, binaries
from crm.company import NAMES
from tests.deploy.images import ROOT, Image, Interpreter, libraries
from tests.support.servers import RabbitNode, free_port
from tests.system.conftest import open_folder


@pytest.fixture(scope="package")
def python(tmp_path_factory) -> Interpreter:
    return Interpreter(libraries(tmp_path_factory.mktemp("libraries")))


@pytest.fixture(scope="package")
def images(tmp_path_factory, python) -> dict[str, Image]:
    folder = tmp_path_factory.mktemp("images")
    return {name: Image(name, folder / name, python).build() for name in (*NAMES, "gateway")}


@pytest.fixture(scope="package")
def secrets(tmp_path_factory, images, python):
    """What `crm secrets` hands out, with the addresses of the servers below."""
    folder = tmp_path_factory.mktemp("secrets")
    python.run(images["gateway"].folder, "-m", "crm", "secrets", str(folder), "--broker", f"127.0.0.1:{free_port()}")
    return folder


@pytest.fixture(scope="package")
def database(tmp_path_factory, secrets):
    """PostgreSQL with the databases that deploy/postgres/create-databases.sh makes; the secrets name its socket."""
    cluster = Cluster(open_folder(tmp_path_factory.mktemp("database")))
    cluster.start()
    script = (ROOT / "deploy/postgres/create-databases.sh").read_text().replace("/run/crm", str(secrets / "postgres"))
    given = {
        "PATH": f"{binaries()}:{os.environ['PATH']}",
        "POSTGRES_USER": "postgres",
        "PGHOST": str(cluster.socket_folder),
        "PGPASSWORD": (cluster.folder / "password").read_text(),
    }
    subprocess.run(["sh", "-c", script], env=given, check=True, timeout=60)
    where = f"host={cluster.socket_folder}&port={cluster.port}"
    for name in NAMES:
        url = secrets / name / "database-url"
        url.write_text(url.read_text().replace(f"@postgres:5432/crm_{name}", f"@/crm_{name}?{where}"))
    yield cluster
    cluster.stop("immediate")


@pytest.fixture(scope="package")
def broker(tmp_path_factory, secrets):
    """RabbitMQ as deploy/rabbitmq configures it, with the users handed out."""
    user, _, address = (secrets / "broker" / "amqp-url").read_text().removeprefix("amqp://").partition("@")
    configuration = (ROOT / "deploy/rabbitmq/rabbitmq.conf").read_text().replace("/run/crm", str(secrets / "rabbitmq"))
    management, prometheus = free_port(), free_port()
    node = RabbitNode(
        tmp_path_factory.mktemp("broker"),
        port=int(address.split(":")[1].strip("/")),
        user=user,
        configuration=f"{configuration}\nmanagement.tcp.port = {management}\nprometheus.tcp.port = {prometheus}\n",
        plugins=(ROOT / "deploy/rabbitmq/enabled_plugins").read_text(),
    )
    node.management = management
    node.start()
    yield node
    node.stop()


@pytest.fixture
def once(images, python, secrets, database, broker):
    """Runs an image's command to its end."""

    def run(name, whose, *command):
        urls = {
            f"CRM_{kind}_URL_FILE": str(secrets / whose / f"{kind.lower()}-url")
            for kind in ("DATABASE", "AMQP")
            if (secrets / whose / f"{kind.lower()}-url").exists()
        }
        return python.run(images[name].folder, "-m", "crm", *command, **urls).decode()

    return run
