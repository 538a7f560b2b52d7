"""What a branch tells is seen by whoever looks."""

from uuid import uuid4

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.console.conftest import CHROMIUM, FLAGS, WAIT_MS, settled, sign_in


@pytest.fixture
def page(company):
    expect.set_options(timeout=WAIT_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        page = browser.new_context(locale="zh-CN", base_url=company.url).new_page()
        yield page
        browser.close()


def test_a_lead_that_a_branch_publishes_appears_on_an_open_list(page, branch):
    east, name = branch(), f"同舟 {uuid4().hex[:8]}"
    page.goto("/leads")
    sign_in(page, "admin")
    settled(page)
    assert east.publish({"company": name}).returncode == 0
    expect(page.get_by_role("link", name=name)).to_be_visible()
