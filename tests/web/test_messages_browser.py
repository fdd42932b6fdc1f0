"""A controller looks after messages in a browser without scripts, on a narrow screen: nothing axe finds."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from postal.domain.notices import Kind, kind_of
from postal.domain.sending import NeverTaken
from postal.services import messages
from tests.web import test_citizen_browser
from tests.web.conftest import PASSWORD
from tests.web.test_asking_browser import faults
from tests.web.test_citizen_browser import PHONE, Site

site = test_citizen_browser.site


@pytest.fixture
def failed(site: Site) -> dict[Kind, str]:
    """Return the numbers of messages of a dossier that no gateway took, by kind."""
    taken, found = site.way("received"), {}
    for notice in messages.waiting(site.store, at=site.clock.at):
        if notice.dossier == taken.code and notice.channel == "sms":
            assert messages.claim(site.store, notice, at=site.clock.at)
            error = NeverTaken("Cổng tin nhắn không nhận tin này (HTTP 422): số điện thoại có thể sai.")
            messages.settle_not_taken(site.store, notice, error=error, at=site.clock.at)
            found[kind_of(notice.fact)] = notice.id
    return found


def sign_in(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/sign-in")
    page.get_by_label("Tên đăng nhập").fill("hung")
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập").click()


@pytest.fixture
def controller(browser: Browser, site: Site, failed: dict[Kind, str]) -> Iterator[Page]:
    """Return the browser of a controller, narrow and without scripts, who comes after the messages failed."""
    assert failed
    context = browser.new_context(viewport=PHONE, locale="vi-VN", java_script_enabled=False)
    page = context.new_page()
    sign_in(page, site)
    yield page
    context.close()


def test_a_controller_notes_a_call_and_leaves_the_pin_to_the_counter(
    controller: Page, site: Site, failed: dict[Kind, str]
) -> None:
    controller.goto(f"{site.url}/counter")
    controller.get_by_role("link", name="Tin chưa gửi được").click()
    controller.get_by_role("link", name="Cơ quan đã nhận, hẹn trả kết quả").first.click()
    controller.get_by_role("button", name="Ghi là đã báo").click()
    assert controller.get_by_role("alert").is_visible(), "he has not said whom he rang up"
    controller.get_by_label("Đã gọi cho ai, lúc nào").fill("Gọi ông Khánh, 10 giờ")
    controller.get_by_role("button", name="Ghi là đã báo").click()
    assert controller.get_by_text("Đã ghi: đã gọi điện báo.").is_visible()
    controller.goto(f"{site.url}/messages/{failed[Kind.PIN]}")
    assert controller.get_by_role("button", name="Ghi là đã báo").count() == 0


@pytest.mark.slow
def test_axe_finds_nothing_and_nothing_scrolls_sideways(page: Page, site: Site, failed: dict[Kind, str]) -> None:
    page.set_viewport_size(PHONE)
    sign_in(page, site)
    found: dict[str, list[str]] = {}
    for path in ("/messages", *(f"/messages/{failed[kind]}" for kind in (Kind.PIN, Kind.AGENCY_RECEIVED))):
        page.goto(site.url + path)
        found[path] = faults(page)
    page.get_by_role("button", name="Ghi là đã báo").click()
    found["refused"] = faults(page)
    assert found == {name: [] for name in found}
