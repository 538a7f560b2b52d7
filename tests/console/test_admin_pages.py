"""Units, users and the operator's page, as whoever runs the company uses them."""

import json
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from playwright.sync_api import expect

from chassis.postgres import Cluster
from crm.embedded import cluster_folder
from tests.console.conftest import LOCALES, PASSWORD, accessible, settled, sign_in

PAGES = ("/units", "/users", "/operations")
RECORD = """
INSERT INTO outbox (event_id, type, subject, sequence, envelope, recorded_at) VALUES (%s, %s, %s, 1, %s, %s)
"""


def a_poison_event(company):
    """Recorded by leads, sent like any other; no consumer can read it, so that each parks it."""
    event_id, subject, kind = uuid4(), uuid4(), "crm.leads.opportunity.won"
    now = datetime.now(UTC)
    envelope = {
        "specversion": "1.0", "id": str(event_id), "source": "/services/leads", "type": kind, "subject": str(subject),
        "time": now.isoformat(), "datacontenttype": "application/json", "dataschema": f"{kind}/1", "sequence": 1,
        "actor": "system", "data": {"name": 7},
    }  # fmt: skip
    cluster = Cluster(cluster_folder(Path(company.run.folder)))
    with psycopg.connect(cluster.url("crm_leads")) as connection:
        connection.execute(RECORD, (event_id, kind, subject, json.dumps(envelope), now))
    return event_id


def failed(company, state):
    return company.admin.get(f"/api/v1/operations/analytics/failed-events?state={state}")["items"]


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_admin_pages_are_accessible_in_both_languages_light_and_dark(company, open_page, locale, scheme):
    company.a_user()
    page = open_page(None, "/units", locale, color_scheme=scheme)
    for path in PAGES:
        page.goto(path)
        accessible(page)
    page.goto("/users")
    settled(page).locator("header.heading .button.primary").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    accessible(page)


def test_admin_pages_fit_a_phone(company, open_page):
    page = open_page(None, "/units", viewport={"width": 390, "height": 844})
    for path in PAGES:
        page.goto(path)
        accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_unit_is_added_below_another_and_renamed(company, open_page):
    page = settled(open_page(None, "/units"))
    page.get_by_role("button", name="在华东大区下新增单元").click()
    page.get_by_label("编码").fill("EAST-NB")
    page.get_by_label("名称").fill("宁波分公司")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("button", name="编辑宁波分公司").click()
    page.get_by_label("名称").fill("宁波营业部")
    page.get_by_label("类型").select_option("department")
    page.get_by_role("button", name="保存").click()
    branch = page.get_by_role("listitem").filter(has_text="华东大区").get_by_role("listitem").filter(has_text="EAST-NB")
    expect(branch.first).to_contain_text("宁波营业部")
    expect(branch.first).to_contain_text("部门")


def test_a_user_is_added_and_can_sign_in_until_deactivated(company, open_page, browser):
    manager = company.a_user("manager")
    page = settled(open_page(None, "/users"))
    page.get_by_role("button", name="新增用户").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("用户名").fill("zhoumin")
    dialog.get_by_label("姓名").fill("周敏")
    dialog.get_by_label("密码").fill("short")
    dialog.get_by_label("组织单元").select_option(label="华东大区")
    dialog.get_by_label("上级").select_option(manager["id"])
    dialog.get_by_role("button", name="保存").click()
    expect(page.locator("input[name=password][aria-invalid=true]")).to_be_visible()
    dialog.get_by_label("密码").fill(PASSWORD)
    dialog.get_by_role("button", name="保存").click()
    row = page.get_by_role("row").filter(has_text="周敏")
    expect(row).to_contain_text("华东大区")
    theirs = browser.new_context(locale="zh-CN", base_url=company.run.url).new_page()
    theirs.goto("/")
    sign_in(theirs, "zhoumin")
    row.get_by_role("button", name="停用").click()
    dialog.get_by_role("button", name="停用").click()
    expect(row.get_by_role("button", name="启用")).to_be_visible()
    theirs.reload()
    expect(theirs.locator("input[name=password]")).to_be_visible()
    theirs.context.close()


def test_a_user_gets_a_second_place_and_a_new_password(company, open_page, browser):
    user = company.a_user()
    page = settled(open_page(None, f"/users?q={user['username']}"))
    page.get_by_role("button", name="编辑").click()
    page.get_by_role("button", name="增加任职").click()
    second = page.get_by_role("group", name="任职").last
    second.get_by_label("组织单元").select_option(company.units["HQ"])
    second.get_by_label("角色").select_option("auditor")
    second.get_by_label("主要任职").check()
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("row").last).to_contain_text("审计")
    held = {each["role"]: each["primary"] for each in company.admin.get(f"/api/v1/users/{user['id']}")["memberships"]}
    assert held == {"sales": False, "auditor": True}
    page.get_by_role("button", name="设置密码").click()
    page.get_by_role("button", name="保存").click()
    expect(page.locator("input[name=password][aria-invalid=true]")).to_be_visible()
    page.get_by_role("dialog").locator("input[name=password]").fill("another battery staple")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    theirs = browser.new_context(locale="zh-CN", base_url=company.run.url).new_page()
    theirs.goto("/")
    theirs.locator("input[name=username]").fill(user["username"])
    theirs.locator("input[name=password]").fill("another battery staple")
    theirs.locator("input[name=password]").press("Enter")
    expect(theirs.locator(".sidebar")).to_be_visible()
    theirs.context.close()


def test_a_parked_event_is_seen_tried_again_and_given_up(company, open_page):
    page = settled(open_page(None, "/operations?service=analytics"))
    event_id = a_poison_event(company)
    card = page.locator("section[data-service=analytics]")
    expect(card).to_contain_text("需要处理")
    row = page.get_by_role("row").filter(has_text="crm.leads.opportunity.won").filter(has_text="$.name")
    expect(row).to_be_visible()
    (before,) = failed(company, "parked")
    accessible(page)
    row.get_by_role("button", name="重新处理").click()
    page.get_by_role("dialog").get_by_role("button", name="重新处理").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(card).to_contain_text("需要处理")
    expect(row).to_be_visible()
    (after,) = failed(company, "parked")
    assert after["failed_at"] > before["failed_at"], "nothing was mended, so that it failed and was parked again"
    row.get_by_role("button", name="丢弃").click()
    page.get_by_role("dialog").get_by_role("button", name="丢弃").click()
    expect(row).to_have_count(0)
    expect(card).to_contain_text("正常")
    assert [event["id"] for event in failed(company, "discarded")] == [str(event_id)]
    page.get_by_role("button", name="已丢弃").click()
    expect(row).to_be_visible()
    page.get_by_role("button", name="线索与商机服务").click()
    recorded = page.locator("section[aria-labelledby=recorded]")
    newest = recorded.get_by_role("row").filter(has_text="crm.leads.opportunity.won").first
    expect(newest).to_contain_text("已发送")
