"""What a controller looks after in a browser, on a wide and a narrow screen: work that waits, machines, rules; axe."""

import pytest
from playwright.sync_api import Page

from postal.domain import facts
from postal.services import accounts, entries
from postal.services.entries import Batch
from tests import cast
from tests.web import test_citizen_browser
from tests.web.test_asking_browser import faults
from tests.web.test_citizen_browser import PHONE, Site
from tests.web.test_messages_browser import sign_in

site = test_citizen_browser.site

WIDE = {"width": 1280, "height": 800}


@pytest.fixture
def kept(site: Site) -> dict[str, str]:
    """Return the paths of a line that waits for its envelope and of one that was kept aside."""
    at = site.clock.at
    line = {"kind": "accepted", "item": cast.ITEM, "occurred_at": at.isoformat(), "device_seq": 1}
    sent = [{**line, "id": "ab" * 16}, {**line, "id": "cd" * 16, "kind": "vanished", "device_seq": 2}]
    by = accounts.actor(site.store, "van", device="phone-7")
    entries.record(site.store, Batch(lines=[facts.read(each) for each in sent]), by=by, at=at, below=cast.below())
    with site.store.read() as reader:
        (aside,) = reader.quarantine.open_at(cast.OFFICE)
    return {"waits": f"/quarantine/entries/{'ab' * 16}", "aside": f"/quarantine/lines/{aside.fingerprint.hex()}"}


@pytest.mark.slow
@pytest.mark.parametrize("screen", [WIDE, PHONE], ids=["wide", "narrow"])
def test_axe_finds_nothing_on_what_a_controller_looks_after(
    page: Page, site: Site, kept: dict[str, str], screen: dict[str, int]
) -> None:
    page.set_viewport_size({"width": screen["width"], "height": screen["height"]})
    sign_in(page, site)
    found: dict[str, list[str]] = {}
    for path in ("/quarantine", kept["waits"], kept["aside"], "/devices", "/policies"):
        answer = page.goto(site.url + path)
        assert answer is not None
        assert answer.status == 200, path
        found[path] = faults(page)
    page.goto(f"{site.url}/devices")
    page.locator("input[name=name]").fill("Quầy 1")
    page.get_by_role("button", name="Đăng ký máy này").click()
    found["enrolled"] = faults(page)
    page.goto(site.url + kept["waits"])
    page.get_by_role("button", name="Đã xử lý cách khác").click()
    assert page.title().startswith("Lỗi: ")
    found["refused"] = faults(page)
    assert found == {name: [] for name in found}
