"""docker-compose.yml: valid, ordered, contained, and telling each process what it needs."""

import json
import re
import subprocess
from pathlib import Path

import pytest
import yaml
from compose_spec import PyCompose

from crm.company import NAMES
from tests.deploy.connections import MIGRATING, SERVING, WORKING
from tests.deploy.images import ROOT

FILE = ROOT / "docker-compose.yml"
DONE = "service_completed_successfully"
ALONE = {"depends_on": {}}


@pytest.fixture(scope="module")
def compose():
    text = re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", FILE.read_text())
    return yaml.safe_load(text)


@pytest.fixture(scope="module")
def branches():
    return yaml.safe_load(re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", (ROOT / "docker-compose.branches.yml").read_text()))


@pytest.fixture(scope="module")
def services(compose):
    return compose["services"]


def ours(services):
    return {name: each for name, each in services.items() if "build" in each}


def lasting(services):
    return {name: each for name, each in services.items() if each["restart"] != "no"}


def test_it_is_what_the_compose_specification_allows(compose):
    parsed = PyCompose.from_json(json.dumps(compose))
    parsed.validate()
    parsed.to_spec()


def test_every_service_has_its_migration_its_web_and_its_worker(services):
    commands = {" ".join(each["command"]) for each in ours(services).values()}
    expected = {f"{role} {name}" for name in NAMES for role in ("migrate", "serve", "work")}
    assert commands == expected | {"serve gateway", "broker setup", "secrets /secrets"}


def test_a_process_runs_its_own_services_image_with_its_own_services_secrets(services):
    for name, each in ours(services).items():
        image = each["build"]["args"]["SERVICE"]
        assert each["image"] == f"tongzhou-crm/{image}:latest", name
        mounted = [volume.split(":")[0] for volume in each.get("volumes", ()) if ":/run/crm:ro" in volume]
        whose = "broker" if name == "broker-setup" else image
        assert mounted == ([] if name == "secrets" else [f"secrets-{whose}"]), name


def test_everything_is_contained(services):
    for name, each in services.items():
        assert each["read_only"] is True, name
        assert each["cap_drop"] == ["ALL"], name
        assert "cap_add" not in each, name
        assert each["security_opt"] == ["no-new-privileges:true"], name
        assert each["mem_limit"], name
        assert each.get("user") != "0:0" or name == "secrets", name
        assert not each.get("privileged"), name
        assert "latest" not in each["image"] or "build" in each, name


def test_what_lasts_is_started_again_watched_and_given_time_to_end(services):
    for name, each in lasting(services).items():
        assert each["restart"] == "unless-stopped", name
        assert each["healthcheck"]["test"], name
        assert int(each["stop_grace_period"].removesuffix("s")) > 25, name
        assert each["cpus"], name


def test_only_the_gateway_is_reached_from_other_machines(services):
    published = {name: each["ports"] for name, each in services.items() if "ports" in each}
    assert published == {"gateway": ["8000:8000"], "grafana": ["127.0.0.1:3000:3000"]}


def test_branches_reach_the_broker_where_that_is_asked_for_and_nothing_else(branches, compose, services):
    merged = compose | {"services": {"rabbitmq": services["rabbitmq"] | branches["services"]["rabbitmq"] | ALONE}}
    PyCompose.from_json(json.dumps(merged)).validate()
    assert branches["services"].keys() == {"rabbitmq"}
    assert branches["services"]["rabbitmq"]["ports"] == ["127.0.0.1:5672:5672"]
    assert set(branches["services"]["rabbitmq"]["networks"]) == {"outside", *services["rabbitmq"]["networks"]}


def test_nobody_starts_before_what_he_needs(services):
    def before(name):
        waits = services[name].get("depends_on", {})
        return set(waits) | {earlier for each in waits for earlier in before(each)}

    for name in NAMES:
        assert {"secrets", "postgres", f"{name}-migrate"} <= before(name)
        assert {"secrets", "postgres", "rabbitmq", "broker-setup", f"{name}-migrate"} <= before(f"{name}-worker")
    assert {*NAMES, "broker-setup", "rabbitmq"} <= before("gateway")
    once = services.keys() - lasting(services).keys()
    for name, each in services.items():
        for earlier, how in each.get("depends_on", {}).items():
            assert how == {"condition": DONE if earlier in once else "service_healthy"}, name


def test_who_talks_to_whom_shares_a_network_and_the_servers_are_behind(compose, services):
    def networks(name):
        return set(services[name].get("networks", ()))

    for name in NAMES:
        assert networks(name) & networks("gateway") >= {"web"}
        assert networks(name) & networks("postgres")
        assert not networks(name) & networks("rabbitmq") - {"watch"}
        assert networks(f"{name}-worker") & networks("rabbitmq") & {"bus"}
        assert networks(f"{name}-worker") & networks("postgres")
    assert not networks("gateway") & networks("postgres")
    assert {name for name in services if "outside" in networks(name)} == {"gateway", "grafana"}
    assert all(compose["networks"][name] == {"internal": True} for name in compose["networks"].keys() - {"outside"})


def test_the_gateway_knows_every_service_where_it_listens(services):
    upstreams = dict(pair.split("=") for pair in services["gateway"]["environment"]["CRM_UPSTREAMS"].split(","))
    assert upstreams == {name: f"http://{name}:8000" for name in NAMES}


def test_no_secret_is_written_down(services):
    for name, each in services.items():
        for variable, value in each.get("environment", {}).items():
            if re.search("PASSWORD|SECRET|KEY|URL", variable) and variable != "CRM_UPSTREAMS":
                assert value == "" or (variable.endswith("_FILE") and value.startswith("/run/crm/")), (name, variable)


def test_postgres_allows_all_connections_that_can_be_opened(services):
    options = dict(part.split("=") for part in services["postgres"]["command"] if "=" in part)
    assert len(NAMES) * (SERVING + WORKING + MIGRATING) < int(options["max_connections"]) - 10


def test_the_files_that_are_mounted_are_here(services):
    mounted = {volume.split(":")[0] for each in services.values() for volume in each.get("volumes", ())}
    files = {path for path in mounted if path.startswith("./") and Path(path).suffix}
    assert len(files) >= 3
    assert [path for path in files if not (ROOT / path).is_file()] == []


def test_prometheus_finds_every_process_by_its_name(services):
    file = ROOT / "deploy/prometheus/prometheus.yml"
    checked = subprocess.run(["promtool", "check", "config", "--syntax-only", file], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    watched = set()
    for job in yaml.safe_load(file.read_text())["scrape_configs"]:
        for place in job.get("dns_sd_configs", ()):
            watched |= {(name, place["port"]) for name in place["names"]}
        for place in job.get("static_configs", ()):
            watched |= {(target.split(":")[0], int(target.split(":")[1])) for target in place["targets"]}
    processes = {name for name in ours(services) if name in lasting(services)}
    expected = {(name, 9000 if name == "gateway" else 8000) for name in processes} | {("rabbitmq", 15692)}
    assert watched == expected
    assert all("watch" in services[name]["networks"] for name, _ in watched)


def test_what_may_be_set_is_documented():
    text = FILE.read_text() + (ROOT / "docker-compose.branches.yml").read_text()
    variables = set(re.findall(r"\$\{(\w+)", text))
    section = (ROOT / "docs/operations.md").read_text().split("## With Docker Compose")[1].split("\n## ")[0]
    assert variables == set(re.findall(r"^\| `(\w+)`", section, re.MULTILINE))
