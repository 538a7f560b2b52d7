"""Somebody leaves, as whoever runs the company sees to it."""

import pytest
from playwright.sync_api import expect

from tests.console.conftest import LOCALES, accessible, settled
from tests.support.runs import eventually

WORDS = {"zh-CN": "办理离职", "en": "Start a departure"}


@pytest.fixture
def li(company):
    """A salesperson with two customers and a deal, as far as organization knows too."""
    manager = company.a_user("manager")
    user = company.a_user(manager_id=manager["id"])
    for number in range(2):
        company.a_customer(f"{user['name']}的客户{number}", user)
    company.a_deal("扩容", user)
    path, asked = f"/api/v1/users/{user['id']}/departure", {"to": "manager", "preview": True}
    assert eventually(lambda: held(company.admin.post(path, asked)) == [2, 0, 1, 0])
    return user


def held(preview):
    return [preview["counts"][kind]["held"] for kind in ("customers", "leads", "opportunities", "plans")]


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_departures_are_accessible_in_both_languages_light_and_dark(company, open_page, li, locale, scheme):
    gone = company.a_user()
    company.a_customer(f"{gone['name']}的客户", gone)
    company.admin.post(f"/api/v1/users/{gone['id']}/departure", {"to": "manager"})
    page = open_page(None, f"/users?q={li['username']}", locale, color_scheme=scheme)
    settled(page).get_by_role("button", name=WORDS[locale]).click()
    expect(page.get_by_role("dialog").locator("select").first).to_be_visible()
    accessible(page)
    page.goto("/departures")
    expect(settled(page).locator("progress").first).to_be_visible()
    accessible(page)


def test_departures_fit_a_phone(company, open_page, li):
    page = open_page(None, f"/users?q={li['username']}", viewport={"width": 390, "height": 844})
    settled(page).get_by_role("button", name="办理离职").click()
    expect(page.get_by_role("dialog").locator("select").first).to_be_visible()
    accessible(page)
    company.admin.post(f"/api/v1/users/{li['id']}/departure", {"to": "manager"})
    page.goto("/departures")
    accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_each_kind_goes_to_whom_it_is_given_and_the_list_follows_it_to_its_end(company, open_page, li):
    heir = company.a_user()
    watching = settled(open_page(None, "/departures"))
    page = settled(open_page(None, f"/users?q={li['username']}"))
    page.get_by_role("button", name="办理离职").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("客户（2）").select_option(heir["id"])
    dialog.get_by_label("线索（0）").select_option(label="公海：重新分配")
    expect(dialog.get_by_label("商机（1）").locator(":checked")).to_contain_text("上级")
    dialog.get_by_role("button", name="确认离职").click()
    expect(dialog).to_have_count(0)
    expect(page.get_by_role("button", name="启用")).to_be_visible()
    row = watching.get_by_role("row").filter(has_text=li["name"])
    expect(row).to_contain_text("客户：已移交2，共2")
    expect(row).to_contain_text("已完成")
    owned = company.admin.every("/api/v1/customers", owner_id=heir["id"])
    assert {each["name"] for each in owned} == {f"{li['name']}的客户{number}" for number in range(2)}
    page.goto(f"/customers/{owned[0]['id']}")
    history = settled(page).locator("section").filter(has_text="归属历史").get_by_role("listitem")
    expect(history.first).to_contain_text(heir["name"])
    expect(history.first).to_contain_text("离职交接")
    expect(history.last).to_contain_text(li["name"])
    accessible(page)


def test_what_cannot_be_is_said_where_it_was_asked(company, open_page, li):
    page = settled(open_page(None, f"/users?q={li['username']}"))
    page.get_by_role("button", name="办理离职").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("截止").fill("2020-01-01T00:00")
    dialog.get_by_role("button", name="确认离职").click()
    expect(dialog.locator("input[name=due_at][aria-invalid=true]")).to_be_visible()
    assert company.admin.get(f"/api/v1/users/{li['id']}")["active"] is True


def test_only_who_runs_the_company_is_shown_departures(company, open_page):
    page = settled(open_page(company.a_user("manager"), "/"))
    expect(page.locator(".sidebar")).not_to_contain_text("离职交接")
