"""What comes back, in a real browser: results with money and old papers, supplements in halves, nobody at home."""

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, ViewportSize, expect

from postal.domain import calendars
from postal.domain.dossier import Dossier
from postal.domain.events import AttemptReason, ItemKind, ReturnWay, Service
from postal.domain.handover import HandoverRecord
from postal.domain.item import Custody, Item
from postal.domain.people import Person
from postal.domain.supplements import AskedPaper
from postal.services import agency, custody, invitations, registration, verification
from postal.services.registration import PaperEntry, Registration
from tests import arrivals, cast
from tests.arrivals import hanh, tam, vy
from tests.journeys.conftest import PASSWORD, House, keep
from tests.journeys.test_counter_by_keyboard import AXE
from tests.journeys.test_counter_to_door import items_of, photo, secret_of

MOST_TAPS = 5
NARROW = ViewportSize(width=320, height=640)
SORTING = "Khai thác – Bưu cục Trung tâm Đà Nẵng"
TRANSPORT = "Vận chuyển – Bưu cục Trung tâm Đà Nẵng"
COUNTER = "Quầy giao dịch – Bưu cục Trung tâm Đà Nẵng"
DESK = "Trung tâm Phục vụ hành chính công phường Hải Châu"
OLD_BOOK = "Sổ hộ tịch cũ"
OLD_LICENCE = "Giấy phép lái xe cũ"
SAU = replace(hanh, name="Ngô Văn Sáu", phone="+84905550104", address="3 Trần Quốc Toản")


# --- what stands before a story begins --------------------------------------------------------------------------------


def carried(house: House, serial: int, sender: Person, *, way: ReturnWay = ReturnWay.HOME) -> str:
    """Return a dossier that Lan registered with an original owed back, and that the commune's desk received."""
    form = Registration(
        service=Service.BOTH,
        procedure=arrivals.PROCEDURE,
        sender=sender,
        case_commune="20242",
        return_way=way,
        return_place=cast.OFFICE if way is ReturnWay.POST_OFFICE else "",
        papers=(PaperEntry(name="Tờ khai", originals=1), PaperEntry(name=OLD_BOOK, originals=1, to_return=True)),
        why_incomplete="Khách nộp đủ theo trang của cơ quan",
        seal=f"8812{serial:02d}",
    )
    store, below = house.store, cast.below(serial)
    made = registration.register(store, form, by=cast.lan, at=cast.monday, below=below)
    assert made.item is not None
    legs = ((cast.lan, cast.tai, cast.transport), (cast.tai, cast.xuan, cast.commune_desk))
    for hours, (giver, receiver, to) in enumerate(legs, start=1):
        custody.hand_over_together(
            store, [made.item.code], to=to, giver=giver, receiver=receiver, at=cast.after(hours=hours), below=below
        )
    code = made.dossier.code
    agency.receive(store, code, official_code=official(serial), by=cast.xuan, at=cast.after(hours=3))
    return code


def official(serial: int) -> str:
    return f"H48.17-261116-{serial:04d}"


def unknown(serial: int) -> str:
    return f"H48.17-261102-{serial:04d}"


# --- what people do on several pages ----------------------------------------------------------------------------------


def together(giver: Page, house: House, *items: str, to: str, who: str) -> None:
    """Hand over on one screen: the receiver types a name and a password of his own."""
    house.go(giver, f"/handovers/new?item={items[0]}")
    giver.get_by_label("Quét mã bưu gửi").fill("\n".join(items))
    giver.get_by_role("radio", name=to).first.check()
    giver.get_by_label("Tên đăng nhập của người nhận").fill(who)
    giver.get_by_label("Mật khẩu của người nhận").fill(PASSWORD)
    giver.get_by_role("button", name="Hai bên ký ngay").click()
    expect(giver.get_by_role("status").first).to_contain_text(f"đã ký nhận {len(items)}/{len(items)}")


def fold_out(page: Page, official_code: str) -> None:
    """Open what most lines of a list do not need."""
    page.locator("summary", has_text=official_code).click()


def cell(page: Page, official_code: str, part: str) -> Locator:
    """Return a field of a line."""
    return page.locator(f"#{re.sub('[^0-9A-Za-z]+', '-', official_code)}-{part}")


def receives(page: Page, official_code: str, person: Person) -> None:
    """Say who gets a result that the post never carried."""
    fold_out(page, official_code)
    given = {"person": person.name, "phone": "0" + person.phone.removeprefix("+84")}
    for part, text in {**given, "commune": person.commune, "address": person.address}.items():
        cell(page, official_code, part).fill(text)


def is_pdf(page: Page, house: House, path: str) -> bool:
    """Tell whether a page of the house is a PDF."""
    answer = page.request.get(f"{house.url}{path}")
    return answer.headers["content-type"] == "application/pdf" and answer.body().startswith(b"%PDF-")


def one(house: House, code: str) -> Item:
    with house.store.begin(at=house.clock.at) as ledger:
        return ledger.item(code)


def dossier(house: House, code: str) -> Dossier:
    with house.store.begin(at=house.clock.at) as ledger:
        return ledger.dossier(code)


def items_on(house: House, record: str) -> tuple[str, ...]:
    """Return what a record lists, in its order."""
    with house.store.read() as reader:
        found = reader.thing(HandoverRecord, record)
    assert found is not None
    return found.items


class Finger:
    """Taps on a phone and counts."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.taps = 0

    def on(self, role: str, name: str) -> None:
        """Tap on something by its words."""
        self.page.get_by_role(role, name=re.compile(name)).first.click()  # type: ignore[arg-type]
        self.taps += 1

    def signs(self) -> None:
        """Draw a line in the field for signatures: one touch."""
        self.page.locator("canvas").scroll_into_view_if_needed()
        box = self.page.locator("canvas").bounding_box()
        assert box is not None
        self.page.mouse.move(box["x"] + 30, box["y"] + 60)
        self.page.mouse.down()
        for step in range(1, 7):
            self.page.mouse.move(box["x"] + 30 + step * 35, box["y"] + 60 + (step % 3) * 12)
        self.page.mouse.up()
        self.taps += 1


def scan(phone: Page, house: House, code: str) -> Finger:
    """Scan an envelope on the list of the day."""
    house.go(phone, "/today")
    phone.get_by_label("Quét hoặc gõ mã").fill(code)
    phone.get_by_label("Quét hoặc gõ mã").press("Enter")
    expect(phone.get_by_text(re.compile(r"^Điểm \d+/\d+")).first).to_be_visible()
    return Finger(phone)


def day_begins(hung: Page, nam: Page, house: House, *, items: int) -> None:
    """Plan the round, hand it to the postman, let him sign and leave."""
    house.go(hung, "/sorting")
    hung.get_by_role("button", name="Lập chuyến hôm nay").first.click()
    hung.get_by_role("button", name=f"Bàn giao {items} bưu gửi cho bưu tá").click()
    expect(hung.get_by_role("button", name=f"Bàn giao {items} bưu gửi cho bưu tá")).to_have_count(0)
    house.go(nam, "/today")
    nam.get_by_role("button", name=f"Ký nhận đủ {items}").click()
    nam.get_by_role("button", name="Bắt đầu đi phát").click()
    expect(nam.get_by_role("status")).to_contain_text("Đã bắt đầu")


# --- 1. results as the post really gets them --------------------------------------------------------------------------


def test_six_results_come_over_at_once_and_end_with_no_original_and_no_money_open(  # noqa: PLR0915 - one story
    house: House,
) -> None:
    rich, plain = carried(house, 1, cast.khanh), carried(house, 2, tam)
    house.clock.forward(days=1)
    lan, tai, hung, nam = (house.person(name) for name in ("lan", "tai", "hung", "buuta1"))
    xuan = house.person("xuan")

    # Tài stands at the desk with six envelopes, of which the post knows two.
    strangers = [unknown(serial) for serial in range(1, 5)]
    house.go(tai, "/intake")
    tai.get_by_label("Quét hoặc dán").fill("\n".join([official(1), official(2), *strangers]))
    tai.get_by_role("button", name="Xem danh sách").click()
    expect(tai.get_by_text("6 kết quả: 2 hồ sơ bưu điện đã biết, 4 hồ sơ chưa qua bưu điện")).to_be_visible()
    expect(tai.get_by_role("radio", name=DESK).first).to_be_checked()
    fold_out(tai, official(1))
    cell(tai, official(1), "fee").fill("135.000")
    cell(tai, official(1), "basis").fill("Lệ phí cấp bản sao")
    cell(tai, official(1), "recover").fill(OLD_LICENCE)
    for code, person in zip(strangers, (hanh, vy, SAU), strict=False):
        receives(tai, code, person)
    for number, code in enumerate([official(1), official(2), *strangers], start=1):
        tai.get_by_label(f"Số niêm phong của {code}").fill(f"9900{number:02d}")
    keep(tai, "intake")
    tai.get_by_label("Tên đăng nhập của cán bộ").fill("xuan")
    tai.get_by_label("Mật khẩu của cán bộ").fill(PASSWORD)
    tai.get_by_role("button", name="Hai bên ký nhận 6").click()
    expect(tai.get_by_role("heading", level=1)).to_have_text("Đã nhận 6 kết quả")
    expect(tai.get_by_text("1 kết quả thiếu địa chỉ người nhận")).to_be_visible()
    keep(tai, "intake-done")
    for link in ("In nhãn", "In phiếu gửi", "In biên bản"):
        assert is_pdf(tai, house, str(tai.get_by_role("link", name=link).first.get_attribute("href"))), link
    taken = items_on(house, tai.url.rsplit("/", 1)[-1].partition("?")[0])
    first, second, to_hanh, to_vy, to_sau, nowhere = taken
    together(tai, house, *taken, to=SORTING, who="hung")

    # The next morning five go out; the one without an address waits, with the next step beside it.
    house.clock.forward(days=1)
    house.go(hung, "/sorting")
    keep(hung, "sorting-results")
    expect(hung.locator("#outside")).to_contain_text("Thiếu địa chỉ người nhận")
    expect(hung.get_by_role("checkbox")).to_have_count(5)
    day_begins(hung, nam, house, items=5)
    keep(nam, "round")

    # Money and the old licence in five taps; the finger that did not sign is told so first.
    finger = scan(nam, house, first)
    keep(nam, "door-money")
    finger.on("radio", "Đã thu đủ tiền mặt")
    finger.on("checkbox", "Đã xem căn cước")
    finger.on("checkbox", OLD_LICENCE)
    nam.get_by_label("Số niêm phong phong bì giấy thu hồi").fill("R77")
    finger.signs()
    finger.on("button", "Lưu: đã giao")
    expect(nam.get_by_role("status")).to_contain_text("Đã giao")
    assert finger.taps <= MOST_TAPS
    keep(nam, "door-money-done")

    finger = scan(nam, house, to_hanh)
    finger.on("checkbox", "Đã xem căn cước")
    nam.locator("canvas").click()
    finger.on("button", "Lưu: đã giao")
    expect(nam.get_by_text("Ô chữ ký còn trống").first).to_be_visible()
    keep(nam, "door-empty-signature")
    assert one(house, to_hanh).custody is Custody.HELD
    finger.signs()
    finger.on("button", "Lưu: đã giao")
    expect(nam.get_by_role("status")).to_contain_text("Đã giao")

    # A delegate with his paper gets it; a wife without one is told what to bring, and he is home in the afternoon.
    finger = scan(nam, house, to_vy)
    finger.on("radio", "Người được ủy quyền")
    finger.on("checkbox", "Đã xem căn cước")
    finger.on("checkbox", "Đã xem giấy ủy quyền")
    nam.get_by_label("Họ tên người nhận thay").fill("Đỗ Thành Công")
    nam.get_by_label("Số giấy ủy quyền, giấy giới thiệu").fill("12/2026/UQ")
    nam.get_by_label("Giấy có giá trị đến hết ngày").fill("2026-12-31")
    finger.signs()
    keep(nam, "door-delegate")
    finger.on("button", "Lưu: đã giao")
    expect(nam.get_by_role("status")).to_contain_text("Đã giao")
    finger = scan(nam, house, second)
    finger.on("link", "Người nhà, không có giấy ủy quyền")
    expect(nam.get_by_text("giấy ủy quyền của người có tên trên phiếu")).to_be_visible()
    keep(nam, "door-spouse")
    finger.on("radio", "Đến lại hôm nay")
    finger.on("button", "Lưu: chưa giao được")
    expect(nam.get_by_role("status")).to_contain_text("Đã ghi chưa giao được")
    assert one(house, second).attempt_reason is AttemptReason.NO_AUTHORISATION
    finger = scan(nam, house, to_sau)
    finger.on("link", "Chưa giao được")
    finger.on("radio", "Không có người nhận")
    finger.on("button", "Lưu: chưa giao được")
    expect(nam.get_by_role("status")).to_contain_text("Đã ghi chưa giao được")
    house.clock.forward(hours=5)
    finger = scan(nam, house, second)
    finger.on("checkbox", "Đã xem căn cước")
    finger.signs()
    finger.on("button", "Lưu: đã giao")
    expect(nam.get_by_role("status")).to_contain_text("Đã giao")

    # The end of the day: what is left, what was got back and the money leave his hands before he goes home.
    house.go(nam, "/today")
    keep(nam, "day-end")
    nam.get_by_role("button", name="Bàn giao lại 2 bưu gửi").click()
    expect(nam.get_by_role("status")).to_contain_text("Đã bàn giao lại 2 bưu gửi")
    nam.get_by_role("button", name="Giao 135.000 đ cho quầy").click()
    expect(nam.get_by_role("status")).to_contain_text("Đã giao 135.000 đ cho quầy")
    expect(nam.get_by_role("button", name="Kết thúc ngày")).to_have_count(0)
    keep(nam, "day-end-waits")
    house.go(hung, "/handovers")
    hung.get_by_role("link", name="Đếm và ký nhận").first.click()
    keep(hung, "handed-back")
    for words in ("Đủ", "Thiếu"):
        choice = hung.locator("fieldset.counts label", has_text=words).first.bounding_box()
        assert choice is not None
        assert choice["x"] + choice["width"] < 1280, "what the counter may choose is seen at once"
    hung.get_by_role("button", name=re.compile("^Ký nhận")).click()
    expect(hung.get_by_text("Hai bên đã ký").first).to_be_visible()
    house.go(lan, "/money")
    keep(lan, "till-incoming")
    lan.locator("table", has_text="phiếu").get_by_role("link").first.click()
    keep(lan, "till-paper")
    lan.get_by_role("button", name="Ký nhận đủ 135.000 đ").click()
    expect(lan.get_by_role("status")).to_contain_text("Đã ký nhận đủ tiền")
    house.go(nam, "/today")
    keep(nam, "day-end-even")
    nam.get_by_role("button", name="Kết thúc ngày").click()
    expect(nam.get_by_role("status")).to_contain_text("Đã kết thúc ngày")

    # The old licence travels to the desk, the fee is counted into the officer's hand.
    assert not dossier(house, rich).closed_at
    (back,) = [item for item in items_of(house, rich) if item.kind is ItemKind.RECOVERED]
    together(hung, house, back.code, to=TRANSPORT, who="tai")
    together(tai, house, back.code, to=DESK, who="xuan")
    house.go(lan, "/money/remit")
    keep(lan, "remit")
    lan.get_by_label("Tên đăng nhập của cán bộ nhận").fill("xuan")
    lan.get_by_label("Mật khẩu của cán bộ nhận").fill(PASSWORD)
    lan.get_by_role("button", name="Lập bảng kê 135.000 đ").click()
    expect(lan.get_by_role("status")).to_contain_text("đã ký nhận")
    keep(lan, "remitted")
    for code in (rich, plain):
        house.go(lan, f"/dossiers/{code}")
        keep(lan, f"closed-{'rich' if code == rich else 'plain'}")
        expect(lan.get_by_text("Hồ sơ đã đóng").first).to_be_visible()
        assert dossier(house, code).closed_at
    house.go(xuan, f"/desk/{rich}")
    expect(xuan.get_by_text("Hồ sơ đã đóng.")).to_be_visible()
    keep(xuan, "closed-desk")
    assert one(house, nowhere).custody is Custody.HELD
    assert verification.verify(house.store).is_sound


# --- 2. supplements in halves -----------------------------------------------------------------------------------------


def test_papers_that_were_asked_for_come_in_halves_to_two_counters(  # noqa: PLR0915 - one story
    house: House,
) -> None:
    code = carried(house, 1, cast.khanh)
    house.clock.forward(days=1)
    lan, sen, xuan = (house.person(name) for name in ("lan", "sen", "xuan"))
    house.person("tai")

    house.go(xuan, f"/desk/{code}")
    xuan.locator("summary", has_text="Yêu cầu bổ sung").click()
    for number, (name, why) in enumerate((("Giấy khám sức khỏe", "bản đã nộp hết hạn"), ("Ảnh 3×4", "thiếu")), 1):
        xuan.get_by_label(f"Giấy tờ khác, dòng {number}").first.fill(name)
        xuan.get_by_label(f"Vì sao cần bổ sung, dòng {number}").fill(why)
    xuan.get_by_label("Hạn bổ sung").fill("30/11/2026")
    keep(xuan, "ask-supplement")
    xuan.get_by_role("button", name="Yêu cầu bổ sung").click()
    expect(xuan.get_by_role("heading", name="Giấy tờ đã yêu cầu bổ sung")).to_be_visible()
    assert is_pdf(xuan, house, f"/forms/{code}/yeu-cau-bo-sung.pdf")
    keep(xuan, "asked-supplement")

    # The photo of the slip says how many; the PIN says which.
    citizen = house.visitor()
    secret, pin = secret_of(house, code)
    house.go(citizen, f"/{secret}")
    expect(citizen.get_by_role("heading", level=1)).to_contain_text("Ông/bà cần bổ sung 2 giấy tờ.")
    assert "Giấy khám" not in citizen.content()
    keep(citizen, "citizen-asked")
    citizen.get_by_label(re.compile("PIN")).fill(pin)
    citizen.get_by_role("button", name=re.compile("^Xem")).click()
    expect(citizen.get_by_text("Giấy khám sức khỏe – vì bản đã nộp hết hạn")).to_be_visible()
    keep(citizen, "citizen-asked-pin")

    # A neighbour brings the first half to Lan with a photo of the slip.
    house.clock.forward(hours=1)
    house.go(lan, "/supplements")
    lan.get_by_label("Mã trên phiếu gửi").fill(f"{house.url}/{secret}".upper())
    lan.get_by_role("button", name="Tìm hồ sơ").click()
    first = take_half(lan, "Giấy khám sức khỏe", seal="4401", shot="supplement-first")
    expect(lan.get_by_text("Còn thiếu 1 giấy tờ.")).to_be_visible()
    assert is_pdf(lan, house, f"/supplements/{first}/receipt.pdf")
    together(lan, house, first, to=TRANSPORT, who="tai")

    # The next day the other half comes to another office, and reaches the desk first.
    house.clock.forward(days=1)
    house.go(sen, f"/supplements?q={official(1)}")
    expect(sen.get_by_text("Đã nhận 1/2")).to_be_visible()
    second = take_half(sen, "Ảnh 3×4", seal="4402", shot="supplement-second")
    expect(sen.get_by_text("Đã đủ giấy tờ cơ quan yêu cầu.")).to_be_visible()
    citizen.goto(f"{house.url}/{secret}")
    expect(citizen.get_by_role("heading", level=1)).to_contain_text("Bưu điện đã nhận đủ 2 giấy tờ bổ sung")
    expect(citizen.locator("main")).to_contain_text("chờ cơ quan xác nhận đã đủ giấy tờ")
    keep(citizen, "citizen-brought")
    together(sen, house, second, to=DESK, who="xuan")
    house.clock.forward(hours=4, minutes=20)
    tai = house.person("tai")
    together(tai, house, first, to=DESK, who="xuan")
    signed = f"{house.clock.at.astimezone(calendars.VIETNAM):%H:%M}"

    # The officer completes later; the clock goes by the last signature.
    house.clock.forward(minutes=35)
    house.go(xuan, f"/desk/{code}")
    keep(xuan, "supplement-there")
    if not xuan.locator("#supplemented[open]").count():
        xuan.locator("summary", has_text="Đã bổ sung đủ").click()
    xuan.get_by_role("button", name="Đã bổ sung đủ").click()
    expect(xuan.locator("section.card", has_text="Vì sao hẹn ngày này")).to_contain_text(f"đến {signed} thứ Tư")
    keep(xuan, "supplemented")
    assert verification.verify(house.store).is_sound


def take_half(counter: Page, name: str, *, seal: str, shot: str) -> str:
    """Take one original in; return the code of its envelope."""
    counter.get_by_label(f"Bản chính, {name}", exact=True).fill("1")
    counter.get_by_label("Số niêm phong").fill(seal)
    keep(counter, shot)
    counter.get_by_role("button", name="Nhận và in").click()
    expect(counter.get_by_role("heading", level=1)).to_have_text("Đã nhận 1 giấy tờ bổ sung")
    keep(counter, f"{shot}-done")
    return counter.url.rsplit("/", 1)[-1].partition("?")[0]


# --- 3. not collected -------------------------------------------------------------------------------------------------


def test_two_invitations_two_working_days_apart_then_one_is_given_and_one_goes_back(  # noqa: PLR0915 - one story
    house: House,
) -> None:
    late, never = (carried(house, n, who, way=ReturnWay.POST_OFFICE) for n, who in ((1, cast.khanh), (2, tam)))
    house.clock.forward(days=1)
    lan, tai, hung, xuan = (house.person(name) for name in ("lan", "tai", "hung", "xuan"))
    house.go(xuan, f"/results/new?codes={official(1)}%0A{official(2)}")
    for number, code in enumerate((official(1), official(2)), start=1):
        xuan.get_by_label(f"Số niêm phong của {code}").fill(f"9900{number:02d}")
    xuan.get_by_role("button", name="Đăng ký kết quả", exact=True).click()
    expect(xuan.get_by_role("heading", level=1)).to_have_text("Đã đăng ký 2 kết quả")
    results = [items_of(house, code)[-1].code for code in (late, never)]
    together(xuan, house, *results, to=TRANSPORT, who="tai")
    together(tai, house, *results, to=SORTING, who="hung")

    # Tuesday: kept at the office and invited; then they lie at Lan's counter.
    house.go(hung, "/sorting")
    for code in results:
        hung.locator(f'input[value="{code}"]').check()
    keep(hung, "sorting-keep")
    hung.get_by_role("button", name="Giữ tại bưu cục").click()
    expect(hung.get_by_role("status")).to_contain_text("Đã giữ 2 kết quả tại bưu cục")
    together(hung, house, *results, to=COUNTER, who="lan")
    house.go(lan, "/pickups")
    expect(lan.get_by_text("Mời lần 2 từ 19/11").first).to_be_visible()
    keep(lan, "pickups-waiting")
    assert is_pdf(lan, house, "/pickups/invitations.pdf")

    # Wednesday is too soon, Thursday is the first lawful day.
    house.clock.forward(days=1)
    house.go(lan, "/pickups")
    expect(lan.get_by_role("button", name=re.compile("^Mời"))).to_have_count(0)
    house.clock.forward(days=1)
    house.go(lan, "/pickups")
    keep(lan, "pickups-to-invite")
    lan.get_by_role("button", name=re.compile("^Mời lần 2 cả 2 bưu gửi")).click()
    expect(lan.get_by_role("status")).to_contain_text("Đã mời lần 2: 2 bưu gửi")
    until = one(house, results[0]).pickup_until
    assert until is not None

    # Not on the last day, but on the day after: both are sent back.
    house.clock.forward(days=(until - date(2026, 11, 19)).days)
    house.go(lan, "/pickups")
    expect(lan.get_by_role("button", name=re.compile("^Chuyển trả cơ quan"))).to_have_count(0)
    house.clock.forward(days=1)
    house.go(lan, "/pickups")
    keep(lan, "pickups-over")
    lan.get_by_role("button", name="Chuyển trả cơ quan 2 bưu gửi").click()
    expect(lan.get_by_role("status")).to_contain_text("Đã ghi chuyển trả 2 bưu gửi")
    keep(lan, "pickups-going-back")
    citizen = house.visitor()
    secret, _ = secret_of(house, never)
    house.go(citizen, f"/{secret}")
    expect(citizen.locator("main")).to_contain_text("Kết quả còn ở Bưu cục Trung tâm Đà Nẵng. Đến đó ngay")
    keep(citizen, "citizen-declared")

    # Khánh comes before it has left, and gets it.
    house.clock.forward(hours=1)
    house.go(lan, f"/pickups/{results[0]}")
    keep(lan, "pickup-late")
    lan.get_by_label("Đã xem căn cước/hộ chiếu").check()
    Finger(lan).signs()
    lan.get_by_role("button", name="Lưu: đã trả").click()
    expect(lan.get_by_role("status")).to_contain_text("cho người dân")
    assert one(house, results[0]).custody is Custody.DELIVERED
    assert dossier(house, late).closed_at

    # Tâm's really goes back, and his page says where it is.
    house.go(lan, "/pickups")
    lan.get_by_role("link", name=re.compile("^Bàn giao 1 bưu gửi đi")).click()
    keep(lan, "pickups-hand-over")
    together(lan, house, results[1], to=TRANSPORT, who="tai")
    house.go(citizen, f"/{secret}")
    expect(citizen.locator("dl")).to_contain_text("Đang ởBưu cục Trung tâm Đà Nẵng")
    assert "vẫn nhận được" not in citizen.content(), "it is with the driver"
    keep(citizen, "citizen-going-back")
    together(tai, house, results[1], to=DESK, who="xuan")
    house.go(citizen, f"/{secret}")
    expect(citizen.locator("dl")).to_contain_text(f"Đang ở{DESK}")
    keep(citizen, "citizen-back-at-desk")
    house.go(lan, f"/dossiers/{never}")
    keep(lan, "dossier-back-at-desk")
    assert not dossier(house, never).closed_at
    assert verification.verify(house.store).is_sound


# --- 4. without scripts -----------------------------------------------------------------------------------------------


def test_without_scripts_a_postman_delivers_a_counter_collects_and_a_citizen_is_found(  # noqa: PLR0915 - one story
    house: House, tmp_path: Path
) -> None:
    owing = carried(house, 1, replace(cast.khanh, identity_number="048205000137"))
    agency.ask_payment(
        house.store, owing, amount=135_000, basis="Lệ phí cấp bản sao", by=cast.xuan, at=cast.after(hours=4)
    )
    there, away = arrivals.arrived(house.store, hanh, tam, serial=11)
    house.clock.forward(hours=5)
    lan, hung, nam = (house.person(name, script=False) for name in ("lan", "hung", "buuta1"))

    day_begins(hung, nam, house, items=2)
    scan(nam, house, there)
    nam.get_by_label("Đã xem căn cước/hộ chiếu").check()
    nam.locator("#photo").set_input_files(photo(tmp_path))
    keep(nam, "no-script-door")
    nam.get_by_role("button", name="Lưu: đã giao").click()
    expect(nam.get_by_role("status")).to_contain_text("Đã giao")
    scan(nam, house, away)
    nam.get_by_role("link", name="Chưa giao được").click()
    nam.get_by_label("Không có người nhận").check()
    nam.get_by_role("button", name="Lưu: chưa giao được").click()
    expect(nam.get_by_role("status")).to_contain_text("Đã ghi chưa giao được")
    assert (one(house, there).custody, one(house, away).attempts) == (Custody.DELIVERED, 1)

    house.go(lan, "/money/collect")
    lan.get_by_label("Quét hoặc gõ mã").last.fill(official(1))
    lan.get_by_role("button", name="Tìm hồ sơ").click()
    keep(lan, "collect")
    lan.get_by_role("button", name="Thu tiền và lập biên lai").click()
    expect(lan.get_by_role("status")).to_contain_text("Đã thu tiền")
    keep(lan, "receipt")
    receipt = lan.get_by_role("link", name=re.compile("^In biên lai")).get_attribute("href")
    assert is_pdf(lan, house, str(receipt))

    house.go(lan, "/find")
    lan.get_by_label("Họ và tên đầy đủ").fill("nguyen van khanh")
    lan.get_by_label("Năm sinh").fill("2005")
    lan.get_by_role("button", name="Tra cứu").click()
    expect(lan.get_by_role("heading", name="Tìm thấy 1 hồ sơ")).to_be_visible()
    keep(lan, "found")
    assert "Phường Hải Châu" not in lan.locator("main").inner_text(), "only how far it is, before a look at the card"
    lan.get_by_label("Đã xem căn cước hoặc hộ chiếu, đúng người của hồ sơ").check()
    lan.get_by_role("button", name="Xem chi tiết").click()
    expect(lan.get_by_role("heading", name="Bưu điện đã nhận 135.000 đ")).to_be_visible()
    keep(lan, "told")
    house.go(hung, "/audit")
    keep(hung, "audit")
    expect(hung.get_by_role("cell", name="Tra cứu cho khách")).to_have_count(2)
    assert "_" not in hung.locator("table").inner_text(), "every line has its words"
    assert "khanh" not in hung.locator("main").inner_text().lower().replace("khách", "")


# --- 5. what everybody can read ---------------------------------------------------------------------------------------


@pytest.mark.slow
def test_axe_finds_nothing_on_the_pages_of_what_comes_back(house: House) -> None:
    found = {}
    for page, paths in arranged(house).items():
        for path in paths:
            house.go(page, path)
            page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
            results = Axe().run(page, options=AXE)
            found[path] = [f"{each['id']}: {each['nodes'][0]['html'][:120]}" for each in results.response["violations"]]
            if house.pages[page].startswith("buuta"):
                assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"], path
    assert {path: said for path, said in found.items() if said} == {}


def arranged(house: House) -> dict[Page, list[str]]:
    """Return people with the pages they look at, each with something on it."""
    paying, asked = carried(house, 1, cast.khanh), carried(house, 2, tam)
    three = cast.after(hours=4)
    agency.ask_payment(house.store, paying, amount=135_000, basis="Lệ phí", by=cast.xuan, at=three)
    papers = [AskedPaper(name="Giấy khám sức khỏe", reason="hết hạn"), AskedPaper(name="Ảnh 3×4")]
    agency.ask_supplement(house.store, asked, papers=papers, due_on=date(2026, 11, 30), by=cast.xuan, at=three)
    costly, kept = arrivals.arrived(
        house.store, hanh, vy, serial=11, fee=20_000, fee_basis="Lệ phí", recover=("Thẻ cũ",)
    )
    invitations.hold_for_pickup(house.store, kept, until=date(2026, 11, 20), by=cast.hung, at=cast.monday)
    house.clock.forward(hours=5)
    lan, tai, hung, nam = (house.person(name) for name in ("lan", "tai", "hung", "buuta1"))
    nam.set_viewport_size(NARROW)

    house.go(lan, f"/money/collect/{paying}")
    lan.get_by_role("button", name="Thu tiền và lập biên lai").click()
    expect(lan.get_by_role("status")).to_contain_text("Đã thu tiền")
    receipt = lan.url.removeprefix(house.url).partition("?")[0]
    house.go(lan, f"/dossiers/{asked}/supplement")
    half = take_half(lan, "Ảnh 3×4", seal="4402", shot="axe-supplement")
    house.go(hung, "/runs")
    hung.get_by_role("button", name=re.compile("phương án")).first.click()
    expect(hung.get_by_role("heading", name=re.compile("Bảng tuyến"))).to_be_visible()
    proposal = hung.url.removeprefix(house.url).partition("?")[0]
    keep(hung, "proposal")
    day_begins(hung, nam, house, items=1)
    scan(nam, house, costly)
    door = nam.url.removeprefix(house.url).partition("?")[0]
    return {
        tai: ["/intake", f"/intake?codes={official(1)}%0A{unknown(1)}"],
        lan: [
            "/supplements",
            f"/dossiers/{asked}/supplement",
            f"/supplements/{half}",
            "/money",
            "/money/collect",
            f"/money/collect/{paying}",
            receipt,
            "/money/remit",
            "/money/in",
            "/pickups",
            "/home-pickups",
            f"/home-pickups/new?dossier={asked}",
            "/find",
        ],
        hung: ["/messages", "/runs", proposal, f"/pickups/{kept}", "/sorting"],
        nam: ["/today", door, f"{door}?item={costly}&miss=1", f"{door}?item={costly}&without=1", "/money"],
    }
