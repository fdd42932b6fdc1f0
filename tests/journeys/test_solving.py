"""A coordinator lets a plan become better, stops it, takes it back, and tries what would be if."""

import time
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from bench import solving as bench
from tests import cast
from tests.journeys.conftest import House, keep, opened_house
from tests.journeys.test_counter_by_keyboard import AXE

PATIENCE = 60_000
"""Milliseconds: another process must start on a busy machine."""


class Going:
    """The clock of the worker: it goes on from Monday."""

    def __init__(self) -> None:
        self._begun = time.monotonic()

    def __call__(self) -> datetime:
        return cast.monday + timedelta(seconds=time.monotonic() - self._begun)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[House]:
    """Return the product over an office of six rounds and 30 doors, with a worker beside it."""
    with opened_house(tmp_path_factory.mktemp("solving"), browser) as house:
        bench.fill(house.store, stops=30)
        with bench.working(house.store, clock=Going()):
            yield house


def proposed(house: House, *, script: bool = True) -> Page:
    """Return a controller's browser with a proposal that has just been made."""
    page = house.person("hung", script=script)
    house.go(page, f"/runs?day={cast.today}")
    page.get_by_role("button", name="Lập phương án cho Bưu cục").first.click()
    page.wait_for_load_state()
    return page


def must_be_accessible(page: Page) -> None:
    found = Axe().run(page, options=AXE)
    assert not found.response["violations"], found.generate_report()


def test_a_plan_becomes_better_until_it_is_stopped_and_is_taken_back(served: House) -> None:
    page = proposed(served)
    assert page.locator("#board-stops tbody tr[data-stop]").count() == 30, "a plan shows at once"
    running = page.locator("[data-solving][data-open]")
    expect(running).to_contain_text("đã giảm", timeout=PATIENCE)
    page.get_by_role("button", name="Dừng và dùng kết quả này").click()
    expect(page.locator("#board-solving")).to_contain_text("Đã dùng kết quả tốt nhất.", timeout=PATIENCE)
    expect(page.locator("#board-steps")).to_contain_text("Tính lại phương án")
    keep(page, "solving-1-stopped")
    must_be_accessible(page)
    page.get_by_role("button", name="Hoàn tác: Tính lại phương án").click()
    expect(page.locator("#board-solving")).to_contain_text("đã dùng rồi hoàn tác")


def test_a_day_without_a_postman_is_tried_then_applied_and_taken_back(served: House) -> None:
    page = proposed(served)
    board = page.url
    page.get_by_role("button", name="Dừng và dùng kết quả này").click()
    page.get_by_role("link", name="Xem thử").click()
    page.get_by_label("buuta3").check()
    keep(page, "solving-2-question")
    must_be_accessible(page)
    page.get_by_role("button", name="Xem thử").click()
    expect(page.get_by_role("button", name="Dừng và xem kết quả này")).to_be_visible()
    expect(page.locator("main")).to_contain_text("điểm đổi tuyến, vì bưu tá đang giữ tuyến vắng mặt", timeout=PATIENCE)
    expect(page.locator("table.figures")).to_contain_text("Quãng đường")
    keep(page, "solving-3-changes")
    must_be_accessible(page)
    page.get_by_role("button", name="Áp dụng").click()
    assert page.url.startswith(board)
    expect(page.locator("main")).to_contain_text("Đã áp dụng. Hoàn tác được ở bảng tuyến.")
    page.get_by_role("button", name="Hoàn tác: Tính lại phương án").click()
    expect(page.locator("#board-steps")).to_contain_text("Hoàn tác")


def test_without_script_the_page_looks_again_by_itself_while_it_runs_and_the_button_stops_it(served: House) -> None:
    page = proposed(served, script=False)
    page.get_by_role("link", name="Xem tiến độ").click()
    expect(page.locator("[data-solving]")).to_contain_text("đã giảm", timeout=PATIENCE)
    page.get_by_role("button", name="Dừng và dùng kết quả này").click()
    expect(page.locator("#board-solving")).to_contain_text("kết quả tốt nhất")
