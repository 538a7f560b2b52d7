"""The console in Chromium, before a whole company in one process; whoever signs in is somebody of it."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from crm.client import Client, Credentials
from tests.support.runs import PASSWORD, Run, embedded
from tests.system.conftest import open_folder

CHROMIUM = "/usr/bin/chromium"
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync")  # fmt: skip
LOCALES = ("zh-CN", "en")
WAIT_MS = 15_000

Open = Callable[..., Page]


@dataclass
class Company:
    """EAST below the headquarters, with people made as they are asked for; each has a name of his own."""

    run: Run
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.admin = self.run.client()
        root = self.admin.get("/api/v1/units")["items"][0]
        self.units = {"HQ": root["id"]}
        self.a_unit("EAST", "华东大区", "region", "HQ")

    def a_unit(self, code: str, name: str, kind: str, parent: str) -> str:
        body = {"code": code, "name": name, "kind": kind, "parent_id": self.units[parent]}
        self.units[code] = self.admin.post("/api/v1/units", body)["id"]
        return self.units[code]

    def a_user(self, role: str = "sales", unit: str = "EAST", manager_id: str | None = None) -> dict[str, Any]:
        number = next(self._numbers)
        membership = {"unit_id": self.units[unit], "role": role, "manager_id": manager_id, "primary": True}
        return self.admin.post(
            "/api/v1/users",
            {"username": f"{role}{number}", "name": f"李{number}", "password": PASSWORD, "memberships": [membership]},
        )

    def client_of(self, user: dict[str, Any]) -> Client:
        """A session of his own beside the browser's, signed in already."""
        client = Client(self.run.url, Credentials(username=user["username"], password=PASSWORD))
        client.get("/api/v1/me")
        return client

    def a_customer(self, name: str, owner: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
        return self.admin.post("/api/v1/customers", {"name": name, **_owned(owner), **more})

    def a_deal(self, name: str, owner: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
        return self.admin.post("/api/v1/opportunities", {"name": name, **_owned(owner), **more})


def _owned(owner: dict[str, Any] | None) -> dict[str, str]:
    return {"owner_id": owner["id"]} if owner else {}


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    run = embedded(open_folder(tmp_path_factory.mktemp("console")) / "var").start()
    yield Company(run)
    run.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=WAIT_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def open_page(company: Company, browser: Browser) -> Iterator[Open]:
    """A page of the console, its user signed in through the form; what a script throws fails the test."""
    contexts: list[BrowserContext] = []
    thrown: list[str] = []

    def opened(user: dict[str, Any] | None = None, path: str = "/", locale: str = "zh-CN", **more: Any) -> Page:
        context = browser.new_context(locale=locale, base_url=company.run.url, **more)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(WAIT_MS)
        page.on("pageerror", lambda error: thrown.append(str(error)))
        page.on("console", lambda message: thrown.append(message.text) if breaks_policy(message) else None)
        page.goto(path)
        sign_in(page, user["username"] if user else "admin")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert thrown == []


def breaks_policy(message: ConsoleMessage) -> bool:
    """Whether the page did what its policy forbids; axe, which has no address, tries what it likes."""
    return "Content Security" in message.text and bool(message.location["url"])


def sign_in(page: Page, username: str) -> None:
    page.locator("input[name=username]").fill(username)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("input[name=password]").press("Enter")
    expect(page.locator(".sidebar")).to_be_visible()


def settled(page: Page) -> Page:
    """The page, when everything it shows has come."""
    expect(page.locator("main h1")).to_be_visible()
    expect(page.locator(".loading")).to_have_count(0)
    return page


def accessible(page: Page) -> None:
    """Nothing on the page breaks WCAG 2.2 AA as far as axe can tell."""
    settled(page)
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]})
    assert found.violations_count == 0, found.generate_report()
