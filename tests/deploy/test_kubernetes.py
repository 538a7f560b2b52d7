"""The Kubernetes manifests: they build, are valid, and run every process as it wants to be run."""

import re

import jsonschema
import kubernetes_validate
import pytest
import yaml

from crm import company
from tests.deploy.connections import MIGRATING, SPARE_CONNECTIONS, WORKING
from tests.deploy.images import ROOT
from tests.deploy.kubernetes import built, selects

OPERATORS = yaml.safe_load((ROOT / "tests/deploy/operators.yaml").read_text())
OWN_API = re.compile(r"^(v1|\w+/v\d\w*|[\w.]+\.k8s\.io/v\d)$")
LEAVING_SECONDS = 5
VERSIONS = ("1.29", "1.37")
"""The oldest that docs/operations.md names, and the newest whose schemas are here."""


@pytest.fixture(scope="module", params=["dev", "prod"])
def manifests(request, tmp_path_factory, secrets):
    return built(request.param, tmp_path_factory.mktemp("k8s") / "deploy", secrets)


@pytest.fixture(scope="module")
def prod(tmp_path_factory, secrets):
    return built("prod", tmp_path_factory.mktemp("k8s") / "deploy", secrets)


def test_every_resource_is_what_kubernetes_or_its_operator_takes(manifests):
    for each in manifests.resources:
        if OWN_API.match(each["apiVersion"]):
            for version in VERSIONS:
                kubernetes_validate.validate(each, version, strict=True)
        else:
            jsonschema.validate(each["spec"], OPERATORS[each["kind"]])


def test_the_dev_overlay_needs_no_operator(tmp_path, secrets):
    dev = built("dev", tmp_path / "deploy", secrets)
    assert [each["kind"] for each in dev.resources if not OWN_API.match(each["apiVersion"])] == []


def test_every_service_has_its_web_its_worker_and_its_migration(manifests):
    run = {name: pod["spec"]["containers"][0] for name, pod in manifests.ours()}
    for service in company.NAMES:
        for kind, name, role in (
            ("Deployment", "web", "serve"),
            ("Deployment", "worker", "work"),
            ("Job", "migrate", "migrate"),
        ):
            container = run[f"{kind}/{service}-{name}"]
            assert container["args"] == [role, service]
            assert re.search(rf"tongzhou-crm/{service}:", container["image"])
    assert run["Deployment/gateway"]["args"] == ["serve", "gateway"]
    assert run["Job/broker-setup"]["args"] == ["broker", "setup"]
    assert len(run) == 3 * len(company.NAMES) + 2


def test_every_pod_is_restricted(manifests):
    for name, pod in manifests.pods():
        spec = pod["spec"]
        assert spec["automountServiceAccountToken"] is False, name
        assert spec["securityContext"]["runAsNonRoot"] is True, name
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
        for container in spec["containers"]:
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }, name
            assert container["resources"]["requests"].keys() == {"cpu", "memory"}, name
            assert container["resources"]["limits"]["memory"], name
            assert not container["image"].endswith(":latest") or "tongzhou-crm/" in container["image"], name
    namespace = manifests.of("Namespace")[0]
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    assert {each["metadata"].get("namespace") for each in manifests.resources if each["kind"] != "Namespace"} == {
        namespace["metadata"]["name"]
    }


def test_every_process_runs_as_an_account_without_a_token(manifests):
    accounts = {
        each["metadata"]["name"]: each["automountServiceAccountToken"] for each in manifests.of("ServiceAccount")
    }
    assert {pod["spec"]["serviceAccountName"] for _, pod in manifests.ours()} == accounts.keys()
    assert set(accounts.values()) == {False}


def test_a_process_knows_its_own_services_secrets_and_those_it_needs(manifests):
    for name, pod in manifests.ours():
        secret = next(volume["secret"] for volume in pod["spec"]["volumes"] if "secret" in volume)
        own = pod["metadata"]["labels"]["app.kubernetes.io/name"]
        assert re.sub(r"-[a-z0-9]{10}$", "", secret["secretName"]) == own, name
        files = {f"/run/crm/{key['path']}" for key in secret["items"]}
        named = {each["value"] for each in pod["spec"]["containers"][0]["env"] if each["name"].endswith("_FILE")}
        assert files == named, name


def test_the_dev_overlay_generates_each_secret_that_is_mounted(tmp_path, secrets):
    dev = built("dev", tmp_path / "deploy", secrets)
    made = {each["metadata"]["name"]: each["data"].keys() for each in dev.of("Secret")}
    for name, pod in dev.pods():
        for volume in pod["spec"]["volumes"]:
            if "secret" in volume:
                keys = {item["key"] for item in volume["secret"].get("items", ())}
                assert keys <= made[volume["secret"]["secretName"]], name


def test_probes_ask_apart_whether_it_has_started_is_ready_and_lives(manifests):
    for name, pod in manifests.ours():
        container = pod["spec"]["containers"][0]
        if name.startswith("Job"):
            continue
        ports = {port["name"]: port["containerPort"] for port in container["ports"]}
        asked = {kind: container[f"{kind}Probe"]["httpGet"] for kind in ("startup", "readiness", "liveness")}
        assert {kind: each["path"] for kind, each in asked.items()} == {
            "startup": "/health/live",
            "readiness": "/health/ready",
            "liveness": "/health/live",
        }, name
        assert {ports[each["port"]] for each in asked.values()} == {8000}, name
        liveness = container["livenessProbe"]
        assert liveness["periodSeconds"] * liveness["failureThreshold"] >= 60, name


def test_a_pod_gets_the_time_it_takes_to_leave(manifests):
    grace = int(manifests.setting("CRM_GRACE_SECONDS"))
    for name, pod in manifests.ours():
        if name.startswith("Job"):
            continue
        hook = (
            pod["spec"]["containers"][0]
            .get("lifecycle", {})
            .get("preStop", {})
            .get("exec", {})
            .get("command", ["", "0"])
        )
        assert hook[0] == ("" if name.endswith("worker") else "sleep"), name
        assert pod["spec"]["terminationGracePeriodSeconds"] >= int(hook[1]) + grace + LEAVING_SECONDS, name


def test_every_deployment_has_its_disruption_budget_and_is_spread(manifests):
    budgets = {each["metadata"]["name"]: each["spec"] for each in manifests.of("PodDisruptionBudget")}
    for each in manifests.of("Deployment"):
        budget = budgets[each["metadata"]["name"]]
        assert budget["selector"] == each["spec"]["selector"]
        assert budget["maxUnavailable"] == 1
        assert each["spec"]["strategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}
        spread = each["spec"]["template"]["spec"]["topologySpreadConstraints"]
        assert [way["topologyKey"] for way in spread] == ["kubernetes.io/hostname", "topology.kubernetes.io/zone"]
        assert all(way["labelSelector"] == each["spec"]["selector"] for way in spread)


def test_web_scales_by_load_and_workers_by_their_real_queues(prod):
    scaled = {each["spec"]["scaleTargetRef"]["name"] for each in prod.of("HorizontalPodAutoscaler", "ScaledObject")}
    assert scaled == {each["metadata"]["name"] for each in prod.of("Deployment")}
    assert not [each for each in prod.of("Deployment") if "replicas" in each["spec"]]
    queues = {consumer.service: consumer.main_queue.name for consumer in company.consumers()}
    for each in prod.of("ScaledObject"):
        service = each["metadata"]["name"].removesuffix("-worker")
        (trigger,) = each["spec"]["triggers"]
        assert trigger["metadata"]["queueName"] == queues[service]
        assert trigger["metadata"]["protocol"] == "http"
        assert trigger["metadata"]["excludeUnacknowledged"] == "false"
        assert each["spec"]["minReplicaCount"] == 1


def test_postgres_allows_all_connections_at_the_greatest_scale(prod):
    serving = int(prod.setting("CRM_THREADS")) + SPARE_CONNECTIONS
    opened = 0
    for service in company.NAMES:
        web = prod.named("HorizontalPodAutoscaler", f"{service}-web")["spec"]["maxReplicas"]
        workers = prod.named("ScaledObject", f"{service}-worker")["spec"]["maxReplicaCount"]
        surge = prod.named("Deployment", f"{service}-web")["spec"]["strategy"]["rollingUpdate"]["maxSurge"]
        opened += (web + surge) * serving + (workers + surge) * WORKING + MIGRATING
    allowed = int(prod.named("Cluster", "postgres")["spec"]["postgresql"]["parameters"]["max_connections"])
    assert 0 < opened < allowed - 50, "the operator, replication and people need some, too"


def test_the_gateway_knows_every_service_where_it_listens(manifests):
    container = manifests.named("Deployment", "gateway")["spec"]["template"]["spec"]["containers"][0]
    upstreams = next(each["value"] for each in container["env"] if each["name"] == "CRM_UPSTREAMS")
    expected = {}
    for name in company.NAMES:
        service = manifests.named("Service", f"{name}-web")
        expected[name] = f"http://{name}-web:{service['spec']['ports'][0]['port']}"
        pod = manifests.named("Deployment", f"{name}-web")["spec"]["template"]["metadata"]["labels"]
        assert service["spec"]["selector"].items() <= pod.items()
    assert dict(pair.split("=") for pair in upstreams.split(",")) == expected


def test_every_process_is_watched(prod):
    watched = set()
    for monitor in prod.of("ServiceMonitor"):
        port = monitor["spec"]["endpoints"][0]["port"]
        for service in prod.of("Service"):
            if selects(monitor["spec"]["selector"], service["metadata"]["labels"]):
                assert port in {each["name"] for each in service["spec"]["ports"]}
                watched.add(service["metadata"]["name"])
    assert watched == {each["metadata"]["name"] for each in prod.of("Deployment")}


def test_prometheus_has_the_same_rules_everywhere(prod):
    files = sorted((ROOT / "deploy/prometheus/rules").glob("*.yml"))
    groups = [group for path in files for group in yaml.safe_load(path.read_text())["groups"]]
    assert prod.named("PrometheusRule", "tongzhou-crm")["spec"]["groups"] == groups, "run: make manifests"


def test_postgres_has_a_role_and_a_database_for_each_service(prod):
    roles = prod.named("Cluster", "postgres")["spec"]["managed"]["roles"]
    assert {role["name"]: role["passwordSecret"]["name"] for role in roles} == {
        f"crm_{name}": f"{name}-database" for name in company.NAMES
    }
    databases = {each["spec"]["name"]: each["spec"]["owner"] for each in prod.of("Database")}
    assert databases == {f"crm_{name}": f"crm_{name}" for name in company.NAMES}


def test_rabbitmq_is_configured_alike_everywhere(prod):
    own = (ROOT / "deploy/rabbitmq/rabbitmq.conf").read_text()
    settings = {line for line in own.splitlines() if line and not line.startswith("#")}
    cluster = prod.named("RabbitmqCluster", "rabbitmq")["spec"]["rabbitmq"]["additionalConfig"]
    assert settings <= set(cluster.splitlines())


def test_no_secret_is_written_down(prod):
    assert prod.of("Secret") == []
    assert not re.search(r"(password|secret-key): \S", prod.text)
