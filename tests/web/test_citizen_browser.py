"""The citizen's page in a real browser: two requests, few bytes, no script, nothing axe finds, no sideways scroll."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from fastapi import FastAPI
from playwright.sync_api import Browser, Page, Request, ViewportSize

from postal.settings import Settings
from postal.store import Store
from tests import cast, databases, wiring
from tests.web.conftest import Clock
from tests.web.way import Way, gone_to

BUDGET = 14_000
PHONE = ViewportSize(width=360, height=740)
NARROW = ViewportSize(width=320, height=640)
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SEEDS = iter(range(70_000, 80_000))


@dataclass
class Site:
    """A running server, its store and its clock."""

    url: str
    store: Store
    clock: Clock
    app: FastAPI

    def way(self, stage: str) -> Way:
        """Return a dossier that has come to a stage."""
        gone = gone_to(self.store, stage, seed=next(SEEDS))
        self.clock.at = gone.at
        return gone


@pytest.fixture(scope="module")
def site(seeded_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Return a server over a seeded store."""
    path = tmp_path_factory.mktemp("citizen") / "web.db"
    path.write_bytes(seeded_file.read_bytes())
    store = Store.open(f"sqlite:///{path}", secret_key=databases.SECRET_KEY)
    clock = Clock(cast.monday)
    app = wiring.app(store, Settings(secret_key=databases.SECRET_KEY, demo=True), clock=clock)
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", access_log=False))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield Site(url=f"http://127.0.0.1:{port}", store=store, clock=clock, app=app)
    server.should_exit = True
    thread.join(timeout=10)
    store.close()


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    """Return a phone without scripts."""
    context = browser.new_context(viewport=PHONE, locale="vi-VN", java_script_enabled=False)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("stage", ["", "asked", "visited", "delivered"])
def test_a_first_view_is_two_requests_and_less_than_one_window(phone: Page, site: Site, stage: str) -> None:
    gone = site.way(stage)
    requests: list[Request] = []
    phone.on("requestfinished", lambda request: requests.append(request))  # noqa: PLW0108 - it marks what it is given
    phone.goto(f"{site.url}/{gone.secret}")
    sizes = [request.sizes() for request in requests]
    received = sum(size["responseBodySize"] + size["responseHeadersSize"] for size in sizes)
    assert len(requests) == 2, [request.url for request in requests]
    assert received < BUDGET, received
    assert phone.context.cookies() == []


def test_typing_the_code_and_the_pin_works_without_scripts(phone: Page, site: Site) -> None:
    gone = site.way("asked")
    phone.goto(site.url)
    phone.get_by_label("Mã tra cứu (10 ký tự, in dưới mã QR trên phiếu gửi)").fill(f"{gone.code[:5]} {gone.code[5:]}")
    phone.get_by_label("Mã PIN 6 số").fill(gone.pin)
    phone.get_by_role("button", name="Xem hồ sơ").click()
    assert phone.locator("h1").inner_text().endswith("Ông/bà cần bổ sung 2 giấy tờ.")
    assert phone.locator("li", has_text="Giấykhám sức khỏe").is_visible()
    assert gone.pin not in phone.url


def test_the_pin_may_be_added_on_the_page_of_the_qr(phone: Page, site: Site) -> None:
    gone = site.way("refused")
    phone.goto(f"{site.url}/{gone.secret}?lang=en")
    phone.get_by_label("6-digit PIN").fill(gone.pin)
    phone.get_by_role("button", name="View").click()
    assert "Reason: Lýdotừchối" in phone.locator("h1").inner_text()


def test_the_log_unfolds_without_scripts(phone: Page, site: Site) -> None:
    gone = site.way("delivered")
    phone.goto(f"{site.url}/{gone.secret}")
    stays = phone.locator(".log li")
    assert not stays.first.is_visible()
    phone.get_by_text("Nhật ký: hồ sơ đã qua những nơi nào").click()
    assert stays.first.is_visible()
    assert stays.count() == 4


def pages_of(site: Site) -> list[tuple[str, str]]:
    """Return every kind of page: the form, a miss, each level, late, both languages."""
    asked, late = site.way("asked"), site.way("to_transport")
    return [
        ("form", "/"),
        ("form in English", "/?lang=en"),
        ("miss", "/nothing-of-ours"),
        ("code", f"/{asked.code}"),
        ("qr", f"/{asked.secret}"),
        ("late", f"/{late.secret}"),
        ("late in English", f"/{late.secret}?lang=en"),
    ]


@pytest.mark.slow
def test_axe_finds_nothing(page: Page, site: Site) -> None:
    pages = pages_of(site)
    site.clock.at = cast.after(days=9)
    found = {}
    for name, path in pages:
        page.goto(site.url + path)
        unfold(page)
        results = Axe().run(page, options={"runOnly": {"type": "tag", "values": AXE_TAGS}})
        found[name] = [violation["id"] for violation in results.response["violations"]]
    assert found == {name: [] for name, _ in pages}


@pytest.mark.slow
def test_contrast_is_seven_to_one(page: Page, site: Site) -> None:
    pages = pages_of(site)
    site.clock.at = cast.after(days=9)
    for name, path in pages:
        page.goto(site.url + path)
        unfold(page)
        results = Axe().run(page, options={"runOnly": ["color-contrast-enhanced"]})
        assert results.response["violations"] == [], name


@pytest.mark.parametrize("size", [100, 200])
def test_nothing_scrolls_sideways_on_a_small_phone_nor_with_large_text(page: Page, site: Site, size: int) -> None:
    pages = pages_of(site)
    site.clock.at = cast.after(days=9)
    page.set_viewport_size(NARROW)
    for name, path in pages:
        page.goto(site.url + path)
        unfold(page)
        page.evaluate(f"document.documentElement.style.fontSize = '{size}%'")
        widths = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        assert widths[0] <= widths[1], name


def test_text_is_large_and_what_is_touched_is_larger(page: Page, site: Site) -> None:
    page.set_viewport_size(PHONE)
    for name, path in pages_of(site):
        page.goto(site.url + path)
        unfold(page)
        smallest = page.evaluate(
            "Math.min(...[...document.querySelectorAll('body *')].filter(e => e.innerText && e.offsetParent)"
            ".map(e => parseFloat(getComputedStyle(e).fontSize)))"
        )
        assert smallest >= 19, name
        low = page.evaluate(
            "[...document.querySelectorAll('a:not(.skip), button, input:not([type=hidden]), summary')]"
            ".map(e => [e.outerHTML.slice(0, 60), e.getBoundingClientRect().height]).filter(([, h]) => h < 48)"
        )
        assert low == [], name


def unfold(page: Page) -> None:
    """Open every folded part, so that it is measured too."""
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
