"""What deployments and documents name is what the product reads."""

import re

from tests.deploy.images import ROOT

READ = {
    variable
    for path in (
        "branch/settings.py",
        "chassis/settings.py",
        "crm/client.py",
        "crm/handout.py",
        "crm/processes.py",
        "crm/demo/command.py",
    )
    for variable in re.findall(r"CRM_[A-Z_]+", (ROOT / path).read_text())
}
DEPLOYED = [ROOT / "Dockerfile", ROOT / "docker-compose.yml", *sorted((ROOT / "deploy").rglob("*.yaml"))]


def named(path):
    return {variable.removesuffix("_FILE") for variable in re.findall(r"\bCRM_[A-Z_]+", path.read_text())}


def test_every_variable_set_in_a_deployment_is_one_that_is_read():
    assert {path.name: named(path) - READ for path in DEPLOYED if named(path) - READ} == {}


def test_every_documented_variable_is_one_that_is_read_and_the_reverse():
    documented = named(ROOT / "docs/operations.md")
    read = set(re.findall(r"\bCRM_[A-Z_]+\b", (ROOT / "chassis/settings.py").read_text()))
    assert documented - READ - {"CRM_", "CRM_TEST_AMQP_URL"} == set()
    assert read - documented == set()
