"""Leads, customers and activities, as salespeople use them every day."""

import pytest
from playwright.sync_api import expect

from tests.console.conftest import LOCALES, accessible, settled


@pytest.fixture(scope="module")
def source(company):
    return company.admin.post("/api/v1/sources", {"name": "官网", "kind": "website"})


@pytest.mark.parametrize("locale", LOCALES)
def test_lists_and_files_are_accessible_in_both_languages(company, open_page, source, locale):
    li = company.a_user()
    customer = company.a_customer(f"北京同舟科技有限公司 {li['username']}", li)
    company.admin.post(f"/api/v1/customers/{customer['id']}/contacts", {"name": "王芳", "decision_maker": True})
    mine = company.client_of(li)
    lead = mine.post("/api/v1/leads", {"company": "上海远航", "source_id": source["id"], "owner_id": li["id"]})
    about = {"customer_id": customer["id"], "kind": "visit", "summary": "上门拜访"}
    mine.post("/api/v1/activities", {**about, "started_at": "2026-03-02T09:00:00+08:00", "minutes": 60})
    mine.post("/api/v1/plans", {**about, "due_at": "2030-03-02T09:00:00+08:00"})
    page = open_page(li, "/leads", locale)
    for path in ("/leads", f"/leads/{lead['id']}", "/customers", f"/customers/{customer['id']}", "/activities", "/"):
        page.goto(path)
        accessible(page)


def test_a_lead_is_captured_and_judged_to_be_an_opportunity(company, open_page, source):
    page = settled(open_page(company.a_user(), "/leads"))
    page.get_by_role("button", name="录入线索").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="保存").click()
    expect(dialog.get_by_label("公司")).to_have_attribute("aria-invalid", "true")
    dialog.get_by_label("公司").fill("广州新域")
    dialog.get_by_label("联系人").fill("赵敏")
    dialog.get_by_label("来源").select_option(label="官网")
    dialog.get_by_role("button", name="保存").click()
    page.get_by_role("link", name="广州新域").click()
    page.get_by_role("button", name="判别").click()
    page.get_by_role("dialog").get_by_label("商机名称").fill("广州新域一期")
    page.get_by_role("dialog").get_by_role("button", name="判别").click()
    page.get_by_role("link", name="查看商机").click()
    expect(page.get_by_role("heading", name="广州新域一期")).to_be_visible()


def test_a_customer_is_added_found_by_two_characters_and_given_a_contact(company, open_page):
    page = settled(open_page(company.a_user(), "/customers"))
    page.get_by_role("button", name="新增客户").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("客户名称").fill("杭州云帆信息")
    dialog.get_by_role("button", name="保存").click()
    expect(page.get_by_role("heading", name="杭州云帆信息")).to_be_visible()
    page.get_by_role("button", name="新增联系人").click()
    page.get_by_role("dialog").get_by_label("姓名").fill("陈静")
    page.get_by_role("dialog").get_by_label("决策人").check()
    page.get_by_role("dialog").get_by_role("button", name="保存").click()
    expect(page.get_by_text("陈静")).to_be_visible()
    page.goto("/customers")
    page.get_by_role("searchbox").fill("云帆")
    expect(page.get_by_role("link", name="杭州云帆信息")).to_be_visible()
    page.get_by_role("searchbox").fill("无此")
    expect(page.get_by_text("没有符合条件的结果")).to_be_visible()


def test_two_who_change_the_same_customer_settle_it(company, open_page):
    li = company.a_user()
    customer = company.a_customer("苏州合众", li)
    path = f"/api/v1/customers/{customer['id']}"
    page = settled(open_page(li, f"/customers/{customer['id']}"))
    page.get_by_role("button", name="编辑", exact=True).click()
    page.get_by_role("dialog").get_by_label("行业").fill("制造")
    company.admin.call("PATCH", path, {"industry": "物流"}, {"If-Match": f'"{customer["version"]}"'})
    page.get_by_role("dialog").get_by_role("button", name="保存").click()
    conflict = page.get_by_role("dialog", name="别人也修改了")
    conflict.get_by_label("制造").check()
    conflict.get_by_role("button", name="保存").click()
    expect(conflict).to_have_count(0)
    assert company.admin.get(path)["industry"] == "制造"


def test_a_plan_is_kept_with_what_was_done(company, open_page):
    li = company.a_user()
    customer = company.a_customer("成都天府", li)
    plan = {"customer_id": customer["id"], "kind": "call", "summary": "回访报价", "due_at": "2030-01-02T09:00:00+08:00"}
    company.client_of(li).post("/api/v1/plans", plan)
    page = settled(open_page(li, "/activities"))
    page.get_by_role("button", name="完成“回访报价”").click()
    page.get_by_role("dialog").get_by_label("结果").fill("客户同意")
    page.get_by_role("dialog").get_by_role("button", name="完成计划").click()
    expect(page.get_by_role("row", name="回访报价")).to_be_visible()
    expect(page.get_by_role("button", name="完成“回访报价”")).to_have_count(0)


def test_a_lead_that_comes_in_shows_in_the_open_list(company, open_page, source):
    li = company.a_user()
    page = settled(open_page(li, "/leads"))
    expect(page.locator(".liveness[data-state=live]")).to_be_visible()
    lead = {"company": "武汉长江", "source_id": source["id"], "owner_id": li["id"]}
    company.client_of(li).post("/api/v1/leads", lead)
    expect(page.get_by_role("link", name="武汉长江")).to_be_visible()
