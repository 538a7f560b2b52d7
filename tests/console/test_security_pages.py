"""One's own account and the audit trail, in the console."""

import re
from pathlib import Path

import psycopg
import pyotp
import pytest
from playwright.sync_api import expect

from chassis.postgres import Cluster
from crm.embedded import cluster_folder
from tests.console.conftest import LOCALES, PASSWORD, accessible, settled
from tests.support.runs import eventually

PAGES = ("/security", "/audit")
LONG_AGO = "UPDATE sessions SET second_factor_at = second_factor_at - interval '1 hour' WHERE user_id = %s"
FORGET_LAST_CODE = "UPDATE second_factors SET last_step = 0 WHERE user_id = %s"


def changed(company, statement, user):
    """Time passes for this user's second factor."""
    cluster = Cluster(cluster_folder(Path(company.run.folder)))
    with psycopg.connect(cluster.url("crm_organization")) as connection:
        connection.execute(statement, (user["id"],))


def section(page, title):
    return page.locator("section.card").filter(has=page.get_by_role("heading", name=title))


def enrolled(page):
    """The secret of the authenticator that the reader sets up, and his recovery codes."""
    section(page, "动态口令").get_by_role("button", name="启用动态口令").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("img", name="供身份验证器扫描的二维码")).to_be_visible()
    accessible(page)
    secret = dialog.locator("a.code").inner_text().replace(" ", "")
    dialog.get_by_label("身份验证器上显示的数字").fill("000000")
    dialog.get_by_role("button", name="确认").click()
    expect(dialog.locator("input[name=code][aria-invalid=true]")).to_be_visible()
    dialog.get_by_label("身份验证器上显示的数字").fill(pyotp.TOTP(secret).now())
    dialog.get_by_role("button", name="确认").click()
    expect(dialog.locator(".codes li")).to_have_count(10)
    codes = dialog.locator(".codes li").all_inner_texts()
    accessible(page)
    dialog.get_by_role("button", name="已保存").click()
    expect(section(page, "动态口令")).to_contain_text("剩余 10 个")
    return secret, codes


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_are_accessible_in_both_languages_light_and_dark(company, open_page, locale, scheme):
    user = company.a_user("admin", "HQ")
    company.client_of(user).post("/api/v1/api-keys", {"name": "import", "scopes": ["leads:read"]})
    page = open_page(user, "/security", locale, color_scheme=scheme)
    for path in PAGES:
        page.goto(path)
        accessible(page)


def test_the_pages_fit_a_phone(company, open_page):
    page = open_page(company.a_user("admin", "HQ"), "/security", viewport={"width": 390, "height": 844})
    for path in PAGES:
        page.goto(path)
        accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_password_is_changed_and_what_is_wrong_with_it_is_said_at_its_field(company, open_page):
    user = company.a_user()
    page = settled(open_page(user, "/security"))
    password = section(page, "密码")
    for current, new, wrong in (("wrong one", "violet harbour 17", "current"), (PASSWORD, "password123", "new")):
        password.get_by_label("当前密码").fill(current)
        password.get_by_label("新密码").fill(new)
        password.get_by_role("button", name="修改密码").click()
        expect(page.locator(f"input[name={wrong}][aria-invalid=true]")).to_be_visible()
    expect(password).to_contain_text("这是很常见的密码")
    password.get_by_label("新密码").fill("violet harbour 17")
    password.get_by_role("button", name="修改密码").click()
    expect(page.get_by_text("密码已修改")).to_be_visible()
    expect(password.get_by_label("当前密码")).to_have_value("")


def test_a_session_elsewhere_is_seen_and_ended(company, open_page):
    user = company.a_user()
    other = company.client_of(user)
    page = settled(open_page(user, "/security"))
    sessions = section(page, "已登录的设备")
    expect(sessions.get_by_text("当前")).to_have_count(1)
    sessions.get_by_role("button", name="结束").click()
    expect(sessions.get_by_role("button", name="结束")).to_have_count(0)
    token = {"Authorization": f"Bearer {other._token}"}
    assert eventually(lambda: other._exchange("GET", "/api/v1/me", None, token)[0] == 401, 5)


def test_who_sets_up_a_second_factor_is_asked_for_it_at_the_next_sign_in(company, open_page, browser):
    user = company.a_user()
    page = settled(open_page(user, "/security"))
    _, codes = enrolled(page)
    theirs = browser.new_context(locale="zh-CN", base_url=company.run.url).new_page()
    theirs.goto("/leads")
    theirs.locator("input[name=username]").fill(user["username"])
    theirs.locator("input[name=password]").fill(PASSWORD)
    theirs.locator("input[name=password]").press("Enter")
    expect(theirs.locator("input[name=totp]")).to_be_focused()
    accessible(theirs)
    theirs.keyboard.type("000000\n")
    expect(theirs.get_by_role("alert")).to_contain_text("动态口令无效")
    theirs.locator("input[name=totp]").fill(codes[0])
    theirs.keyboard.press("Enter")
    expect(theirs.locator(".sidebar")).to_be_visible()
    theirs.context.close()
    section(page, "动态口令").get_by_role("button", name="停用动态口令").click()
    page.get_by_role("dialog").get_by_label("密码").fill(PASSWORD)
    page.get_by_role("dialog").get_by_role("button", name="停用动态口令").click()
    expect(section(page, "动态口令").get_by_role("button", name="启用动态口令")).to_be_visible()


def test_a_second_factor_given_long_ago_is_asked_for_again_before_a_user_is_disabled(company, open_page):
    admin, user = company.a_user("admin", "HQ"), company.a_user()
    page = settled(open_page(admin, "/security"))
    secret, _ = enrolled(page)
    changed(company, LONG_AGO, admin)
    changed(company, FORGET_LAST_CODE, admin)
    page.goto(f"/users?q={user['username']}")
    settled(page).get_by_role("row").filter(has_text=user["name"]).get_by_role("button", name="停用").click()
    page.get_by_role("dialog").get_by_role("button", name="停用").click()
    again = page.get_by_role("dialog", name="请再次输入动态口令")
    accessible(page)
    again.get_by_label("动态口令").fill(pyotp.TOTP(secret).now())
    again.get_by_role("button", name="继续").click()
    expect(page.get_by_role("row").filter(has_text=user["name"]).get_by_role("button", name="启用")).to_be_visible()
    assert company.admin.get(f"/api/v1/users/{user['id']}")["active"] is False


def test_a_key_is_shown_once_limited_and_revoked(company, open_page):
    page = settled(open_page(company.a_user(), "/security"))
    keys = section(page, "API 密钥")
    keys.get_by_role("button", name="新建密钥").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("名称").fill("官网")
    for scope in ("leads:write", "leads:read"):
        dialog.locator(f"input[value='{scope}']").check()
    dialog.get_by_role("button", name="保存").click()
    secret = page.locator(".secret").inner_text()
    accessible(page)
    page.get_by_role("button", name="已复制").click()
    row = keys.get_by_role("row").filter(has_text="官网")
    expect(row).to_contain_text(secret[:12])
    expect(row).to_contain_text("leads:read leads:write")
    row.get_by_role("button", name="撤销").click()
    page.get_by_role("dialog").get_by_role("button", name="撤销").click()
    expect(keys.get_by_text("没有密钥")).to_be_visible()


def test_an_auditor_finds_who_did_what_and_takes_it_out(company, open_page):
    user = company.a_user()
    company.admin.call("PATCH", f"/api/v1/users/{user['id']}", {"active": False}, {"If-Match": '"1"'})
    page = settled(open_page(company.a_user("auditor", "HQ"), "/"))
    page.get_by_role("link", name="审计").click()
    page.get_by_role("searchbox").fill(user["username"])
    page.get_by_label("操作", exact=True).select_option("user.disabled")
    expect(page).to_have_url(re.compile(f"q={user['username']}"))
    row = page.get_by_role("row").filter(has_text=user["username"])
    expect(row).to_have_count(1)
    expect(row).to_contain_text("停用用户")
    expect(row).to_contain_text("true → false")
    with page.expect_download() as taken:
        page.get_by_role("button", name="导出 CSV").click()
    written = Path(taken.value.path()).read_text(encoding="utf-8-sig").splitlines()
    assert len(written) == 2, written
    assert "user.disabled" in written[1]


def test_who_may_not_read_the_trail_is_not_led_to_it(company, open_page):
    page = settled(open_page(company.a_user("manager"), "/"))
    expect(page.get_by_role("link", name="客户")).to_be_visible()
    expect(page.get_by_role("link", name="审计")).to_have_count(0)
