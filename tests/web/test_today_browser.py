"""The postman's phone in a real browser: few taps, few bytes, large targets, nothing axe finds, and without script."""

import io
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect

from postal.domain.events import AttemptReason, Delivered, PlannedStop
from postal.domain.item import Custody, Item
from postal.domain.run import DeliveryRun
from postal.services import accounts, delivery, invitations, registration
from postal.settings import Settings
from postal.store import Store
from postal.store.registers import StoredFile
from tests import arrivals, cast, databases, wiring
from tests.arrivals import hanh, tam, vy
from tests.services.test_registration import BIRTH_NOTICE, DECLARATION, form
from tests.web.conftest import PASSWORD, Clock
from tests.web.test_citizen_browser import AXE_TAGS, NARROW, PHONE

SHELL_BUDGET, STOP_BUDGET = 50_000, 300
MOST_TAPS = 5
LARGEST_PHOTO = 100_000
HERE = {"latitude": 16.06778, "longitude": 108.22083, "accuracy": 12}


@dataclass
class Round:
    """A running server, a run that was started, and the browser of its postman."""

    url: str
    store: Store
    run: DeliveryRun
    browser: Browser

    def phone(self, *, viewport: ViewportSize = PHONE, script: bool = True, placed: bool = False) -> Page:
        """Return the postman's phone, signed in, on his list."""
        context = self.browser.new_context(
            viewport=viewport, locale="vi-VN", java_script_enabled=script, has_touch=True, is_mobile=True
        )
        if placed:
            context.grant_permissions(["geolocation"])
            context.set_geolocation(HERE)  # type: ignore[arg-type]
        page = context.new_page()
        page.on("pageerror", lambda error: pytest.fail(f"script error: {error}"))
        page.goto(f"{self.url}/sign-in?next=/today")
        page.get_by_label("Tên đăng nhập").fill("buuta1")
        page.get_by_label("Mật khẩu").fill(PASSWORD)
        page.get_by_role("button", name="Đăng nhập").click()
        page.goto(f"{self.url}/today")
        return page

    def item(self, index: int) -> Item:
        with self.store.read() as reader:
            found = reader.thing(Item, self.run.items[index])
        assert found is not None
        return found

    def proof(self, index: int) -> tuple[Delivered, StoredFile]:
        """Return the delivery of an item and the picture that proves it."""
        with self.store.read() as reader:
            (event,) = [e for _, _, _, e in reader.events([self.run.items[index]]) if isinstance(e, Delivered)]
            kept = reader.files.get(event.proof)
        assert kept is not None
        return event, kept


class Taps:
    """A finger that is counted."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.count = 0

    def on(self, role: str, name: str) -> None:
        """Tap on something by its words."""
        self.page.get_by_role(role, name=re.compile(name)).first.tap()  # type: ignore[arg-type]
        self.count += 1

    def sign(self) -> None:
        """Draw a line in the field for signatures: one touch."""
        self.page.locator("canvas").scroll_into_view_if_needed()
        box = self.page.locator("canvas").bounding_box()
        assert box is not None
        self.page.mouse.move(box["x"] + 30, box["y"] + 60)
        self.page.mouse.down()
        for step in range(1, 9):
            self.page.mouse.move(box["x"] + 30 + step * 25, box["y"] + 60 + (step % 3) * 12)
        self.page.mouse.up()
        self.count += 1


@pytest.fixture
def round_(seeded_file: Path, tmp_path: Path, browser: Browser) -> Iterator[Round]:
    """Return a server over a started run: a result, one with money and papers to get back, and an invitation."""
    path = tmp_path / "web.db"
    path.write_bytes(seeded_file.read_bytes())
    store = Store.open(f"sqlite:///{path}", secret_key=databases.SECRET_KEY)
    run = started(store)
    app = wiring.app(store, Settings(secret_key=databases.SECRET_KEY), clock=Clock(cast.monday))
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", access_log=False))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    opened = Round(url=f"http://127.0.0.1:{port}", store=store, run=run, browser=browser)
    yield opened
    for context in _contexts(browser):
        context.close()
    server.should_exit = True
    thread.join(timeout=10)
    store.close()


def _contexts(browser: Browser) -> list[BrowserContext]:
    return list(browser.contexts)


def started(store: Store) -> DeliveryRun:
    arrivals.keep_postmen(store, password_hash=accounts.hash_password(PASSWORD))
    (plain,) = arrivals.arrived(store, hanh, serial=1)
    (costly,) = arrivals.arrived(
        store, tam, serial=2, fee=135_000, fee_basis="Lệ phí cấp bản sao", recover=("Giấy phép lái xe cũ",)
    )
    (waits,) = arrivals.arrived(store, vy, serial=3)
    pickup = fetched_at_home(store)
    invitations.hold_for_pickup(store, waits, until=cast.after(days=4).date(), by=cast.hung, at=cast.monday)
    stops = (
        PlannedStop(number=1, commune="20242", items=(plain,)),
        PlannedStop(number=2, commune="20257", items=(costly,)),
        PlannedStop(number=3, commune="20242", items=(), invitations=(waits,)),
        PlannedStop(number=4, commune="20242", items=(), pickups=(pickup,)),
    )
    planned = arrivals.signed_for(store, arrivals.laid_out(store, *stops))
    return delivery.start_run(store, planned.code, by=arrivals.binh, at=cast.monday)


def fetched_at_home(store: Store) -> str:
    """Return a promise that papers are fetched at a door today."""
    papers = tuple(replace(paper, originals=0) for paper in (DECLARATION, BIRTH_NOTICE))
    asked = form(papers=papers, seal="", weight_g=None, pickup_on=cast.today)
    made = registration.register(store, asked, by=cast.lan, at=cast.monday, below=arrivals.below(12))
    with store.begin(at=cast.monday) as ledger:
        return ledger.home_pickups_of(made.dossier.code)[0].code


def photo(size: tuple[int, int] = (4000, 3000)) -> dict[str, object]:
    """Return a photo as a phone takes it: large, noisy, with its place in it."""
    content = io.BytesIO()
    Image.effect_noise(size, 60).convert("RGB").save(content, "JPEG", quality=90)
    return {"name": "IMG_0001.jpg", "mimeType": "image/jpeg", "buffer": content.getvalue()}


# --- taps -------------------------------------------------------------------------------------------------------------


def test_a_result_is_delivered_in_five_taps_from_the_list(round_: Round) -> None:
    page = round_.phone(placed=True)
    taps = Taps(page)
    taps.on("link", hanh.name)
    expect(page.locator(".giving [name=lat]")).to_have_value(re.compile(r"16\.06"))
    taps.on("checkbox", "Đã xem căn cước")
    taps.sign()
    taps.on("button", "Lưu: đã giao")
    expect(page.get_by_role("status")).to_contain_text("Đã giao")
    assert taps.count <= MOST_TAPS
    assert round_.item(0).custody is Custody.DELIVERED
    event, kept = round_.proof(0)
    assert event.where
    assert kept.content.startswith(b"\xff\xd8")


def test_a_scan_opens_the_door_and_four_taps_deliver_with_money_and_papers(round_: Round) -> None:
    page = round_.phone()
    taps = Taps(page)
    page.get_by_label("Quét hoặc gõ mã").fill(round_.run.items[1])
    page.get_by_label("Quét hoặc gõ mã").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text(tam.name)
    taps.on("radio", "Đã thu đủ tiền mặt")
    taps.on("checkbox", "Đã xem căn cước")
    taps.on("checkbox", "Giấy phép lái xe cũ")
    page.get_by_label("Số niêm phong phong bì giấy thu hồi").fill("R77")
    taps.sign()
    taps.on("button", "Lưu: đã giao")
    expect(page.get_by_role("status")).to_contain_text("Đã giao")
    assert taps.count <= MOST_TAPS
    expect(page.get_by_role("button", name=re.compile("Giao 135.000 đ cho quầy"))).to_be_visible()
    assert round_.item(1).recovered == 1


def test_a_visit_in_vain_takes_at_most_five_taps(round_: Round) -> None:
    page = round_.phone()
    taps = Taps(page)
    taps.on("link", hanh.name)
    taps.on("link", "Chưa giao được")
    taps.on("radio", "Không có người nhận")
    taps.on("radio", "Đến lại hôm nay")
    taps.on("button", "Lưu: chưa giao được")
    expect(page.get_by_text("Chưa giao được: không có người nhận, hẹn 16/11").first).to_be_visible()
    assert taps.count <= MOST_TAPS
    assert round_.item(0).next_attempt_on == cast.today


def test_a_relative_without_paper_is_told_what_to_bring_and_the_reason_is_chosen(round_: Round) -> None:
    page = round_.phone()
    taps = Taps(page)
    taps.on("link", hanh.name)
    taps.on("link", "Người nhà, không có giấy ủy quyền")
    expect(page.get_by_text("giấy ủy quyền của người có tên trên phiếu")).to_be_visible()
    assert "hàng xóm" not in page.content()
    taps.on("button", "Lưu: chưa giao được")
    expect(page.get_by_text("Chưa giao được: không có giấy tờ ủy quyền").first).to_be_visible()
    assert taps.count <= MOST_TAPS
    assert round_.item(0).attempt_reason is AttemptReason.NO_AUTHORISATION


def test_an_invitation_is_left_in_two_taps(round_: Round) -> None:
    page = round_.phone()
    taps = Taps(page)
    taps.on("link", vy.name)
    taps.on("button", "Đã để giấy mời")
    expect(page.get_by_role("status")).to_contain_text("Đã để giấy mời")
    assert taps.count == 2


def test_papers_are_counted_sealed_and_signed_for_at_the_door(round_: Round) -> None:
    page = round_.phone()
    taps = Taps(page)
    taps.on("link", cast.khanh.name)
    for paper in (DECLARATION, BIRTH_NOTICE):
        page.get_by_role("group", name=paper.name).get_by_label("Bản chính", exact=True).fill("1")
    page.get_by_label("Số niêm phong").fill("R90")
    taps.sign()
    taps.on("button", "Lưu: đã lấy giấy tờ")
    expect(page.get_by_role("status")).to_contain_text("Đã lấy giấy tờ. Ghi mã P")
    assert taps.count == 3
    expect(page.get_by_role("button", name="Bàn giao lại 3 bưu gửi")).to_be_visible()


def test_a_finger_that_only_touched_the_glass_did_not_sign(round_: Round) -> None:
    page = round_.phone()
    page.get_by_role("link", name=re.compile(hanh.name)).tap()
    page.get_by_label("Đã xem căn cước/hộ chiếu").check()
    page.locator("canvas").tap()
    page.get_by_role("button", name="Lưu: đã giao").tap()
    expect(page.get_by_text("Ô chữ ký còn trống").first).to_be_visible()
    assert round_.item(0).custody is Custody.HELD


# --- photos -----------------------------------------------------------------------------------------------------------


def test_a_photo_is_made_small_on_the_phone_before_it_is_sent(round_: Round) -> None:
    page = round_.phone()
    page.get_by_role("link", name=re.compile(hanh.name)).tap()
    page.get_by_label("Đã xem căn cước/hộ chiếu").check()
    page.locator("#photo").set_input_files(photo())  # type: ignore[arg-type]
    expect(page.locator("#photo")).to_have_value(re.compile("photo.jpg"), timeout=20_000)
    assert page.evaluate("document.querySelector('#photo').files[0].size") <= LARGEST_PHOTO
    page.get_by_role("button", name="Lưu: đã giao").tap()
    expect(page.get_by_role("status")).to_contain_text("Đã giao")
    _, kept = round_.proof(0)
    with Image.open(io.BytesIO(kept.content)) as picture:
        assert max(picture.size) <= 1280
        assert not picture.getexif()


# --- without script ---------------------------------------------------------------------------------------------------


def test_everything_works_without_script(round_: Round) -> None:
    page = round_.phone(script=False)
    page.get_by_role("link", name=re.compile(hanh.name)).tap()
    page.get_by_label("Đã xem căn cước/hộ chiếu").check()
    page.locator("#photo").set_input_files(photo((1200, 900)))  # type: ignore[arg-type]
    page.get_by_role("button", name="Lưu: đã giao").tap()
    expect(page.get_by_role("status")).to_contain_text("Đã giao")
    assert round_.item(0).custody is Custody.DELIVERED
    page.goto(f"{round_.url}/scan?q={round_.run.items[1]}")
    page.get_by_role("link", name="Chưa giao được").tap()
    page.get_by_label("Không liên lạc được").check()
    page.get_by_role("button", name="Lưu: chưa giao được").tap()
    expect(page.get_by_role("status")).to_contain_text("Đã ghi chưa giao được")
    assert round_.item(1).attempts == 1


# --- what a phone bears -----------------------------------------------------------------------------------------------


def test_the_list_is_small_enough_for_a_weak_signal(round_: Round) -> None:
    context = round_.phone().context
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    received: list[int] = []
    session.on("Network.loadingFinished", lambda event: received.append(int(event["encodedDataLength"])))
    page.goto(f"{round_.url}/today", wait_until="networkidle")
    assert sum(received) <= SHELL_BUDGET + STOP_BUDGET * len(round_.run.stops)
    assert len(received) <= 8


def test_every_page_of_the_phone_is_large_enough_and_clean(round_: Round) -> None:
    page = round_.phone(viewport=NARROW)
    for path in ("", *(f"/{round_.run.code}{door}" for door in ("/1", "/2", "/3", "/4", "/1?miss=1", "/1?without=1"))):
        page.goto(f"{round_.url}/today{path}")
        found = Axe().run(page, options={"runOnly": {"type": "tag", "values": AXE_TAGS}})
        assert found.violations_count == 0, (path, found.generate_report())
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide == 0, f"{path}: no sideways scroll at 320 px"
        assert page.evaluate(SMALL_TEXT) == [], path
        assert page.evaluate(SMALL_TARGETS) == [], path


SMALL_TEXT = """() => [...document.querySelectorAll('main *')]
  .filter((e) => [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim()) && e.offsetParent)
  .filter((e) => parseFloat(getComputedStyle(e).fontSize) < 16)
  .map((e) => e.textContent.trim().slice(0, 40))"""
"""Text of less than 16 px; what people read for their work has 18."""

SMALL_TARGETS = """() => [...document.querySelectorAll('main :is(a, button, select, summary, label.choice)')]
  .filter((e) => e.offsetParent && e.getBoundingClientRect().height < 47.5)
  .map((e) => `${e.textContent.trim().slice(0, 40)} ${e.getBoundingClientRect().height}`)"""
