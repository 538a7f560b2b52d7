"""Alerts: each fires, each stays quiet, each says in a runbook what to do, and none asks for what nobody measures."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from chassis import metrics
from chassis.web import observe
from gateway import metrics as of_gateway
from gateway import upstreams

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
METRIC = re.compile(r"\b(?:crm|rabbitmq|kubelet)_[a-z_]+\b|\bup\b")


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


def test_no_rule_asks_for_what_nobody_measures():
    declared = {
        f"{name}{suffix}"
        for module in (metrics, observe, of_gateway, upstreams)
        for metric in vars(module).values()
        if (name := getattr(metric, "_name", None)) is not None
        for suffix in ("", "_total", "_bucket", "_count", "_sum")
    }
    asked = {
        name
        for rule in rules()
        for name in METRIC.findall(re.sub(r'"[^"]*"', "", re.sub(r"crm:\S+", "", rule["expr"])))
    }
    assert asked - declared - OF_OTHERS == set()
