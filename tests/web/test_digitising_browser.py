"""Digitising in a browser without scripts, and nothing axe finds on any of its pages."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from postal.gateways import files
from tests import scanned
from tests.scanned import Sheet
from tests.web import test_citizen_browser
from tests.web.conftest import PASSWORD
from tests.web.test_citizen_browser import AXE_TAGS, Site
from tests.web.way import Way

site = test_citizen_browser.site
DESK = {"width": 1366, "height": 768}


@pytest.fixture
def registered(site: Site) -> Way:
    """Return a dossier that lies at the counter."""
    return site.way("")


@pytest.fixture
def clerk(browser: Browser, site: Site, registered: Way) -> Iterator[Page]:
    """Return the browser of a counter clerk without scripts."""
    context = browser.new_context(viewport=DESK, locale="vi-VN", java_script_enabled=False)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{site.url}/sign-in")
    page.get_by_label("Tên đăng nhập").fill("lan")
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập").click()
    yield page
    context.close()


def stack_of(way: Way, folder: Path) -> Path:
    """Return the file of a scanner: a page nobody knows, then three of a dossier."""
    path = folder / "quet.pdf"
    pages = [Sheet(text="Trang lạc"), Sheet(label=way.item, text="Tờ khai"), Sheet(text="Tờ khai"), Sheet(text="Sổ cũ")]
    path.write_bytes(scanned.stack(pages))
    return path


def test_a_clerk_digitises_a_dossier_with_one_press_a_paper(
    clerk: Page, site: Site, registered: Way, tmp_path: Path
) -> None:
    clerk.goto(f"{site.url}/digitise")
    clerk.get_by_label("Tệp quét").set_input_files(stack_of(registered, tmp_path))
    clerk.get_by_role("button", name="Gửi tệp quét").click()
    assert clerk.get_by_text("Đã nhận 4 trang").is_visible()
    clerk.get_by_role("link", name=f"{registered.code[:5]}-{registered.code[5:]}").click()
    assert clerk.get_by_role("img").count() == 3
    clerk.get_by_role("button", name="Hết ở trang 2").click()
    assert clerk.get_by_text("Đã ghi 2 trang vào giấy tờ số 1").is_visible()
    clerk.get_by_role("button", name="Hết ở trang 1").click()
    assert clerk.get_by_text("Mọi giấy tờ cần số hóa đã xong").is_visible()
    with clerk.expect_download() as saved:
        clerk.get_by_role("link", name="Tải tệp giấy tờ số 2").click()
    assert saved.value.suggested_filename == f"{registered.code}-2.pdf"
    clerk.goto(f"{site.url}/digitise/held")
    clerk.get_by_label("Mã hồ sơ hoặc mã bưu gửi").first.fill(registered.code)
    clerk.get_by_role("button", name="Chuyển vào hồ sơ").first.click()
    assert clerk.get_by_text("Đã chuyển 1 trang").is_visible()


def test_the_pictures_of_pages_are_really_shown(browser: Browser, site: Site, clerk: Page, tmp_path: Path) -> None:
    clerk.goto(f"{site.url}/digitise")
    clerk.get_by_label("Tệp quét").set_input_files(stack_of(site.way(""), tmp_path))
    clerk.get_by_role("button", name="Gửi tệp quét").click()
    clerk.goto(f"{site.url}/digitise/held")
    source = clerk.get_by_role("img").first.get_attribute("src")
    assert source is not None
    shown = clerk.request.get(site.url + source)
    assert shown.headers["content-type"] == "image/jpeg"
    box = clerk.get_by_role("img").first.bounding_box()
    assert box is not None
    assert box["height"] > box["width"] > 100


@pytest.mark.slow
def test_axe_finds_nothing_on_the_pages_of_digitising(page: Page, site: Site, registered: Way, tmp_path: Path) -> None:
    page.goto(f"{site.url}/sign-in")
    page.get_by_label("Tên đăng nhập").fill("lan")
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập").click()
    page.goto(f"{site.url}/digitise")
    page.get_by_label("Tệp quét").set_input_files(stack_of(registered, tmp_path))
    page.get_by_role("button", name="Gửi tệp quét").click()
    paths = ["/digitise", "/digitise/held", f"/digitise/{registered.code}", "/digitise/ratio"]
    found = {path: violations(page, site.url + path) for path in paths}
    assert found == {path: [] for path in paths}
    page.goto(site.url + paths[2])
    page.get_by_role("button", name=re.compile("Ghi các trang")).click()
    assert page.get_by_role("alert").is_visible()
    assert violations(page) == []


def violations(page: Page, url: str = "") -> list[str]:
    """Return what axe finds on a page, by default the one that is open."""
    if url:
        page.goto(url)
    results = Axe().run(page, options={"runOnly": {"type": "tag", "values": AXE_TAGS}})
    return [violation["id"] for violation in results.response["violations"]]


@pytest.fixture(autouse=True)
def shelf(site: Site) -> None:
    """Give the server a place for files."""
    site.app.state.shelf = site.app.state.shelf or files.in_memory()
