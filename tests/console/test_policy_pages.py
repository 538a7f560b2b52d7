"""The policy centre, as headquarters writes rules and branches acknowledge them."""

import pytest
from playwright.sync_api import expect

from tests.console.conftest import LOCALES, accessible, settled


@pytest.fixture(scope="module")
def north(company):
    """A region of these tests' own, so that what is ruled there troubles nobody else."""
    return company.a_unit("NORTH", "华北大区", "region", "HQ")


def published(company, unit, kind, body):
    draft = company.admin.post("/api/v1/policies", {"kind": kind, "unit_id": unit, "body": body})
    return company.admin.post(f"/api/v1/policies/{draft['id']}/publication", {})


@pytest.mark.parametrize("locale", LOCALES)
def test_policy_pages_are_accessible_in_both_languages(company, north, open_page, locale):
    published(company, north, "announcement", {"title": "学习新制度", "text": "请全体学习"})
    policy = published(company, north, "pipeline", {"gates": {"proposing": ["amount"]}})
    page = open_page(None, "/policies", locale)
    accessible(page)
    page.goto(f"/policies/{policy['id']}")
    accessible(page)
    page.goto("/policies")
    settled(page).locator("header.heading .button.primary").click()
    dialog = page.get_by_role("dialog")
    dialog.locator("select[name=kind]").select_option("pipeline")
    dialog.locator("select[name=unit_id]").select_option(north)
    dialog.locator("button[type=submit]").click()
    expect(dialog.locator("input[name='gates.won']").first).to_be_visible()
    accessible(page)
    waiting = open_page(company.a_user("manager", "NORTH"), "/", locale)
    expect(waiting.locator("section[aria-labelledby=waiting]")).to_be_visible()
    accessible(waiting)


def test_policy_pages_fit_a_phone(company, north, open_page):
    policy = published(company, north, "pipeline", {"gates": {"proposing": ["amount"]}})
    page = open_page(None, "/policies", viewport={"width": 390, "height": 844})
    for path in ("/policies", f"/policies/{policy['id']}"):
        page.goto(path)
        accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_rule_is_drafted_compared_published_followed_to_every_service_and_withdrawn(company, north, open_page):
    page = settled(open_page(None, "/policies"))
    page.get_by_role("button", name="起草制度").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("类别").select_option("security")
    dialog.get_by_label("组织单元").select_option(north)
    dialog.get_by_role("button", name="下一步").click()
    dialog.get_by_label("密码最短长度", exact=False).first.fill("7")
    dialog.get_by_label("下级对“密码最短长度”").select_option("tighten_only")
    dialog.get_by_role("button", name="保存").click()
    expect(dialog.locator("input[name=shortest_password][aria-invalid=true]")).to_be_visible()
    dialog.get_by_label("密码最短长度", exact=False).first.fill("12")
    dialog.get_by_role("button", name="保存").click()
    changed = page.get_by_role("table", name="与此前的差异").get_by_role("row", name="密码最短长度 ", exact=False).last
    expect(changed).to_contain_text("8")
    expect(changed).to_contain_text("12")
    page.get_by_role("button", name="发布").click()
    page.get_by_role("dialog").get_by_role("button", name="发布").click()
    board = page.get_by_role("table", name="送达与确认").get_by_role("row", name="华北大区")
    expect(board).to_contain_text("5 / 5")
    expect(board.get_by_role("cell").nth(1)).to_contain_text("5 / 5")
    expect(board).to_contain_text("尚未确认")
    held = company.admin.get(f"/api/v1/policies/in-force?kind=security&unit_id={north}")
    assert (held["body"]["shortest_password"], held["marks"]) == (12, {"shortest_password": "tighten_only"})
    page.get_by_role("button", name="撤回").click()
    page.get_by_role("dialog").get_by_role("button", name="撤回").click()
    expect(page.get_by_text("已撤回")).to_be_visible()


def test_a_manager_sees_on_his_first_page_what_he_has_to_acknowledge_and_does(company, north, open_page):
    manager = company.a_user("manager", "NORTH")
    policy = published(company, north, "announcement", {"title": "差旅新规", "text": "自即日起执行"})
    page = settled(open_page(manager, "/"))
    line = page.get_by_role("listitem").filter(has_text="差旅新规")
    expect(line).to_contain_text("前确认")
    line.get_by_role("button", name="确认已阅").click()
    expect(line).to_have_count(0)
    board = company.admin.get(f"/api/v1/policies/{policy['id']}/reach")["items"]
    assert {line["acknowledged_by_name"] for line in board} == {manager["name"]}
    page.goto(f"/policies/{policy['id']}")
    expect(page.get_by_role("table", name="送达与确认")).to_contain_text(manager["name"])


def test_who_may_not_write_policies_reads_those_above_him_only(company, north, open_page):
    published(company, north, "announcement", {"title": "北方公告", "text": "北方"})
    page = settled(open_page(company.a_user("sales", "EAST"), "/policies"))
    expect(page.get_by_text("北方公告")).to_have_count(0)
    expect(page.get_by_role("button", name="起草制度")).to_have_count(0)
    page = settled(open_page(company.a_user("sales", "NORTH"), "/policies"))
    page.get_by_role("link", name="北方公告").first.click()
    expect(page.get_by_role("heading", name="北方公告")).to_be_visible()
    expect(page.get_by_role("button", name="撤回")).to_have_count(0)


def test_an_old_text_is_published_again(company, north, open_page):
    old = published(company, north, "lead_routing", {"rule": "manager"})
    published(company, north, "lead_routing", {"rule": "nobody"})
    page = settled(open_page(None, f"/policies/{old['id']}"))
    page.get_by_role("button", name="以此为稿重新发布").click()
    page.get_by_role("dialog").get_by_role("button", name="以此为稿重新发布").click()
    expect(page.get_by_text("草稿")).to_be_visible()
    page.get_by_role("button", name="发布").click()
    page.get_by_role("dialog").get_by_role("button", name="发布").click()
    expect(page.get_by_text("已发布")).to_be_visible()
    versions = company.admin.get(f"/api/v1/policies?kind=lead_routing&unit_id={north}&sort=-created_at")["items"]
    assert (versions[0]["number"], versions[0]["body"]) == (3, {"rule": "manager"})
