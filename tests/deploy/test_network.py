"""Who may talk to whom: what the NetworkPolicies allow is what deploy/k8s/edges.yaml lists."""

import pytest
import yaml

from tests.deploy.images import ROOT
from tests.deploy.kubernetes import built, selects

EDGES = yaml.safe_load((ROOT / "deploy/k8s/edges.yaml").read_text())
ANYWHERE = "anywhere"
NAMESPACE = "kubernetes.io/metadata.name"
PART = "crm/part"


@pytest.fixture(scope="module", params=[("dev", ("base",)), ("prod", tuple(EDGES))], ids=["dev", "prod"])
def overlay(request, tmp_path_factory, secrets):
    name, sections = request.param
    listed = {(edge["from"], edge["to"], edge["port"]) for section in sections for edge in EDGES[section]}
    return built(name, tmp_path_factory.mktemp("k8s") / "deploy", secrets), listed


def parts(manifests):
    """The labels of every pod; servers that operators run have theirs from the operator."""
    pods = {pod["metadata"]["labels"][PART]: pod["metadata"]["labels"] for _, pod in manifests.pods()}
    return pods | {name: {PART: name} for name in ("postgres", "rabbitmq") if name not in pods}


def peers(rule, side, pods):
    """Names of the parts and namespaces that a rule's `from` or `to` means."""
    if side not in rule:
        return {ANYWHERE}
    found = set()
    for peer in rule[side]:
        assert peer.keys() <= {"podSelector", "namespaceSelector"}
        if "namespaceSelector" in peer:
            found.add(peer["namespaceSelector"]["matchLabels"][NAMESPACE])
        else:
            found |= {name for name, labels in pods.items() if selects(peer["podSelector"], labels)}
    return found


def allowed(manifests, direction):
    """(from, to, port) as allowed at the end that `direction` is about."""
    pods, found = parts(manifests), set()
    side = {"Ingress": "from", "Egress": "to"}[direction]
    for policy in manifests.of("NetworkPolicy"):
        if direction not in policy["spec"]["policyTypes"] or policy["metadata"]["name"] == "names":
            continue
        ends = {name for name, labels in pods.items() if selects(policy["spec"]["podSelector"], labels)}
        for rule in policy["spec"].get(direction.lower(), ()):
            for peer in peers(rule, side, pods):
                for port in rule["ports"]:
                    pairs = {(peer, end) if direction == "Ingress" else (end, peer) for end in ends}
                    found |= {(*pair, port["port"]) for pair in pairs}
    return found


def test_nobody_may_talk_to_anybody_unless_listed(overlay):
    manifests, listed = overlay
    policy = manifests.named("NetworkPolicy", "nothing-else")["spec"]
    assert policy == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    pods = parts(manifests)
    assert allowed(manifests, "Ingress") == {edge for edge in listed if edge[1] in pods}
    assert allowed(manifests, "Egress") == {edge for edge in listed if edge[0] in pods}


def test_names_are_looked_up_in_the_clusters_own_place_only(overlay):
    manifests, _ = overlay
    (rule,) = manifests.named("NetworkPolicy", "names")["spec"]["egress"]
    assert {port["port"] for port in rule["ports"]} == {53}
    assert rule["to"] == [
        {
            "namespaceSelector": {"matchLabels": {NAMESPACE: "kube-system"}},
            "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}},
        }
    ]


def test_edges_lead_to_ports_on_which_somebody_listens(overlay):
    manifests, listed = overlay
    for name, pod in manifests.ours():
        part = pod["metadata"]["labels"][PART]
        listening = {port["containerPort"] for port in pod["spec"]["containers"][0].get("ports", ())}
        assert {port for _, to, port in listed if to == part} == listening, name


def test_an_edge_exists_for_each_secret_that_names_a_server(overlay):
    manifests, listed = overlay
    for name, pod in manifests.ours():
        part = pod["metadata"]["labels"][PART]
        needed = {
            {"CRM_DATABASE_URL_FILE": "postgres", "CRM_AMQP_URL_FILE": "rabbitmq"}.get(each["name"])
            for each in pod["spec"]["containers"][0]["env"]
        } - {None}
        assert {to for start, to, _ in listed if start == part} - {"web"} == needed, name
