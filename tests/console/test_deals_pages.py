"""The board, a deal and the dashboard, as salespeople and managers use them."""

import pytest
from playwright.sync_api import expect

from tests.console.conftest import LOCALES, accessible, settled

MONEY = {"amount": "120000.00", "currency": "CNY"}


def lane(page, stage):
    return page.locator(f"ul[data-stage={stage}]")


@pytest.mark.parametrize("locale", LOCALES)
def test_board_list_deal_and_dashboard_are_accessible_in_both_languages(company, open_page, locale):
    li = company.a_user()
    deal = company.a_deal("续签合同", li, stage="engaging", amount=MONEY)
    page = open_page(li, "/opportunities", locale)
    for path in ("/opportunities", "/opportunities?view=list", f"/opportunities/{deal['id']}", "/dashboard"):
        page.goto(path)
        accessible(page)


def test_a_deal_is_dragged_to_the_next_stage_and_stays_there(company, open_page):
    li = company.a_user()
    deal = company.a_deal("拖动的商机", li)
    page = settled(open_page(li, "/opportunities"))
    lane(page, "prospecting").get_by_text("拖动的商机").hover()
    page.mouse.down()
    target = lane(page, "proposing").bounding_box()
    for step in (0.3, 0.5, 0.6):
        page.mouse.move(target["x"] + target["width"] * step, target["y"] + 30, steps=4)
    page.mouse.up()
    expect(lane(page, "proposing").get_by_text("拖动的商机")).to_be_visible()
    page.reload()
    expect(lane(page, "proposing").get_by_text("拖动的商机")).to_be_visible()
    assert company.admin.get(f"/api/v1/opportunities/{deal['id']}")["stage"] == "proposing"


def test_the_menu_moves_a_deal_by_keyboard(company, open_page):
    li = company.a_user()
    company.a_deal("菜单移动", li)
    page = settled(open_page(li, "/opportunities"))
    page.get_by_label("移动“菜单移动”").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="移到 商务谈判").focus()
    page.keyboard.press("Enter")
    expect(lane(page, "negotiating").get_by_text("菜单移动")).to_be_visible()


def test_a_move_that_is_refused_goes_back_and_says_why(company, open_page):
    li = company.a_user()
    deal = company.a_deal("已被关闭", li)
    page = settled(open_page(li, "/opportunities"))
    page.route("**/api/v1/stream", lambda route: route.abort())
    page.route(
        "**/stage",
        lambda route: route.fulfill(
            status=422, content_type="application/problem+json", body='{"title": "阶段门未满足", "status": 422}'
        ),
    )
    page.get_by_label("移动“已被关闭”").click()
    page.get_by_role("button", name="移到 方案报价").click()
    expect(page.get_by_text("阶段门未满足")).to_be_visible()
    expect(lane(page, "prospecting").get_by_text("已被关闭")).to_be_visible()
    assert company.admin.get(f"/api/v1/opportunities/{deal['id']}")["stage"] == "prospecting"


def test_a_deal_won_in_one_window_moves_the_others_board_and_dashboard(company, open_page):
    manager = company.a_user("manager")
    li = company.a_user(manager_id=manager["id"])
    company.a_deal("实时赢单", li, stage="negotiating", amount=MONEY)
    board, dashboard = settled(open_page(manager, "/opportunities")), open_page(manager, "/dashboard")
    expect(lane(board, "negotiating").get_by_text("实时赢单")).to_be_visible()
    for page in (board, dashboard):
        expect(page.locator(".liveness[data-state=live]")).to_be_visible()
    won = dashboard.locator(".tile", has_text="赢单").first.locator("strong")
    before = int(won.text_content())
    page = settled(open_page(li, "/opportunities"))
    page.get_by_label("移动“实时赢单”").click()
    page.get_by_role("button", name="移到 赢单").click()
    dialog = page.get_by_role("dialog")
    for factor in ("价格", "客户关系"):
        dialog.get_by_role("group", name="成功因素").get_by_label(factor).check()
    dialog.get_by_label("竞争对手").select_option("none")
    dialog.get_by_role("button", name="赢单").click()
    expect(lane(board, "negotiating").get_by_text("实时赢单")).to_have_count(0)
    expect(won).to_have_text(str(before + 1))


def test_two_who_change_the_same_deal_settle_it_field_by_field(company, open_page):
    li = company.a_user()
    deal = company.a_deal("两人同改", li, amount=MONEY)
    path = f"/api/v1/opportunities/{deal['id']}"
    page = settled(open_page(li, f"/opportunities/{deal['id']}"))
    page.get_by_role("button", name="编辑").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("商机名称").fill("我的名称")
    dialog.get_by_label("预计成交日").fill("2027-01-15")
    version = company.admin.get(path)["version"]
    company.admin.call("PATCH", path, {"name": "别人的名称"}, {"If-Match": f'"{version}"'})
    dialog.get_by_role("button", name="保存").click()
    conflict = page.get_by_role("dialog", name="别人也修改了")
    expect(conflict.get_by_text("我的名称")).to_be_visible()
    expect(conflict.get_by_role("group")).to_have_count(1)
    accessible(page)
    conflict.get_by_label("别人的名称").check()
    conflict.get_by_role("button", name="保存").click()
    expect(page.get_by_role("heading", name="别人的名称")).to_be_visible()
    expect(page.get_by_text("2027年1月15日")).to_be_visible()
    kept = company.admin.get(path)
    assert (kept["name"], kept["expected_close_on"]) == ("别人的名称", "2027-01-15")


def test_the_dashboards_filters_are_in_its_address(company, open_page):
    manager = company.a_user("manager")
    company.a_deal("早年的商机", company.a_user(), stage="proposing", amount=MONEY)
    page = settled(open_page(manager, "/dashboard"))
    page.get_by_label("从").fill("2031-01-01")
    expect(page.get_by_text("没有符合条件的结果")).to_be_visible()
    expect(page).to_have_url(f"{company.run.url}/dashboard?from=2031-01-01")
    page.reload()
    page.get_by_role("button", name="清除筛选").click()
    expect(page.get_by_role("heading", name="销售漏斗")).to_be_visible()
    expect(page).to_have_url(f"{company.run.url}/dashboard")


def test_a_charts_figures_stand_beneath_it(company, open_page):
    manager = company.a_user("manager")
    company.a_deal("图表商机", company.a_user(), stage="engaging", amount=MONEY)
    page = settled(open_page(manager, "/dashboard"))
    page.get_by_text("查看数字").first.click()
    row = page.get_by_role("table", name="销售漏斗").get_by_role("row", name="需求沟通")
    expect(row).to_be_visible()
