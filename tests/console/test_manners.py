"""Small things that people notice every day: menus, focus, the way back, whose rows, what was typed and not chosen."""

import json
import re

import pytest
from playwright.sync_api import expect

from tests.console.conftest import PASSWORD, settled
from tests.support.runs import eventually

HOME_LATE = "2026-01-05T09:00:00+08:00"


def test_a_menu_closes_when_one_goes_on_elsewhere(company, open_page):
    page = settled(open_page(company.a_user(), "/opportunities"))
    menu = page.get_by_role("button", name="退出登录")
    page.locator(".topbar summary").click()
    expect(menu).to_be_visible()
    page.get_by_role("heading", name="商机", exact=True).click()
    expect(menu).to_be_hidden()
    page.locator(".topbar summary").press("Enter")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("link", name="账号安全")).to_be_focused()
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    expect(page.locator(".topbar summary")).to_be_focused()


def test_a_customer_is_chosen_by_keyboard_and_one_that_is_only_typed_is_not_lost_in_silence(company, open_page):
    li = company.a_user()
    customer = company.a_customer("无锡太湖精工", li)
    company.a_customer("无锡太湖食品", li)
    page = settled(open_page(li, "/activities"))
    page.get_by_role("button", name="记录活动").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("内容").fill("电话沟通")
    picker = dialog.get_by_label("客户")
    found = dialog.get_by_role("listbox", name="搜索结果").get_by_role("option")
    picker.fill("太湖")
    expect(found).to_have_count(2)
    page.keyboard.press("Escape")
    expect(found).to_have_count(0)
    dialog.get_by_role("button", name="保存").click()
    expect(dialog.get_by_text("请从搜索结果中选择")).to_be_visible()
    expect(picker).to_be_focused()
    picker.fill("太湖精")
    expect(found).to_have_count(1)
    page.keyboard.press("Enter")
    expect(picker).to_have_value("无锡太湖精工")
    dialog.get_by_role("button", name="保存").click()
    expect(dialog).to_have_count(0)
    (act,) = company.client_of(li).every("/api/v1/activities")
    assert act["customer_id"] == customer["id"]


def test_pages_are_for_whom_they_are_for(company, open_page):
    page = open_page(company.a_user())
    for path in ("/users", "/units", "/operations"):
        page.goto(path)
        expect(page.get_by_text("没有找到，或您无权查看").first).to_be_visible()
    page.goto("/leads")
    expect(settled(page).get_by_label("状态")).to_be_visible()
    expect(page.get_by_label("负责人")).to_have_count(0)
    manager = settled(open_page(company.a_user("manager"), "/leads"))
    expect(manager.get_by_label("负责人")).to_be_visible()


def test_the_way_back_leads_to_the_list_as_it_was_left(company, open_page):
    li = company.a_user()
    for number in range(30):
        company.a_customer(f"嘉兴南湖 {number} 号", li)
    page = settled(open_page(li, "/customers?q=南湖"))
    page.evaluate("scrollTo(0, 700)")
    page.get_by_role("row").nth(20).get_by_role("link").click()
    expect(settled(page).get_by_role("link", name="返回")).to_have_attribute("href", re.compile(r"^/customers\?q=."))
    expect(page.locator("#main")).to_be_focused()
    page.get_by_role("link", name="返回").click()
    expect(page.get_by_role("searchbox")).to_have_value("南湖")
    assert eventually(lambda: page.evaluate("scrollY") == 700)


def test_a_manager_sees_at_home_what_his_people_have_late_and_settles_it(company, open_page):
    manager = company.a_user("manager")
    li = company.a_user(manager_id=manager["id"])
    customer = company.a_customer("绍兴鉴湖", li)
    plan = {"customer_id": customer["id"], "kind": "call", "summary": "催一下合同", "due_at": HOME_LATE}
    company.client_of(li).post("/api/v1/plans", plan)
    page = settled(open_page(manager, "/"))
    row = page.get_by_role("listitem").filter(has_text="催一下合同")
    expect(row).to_contain_text(li["name"])
    row.get_by_role("button").click()
    page.get_by_role("dialog").get_by_role("button", name="完成计划").click()
    expect(row).to_have_count(0)


def test_what_is_done_for_a_deal_stands_on_it_and_in_its_customers_file(company, open_page):
    li = company.a_user()
    customer = company.a_customer("台州椒江", li)
    deal = company.a_deal("椒江一期", li, customer_id=customer["id"])
    page = settled(open_page(li, f"/opportunities/{deal['id']}"))
    page.get_by_role("button", name="记录活动").click()
    page.get_by_role("dialog").get_by_label("内容").fill("演示了报表")
    page.get_by_role("dialog").get_by_role("button", name="保存").click()
    expect(page.get_by_text("演示了报表")).to_be_visible()
    page.get_by_role("button", name="制定计划").click()
    page.get_by_role("dialog").get_by_label("内容").fill("下周送方案")
    page.get_by_role("dialog").get_by_role("button", name="保存").click()
    expect(page.get_by_role("button", name="完成“下周送方案”")).to_be_visible()
    page.get_by_role("link", name="台州椒江").first.click()
    expect(page.get_by_text("演示了报表")).to_be_visible()


def test_a_clash_is_told_in_names_and_dates_not_in_codes(company, open_page):
    manager, li, wang = company.a_user("manager"), company.a_user(), company.a_user()
    deal = company.a_deal("换人的商机", li)
    path = f"/api/v1/opportunities/{deal['id']}"
    page = settled(open_page(manager, f"/opportunities/{deal['id']}"))
    page.get_by_role("button", name="编辑").click()
    page.get_by_role("dialog").get_by_label("负责人").select_option(wang["id"])
    page.get_by_role("dialog").get_by_label("预计成交日").fill("2027-01-15")
    again = {"If-Match": f'"{company.admin.get(path)["version"]}"'}
    company.admin.call("PATCH", path, {"owner_id": manager["id"], "expected_close_on": "2027-02-01"}, again)
    page.get_by_role("dialog").get_by_role("button", name="保存").click()
    conflict = page.get_by_role("dialog", name="别人也修改了")
    expect(conflict.get_by_label(wang["name"])).to_be_visible()
    expect(conflict.get_by_label("2027年2月1日")).to_be_visible()


@pytest.mark.parametrize(("path", "asked"), [("/opportunities", "opportunities"), ("/leads", "leads")])
def test_a_request_that_fails_is_told_and_can_be_tried_again(company, open_page, path, asked):
    page = settled(open_page(company.a_user(), path))
    problem = json.dumps({"title": "服务器内部错误", "status": 500})
    page.route(f"**/api/v1/{asked}?*", lambda route: route.fulfill(status=500, body=problem))
    page.get_by_role("searchbox").fill("不存在")
    expect(page.get_by_text("没有成功")).to_be_visible()
    page.unroute(f"**/api/v1/{asked}?*")
    page.get_by_role("button", name="重试").click()
    expect(page.get_by_text("没有符合条件的结果")).to_be_visible()


def test_people_of_a_demo_company_are_offered_once_it_is_loaded_and_come_in_with_one_click(company, browser):
    user = company.a_user()
    person = {"username": user["username"], "password": PASSWORD, "name": "李某", "role": "sales", "unit": "华东大区"}
    page = browser.new_context(locale="zh-CN", base_url=company.run.url).new_page()
    answers = iter([{"items": [], "loading": True}, {"items": [person], "loading": False}])
    page.route("**/api/v1/demo-sign-ins", lambda route: route.fulfill(json=next(answers)))
    page.goto("/")
    expect(page.get_by_text("正在准备演示数据")).to_be_visible()
    expect(page.get_by_role("button", name="李某")).to_be_visible()
    expect(page.locator("input[name=username]")).to_be_focused()
    page.get_by_role("button", name="English").click()
    expect(page).to_have_title("Sign in · Tongzhou CRM")
    page.get_by_role("button", name="李某").click()
    expect(page.get_by_role("heading", name=f"Hello, {user['name']}")).to_be_visible()
    page.context.close()


def test_a_field_that_is_too_long_is_refused_in_the_readers_language(company, open_page):
    page = settled(open_page(company.a_user(), "/customers"))
    page.get_by_role("button", name="新增客户").first.click()
    page.get_by_role("dialog").get_by_label("客户名称").fill("长" * 201)
    page.get_by_role("dialog").get_by_role("button", name="保存").click()
    expect(page.get_by_text("长度为 1 到 200 个字符")).to_be_visible()
