"""The counter without a mouse: function keys, where the focus goes, how many keys it takes, and what axe finds."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Request, expect

from tests.journeys.conftest import House

CARD = "049205000137||Nguyễn Văn Khánh|01012005|Nam|12 Trần Phú, Thanh Bình, Hải Châu, Đà Nẵng|01012022"
AXE = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}}
BUDGET = 40_000


class Keyboard:
    """Types as a clerk does and counts the keys; a scanner's burst counts for nothing."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.keys = 0

    def types(self, text: str) -> None:
        """Type into whatever has the focus."""
        self.page.keyboard.type(text)
        self.keys += len(text)

    def scans(self, text: str) -> None:
        """Let the scanner type a code and its Enter, and wait for the answer."""
        self.page.keyboard.type(text)
        self._and_wait("Enter")

    def press(self, key: str) -> None:
        """Press a key that leads to another page, and wait for it."""
        self.keys += 1
        self._and_wait(key)

    def _and_wait(self, key: str) -> None:
        with self.page.expect_navigation(wait_until="load"):
            self.page.keyboard.press(key)


def focused(page: Page) -> str:
    """Return what has the focus; a browser gives it to the first field when it paints, which may be after the load."""
    expect(page.locator("body :focus")).to_have_count(1)
    return str(page.evaluate("document.activeElement.id || document.activeElement.value"))


def test_a_dossier_is_registered_without_the_mouse(house: House) -> None:
    lan = house.person("lan")
    hands = Keyboard(lan)
    expect(lan.get_by_role("heading", name="Quầy – Bưu cục Trung tâm Đà Nẵng")).to_be_visible()
    hands.press("F2")
    assert focused(lan) == "card"
    hands.scans(CARD)
    assert focused(lan) == "sender_phone"
    hands.types("0912345678")
    hands.press("Enter")
    assert focused(lan) == "procedure_q"
    hands.types("dkks")
    hands.press("Enter")
    assert focused(lan) == "complete", "the button that says all papers are there"
    hands.press("F8")
    assert focused(lan) == "weight"
    hands.types("120")
    hands.press("Enter")
    assert focused(lan) == "seal"
    hands.scans("881245")
    assert focused(lan) == "postage"
    hands.types("30000")
    hands.press("F10")
    expect(lan.get_by_role("heading", name="Đã lưu")).to_be_visible()
    assert hands.keys <= 30, f"{hands.keys} keys"


def test_a_function_key_does_what_its_button_does_and_nothing_where_there_is_none(house: House) -> None:
    lan = house.person("lan")
    house.go(lan, "/dossiers/new")
    lan.fill("#sender_name", "Nguyễn Văn Khánh")
    lan.keyboard.press("F8")
    lan.keyboard.press("Control+F10")
    expect(lan.locator("#sender_name")).to_have_value("Nguyễn Văn Khánh")
    with lan.expect_navigation():
        lan.keyboard.press("F10")
    assert lan.title().startswith("Lỗi: ")
    expect(lan.locator("#sender_name")).to_have_value("Nguyễn Văn Khánh")


@pytest.mark.parametrize("width", [1024, 1280])
def test_the_pages_of_the_counter_are_light_and_axe_finds_nothing(house: House, width: int) -> None:
    lan = house.person("lan")
    lan.set_viewport_size({"width": width, "height": 800})
    requests: list[Request] = []
    lan.on("requestfinished", lambda request: requests.append(request))  # noqa: PLW0108 - it marks its handlers
    for path in ("/counter", "/dossiers/new"):
        requests.clear()
        house.go(lan, path)
        lan.wait_for_load_state("networkidle")
        assert len(requests) <= 6
        assert sum(request.sizes()["responseBodySize"] for request in requests) <= BUDGET
        _is_accessible(lan, width=width)
    lan.fill("#card", CARD)
    lan.press("#card", "Enter")
    lan.fill("#procedure_q", "khai sinh")
    lan.get_by_role("button", name="Lưu và in (F10)").click()
    expect(lan.get_by_role("alert")).to_be_visible()
    _is_accessible(lan, width=width)
    lan.check("[name=no_phone]")
    lan.fill("#line_0_originals", "1")
    lan.fill("#line_1_originals", "1")
    lan.fill("#postage", "0")
    lan.get_by_role("button", name="Lưu và in (F10)").click()
    expect(lan.get_by_role("heading", name="Đã lưu")).to_be_visible()
    for summary in lan.locator("summary").all():
        summary.click()
    _is_accessible(lan, width=width)


def _is_accessible(page: Page, *, width: int) -> None:
    found = Axe().run(page, options=AXE)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
