"""What `kubectl apply -k` would send, as dictionaries, and how to ask about it."""

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.deploy.images import ROOT

Resource = dict[str, Any]
PODS = ("Deployment", "Job", "StatefulSet")
KUBECTL = ROOT / ".venv" / "bin" / "kubectl"


@dataclass(frozen=True)
class Manifests:
    """One overlay, built."""

    text: str
    resources: list[Resource]

    def of(self, *kinds: str) -> list[Resource]:
        return [each for each in self.resources if each["kind"] in kinds]

    def named(self, kind: str, name: str) -> Resource:
        return next(each for each in self.of(kind) if each["metadata"]["name"] == name)

    def pods(self) -> Iterator[tuple[str, Resource]]:
        """Every workload's name and pod."""
        for each in self.of(*PODS):
            yield f"{each['kind']}/{each['metadata']['name']}", each["spec"]["template"]

    def ours(self) -> Iterator[tuple[str, Resource]]:
        for name, pod in self.pods():
            if "tongzhou-crm/" in pod["spec"]["containers"][0]["image"]:
                yield name, pod

    def setting(self, name: str) -> str:
        settings = next(each for each in self.of("ConfigMap") if each["metadata"]["name"].startswith("settings"))
        return settings["data"][name]


def built(overlay: str, folder: Path, secrets: Path) -> Manifests:
    """`overlay` built from a copy, with the secrets that an operator would have made up before."""
    if not folder.exists():
        shutil.copytree(ROOT / "deploy", folder, ignore=shutil.ignore_patterns("secrets"))
        shutil.copytree(secrets, folder / "k8s/overlays/dev/secrets")
    done = subprocess.run(
        [KUBECTL, "kustomize", folder / "k8s/overlays" / overlay], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return Manifests(done.stdout, list(yaml.safe_load_all(done.stdout)))


def selects(selector: Resource, labels: dict[str, str]) -> bool:
    """Whether a label selector, as Kubernetes understands it, matches `labels`."""
    if not all(labels.get(key) == value for key, value in selector.get("matchLabels", {}).items()):
        return False
    return all(
        labels.get(each["key"]) in each["values"]
        for each in selector.get("matchExpressions", ())
        if each["operator"] == "In"
    )
