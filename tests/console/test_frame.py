"""Coming in, finding one's way, and going on when something ended or went away."""

import pytest
from playwright.sync_api import expect

from crm.client import CannotConnect
from tests.console.conftest import LOCALES, PASSWORD, accessible, settled, sign_in
from tests.support.runs import eventually


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_first_pages_are_accessible_in_both_languages_light_and_dark(company, open_page, browser, locale, scheme):
    entrance = browser.new_context(locale=locale, color_scheme=scheme, base_url=company.run.url).new_page()
    entrance.goto("/")
    expect(entrance.locator("input[name=username]")).to_be_visible()
    accessible(entrance)
    entrance.context.close()
    page = open_page(company.a_user(), "/", locale, color_scheme=scheme)
    accessible(page)
    expect(page.locator("html")).to_have_attribute("lang", locale)


def test_a_wrong_password_is_told_and_the_right_one_lets_in(company, browser):
    user = company.a_user()
    page = browser.new_context(locale="zh-CN", base_url=company.run.url).new_page()
    page.goto("/leads")
    page.locator("input[name=username]").fill(user["username"])
    page.locator("input[name=password]").fill("wrong")
    page.locator("button[type=submit]").click()
    expect(page.get_by_role("alert")).to_be_visible()
    sign_in(page, user["username"])
    expect(page).to_have_url(f"{company.run.url}/leads")
    page.context.close()


def test_the_language_is_switched_and_remembered(company, open_page):
    page = open_page(company.a_user())
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("link", name="Opportunities")).to_be_visible()
    page.reload()
    expect(page.get_by_role("link", name="Opportunities")).to_be_visible()


def test_a_reload_and_a_second_window_stay_signed_in(company, open_page):
    page = open_page(company.a_user(), "/opportunities")
    page.reload()
    expect(page.locator(".sidebar")).to_be_visible()
    second = page.context.new_page()
    second.goto("/dashboard")
    expect(second.locator(".sidebar")).to_be_visible()


def test_a_token_that_expires_in_mid_work_is_renewed_unseen(company, open_page):
    user = company.a_user()
    page = settled(open_page(user, "/opportunities"))
    page.clock.install()
    page.clock.fast_forward("06:00")
    with page.expect_response("**/api/v1/session/refresh") as renewal:
        page.get_by_role("button", name="新建商机").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("商机名称").fill("夜里谈的单子")
        dialog.get_by_label("阶段").select_option("engaging")
        dialog.get_by_role("button", name="保存").click()
    assert renewal.value.status == 200
    expect(page.get_by_role("heading", name="夜里谈的单子")).to_be_visible()


def test_who_was_signed_out_elsewhere_signs_in_again_and_keeps_what_he_wrote(company, open_page):
    user = company.a_user()
    page = settled(open_page(user, "/opportunities"))
    page.get_by_role("button", name="新建商机").click()
    dialog = page.get_by_role("dialog").first
    dialog.get_by_label("商机名称").fill("没写完的商机")
    dialog.get_by_label("阶段").select_option("prospecting")
    elsewhere = company.client_of(user)
    user_now = company.admin.get(f"/api/v1/users/{user['id']}")
    again = {"If-Match": f'"{user_now["version"]}"'}
    company.admin.call("PATCH", f"/api/v1/users/{user['id']}", {"password": f"{PASSWORD}!"}, again)
    assert eventually(lambda: is_refused(elsewhere))
    dialog.get_by_role("button", name="保存").click()
    ended = page.get_by_role("dialog", name="请重新登录")
    expect(ended).to_be_visible()
    ended.get_by_label("密码").fill(f"{PASSWORD}!")
    ended.get_by_role("button", name="登录").click()
    expect(page.get_by_role("heading", name="没写完的商机")).to_be_visible()


def is_refused(client):
    try:
        client.get("/api/v1/me")
    except CannotConnect:
        return True
    return False


def test_without_a_network_the_page_says_so_and_comes_back_by_itself(company, open_page):
    page = settled(open_page(company.a_user(), "/opportunities"))
    page.context.set_offline(True)
    expect(page.get_by_text("离线", exact=True)).to_be_visible()
    page.get_by_role("button", name="列表").click()
    expect(page.get_by_text("网络不可用")).to_be_visible()
    page.context.set_offline(False)
    expect(page.get_by_text("还没有商机")).to_be_visible()


def test_an_address_that_is_no_page_says_so(company, open_page):
    page = open_page(company.a_user(), "/nowhere-at-all")
    expect(page.get_by_text("没有找到，或您无权查看").first).to_be_visible()


def test_the_whole_frame_is_used_by_keyboard(company, open_page):
    page = settled(open_page(company.a_user()))
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="跳到主要内容")).to_be_focused()
    page.get_by_role("link", name="商机", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{company.run.url}/opportunities")


def test_a_phone_of_390_pixels_shows_everything_without_scrolling_sideways(company, open_page):
    page = open_page(company.a_user(), viewport={"width": 390, "height": 780})
    for path in (
        "/",
        "/leads",
        "/opportunities",
        "/opportunities?view=list",
        "/customers",
        "/activities",
        "/dashboard",
    ):
        page.goto(path)
        settled(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
