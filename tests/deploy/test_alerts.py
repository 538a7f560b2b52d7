"""Alerts: each fires, each stays quiet, each says in a runbook what to do, and none asks for what nobody measures."""

import json
import re
import subprocess
from pathlib import Path

import pytest
import yaml
from prometheus_client import Counter, Histogram
from prometheus_client.metrics import MetricWrapperBase

from chassis import metrics
from chassis.web import observe
from gateway import limits, upstreams
from gateway import metrics as of_gateway

ROOT = Path(__file__).parents[2]
PROMETHEUS = ROOT / "deploy/prometheus"
RULES = sorted((PROMETHEUS / "rules").glob("*.yml"))
TESTS = sorted((PROMETHEUS / "tests").glob("*.yml"))
OF_OTHERS = {
    "up",
    "rabbitmq_queue_consumers",
    "rabbitmq_queue_messages",
    "rabbitmq_disk_space_available_bytes",
    "rabbitmq_disk_space_available_limit_bytes",
    "kubelet_volume_stats_available_bytes",
    "kubelet_volume_stats_capacity_bytes",
}
"""Prometheus' own, and those of RabbitMQ's plugin and of Kubernetes' kubelet, as their documentation names them."""
OF_PROCESSES = {"process_resident_memory_bytes", "process_cpu_seconds_total"}
"""Of every Python process, by prometheus_client."""
METRIC = re.compile(r"\b(?:crm|rabbitmq|kubelet|process)_[a-z_]+\b|\bup\b")


def rules():
    return [rule for path in RULES for group in yaml.safe_load(path.read_text())["groups"] for rule in group["rules"]]


ALERTS = [rule for rule in rules() if "alert" in rule]


def promtool(*arguments):
    return subprocess.run(["promtool", *arguments], capture_output=True, text=True, timeout=60)


def test_the_rules_and_the_configuration_are_what_prometheus_takes(tmp_path):
    checked = promtool("check", "rules", *map(str, RULES))
    assert checked.returncode == 0, checked.stderr
    config = (PROMETHEUS / "prometheus.yml").read_text().replace("/etc/prometheus/rules", str(PROMETHEUS / "rules"))
    (tmp_path / "prometheus.yml").write_text(config)
    checked = promtool("check", "config", str(tmp_path / "prometheus.yml"))
    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.stem)
def test_each_alert_fires_when_it_should_and_stays_quiet_when_it_should(path):
    done = promtool("test", "rules", str(path))
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("alert", [alert["alert"] for alert in ALERTS])
def test_each_alert_is_tried_both_ways(alert):
    expected = [
        bool(check["exp_alerts"])
        for path in TESTS
        for test in yaml.safe_load(path.read_text())["tests"]
        for check in test["alert_rule_test"]
        if check["alertname"] == alert
    ]
    assert True in expected
    assert False in expected


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert["alert"])
def test_each_alert_says_what_to_do_in_both_languages(alert):
    page, _, anchor = alert["annotations"]["runbook"].partition("#")
    headings = re.findall(r"^### (.+)$", (ROOT / page).read_text(), re.MULTILINE)
    assert anchor in {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
    chinese, _, english = alert["annotations"]["summary"].partition(" / ")
    assert re.search(r"[\u4e00-\u9fff]", chinese)
    assert re.search(r"[a-z]", english)
    assert alert["labels"]["severity"] in ("warning", "critical")


def measured():
    """The metrics declared in the product, by name."""
    modules = (metrics, observe, of_gateway, limits, upstreams)
    found = [metric for module in modules for metric in vars(module).values() if isinstance(metric, MetricWrapperBase)]
    return {metric._name: metric for metric in found}


def declared():
    return {f"{name}{suffix}" for name in measured() for suffix in ("", "_total", "_bucket", "_count", "_sum")}


def named(expressions):
    plain = (re.sub(r'"[^"]*"', "", re.sub(r"crm:\S+", "", expression)) for expression in expressions)
    return {name for expression in plain for name in METRIC.findall(expression)}


def test_no_rule_asks_for_what_nobody_measures():
    assert named(rule["expr"] for rule in rules()) - declared() - OF_OTHERS == set()


def test_every_metric_is_counted_somewhere():
    sources = "\n".join(path.read_text() for folder in ("chassis", "gateway") for path in (ROOT / folder).rglob("*.py"))
    names = [
        name for module in (metrics, of_gateway) for name, metric in vars(module).items()
        if isinstance(metric, MetricWrapperBase)
    ]  # fmt: skip
    assert [name for name in names if len(re.findall(rf"\b{name}\b", sources)) < 2] == []


def test_what_a_service_counts_has_labels_and_so_is_not_counted_before_it_is_known_where():
    declared = [metric for module in (metrics, observe) for metric in vars(module).values()]
    counts = [metric for metric in declared if isinstance(metric, (Counter, Histogram))]
    assert counts
    assert [metric for metric in counts if not metric._labelnames] == []


DASHBOARDS = sorted((ROOT / "deploy/grafana/dashboards").glob("*.json"))


def queries(path):
    return [target["expr"] for panel in json.loads(path.read_text())["panels"] for target in panel["targets"]]


@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.stem)
def test_every_query_of_a_dashboard_can_be_asked_and_is_answered_by_something_measured(path, tmp_path):
    asked = queries(path)
    rules = [{"record": f"crm:asked:{at}", "expr": query} for at, query in enumerate(asked)]
    (tmp_path / "asked.yml").write_text(yaml.safe_dump({"groups": [{"name": "asked", "rules": rules}]}))
    checked = promtool("check", "rules", str(tmp_path / "asked.yml"))
    assert checked.returncode == 0, checked.stderr
    assert named(asked) - declared() - OF_OTHERS - OF_PROCESSES == set()


@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.stem)
def test_a_dashboards_queries_name_labels_their_metrics_have(path):
    labels = {name: set(metric._labelnames) for name, metric in measured().items()}
    for query in queries(path):
        for name, chosen in re.findall(r"\b(crm_[a-z_]+)\{([^}]*)\}", query):
            known = labels[re.sub(r"_(total|bucket|count|sum)$", "", name)] | {"le"}
            assert set(re.findall(r"(\w+)(?:=~|=|!~|!=)", chosen)) <= known, query
