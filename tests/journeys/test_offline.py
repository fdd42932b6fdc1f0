"""A phone without network: what it did is kept through every kill, sent once, and told honestly all the while."""

import json
import random
import re
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Page, expect

from postal.domain import facts
from postal.domain.events import Accepted, Delivered
from postal.domain.item import Custody, Item
from postal.domain.people import Account, Person, Role
from postal.domain.run import DeliveryRun
from postal.services import accounts, delivery, uploads
from postal.services import facts as fact_services
from postal.services.facts import Outcome
from postal.store import Store
from tests import arrivals, cast, databases
from tests.journeys.conftest import PASSWORD, PHONE, House, keep
from tests.journeys.phones import BATCH, SECONDS, Phone, phone_of
from tests.web.test_citizen_browser import AXE_TAGS, NARROW

TWENTY = 20
MOST_EVENTS, MOST_BYTES = 200, 50_000


@pytest.fixture
def phone(house: House, tmp_path: Path) -> Iterator[Phone]:
    """Return the phone of the postman."""
    with phone_of(house, tmp_path / "phone") as opened:
        yield opened


def receivers(count: int) -> list[Person]:
    return [
        replace(arrivals.hanh, name=f"Lê Thị Hạnh {n:02d}", address=f"{n} Bạch Đằng", phone=f"+849055501{n:02d}")
        for n in range(1, count + 1)
    ]


def offered(house: House, count: int) -> DeliveryRun:
    """Plan the run of the day; its results wait for the postman's signature."""
    arrivals.arrived(house.store, *receivers(count), at=cast.monday)
    run = arrivals.planned(house.store)
    record = delivery.hand_to_postman(
        house.store, run.code, by=cast.hung, at=cast.monday, below=arrivals.below(run.code)
    )
    assert record is not None
    house.clock.forward(minutes=30)
    return run


def started(house: House, count: int) -> DeliveryRun:
    """Let the postman have signed, and left."""
    run = arrivals.on_the_way(house.store, *receivers(count))
    house.clock.forward(minutes=30)
    return run


def acceptances(store: Store, run: DeliveryRun) -> int:
    with store.read() as reader:
        return sum(
            isinstance(event, Accepted) and event.by.account == "buuta1" for *_, event in reader.events(run.items)
        )


def states(store: Store, run: DeliveryRun) -> dict[str, Item]:
    with store.read() as reader:
        return reader.many(Item, run.items)


def twin(database: Path, folder: Path) -> Store:
    """Return a store on a copy of a database as it is now."""
    path = folder / "twin.db"
    with sqlite3.connect(database) as source, sqlite3.connect(path) as target:
        source.backup(target)
    source.close()
    target.close()
    return Store.open(f"sqlite:///{path}", secret_key=databases.SECRET_KEY)


def expect_waiting(page: Page, count: int) -> None:
    expect(page.get_by_role("heading", name=f"Chưa gửi ({count})")).to_be_visible()
    expect(page.get_by_text("Đã lưu trên máy · chưa đồng bộ")).to_have_count(count)


def expect_all_sent(page: Page, count: int) -> None:
    expect(page.get_by_text(re.compile(r"Đã gửi lên hệ thống \d\d:\d\d"))).to_have_count(count)
    expect(page.get_by_text("Không còn mục nào chưa gửi.")).to_be_visible()


def test_twenty_acceptances_survive_a_kill_before_and_after_they_are_sent(  # noqa: PLR0915 - one story
    house: House, phone: Phone, tmp_path: Path
) -> None:
    run = offered(house, TWENTY)
    phone.take_the_day_along()
    phone.lose_signal()
    phone.page.goto(f"{phone.line.url}/today")
    expect(phone.page.get_by_text("Danh sách tải lúc")).to_be_visible()
    phone.page.get_by_role("button", name=f"Ký nhận đủ {TWENTY}").click()
    expect(phone.page.get_by_text("Đã lưu trên máy này, chưa đồng bộ.")).to_be_visible()
    keep(phone.page, "offline-list-kept")

    phone.kill()  # after the local commit, before anything was sent
    assert acceptances(house.store, run) == 0
    phone.start()
    phone.page.goto(f"{phone.line.url}/outbox")
    expect_waiting(phone.page, TWENTY)
    keep(phone.page, "offline-outbox")

    copy = twin(tmp_path / "house.db", tmp_path)
    phone.line.mend()
    phone.line.loses_answers_to(BATCH)
    phone.go("/today")
    assert phone.line.answer_lost.wait(15)
    phone.kill()  # after it was sent, before the answer came
    assert acceptances(house.store, run) == TWENTY

    phone.line.mend()
    phone.start()
    phone.go("/outbox")
    expect_all_sent(phone.page, TWENTY)
    keep(phone.page, "online-outbox")
    assert acceptances(house.store, run) == TWENTY

    lines = {line["id"]: line for line in phone.line.lines()}
    assert len(lines) == TWENTY
    assert sorted(line["device_seq"] for line in lines.values()) == list(range(1, TWENTY + 1))
    replay_thrice(house, run, list(lines.values()), copy=copy)


def replay_thrice(house: House, run: DeliveryRun, lines: list[dict[str, object]], *, copy: Store) -> None:
    """Send everything again and again, shuffled, in parts and twice: here nothing moves, and a twin ends the same."""
    chance, before = random.Random(4), states(house.store, run)
    by = accounts.actor(house.store, "buuta1", device="app")
    for store, outcome in ((house.store, {Outcome.EXISTS}), (copy, {Outcome.CREATED, Outcome.EXISTS})):
        for _ in range(3):
            again = lines * 2
            chance.shuffle(again)
            for start in range(0, len(again), 7):
                sent = [facts.read(line) for line in again[start : start + 7]]
                told = fact_services.record_facts(store, sent, by=by, at=house.clock.at)
                assert {each.outcome for each in told} <= outcome
        assert acceptances(store, run) == TWENTY
        assert {code: (item.custody, item.custodian) for code, item in states(store, run).items()} == {
            code: (item.custody, item.custodian) for code, item in before.items()
        }
    copy.close()


def sign(page: Page) -> None:
    """Draw a line in the field for signatures."""
    page.locator("canvas").scroll_into_view_if_needed()
    box = page.locator("canvas").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 30, box["y"] + 60)
    page.mouse.down()
    for step in range(1, 9):
        page.mouse.move(box["x"] + 30 + step * 25, box["y"] + 60 + (step % 3) * 12)
    page.mouse.up()


def open_stop(phone: Phone, number: int) -> Page:
    phone.page.locator(f'.stops a.door[href$="/{number}"]').click()
    expect(phone.page.get_by_text(re.compile(rf"^Điểm {number}/"))).to_be_visible()
    return phone.page


def give(page: Page) -> None:
    page.get_by_label("Đã xem căn cước/hộ chiếu").check()
    sign(page)
    page.get_by_role("button", name="Lưu: đã giao").click()
    expect(page.get_by_text("Đã lưu trên máy này, chưa đồng bộ.")).to_be_visible()


def miss(page: Page, photo: Path) -> None:
    page.get_by_role("link", name="Chưa giao được").click()
    page.get_by_label("Không có người nhận").check()
    page.locator("#attempt-photo").set_input_files(photo)
    page.get_by_role("button", name="Lưu: chưa giao được").click()
    expect(page.get_by_text("Đã lưu trên máy này, chưa đồng bộ.")).to_be_visible()


def test_a_whole_stop_is_done_in_airplane_mode_and_told_later(  # noqa: PLR0915 - one story, told in one go
    house: House, phone: Phone, tmp_path: Path
) -> None:
    run = started(house, 3)
    phone.take_the_day_along()
    keep(phone.page, "phone-list-downloaded")
    phone.lose_signal()
    phone.page.goto(f"{phone.line.url}/today")

    page = open_stop(phone, 1)
    expect(page.get_by_text("Không có mạng. Mọi việc vẫn lưu trên máy này.")).to_be_visible()
    page.get_by_role("button", name="Lưu: đã giao").click()
    expect(page.get_by_text("Chưa kiểm tra giấy tờ tùy thân")).to_be_visible()
    keep(page, "phone-stop-offline")
    must_be_clean(page)
    give(page)
    expect(page.locator("li.stop").first).to_contain_text(re.compile("Đã giao P.{10} ! Đã lưu trên máy · chưa đồng bộ"))
    miss(open_stop(phone, 2), photo_of_a_door(tmp_path))
    keep(page, "phone-list-offline")
    must_be_clean(page)
    open_stop(phone, 1)
    expect(page.get_by_role("button", name="Lưu: đã giao")).to_be_hidden()
    keep(page, "phone-stop-done-offline")
    page.goto(f"{phone.line.url}/scan?q={run.items[2]}")
    expect(page.get_by_role("button", name="Lưu: đã giao")).to_be_visible()
    page.goto(f"{phone.line.url}/outbox")
    expect_waiting(page, 2)
    must_be_clean(page)
    assert phone.line.lines() == []

    phone.find_signal()
    page.goto(f"{phone.line.url}/outbox")
    expect(page.get_by_text("Không còn mục nào chưa gửi.")).to_be_visible()
    keep(page, "phone-outbox-sent")
    given, missed = phone.line.lines()[:2]
    assert (given["kind"], missed["kind"]) == ("delivered", "attempt_failed")
    assert given["fields"]["identity"] == "1"
    assert given["fields"]["run"] == run.code
    assert missed["fields"]["reason"] == "nobody_there"
    assert len(given["parents"]) == len(missed["parents"]) == 1
    assert "csrf" not in given["fields"]
    for line in (given, missed):
        (photo,) = line["photos"]
        assert uploads.is_kept(house.store, photo["sha256"], by=arrivals.binh)
    doors = {stop.number: stop.items[0] for stop in run.stops}
    after = states(house.store, run)
    assert (after[doors[1]].custody, after[doors[2]].attempts) == (Custody.DELIVERED, 1)
    expect_all_sent(page, 2)


def must_be_clean(page: Page) -> None:
    """Find nothing with axe, and no sideways scroll on the narrowest phone."""
    page.set_viewport_size(NARROW)
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": AXE_TAGS}})
    assert found.violations_count == 0, (page.url, found.generate_report())
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0, page.url
    page.set_viewport_size(PHONE)


def photo_of_a_door(folder: Path) -> Path:
    path = folder / "door.jpg"
    Image.effect_noise((2000, 1500), 60).convert("RGB").save(path, quality=90)
    return path


def test_who_signs_out_with_a_queue_is_told_and_loses_nothing(house: House, phone: Phone) -> None:
    offered(house, 2)
    phone.take_the_day_along()
    phone.lose_signal()
    phone.page.goto(f"{phone.line.url}/today")
    phone.page.get_by_role("button", name="Ký nhận đủ 2").click()
    expect(phone.page.get_by_text("Đã lưu trên máy này")).to_be_visible()
    phone.page.get_by_role("button", name="Đăng xuất").click()
    warning = "Còn 2 mục chưa gửi. Đăng xuất sẽ không xóa chúng, nhưng chỉ máy này gửi được."
    expect(phone.page.get_by_text(warning)).to_be_visible()
    keep(phone.page, "phone-leaving")
    phone.page.get_by_role("button", name="Vẫn đăng xuất").click()
    expect(phone.page.get_by_role("heading", level=1)).to_have_text("Không có mạng")
    must_be_clean(phone.page)
    expect(phone.page.get_by_text("2 mục của người khác chưa gửi trên máy này.").first).to_be_visible()
    phone.page.goto(f"{phone.line.url}/today")
    expect(phone.page.get_by_text("Lê Thị Hạnh")).to_have_count(0)

    employ(house, "buuta9")
    phone.context.clear_cookies()  # type: ignore[union-attr]
    phone.find_signal()
    phone.go("/outbox", account="buuta9")
    expect(phone.page.get_by_text("2 mục của người khác chưa gửi trên máy này.")).to_be_visible()
    expect(phone.page.get_by_role("listitem").filter(has_text="Ký nhận")).to_have_count(0)
    keep(phone.page, "phone-other-account")
    phone.page.wait_for_timeout(300)
    assert phone.line.lines() == []

    phone.page.get_by_role("button", name="Đăng xuất").click()
    phone.go("/outbox")
    expect_all_sent(phone.page, 2)


def employ(house: House, username: str) -> None:
    account = Account(username=username, name="Người khác", place=cast.OFFICE, roles=frozenset({Role.POSTMAN}))
    accounts.create(house.store, account, password=PASSWORD, at=cast.monday)


def test_a_session_that_ended_loses_nothing_of_what_was_typed(house: House, phone: Phone) -> None:
    run = started(house, 1)
    phone.take_the_day_along()
    page = open_stop(phone, 1)
    house.clock.forward(hours=2)
    page.get_by_label("Đã xem căn cước/hộ chiếu").check()
    sign(page)
    page.get_by_role("button", name="Lưu: đã giao").click()
    expect(page.get_by_text("Phiên đã hết. Nội dung vừa nhập đã lưu trên máy này, chưa gửi.")).to_be_visible()
    keep(page, "phone-session-over")
    phone.sign_in()
    expect(page.get_by_text("Không còn mục nào chưa gửi.")).to_be_visible()
    assert {line["kind"] for line in phone.line.lines()} == {"delivered"}
    expect_all_sent(page, 1)
    assert states(house.store, run)[run.items[0]].custody is Custody.DELIVERED


def test_nobody_reads_the_list_out_of_a_phone_that_was_found(house: House, phone: Phone) -> None:
    started(house, 2)
    phone.take_the_day_along()
    phone.lose_signal()
    phone.page.goto(f"{phone.line.url}/today")
    page = open_stop(phone, 1)
    expect(page.get_by_text("Bạch Đằng").first).to_be_visible()
    give(page)
    phone.kill()
    for canary in ("Lê Thị Hạnh", "Bạch Đằng", "0905550", "905550101", "data:image/png"):
        found = [path.name for path in phone.profile.rglob("*") if path.is_file() and holds(path, canary)]
        assert found == [], canary

    phone.start()
    page = phone.page
    page.goto(f"{phone.line.url}/today")
    expect(page.get_by_text("Lê Thị Hạnh").first).to_be_visible()
    page.evaluate("Outbox.purge()")  # as the end of the lease does
    page.goto(f"{phone.line.url}/today")
    expect(page.get_by_role("heading", level=1)).to_have_text("Không có mạng")
    expect(page.get_by_text("Lê Thị Hạnh")).to_have_count(0)


def test_the_end_of_the_day_takes_the_list_off_the_phone(house: House, phone: Phone) -> None:
    started(house, 1)
    phone.take_the_day_along()
    page = open_stop(phone, 1)
    page.get_by_label("Đã xem căn cước/hộ chiếu").check()
    sign(page)
    page.get_by_role("button", name="Lưu: đã giao").click()
    expect(page.get_by_role("status")).to_contain_text("Đã giao")
    page.get_by_role("button", name="Kết thúc ngày").click()
    expect(page.get_by_text("Đã kết thúc ngày: giao 1, đưa về 0.")).to_be_visible()
    phone.lose_signal()
    page.goto(f"{phone.line.url}/today")
    expect(page.get_by_role("heading", level=1)).to_have_text("Không có mạng")


def test_a_form_whose_answer_got_lost_is_kept_under_the_same_number(house: House, phone: Phone) -> None:
    run = started(house, 1)
    phone.take_the_day_along()
    page = open_stop(phone, 1)
    number = page.locator('.giving input[name="request"]').input_value()
    page.get_by_label("Đã xem căn cước/hộ chiếu").check()
    sign(page)
    phone.line.loses_answers_to(b"/deliver HTTP")
    page.get_by_role("button", name="Lưu: đã giao").click(no_wait_after=True)
    assert phone.line.answer_lost.wait(15)
    phone.line.cut()
    expect(page.get_by_text("Đã lưu trên máy này, chưa đồng bộ.")).to_be_visible()
    assert states(house.store, run)[run.items[0]].custody is Custody.DELIVERED
    phone.line.mend()
    page.goto(f"{phone.line.url}/outbox")
    expect(page.get_by_text("Không còn mục nào chưa gửi.")).to_be_visible()
    (line,) = {line["id"]: line for line in phone.line.lines()}.values()
    assert line["fields"]["request"] == number
    expect_all_sent(page, 1)
    with house.store.read() as reader:
        happened = [event for *_, event in reader.events(run.items)]
    assert sum(isinstance(event, Delivered) for event in happened) == 1


def test_a_long_queue_goes_oldest_first_in_small_requests(house: House, phone: Phone) -> None:
    offered(house, 1)
    phone.take_the_day_along()
    phone.lose_signal()
    phone.page.evaluate(
        """async () => Outbox.keep(Array.from({ length: 250 }, (_, n) => (
          { kind: "accepted", label: "Ký nhận", item: "P3FHJ8QXV9", where: "", seen: [], occurred_at: Outbox.stamped() }
        )))"""
    )
    expect(phone.page.locator("[data-count]")).to_have_text("250")
    phone.find_signal()
    expect(phone.page.locator("[data-count]")).to_have_text("0", timeout=SECONDS)
    phone.go("/outbox")
    expect(phone.page.get_by_text("Đã ghi lại, cần xem: ")).to_have_count(250, timeout=SECONDS)
    sent = phone.line.batches()
    assert [line["device_seq"] for batch in sent for line in batch["events"]][:250] == list(range(1, 251))
    assert all(len(batch["events"]) <= MOST_EVENTS for batch in sent)
    assert all(len(json.dumps(batch, separators=(",", ":"))) <= MOST_BYTES for batch in sent)


def test_what_waits_for_a_day_is_red_and_an_old_list_says_so(house: House, phone: Phone) -> None:
    offered(house, 1)
    phone.take_the_day_along()
    phone.lose_signal()
    phone.page.goto(f"{phone.line.url}/today")
    phone.page.get_by_role("button", name="Ký nhận đủ 1").click()
    expect(phone.page.get_by_text("Đã lưu trên máy này")).to_be_visible()
    assert phone.context is not None
    phone.context.clock.set_fixed_time(datetime.now(UTC) + timedelta(hours=25))
    phone.page.goto(f"{phone.line.url}/today")
    expect(
        phone.page.get_by_text(re.compile("^Danh sách tải từ (hôm qua|2 ngày trước). Tải lại khi có mạng."))
    ).to_be_visible()
    expect(phone.page.locator(".bar a.waits.old")).to_have_text("Chưa đồng bộ (1)")
    phone.page.locator(".bar a.waits").click()
    expect(phone.page.locator(".stop .tag.problem")).to_have_text("× Đã lưu trên máy · chưa đồng bộ")
    expect(phone.page.get_by_text(re.compile(r"Lưu lúc .* \(1 ngày\)"))).to_be_visible()


def test_a_phone_that_is_short_of_something_says_so(house: House) -> None:
    context = house.browser.new_context(viewport=PHONE, locale="vi-VN", user_agent="Mozilla/5.0 (Linux) Zalo android/1")
    context.add_init_script("navigator.storage.estimate = async () => ({ quota: 60e6, usage: 48e6 })")
    page = context.new_page()
    house.pages[page] = "buuta1"
    house.go(page, "/today")
    expect(page.get_by_text("Mở bằng Chrome để quét được khi mất sóng.")).to_be_visible()
    expect(page.get_by_text("Máy chỉ còn 12,0 MB trống.")).to_be_visible()


def holds(path: Path, text: str) -> bool:
    content = path.read_bytes()
    return any(text.encode(coding) in content for coding in ("utf-8", "utf-16-le"))
