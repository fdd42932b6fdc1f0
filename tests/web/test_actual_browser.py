"""The phone tells how long a door was open, and nothing axe finds on the pages of plan against actual."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from postal.domain.events import Delivered
from postal.store import Store, driven
from tests import cast
from tests.arrivals import hanh
from tests.services.visits import HERE, give
from tests.web import test_citizen_browser, test_today_browser
from tests.web.conftest import PASSWORD
from tests.web.test_citizen_browser import AXE_TAGS, Site
from tests.web.test_today_browser import Round, Taps

round_ = test_today_browser.round_
site = test_citizen_browser.site


@pytest.mark.slow
def test_the_phone_adds_up_how_long_a_door_was_open_also_over_a_form_to_mend(round_: Round) -> None:
    page = round_.phone(placed=True)
    taps = Taps(page)
    taps.on("link", hanh.name)
    expect(page.locator(".giving [name=lat]")).to_have_value(re.compile(r"16\.06"))
    page.wait_for_timeout(2000)
    taps.on("button", "Lưu: đã giao")
    expect(page.get_by_role("alert").first).to_be_visible()
    expect(page.locator(".giving [name=lat]")).to_have_value(re.compile(r"16\.06"))
    taps.on("checkbox", "Đã xem căn cước")
    taps.sign()
    taps.on("button", "Lưu: đã giao")
    expect(page.get_by_role("status")).to_contain_text("Đã giao")
    with round_.store.read() as reader:
        (mark,) = driven.marks(reader, [round_.run])[round_.run.code]
    assert mark.kind is Delivered
    assert mark.spot is not None
    assert mark.spot.stayed_s is not None
    assert 2 <= mark.spot.stayed_s < 60


@pytest.mark.slow
def test_axe_finds_nothing_and_nothing_scrolls_sideways(page: Page, site: Site) -> None:
    run = recorded(site.store)
    site.clock.at = cast.after(hours=2)
    page.goto(f"{site.url}/sign-in")
    page.get_by_label("Tên đăng nhập").fill("hung")
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập").click()
    found: dict[str, list[str]] = {}
    for path in (f"/runs/{run}", "/runs/actual", "/runs/figures", "/runs/agreement"):
        page.goto(f"{site.url}{path}")
        results = Axe().run(page, options={"runOnly": {"type": "tag", "values": AXE_TAGS}})
        found[path] = [each["id"] for each in results.response["violations"]]
        width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert width == 0, path
    assert not any(found.values()), found


def recorded(store: Store) -> str:
    """Return a run with a recorded visit."""
    run = test_today_browser.started(store)
    give(store, run, run.items[0], after=20, spot=HERE)
    return run.code
