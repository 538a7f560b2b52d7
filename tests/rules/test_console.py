"""The console's sources: every word in both languages, nothing unlisted, light enough."""

import hashlib
import json
import re
import subprocess
import tomllib
from pathlib import Path
from typing import get_args

import pytest

from contracts import policies
from contracts.organization import Role, UnitKind
from crm import company

ROOT = Path(__file__).parents[2]
CONSOLE = ROOT / "console"
VENDOR = CONSOLE / "vendor"
SOURCES = sorted(path for path in CONSOLE.rglob("*.js") if VENDOR not in path.parents)
CODE = "\n".join(path.read_text() for path in SOURCES)
ENGLISH, CHINESE = (json.loads((CONSOLE / "i18n" / f"{name}.json").read_text()) for name in ("en", "zh-CN"))
SPOKEN_IN_CHINESE = {"CRM", "API", "CSV", "ID", "English"}
RULES = {name for kind in policies.names() for name in policies.find(kind).orders}
CLOSED = {
    "role": get_args(Role),
    "unit-kind": get_args(UnitKind),
    "service": company.NAMES,
    "policy-kind": policies.names(),
    "policy-mark": policies.MARKS,
    "policy-field": RULES,
}
"""Vocabularies of which every value is shown somewhere."""
FIRST_PAGE_BYTES = 120_000


def test_both_languages_have_the_same_words_with_the_same_places_in_them():
    assert list(CHINESE) == list(ENGLISH)
    places = {key: [set(re.findall(r"\{(\w+)\}", words[key])) for words in (CHINESE, ENGLISH)] for key in ENGLISH}
    assert [key for key, (chinese, english) in places.items() if chinese != english] == []
    assert [key for words in (CHINESE, ENGLISH) for key in words if not words[key].strip()] == []


def test_a_reader_of_one_language_meets_no_word_of_the_other():
    words = {key: set(re.findall(r"[A-Za-z]{2,}", re.sub(r"\{\w+\}", "", text))) for key, text in CHINESE.items()}
    assert {key: found - SPOKEN_IN_CHINESE for key, found in words.items() if found - SPOKEN_IN_CHINESE} == {}
    assert {key for key, text in ENGLISH.items() if re.search(r"[\u3000-\u9fff\uff00-\uffef]", text)} == {
        "preference.other-language"
    }


def plain(key):
    return re.sub(r"_(one|other)$", "", key)


def asked_for():
    """The keys that the code names whole, in calls of `t`; a choice of two keys names both."""
    calls = re.findall(r"\bt\(((?:[^`(),]|\([^()]*\))+)", CODE)
    return {key for call in calls for key in re.findall(r"'([a-z][\w-]*\.[\w.-]+)'", call)}


def prefixes():
    """What the keys begin with that the code makes from a value."""
    made = re.findall(r"\bt\(`([\w.-]+\.[\w-]*)\$\{", CODE)
    of = re.findall(r"""\bworded\('([\w-]+)'|\bof="([\w-]+)\"""", CODE)
    return set(made) | {f"{one or other}." for one, other in of}


def test_every_word_asked_for_is_there():
    there = {plain(key) for key in ENGLISH}
    assert len(asked_for()) > 50
    assert asked_for() - there == set()
    assert {prefix for prefix in prefixes() if not any(key.startswith(prefix) for key in there)} == set()
    assert {f"{name}.{value}" for name, values in CLOSED.items() for value in values} - there == set()


def test_no_word_is_left_over():
    contracts = "\n".join(path.read_text() for folder in ("contracts", "crm") for path in (ROOT / folder).rglob("*.py"))
    values = set(re.findall(r"""['"`]([\w-]+)['"`]""", CODE + contracts)) | set(re.findall(r"\b(\w+):", CODE)) | RULES

    def used(key):
        if key in asked_for() or f"'{key}'" in CODE:
            return True
        return any(key.startswith(prefix) and key.removeprefix(prefix) in values for prefix in prefixes())

    assert [key for key in ENGLISH if not used(plain(key))] == []


def eslint(source):
    done = subprocess.run(
        [ROOT / ".venv/bin/node", "node_modules/.bin/eslint", "--stdin", "--stdin-filename", "console/pages/tried.js"],
        cwd=ROOT,
        input=source,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done.stdout + done.stderr


@pytest.mark.parametrize("said", ["<p>Deals</p>", "<p>商机 ${1}</p>", '<button title="Close"></button>'])
def test_text_outside_the_catalogues_is_found_by_the_linter(said):
    source = "import { html } from '../ui.js'\nimport { t } from '../i18n.js'\nexport const Page = () => html`%s`\n"
    assert "Outside the catalogues" in eslint(source % f"{said}${{t('nav.home')}}")
    assert eslint(source % """<p title=${t('nav.home')} class="state">${t('nav.home')} · </p>""") == ""


def listed():
    return tomllib.loads((VENDOR / "VENDOR.toml").read_text())["file"]


def test_code_of_others_is_what_its_list_says():
    there = {path.name for path in VENDOR.iterdir() if not path.name.endswith(".d.ts")}
    assert there == {"VENDOR.toml"} | {file["name"] for file in listed()}
    for file in listed():
        assert hashlib.sha256((VENDOR / file["name"]).read_bytes()).hexdigest() == file["sha256"], file["name"]
        assert re.fullmatch(r"\d+\.\d+\.\d+", file["version"])
        assert file["licence"] in ("MIT", "Apache-2.0", "ISC")


def test_types_are_those_of_the_code_that_runs():
    wanted = json.loads((ROOT / "package.json").read_text())["devDependencies"]
    versions = {file["package"]: file["version"] for file in listed()}
    shared = wanted.keys() & versions.keys()
    assert {"preact", "htm", "@preact/signals"} <= shared
    assert {name: wanted[name] for name in shared} == {name: versions[name] for name in shared}


def needed(path, seen):
    """`path` and all that it imports at once, not what it loads later."""
    if path not in seen:
        seen.add(path)
        for target in re.findall(r"""(?:from|^import)\s*['"](\.[^'"]+)['"]""", path.read_text(), re.MULTILINE):
            needed((path.parent / target).resolve(), seen)
    return seen


def test_the_first_page_needs_little_script():
    entrances = (CONSOLE / "first.js", CONSOLE / "app.js", CONSOLE / "pages" / "home.js")
    files = set().union(*(needed(path, set()) for path in entrances))
    assert VENDOR / "preact.js" in files
    assert not {VENDOR / "echarts.js", VENDOR / "sortable.js"} & files
    assert sum(path.stat().st_size for path in files) <= FIRST_PAGE_BYTES


def test_what_every_page_needs_is_asked_for_at_once():
    asked = re.findall(r'rel="modulepreload" href="/console/([^"]+)"', (CONSOLE / "index.html").read_text())
    assert set(asked) == {str(path.relative_to(CONSOLE)) for path in needed(CONSOLE / "app.js", set())} - {"app.js"}


def test_every_file_that_is_named_exists():
    texts = [path.read_text() for path in (*SOURCES, CONSOLE / "index.html", CONSOLE / "manifest.json")]
    named = {name for text in texts for name in re.findall(r"/console/([\w./-]+\.\w+)", text)}
    assert {"app.js", "vendor/preact.js", "style/console.css"} <= named
    assert {name for name in named if not (CONSOLE / name).is_file()} == set()
    pages = re.findall(r"^  \[/\^.+?/, '([\w-]+)'.*\],$", (CONSOLE / "app.js").read_text(), re.MULTILINE)
    assert len(pages) >= 10
    assert [page for page in pages if not (CONSOLE / "pages" / f"{page}.js").is_file()] == []


def test_every_icon_that_is_named_is_drawn():
    drawn = set(re.findall(r'id="([\w-]+)"', (VENDOR / "icons.svg").read_text()))
    named = set(re.findall(r"""\$\{(?:Icon|Empty)\} (?:name|icon)="([\w-]+)\"""", CODE))
    assert len(named) > 10
    assert named - drawn == set()
