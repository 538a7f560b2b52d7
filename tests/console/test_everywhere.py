"""Every page, and every dialog that opens on one: in both languages, light and dark, on a desk and in a hand."""

import re

import pytest
from playwright.sync_api import expect

from tests.console.conftest import accessible, settled
from tests.support.samples import REASONS

MONEY = {"amount": "120000.00", "currency": "CNY"}
WAYS = [("zh-CN", "dark", 1280), ("en", "light", 1280), ("zh-CN", "light", 390), ("en", "dark", 390)]
DIALOGS = {
    "/leads": ("录入线索", "Capture lead"),
    "/opportunities": ("新建商机", "New opportunity"),
    "/customers": ("新增客户", "Add customer"),
    "/activities": ("记录活动", "Log activity"),
    "/users": ("新增用户", "Add a user"),
    "/policies": ("起草制度", "Draft a policy"),
    "lead": ("判别", "Qualify"),
    "deal": ("输单", "Lose"),
    "customer": ("编辑", "Edit"),
}
"""Where one opens, and the button it opens with."""
SPOKEN = """() => {
  const seen = []
  const walk = (node) => {
    if (node.nodeType === Node.TEXT_NODE) return seen.push(node.data)
    if (node.nodeType !== Node.ELEMENT_NODE || node.matches('.code, script, style, noscript')) return
    for (const name of ['aria-label', 'title', 'placeholder', 'alt']) seen.push(node.getAttribute(name) ?? '')
    node.childNodes.forEach(walk)
  }
  walk(document.body)
  return [document.title, ...seen].join('\\n')
}"""
"""All that a page says, codes left out."""


@pytest.fixture(scope="module")
def pages(company):
    """Addresses by name, of pages with something on them."""
    li = company.a_user()
    source = company.admin.post("/api/v1/sources", {"name": "展会", "kind": "event"})
    customer = company.a_customer("杭州云栖", li, region="杭州", industry="软件")
    company.admin.post(f"/api/v1/customers/{customer['id']}/contacts", {"name": "王芳", "decision_maker": True})
    deal = company.a_deal("杭州云栖一期", li, stage="engaging", amount=MONEY, customer_id=customer["id"])
    mine = company.client_of(li)
    lead = mine.post("/api/v1/leads", {"company": "上海远航", "source_id": source["id"], "owner_id": li["id"]})
    about = {"customer_id": customer["id"], "kind": "visit", "summary": "上门拜访"}
    mine.post("/api/v1/activities", {**about, "started_at": "2026-03-02T09:00:00+08:00", "minutes": 60})
    mine.post("/api/v1/plans", {**about, "due_at": "2026-03-02T09:00:00+08:00"})
    won = company.a_deal("已赢的单", li, stage="negotiating", amount=MONEY)
    mine.post(f"/api/v1/opportunities/{won['id']}/close", {"outcome": "won"} | REASONS)
    plain = ("/", "/leads", "/opportunities", "/opportunities?view=list", "/customers", "/activities", "/dashboard")
    ruling = ("/units", "/users", "/departures", "/policies", "/operations", "/security")
    found = {path: path for path in (*plain, *ruling, "/no-such-page")}
    found |= {"/audit": "/audit?q=nothing"}  # what is on record names things as they were called then
    found |= {"lead": f"/leads/{lead['id']}", "deal": f"/opportunities/{deal['id']}"}
    return found | {"customer": f"/customers/{customer['id']}"}


@pytest.mark.timeout(240)
@pytest.mark.parametrize(("locale", "scheme", "width"), WAYS)
def test_every_page_and_dialog_is_accessible_fits_and_speaks_one_language(
    company, open_page, pages, locale, scheme, width
):
    page = open_page(None, "/", locale, color_scheme=scheme, viewport={"width": width, "height": 844})
    for name, path in pages.items():
        page.goto(path)
        accessible(page)
        speaks(page, company, locale)
        assert current_place_is_in_sight(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        if name in DIALOGS:
            button = DIALOGS[name][locale == "en"]
            page.locator("header.heading").get_by_role("button", name=button, exact=True).click()
            dialog = page.get_by_role("dialog")
            expect(dialog).to_be_visible()
            accessible(page)
            speaks(page, company, locale)
            assert dialog.evaluate("node => node.scrollWidth <= node.clientWidth"), path
            dialog.locator("footer .button").first.click()
            expect(dialog).to_have_count(0)


def speaks(page, company, locale):
    """Nothing on the page is in the other language, names and codes of what the company holds apart."""
    said = page.evaluate(SPOKEN)
    if locale == "en":
        said = said.replace("中文", "")
        strange = set(re.findall(r"[\u4e00-\u9fff]+", said)) - held_names(company)
        assert {text for text in strange if not re.fullmatch("李|理员", text)} == set()
    else:
        units = {unit["code"] for unit in company.admin.every("/api/v1/units")}
        users = {user["username"].rstrip("0123456789") for user in company.admin.every("/api/v1/users")}
        strange = set(re.findall(r"[A-Za-z]{2,}", re.sub(r"[\w-]+(\.[\w-]+)+", "", said)))
        assert (
            strange
            - {"CRM", "English", "CSV", "API"}
            - units
            - users
            - {part for code in units for part in code.split("-")}
            == set()
        )


def current_place_is_in_sight(page):
    place = page.locator(".place[aria-current]")
    if not place.count():
        return True
    box = place.bounding_box()
    return box["x"] >= 0 and box["x"] + box["width"] < page.viewport_size["width"] + 1


def held_names(company):
    """What users called things; `/names` and lists show them as they are."""
    lists = ("units", "users", "sources", "products", "customers", "opportunities", "leads", "activities", "plans")
    rows = [row for name in lists for row in company.admin.every(f"/api/v1/{name}")]
    texts = [str(value) for row in rows for value in row.values() if isinstance(value, str)]
    return {word for text in texts for word in re.findall(r"[\u4e00-\u9fff]+", text)} | {"王芳"}


def test_a_very_long_name_breaks_no_page(company, open_page):
    li = company.a_user()
    name = "很长的公司名称" * 20 + "W" * 60
    customer = company.a_customer(name, li)
    deal = company.a_deal(name, li, customer_id=customer["id"], amount={"amount": "9" * 16, "currency": "CNY"})
    page = open_page(li, "/", viewport={"width": 390, "height": 844})
    for path in ("/", "/opportunities", "/customers", f"/customers/{customer['id']}", f"/opportunities/{deal['id']}"):
        page.goto(path)
        settled(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
