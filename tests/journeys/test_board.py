"""The coordinator's board in a browser: every key counted against its budget, one selection, and all without script."""

import gzip
import itertools
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from postal.services import planning
from tests import arrivals, cast
from tests.arrivals import hanh
from tests.journeys.conftest import House, keep, opened_house
from tests.journeys.scanner import COUNTING, Scanner

DOORS, WEST = 34, 2
SCRIPTS = ("board.js", "keys.js", "scan.js", "camera.js")
SCRIPT_BUDGET = 25_000
FIRST_VIEW_BUDGET = 50_000
SEEDS = itertools.count(900)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[House]:
    """Return the product with results for many doors of two rounds, running once for every test of this module."""
    with opened_house(tmp_path_factory.mktemp("board"), browser) as house:
        fill(house)
        yield house


@pytest.fixture
def own_house(tmp_path: Path, browser: Browser) -> Iterator[House]:
    """Return a product of its own, for a test after which nothing waits any more."""
    with opened_house(tmp_path, browser) as house:
        fill(house)
        yield house


def fill(house: House) -> None:
    """Let results for many doors of two rounds arrive."""
    arrivals.keep_postmen(house.store)
    communes = ["20242"] * (DOORS - WEST) + ["20209"] * WEST
    people = [replace(hanh, address=f"{n} Quang Trung", commune=commune) for n, commune in enumerate(communes)]
    arrivals.arrived(house.store, *people)


@pytest.fixture
def house(served: House) -> Iterator[House]:
    """Return the running product; every browser is closed after the test."""
    yield served
    for page in served.pages:
        page.context.close()
    served.pages.clear()


def board(house: House, *, script: bool = True) -> Page:
    """Return the board of a fresh proposal, as the head of the office sees it."""
    proposed = planning.propose_day(house.store, cast.OFFICE, day=cast.today, by=cast.minh, at=cast.monday)
    below = arrivals.below(next(SEEDS))
    number = planning.keep_proposal(house.store, proposed, by=cast.minh, at=cast.monday, below=below)
    hung = house.person("hung", script=script)
    hung.context.add_init_script(COUNTING)
    house.go(hung, f"/runs/proposals/{number}")
    return hung


def order(page: Page, route: str) -> list[str]:
    """Return the stops of a route as the table shows them."""
    found = page.locator(f"tr[data-stop][data-route='{route}']").evaluate_all("rows => rows.map(r => r.dataset.stop)")
    return [str(name) for name in found]


def told(page: Page, text: str | re.Pattern[str]) -> None:
    """Wait until the board says something, to the eye and to a screen reader."""
    expect(page.locator("main > .said")).to_have_text(text)
    expect(page.locator("p[role=status].hidden")).to_have_text(text)


def test_a_stop_is_moved_with_four_keys_and_thirty_to_the_next_day_with_three(house: House) -> None:
    page = board(house)
    first, second, *_ = order(page, "0")
    hands = Scanner(page)
    hands.press("ArrowDown")
    hands.press("m")
    hands.press("2")
    hands.press("Enter")
    told(page, re.compile(r"Đã chuyển 1 điểm sang tuyến Thanh Khê.*: [+−]\d+ phút, [+−]\d+,\d km\."))
    assert hands.keys <= 4
    assert first in order(page, "1")
    assert page.evaluate("document.activeElement.dataset.stop") == first, "the focus goes along"

    hands.chord("Control+z")
    told(page, re.compile("Đã hoàn tác"))
    assert order(page, "0")[:2] == [first, second]

    before = hands.keys
    hands.chord("Control+a")
    hands.press("n")
    told(page, re.compile(r"Đã chuyển 34 điểm sang ngày làm việc kế tiếp"))
    assert hands.keys - before <= 5
    assert page.get_by_text("điều phối chuyển sang ngày 17/11/2026").count() == DOORS
    hands.chord("Control+z")
    told(page, re.compile("Đã hoàn tác"))
    assert len(order(page, "0")) == DOORS - WEST
    assert page.evaluate("+sessionStorage.clicks || 0") == 0


def test_order_lock_selection_and_the_dialog_work_from_the_keyboard(house: House) -> None:
    page = board(house)
    first, second, third, *_ = order(page, "0")
    hands = Scanner(page)
    hands.press("ArrowDown")
    hands.chord("Alt+ArrowDown")
    hands.chord("Alt+ArrowDown")
    told(page, re.compile("Đã đổi thứ tự 1 điểm"))
    assert order(page, "0")[:3] == [second, third, first], "two presses, one change"
    hands.press("l")
    told(page, "Đã giữ cố định 1 điểm.")
    expect(page.locator(f"tr[data-stop={first}]")).to_contain_text("cố định")
    hands.press("Home")
    hands.chord("Shift+ArrowDown")
    hands.chord("Shift+ArrowDown")
    expect(page.locator("tr[aria-selected=true]")).to_have_count(3)
    hands.press(" ")
    expect(page.locator("tr[aria-selected=true]")).to_have_count(2)
    expect(page.locator("[data-count]")).to_have_text("2")
    hands.chord("Control+m")
    expect(page.get_by_role("dialog", name="Chuyển sang tuyến")).to_be_visible()
    page.keyboard.type("than")
    expect(page.get_by_role("dialog")).to_contain_text("Enter: 2. Thanh Khê")
    hands.press("Enter")
    told(page, re.compile("Đã chuyển 2 điểm sang tuyến Thanh Khê"))
    assert {second, third} <= set(order(page, "1"))
    hands.press("?")
    expect(page.get_by_role("dialog", name="Phím tắt")).to_contain_text("chuyển sang ngày làm việc kế tiếp")
    hands.press("Escape")
    assert page.evaluate("document.activeElement.dataset.stop") is not None


def test_a_refusal_is_said_and_everything_stays_selected(house: House) -> None:
    page = board(house)
    first = order(page, "0")[0]
    hands = Scanner(page)
    hands.press("ArrowDown")
    hands.press(" ")
    hands.press("l")
    told(page, "Đã giữ cố định 1 điểm.")
    hands.press("n")
    expect(page.locator("#board-problem")).to_contain_text("Bỏ giữ cố định rồi chuyển")
    assert page.title().startswith("Lỗi: ")
    expect(page.locator("tr[aria-selected=true]")).to_have_attribute("data-stop", first)


def test_table_and_map_have_one_selection(house: House) -> None:
    page = board(house)
    first, second, *_ = order(page, "0")
    page.evaluate("document.addEventListener('board:selection', (event) => { window.last = event.detail.stops; })")
    hands = Scanner(page)
    hands.press("ArrowDown")
    hands.press(" ")
    assert page.evaluate("window.last") == [first]
    page.evaluate(
        "stops => document.dispatchEvent(new CustomEvent('board:selection', { detail: { stops, from: 'map' } }))",
        [second],
    )
    expect(page.locator("tr[aria-selected=true]")).to_have_attribute("data-stop", second)
    assert page.locator("input[name=stop]:checked").evaluate_all("all => all.map(e => e.value)") == [second]


def test_the_first_view_and_its_scripts_stay_within_their_budgets(house: House) -> None:
    page = board(house)
    sizes: dict[str, int] = {}
    page.on("response", lambda answer: sizes.update({answer.url: len(gzip.compress(answer.body()))}))
    page.reload(wait_until="networkidle")
    own = {url.rpartition("/")[2]: size for url, size in sizes.items() if "/vendor/" not in url and "map.js" not in url}
    assert sum(size for name, size in own.items() if name in SCRIPTS) <= SCRIPT_BUDGET
    assert sum(own.values()) <= FIRST_VIEW_BUDGET, own


def test_without_any_script_a_stop_is_moved_and_taken_back(house: House) -> None:
    page = board(house, script=False)
    first = order(page, "0")[0]
    page.locator(f"input[name=stop][value={first}]").check()
    page.get_by_label("Chuyển sang tuyến…").select_option("2")
    page.get_by_role("button", name="Chuyển", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("Đã chuyển 1 điểm sang tuyến Thanh Khê")
    assert first in order(page, "1")
    assert page.locator(f"input[name=stop][value={first}]").is_checked()
    page.get_by_role("button", name=re.compile("Hoàn tác")).click()
    expect(page.get_by_role("status")).to_contain_text("Đã hoàn tác")
    assert order(page, "0")[0] == first


def test_all_runs_are_accepted_with_one_key_and_a_confirmation(own_house: House) -> None:
    page = board(own_house)
    keep(page, "board")
    hands = Scanner(page)
    hands.press("F10")
    expect(page.get_by_role("dialog", name="Chấp nhận")).to_contain_text(f"2 chuyến, {DOORS} điểm")
    hands.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    hands.press("F10")
    with page.expect_navigation():
        hands.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("Đã lập 2 chuyến.")
    assert hands.keys == 4
