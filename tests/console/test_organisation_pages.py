"""The tree of units changed by hand: by drag, by form, and closed."""

import pytest
from playwright.sync_api import expect

from tests.console.conftest import LOCALES, accessible, settled


@pytest.fixture
def tree(company):
    """Two regions and a branch below the first, of this test's own."""
    number = next(company._numbers)
    for code, name, kind, parent in (
        (f"A{number}", f"甲区{number}", "region", "HQ"),
        (f"B{number}", f"乙区{number}", "region", "HQ"),
        (f"C{number}", f"丙店{number}", "branch", f"A{number}"),
    ):
        company.a_unit(code, name, kind, parent)
    return number


def item(page, code):
    return page.locator(f".tree li:has(> .tree-line :text-is('{code}'))")


def below(page, parent, child):
    return item(page, parent).locator(f"li:has(> .tree-line :text-is('{child}'))")


def test_a_unit_is_moved_with_the_form(company, open_page, tree):
    page = settled(open_page(None, "/units"))
    page.get_by_role("button", name=f"编辑丙店{tree}").click()
    parents = page.get_by_label("上级单元").locator("option").all_text_contents()
    assert not [name for name in parents if f"丙店{tree}" in name]
    page.get_by_label("上级单元").select_option(company.units[f"B{tree}"])
    page.get_by_role("button", name="保存").click()
    expect(below(page, f"B{tree}", f"C{tree}")).to_be_visible()
    expect(below(page, f"A{tree}", f"C{tree}")).to_have_count(0)


def test_a_unit_is_dragged_onto_another_after_asking(open_page, tree):
    page = settled(open_page(None, "/units"))
    item(page, f"C{tree}").locator("> .tree-line strong").drag_to(item(page, f"B{tree}").locator("> .tree-line"))
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(f"把丙店{tree}连同其下级移动到乙区{tree}下")
    accessible(page)
    dialog.get_by_role("button", name="移动单元").click()
    expect(below(page, f"B{tree}", f"C{tree}")).to_be_visible()


def test_a_unit_that_holds_something_says_what_and_an_empty_one_closes(company, open_page, tree):
    company.a_user(unit=f"C{tree}")
    page = settled(open_page(None, "/units"))
    page.get_by_role("button", name=f"关闭丙店{tree}").click()
    page.get_by_role("dialog").get_by_role("button", name="关闭单元").click()
    expect(page.get_by_role("alert")).to_contain_text("1 名在职人员")
    page.get_by_role("button", name="取消").click()
    page.get_by_role("button", name=f"关闭乙区{tree}").click()
    page.get_by_role("dialog").get_by_role("button", name="关闭单元").click()
    expect(item(page, f"B{tree}")).to_contain_text("已关闭")
    expect(page.get_by_role("button", name=f"编辑乙区{tree}")).to_have_count(0)


@pytest.mark.parametrize("locale", LOCALES)
def test_the_dialogs_are_accessible_in_both_languages(open_page, tree, locale):
    page = settled(open_page(None, "/units", locale))
    for action in ("编辑", "关闭") if locale == "zh-CN" else ("Edit ", "Close "):
        page.get_by_role("button", name=f"{action}丙店{tree}").click()
        expect(page.get_by_role("dialog")).to_be_visible()
        accessible(page)
        page.keyboard.press("Escape")
