"""The architecture itself."""

import ast
import re
from importlib import import_module
from pathlib import Path

import psycopg
import pytest

from chassis import migrate
from chassis.settings import Settings
from chassis.web import create_app
from contracts.docs import declared
from crm import company

ROOT = Path(__file__).parents[2]
SOURCES = [
    path
    for folder in ("branch", "chassis", "contracts", "services", "gateway", "crm")
    for path in (ROOT / folder).rglob("*.py")
]
PUBLIC = {
    ("POST", "/api/v1/session"),
    ("POST", "/api/v1/session/refresh"),
    ("GET", "/api/v1/keys"),
}
COLUMNS = "SELECT column_name, is_nullable = 'YES' FROM information_schema.columns WHERE table_name = %s"
NO_LIST_OF_ROWS = {"/openapi.json", "/health/live", "/health/ready", "/metrics"}


def test_every_feature_is_proved_by_tests_that_exist():
    text = (ROOT / "docs" / "features.md").read_text()
    proofs = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", text)
    assert len(proofs) >= 25
    missing = [f"{path}::{name}" for path, name in proofs if f"def {name}(" not in (ROOT / path).read_text()]
    assert missing == []
    places = re.findall(r"`((?:branch|chassis|contracts|crm|gateway|services)/[\w/.]*)`", text)
    assert [place for place in places if not (ROOT / place).exists()] == []


@pytest.mark.parametrize("name", company.NAMES)
def test_every_route_needs_a_token_or_is_on_the_short_public_list(name):
    app = create_app(company.service(name), Settings(database_url="postgresql://nobody@127.0.0.1:1/none"))
    client = app.test_client()
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<uuid:\w+>", "00000000-0000-0000-0000-000000000001", str(rule))
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            if path in NO_LIST_OF_ROWS or (method, path) in PUBLIC:
                continue
            answer = client.open(path, method=method, json={} if method != "GET" else None)
            assert answer.status_code == 401, (method, path, answer.status_code)


@pytest.mark.parametrize("name", company.NAMES)
def test_every_route_asks_for_a_permission_or_is_the_callers_own(name):
    own = {"sign_out", "me"}
    for path in sorted((ROOT / "services" / name / "api").glob("*.py")):
        for function in ast.walk(ast.parse(path.read_text())):
            if isinstance(function, ast.FunctionDef):
                marks = [ast.unparse(mark) for mark in function.decorator_list]
                if any(mark.startswith("blueprint.route") for mark in marks) and function.name not in own:
                    allowed = ("requires(", "public", "in_person")
                    assert any(mark.startswith(allowed) for mark in marks), (path.name, function.name)


def test_every_event_consumed_is_declared():
    known = {kind.name for kind in declared()}
    for name in company.NAMES:
        service = company.service(name)
        assert {*service.handlers, *service.batch_types} <= known, name


def test_no_main_queue_hears_control_events():
    for consumer in company.consumers():
        assert not [key for key in consumer.bindings if key.startswith(("crm.organization", "crm.#", "#", "crm.*"))]
        assert consumer.control == ("crm.organization.#",)


def test_every_event_has_somebody_who_hears_it():
    bindings = [key for consumer in company.consumers() for key in (*consumer.bindings, *consumer.control)]
    bindings += [f"crm.{key}" for consumer in company.consumers() for key in consumer.branches]
    patterns = [re.compile(re.escape(key).replace(r"\#", ".*").replace(r"\*", r"[^.]+")) for key in bindings]
    for kind in declared():
        assert any(pattern.fullmatch(kind.name) for pattern in patterns), kind.name


@pytest.mark.parametrize("name", ["organization", "customer", "leads", "activity"])
def test_the_tables_are_those_the_migrations_make(name, database_url):
    migrate.upgrade(name, database_url)
    tables = import_module(f"services.{name}.store.tables").metadata.tables
    with psycopg.connect(database_url) as connection:
        for table in tables.values():
            made = connection.execute(COLUMNS, (table.name,)).fetchall()
            named = {(column.name, column.nullable) for column in table.columns}
            assert named <= set(made), table.name


def test_modules_and_functions_are_short():
    for path in [*SOURCES, *(ROOT / "tests").rglob("*.py")]:
        lines = path.read_text().splitlines()
        assert len(lines) <= 500, path
        if "tests" not in path.relative_to(ROOT).parts:
            assert len(lines) <= 400, path
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef):
                assert node.end_lineno - node.lineno <= 45, (path, node.name)


def test_only_one_place_reads_the_environment_the_clock_and_writes_to_the_screen():
    homes = {"datetime.now(": {"chassis/clock.py", "branch/clock.py"}, "\nprint(": set()}
    for path in SOURCES:
        name = str(path.relative_to(ROOT))
        for forbidden, allowed in homes.items():
            assert forbidden not in path.read_text() or name in allowed, (name, forbidden)
        if name.startswith(("services/", "gateway/", "chassis/")) and name != "chassis/settings.py":
            found = "os.environ" in path.read_text()
            assert not found or name == "chassis/postgres.py", name
