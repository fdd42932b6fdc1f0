"""Home pickups and looking up for a citizen in a browser: without scripts, on a phone, nothing axe finds."""

from collections.abc import Iterator
from datetime import date

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from postal.services import home_pickups
from tests import cast
from tests.web import test_citizen_browser
from tests.web.conftest import PASSWORD
from tests.web.test_citizen_browser import AXE_TAGS, PHONE, Site
from tests.web.way import Way

site = test_citizen_browser.site


@pytest.fixture
def asked(site: Site) -> Way:
    """Return a dossier of which two papers are asked for."""
    return site.way("asked")


@pytest.fixture
def clerk(browser: Browser, site: Site, asked: Way) -> Iterator[Page]:
    """Return the browser of a counter clerk, narrow and without scripts."""
    context = browser.new_context(viewport=PHONE, locale="vi-VN", java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site.url}/sign-in")
    page.get_by_label("Tên đăng nhập").fill("lan")
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập").click()
    yield page
    context.close()


def ask_for(page: Page, code: str) -> None:
    page.get_by_label("Mã hồ sơ, mã hồ sơ một cửa").fill(code)
    page.get_by_role("button", name="Tra cứu").click()


def test_a_clerk_tells_a_citizen_who_asks_what_to_bring(clerk: Page, site: Site, asked: Way) -> None:
    clerk.goto(f"{site.url}/find")
    ask_for(clerk, asked.code)
    assert clerk.get_by_text("Hồ sơ đang ở bước 3").is_visible()
    clerk.get_by_role("button", name="Xem chi tiết").click()
    assert clerk.get_by_role("alert").is_visible(), "nobody has looked at the card yet"
    clerk.get_by_label("Đã xem căn cước hoặc hộ chiếu, đúng người").check()
    clerk.get_by_role("button", name="Xem chi tiết").click()
    assert clerk.get_by_text("Giấykhám sức khỏe").is_visible()
    assert asked.code not in clerk.url
    clerk.get_by_role("link", name="Hẹn bưu tá đến lấy giấy tờ tại nhà").click()
    clerk.get_by_label("Dặn bưu tá").fill("nhà cuối ngõ")
    clerk.get_by_role("button", name="Hẹn bưu tá đến lấy").click()
    assert clerk.get_by_text("Đã hẹn bưu tá đến lấy giấy tờ").is_visible()
    assert clerk.get_by_text("nhà cuối ngõ").is_visible()


@pytest.mark.slow
def test_axe_finds_nothing_and_nothing_scrolls_sideways(page: Page, site: Site, asked: Way) -> None:
    day = date(2026, 11, 18)
    made = home_pickups.ask(site.store, dossier=asked.code, day=day, by=cast.lan, at=site.clock.at, below=asked.below)
    other = site.way("asked")
    page.set_viewport_size(PHONE)
    page.goto(f"{site.url}/sign-in")
    page.get_by_label("Tên đăng nhập").fill("lan")
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập").click()
    found: dict[str, list[str]] = {}
    for path in (
        "/find",
        "/home-pickups",
        f"/home-pickups?day={day}",
        f"/home-pickups/{made.code}",
        "/home-pickups/new",
        f"/home-pickups/new?dossier={other.code}",
    ):
        page.goto(site.url + path)
        found[path] = faults(page)
    page.goto(f"{site.url}/find")
    ask_for(page, other.code)
    found["found"] = faults(page)
    page.get_by_label("Đã xem căn cước hoặc hộ chiếu, đúng người").check()
    page.get_by_role("button", name="Xem chi tiết").click()
    found["told"] = faults(page)
    assert found == {name: [] for name in found}


def faults(page: Page) -> list[str]:
    results = Axe().run(page, options={"runOnly": {"type": "tag", "values": AXE_TAGS}})
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [violation["id"] for violation in results.response["violations"]] + (["sideways"] if wide > 0 else [])
