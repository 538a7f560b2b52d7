"""`make manifests`: the rules of rules/*.yml, as the Prometheus Operator wants them, into deploy/k8s/base."""

from pathlib import Path

import yaml

HERE = Path(__file__).parent
MANIFEST = HERE.parent / "k8s" / "base" / "prometheus-rules.yaml"


def manifest() -> str:
    """The PrometheusRule that holds every group of every file."""
    files = sorted((HERE / "rules").glob("*.yml"))
    groups = [group for path in files for group in yaml.safe_load(path.read_text())["groups"]]
    resource = {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": {"name": "tongzhou-crm"},
        "spec": {"groups": groups},
    }
    comment = "# Written by `make manifests` from deploy/prometheus/rules: change it there.\n"
    return comment + yaml.safe_dump(resource, sort_keys=False, allow_unicode=True, width=120)


if __name__ == "__main__":
    MANIFEST.write_text(manifest())
