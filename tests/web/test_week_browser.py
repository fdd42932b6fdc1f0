"""The week in a browser without scripts, on a wide and a narrow screen; nothing axe finds."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, Page

from tests import arrivals
from tests.services.test_planning import crowd, put
from tests.web import test_citizen_browser
from tests.web.test_asking_browser import faults
from tests.web.test_citizen_browser import PHONE, Site
from tests.web.test_messages_browser import sign_in

site = test_citizen_browser.site


@pytest.fixture
def bare(browser: Browser) -> Iterator[Page]:
    """Return a page on which no script runs."""
    page = browser.new_page(java_script_enabled=False)
    yield page
    page.close()


@pytest.mark.slow
def test_a_week_is_planned_and_set_without_scripts_and_axe_finds_nothing(page: Page, bare: Page, site: Site) -> None:
    arrivals.keep_postmen(site.store)
    arrivals.arrived(site.store, *crowd(30), serial=7000)
    territory = put(site.store, arrivals.TERRITORY)
    hours = territory.working_time
    put(site.store, arrivals.TERRITORY, working_time=replace(hours, longest_minutes=60))
    sign_in(bare, site)
    bare.goto(f"{site.url}/runs")
    bare.get_by_role("link", name="Kế hoạch tuần").click()
    bare.get_by_role("button", name="Lập kế hoạch tuần").click()
    assert bare.get_by_role("heading", name="Thiếu giờ").is_visible()
    bare.get_by_label("nghỉ").last.check()
    bare.get_by_role("button", name="Lập lại với các ngày nghỉ").click()
    assert bare.get_by_label("nghỉ").last.is_checked()
    plan = bare.url
    sign_in(page, site)
    found = {}
    for screen in ({"width": 1280, "height": 800}, PHONE):
        page.set_viewport_size({"width": screen["width"], "height": screen["height"]})
        for path in (f"{site.url}/week", plan):
            page.goto(path)
            found[path, screen["width"]] = faults(page)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    assert found == {each: [] for each in found}
    bare.get_by_role("button", name="Chốt ngày đi").click()
    bare.get_by_text("Đã chốt ngày đi cho 30 bưu gửi").wait_for()
    put(site.store, arrivals.TERRITORY, working_time=hours)
