"""The map of the board in a browser: one selection with the table, with and without script and background."""

import gzip
import io
import itertools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from postal.services import planning
from postal.settings import Settings
from postal.web.app import make_app
from tests import arrivals, cast, databases
from tests.arrivals import hanh, tam
from tests.journeys import conftest
from tests.journeys.conftest import House, keep, opened_house
from tests.journeys.test_counter_by_keyboard import AXE

TROUBLE = "Bản đồ nền không tải được. Danh sách và đường nối vẫn dùng được."
OWN_SCRIPTS, FIRST_VIEW, MAP, REQUESTS = 25_000, 50_000, 60_000, 8
SERIAL = itertools.count()
ARCHIPELAGOS = ("Quần đảo Hoàng Sa (Việt Nam)", "Quần đảo Trường Sa (Việt Nam)")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[House]:
    """Return the product with two rounds over three communes, running once for every test of this module."""
    with opened_house(tmp_path_factory.mktemp("board-map"), browser) as house:
        arrivals.keep_postmen(house.store)
        people = [replace(hanh, address=f"{n} Quang Trung") for n in range(1, 4)]
        west = replace(hanh, address="5 Âu Cơ", commune="20209")
        arrivals.arrived(house.store, *people, tam, west)
        yield house


@pytest.fixture
def house(served: House) -> Iterator[House]:
    """Return the running product; every browser is closed after the test."""
    yield served
    for page in served.pages:
        page.context.close()
    served.pages.clear()


@contextmanager
def with_tiles(house: House, tiles: str) -> Iterator[House]:
    """Serve the same product with a background map."""
    with conftest._listening() as held:
        url = f"http://127.0.0.1:{held.getsockname()[1]}"
        settings = Settings(public_url=url, secret_key=databases.SECRET_KEY, tiles=tiles, tiles_credit="© Bản đồ <thử>")
        with conftest._serving(make_app(house.store, settings, clock=house.clock), held):
            yield House(url=url, store=house.store, clock=house.clock, browser=house.browser)


@contextmanager
def tile_server(status: int) -> Iterator[str]:
    """Answer every request for a tile with a grey picture, or with an error."""
    picture = io.BytesIO()
    Image.new("RGB", (256, 256), "#dfe6ea").save(picture, "PNG")

    class Tiles(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "image/png")
            self.end_headers()
            if status == 200:
                self.wfile.write(picture.getvalue())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Tiles)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/{{z}}/{{x}}/{{y}}.png"
    server.shutdown()
    server.server_close()
    thread.join(timeout=10)


def board(house: House, *, page: Page | None = None, script: bool = True) -> Page:
    """Return the board of a fresh proposal, as the head of the office sees it."""
    proposed = planning.propose_day(house.store, cast.OFFICE, day=cast.today, by=cast.minh, at=cast.monday, processes=1)
    below = arrivals.below(f"board map {next(SERIAL)}")
    number = planning.keep_proposal(house.store, proposed, by=cast.minh, at=cast.monday, below=below)
    hung = page or house.person("hung", script=script)
    house.go(hung, f"/runs/proposals/{number}")
    return hung


def ticked(page: Page) -> list[str]:
    """Return the stops that the table has as selected."""
    found = page.locator("tr[data-stop] input[name=stop]:checked").evaluate_all("boxes => boxes.map(b => b.value)")
    return [str(name) for name in found]


def stops(page: Page, route: str) -> list[str]:
    """Return the stops of a route in the order of the table."""
    found = page.locator(f"tr[data-stop][data-route='{route}']").evaluate_all("rows => rows.map(r => r.dataset.stop)")
    return [str(name) for name in found]


def chosen_marks(page: Page) -> int:
    return page.locator(".map-stop.is-chosen").count()


def test_the_map_and_the_table_have_one_selection(house: House) -> None:
    page = board(house)
    keep(page, "board-map")
    marks = page.locator(".map-stop")
    expect(marks).to_have_count(3)
    expect(marks).to_have_text(["1–3", "4", "1"])
    marks.first.click()
    assert ticked(page) == stops(page, "0")[:3], "one mark, three doors of one commune"
    page.locator("tr[data-route='1'] input[name=stop]").first.check()
    expect(page.locator(".map-stop.is-chosen")).to_have_count(2)
    expect(page.locator(".map-list [aria-selected=true]")).to_have_count(4)
    marks.first.click()
    assert ticked(page) == stops(page, "1")
    page.locator(".map-list").get_by_role("option").nth(1).click()
    assert ticked(page) == [stops(page, "0")[1], *stops(page, "1")]
    expect(marks.first).to_have_attribute("aria-pressed", "mixed")
    found = Axe().run(page, options=AXE)
    assert found.violations_count == 0, found.generate_report()


def test_arrows_go_through_the_stops_and_space_selects_them(house: House) -> None:
    page = board(house)
    page.locator(".map-list [role=option][tabindex='0']").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    assert ticked(page) == [stops(page, "0")[1]]
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    assert ticked(page) == [stops(page, "0")[1], stops(page, "1")[0]]
    page.locator(".map-stop[tabindex='0']").focus()
    assert page.evaluate("document.activeElement.textContent") == "1", "the map goes along with its list"
    page.keyboard.press("ArrowLeft")
    assert page.evaluate("document.activeElement.textContent") == "4"
    page.keyboard.press("Space")
    assert stops(page, "0")[3] in ticked(page)
    assert page.locator(".map-stop[tabindex='0']").count() == 1, "one stop of the tab key, whatever the number of marks"


def test_the_map_follows_a_change_of_the_table(house: House) -> None:
    page = board(house)
    first = stops(page, "0")[0]
    page.locator("tr[data-route='0'] input[name=stop]").first.check()
    page.get_by_label("Chuyển sang tuyến…").select_option("2")
    page.get_by_role("button", name="Chuyển", exact=True).click()
    expect(page.locator("tr[data-route='1']")).to_have_count(2)
    assert first in stops(page, "1")
    expect(page.locator(".map-stop")).to_have_count(4)
    expect(page.locator(".map-key li").nth(1)).to_contain_text("2 điểm")
    expect(page.locator(".map-sketch svg")).to_contain_text("Thanh Khê")


def test_without_script_there_is_the_sketch_and_every_file(house: House) -> None:
    page = board(house, script=False)
    keep(page, "board-without-script")
    expect(page.locator(".map-sketch svg")).to_be_visible()
    expect(page.locator(".map")).to_be_hidden()
    page.get_by_text("Bảng số liệu").first.click()
    expect(page.get_by_role("table", name="Quãng đường mỗi chuyến")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="bản đồ GeoJSON").first.click()
    assert download.value.suggested_filename == "tuyen-1.geojson"


def test_the_page_with_its_map_stays_within_its_budgets(house: House) -> None:
    page = house.person("hung")
    sizes: dict[str, int] = {}
    before_load: list[str] = []
    page.on("response", lambda answer: sizes.update({urlsplit(answer.url).path: len(gzip.compress(answer.body()))}))
    page.on("load", lambda _: before_load.extend(sizes))
    board(house, page=page)
    expect(page.locator(".map-stop")).to_have_count(3)
    own = [size for path, size in sizes.items() if path.endswith(".js") and "/vendor/" not in path]
    assert sum(own) <= OWN_SCRIPTS
    assert sum(sizes.values()) <= FIRST_VIEW + MAP
    assert len(before_load) <= REQUESTS, before_load


def test_the_drawing_stays_when_leaflet_does_not_come(house: House) -> None:
    page = house.person("hung")
    page.route("**/leaflet.js", lambda route: route.abort())
    board(house, page=page)
    expect(page.get_by_text(TROUBLE)).to_be_visible()
    expect(page.locator(".map-sketch svg")).to_be_visible()
    expect(page.locator(".map")).to_be_hidden()


def test_lines_and_list_stay_when_the_background_does_not_come(house: House) -> None:
    with tile_server(500) as tiles, with_tiles(house, tiles) as mapped:
        page = board(mapped)
        expect(page.get_by_text(TROUBLE)).to_be_visible()
        expect(
            page.locator(".map path.leaflet-interactive, .leaflet-overlay-pane path[stroke-width='4']")
        ).to_have_count(2)
        expect(page.locator(".map-stop")).to_have_count(3)
        expect(page.locator(".map-sketch svg")).to_be_visible()
        keep(page, "board-map-without-tiles")
        page.context.close()


def test_a_background_comes_from_its_host_alone_and_never_covers_the_names_on_the_sea(house: House) -> None:
    with tile_server(200) as tiles, with_tiles(house, tiles) as mapped:
        hosts: set[str] = set()
        refused: list[str] = []
        page = mapped.person("hung")
        page.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
        page.on("console", lambda message: refused.append(message.text) if "Content Security" in message.text else None)
        board(mapped, page=page)
        expect(page.locator(".leaflet-tile-loaded").first).to_be_attached()
        expect(page.get_by_text(TROUBLE)).to_be_hidden()
        expect(page.locator(".map-sketch svg")).to_be_hidden()
        expect(page.locator(".leaflet-control-attribution")).to_contain_text("© Bản đồ <thử>")
        keep(page, "board-map-with-tiles")
        farther = page.get_by_role("button", name="Thu nhỏ")
        while farther.get_attribute("aria-disabled") == "false":
            farther.click(force=True)
            page.wait_for_timeout(40)
            on_the_sea(page)
        assert on_the_sea(page) == list(ARCHIPELAGOS)
        keep(page, "board-map-of-the-sea")
        assert hosts == {urlsplit(mapped.url).netloc, urlsplit(tiles).netloc}
        assert refused == []
        page.context.close()


def on_the_sea(page: Page) -> list[str]:
    """Return the names in view; whoever points at one meets it and not what lies below."""
    page.locator(".map").scroll_into_view_if_needed()
    seen = page.evaluate("""() => {
      const box = document.querySelector(".map").getBoundingClientRect();
      return [...document.querySelectorAll(".sea-name span")].map((name) => {
        const place = name.getBoundingClientRect();
        const [x, y] = [place.x + 12, place.y + place.height / 2];
        const isIn = x > box.left && x < box.right && y > box.top && y < box.bottom;
        name.parentNode.style.pointerEvents = "auto";
        return [name.textContent, isIn, isIn && document.elementFromPoint(x, y) === name];
      });
    }""")
    assert all(on_top for _, is_in, on_top in seen if is_in), seen
    return [name for name, is_in, _ in seen if is_in]


def test_the_charts_of_a_day_are_read_by_everybody(house: House) -> None:
    page = house.person("hung")
    house.go(page, "/runs/charts")
    page.get_by_text("Bảng số liệu").first.click()
    expect(page.get_by_role("table", name="Phát đúng hạn theo tuần")).to_be_visible()
    found = Axe().run(page, options=AXE)
    assert found.violations_count == 0, found.generate_report()
