"""The console in a browser that has cached nothing, before the demo company: first paint, and what a page is for."""

import json
import time
from pathlib import Path
from statistics import median
from urllib.request import urlopen

from playwright.sync_api import Browser, Page, StorageState, sync_playwright

from bench.measure import Figure
from chassis.postgres import Cluster
from tests.console.conftest import CHROMIUM, FLAGS
from tests.support.runs import Run, eventually
from tests.support.servers import RabbitNode

ROUNDS = 5
LOADED_SECONDS = 120
TARGET = "≤ 1,000"
PAGES = {"home": ("/", ".tile strong"), "leads": ("/leads", "tbody tr"), "board": ("/opportunities", "li.deal")}
"""Of each page its address, and what it is there to show."""
PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"
SCRIPTS = """performance.getEntriesByType('resource').filter(({ name }) => name.endsWith('.js'))
  .reduce((sum, { decodedBodySize }) => sum + decodedBodySize, 0)"""


def measure(cluster: Cluster, rabbit: RabbitNode, folder: Path) -> list[Figure]:
    run = Run(["run"], folder / "console")
    run.start()
    try:
        eventually(lambda: _is_loaded(run), LOADED_SECONDS)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
            return [*_sign_in(browser, run), *_pages(browser, run)]
    finally:
        run.stop()


def _sign_in(browser: Browser, run: Run) -> list[Figure]:
    seen = [_opened(browser.new_page(base_url=run.url), "/", "input[name=username]") for _ in range(ROUNDS)]
    return [
        Figure("console, sign-in page, first paint", median(paint for paint, _, _ in seen), "ms", target=TARGET),
        Figure("console, sign-in page, form there", median(there for _, there, _ in seen), "ms", target=TARGET),
    ]


def _pages(browser: Browser, run: Run) -> list[Figure]:
    """Each page in a browser that remembers the session and no file."""
    state = _session(browser, run)
    figures = []
    for name, (path, shown) in PAGES.items():
        seen = []
        for _ in range(ROUNDS):
            context = browser.new_context(base_url=run.url, storage_state=state)
            seen.append(_opened(context.new_page(), path, shown))
            state = context.storage_state()
            context.close()
        figures.append(Figure(f"console, {name}, first paint", median(paint for paint, _, _ in seen), "ms"))
        figures.append(Figure(f"console, {name}, rows there", median(at for _, at, _ in seen), "ms", target=TARGET))
        if name == "home":
            figures.append(Figure("console, script before charts", seen[0][2], "bytes", target="≤ 120,000"))
    return figures


def _session(browser: Browser, run: Run) -> StorageState:
    """The cookies of the demo company's manager."""
    with urlopen(f"{run.url}/api/v1/demo-sign-ins") as answer:  # noqa: S310 -- our own process
        (manager,) = [person for person in json.load(answer)["items"] if person["role"] == "manager"]
    context = browser.new_context(base_url=run.url)
    page = context.new_page()
    page.goto("/")
    page.locator("input[name=username]").fill(manager["username"])
    page.locator("input[name=password]").fill(manager["password"])
    page.locator("input[name=password]").press("Enter")
    page.locator(".sidebar").wait_for()
    state = context.storage_state()
    context.close()
    return state


def _is_loaded(run: Run) -> bool:
    return bool(json.loads((run.folder / "demo.json").read_text()).get("loaded"))


def _opened(page: Page, path: str, shown: str) -> tuple[float, float, float]:
    """Milliseconds from the request to the first paint, and until `shown` is there; the bytes of script."""
    began = time.perf_counter()
    page.goto(path, wait_until="commit")
    page.locator(shown).first.wait_for()
    there = (time.perf_counter() - began) * 1000
    page.wait_for_timeout(200)
    measured = page.evaluate(PAINT), there, page.evaluate(SCRIPTS)
    page.close()
    return measured
