"""Somebody else's export, as docs/import.md teaches it."""

import re
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests.support.runs import MAVEN, PRESET, eventually
from tests.system.conftest import DEALS, total

GUIDE = (Path(__file__).parents[2] / "docs" / "import.md").read_text()


def taught():
    """The example of the guide: its CSV and its mapping."""
    blocks = [textwrap.dedent(block) for block in re.findall(r"\n\n((?:    .*\n|\n(?=    ))+)", GUIDE)]
    (sheet,) = [block for block in blocks if block.startswith("客户,")]
    (mapping,) = [block for block in blocks if block.startswith("system: oldcrm")]
    return sheet, mapping


@pytest.mark.timeout(120)
def test_the_guides_example_goes_in_and_a_bad_row_is_written_down_with_its_reason(company, tmp_path):
    sheet, mapping = taught()
    (tmp_path / "deals.csv").write_text(sheet + "广州江南,,云主机,不详,谈判中,王芳,华东,2024/02/30,\n")
    (tmp_path / "m.yaml").write_text(mapping)
    errors = tmp_path / "errors.csv"
    done = company.crm(
        "import", "--mapping", str(tmp_path / "m.yaml"), str(tmp_path), "--errors", str(errors), check=False
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert re.search(r"opportunities +2 +0 +1", done.stdout)
    (failed,) = errors.read_text(encoding="utf-8-sig").splitlines()[1:]
    assert failed.startswith("广州江南,")
    assert "'2024/02/30' is no date" in failed
    client = company.client()

    def figures():
        items = client.get("/api/v1/analytics/pipeline", group_by="owner")["items"]
        return {item["group"]["name"]: item["by_stage"] for item in items if item["group"]["name"] in ("李娜", "王芳")}

    assert eventually(lambda: figures() == {"李娜": {"won": 1}, "王芳": {"negotiating": 1}})


@pytest.mark.timeout(200)
def test_an_import_killed_in_the_middle_is_simply_run_again(company):
    before = total(company.client())["deals"]
    command = [sys.executable, "-m", "crm", "import", "--mapping", str(PRESET), str(MAVEN)]
    broken = subprocess.Popen(command, env=company.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    eventually(lambda: total(company.client())["deals"] > before + 500)
    broken.send_signal(signal.SIGKILL)
    broken.wait()
    company.crm("import", "--mapping", str(PRESET), str(MAVEN))
    assert eventually(lambda: total(company.client())["deals"] == before + DEALS, 60)


def test_a_wrong_password_or_address_is_said_in_one_line(company):
    environment = {"CRM_ADMIN_PASSWORD": "wrong password"}
    for arguments, said in (([], "cannot sign in"), (["--url", "ftp://x"], "no http(s) address")):
        done = subprocess.run(
            [sys.executable, "-m", "crm", "report", "pipeline", *arguments],
            env=company.environment | environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 2
        assert said in done.stderr
        assert len(done.stderr.splitlines()) == 1
