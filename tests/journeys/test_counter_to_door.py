"""The whole way in a real browser: six people, one envelope, from the counter to the door."""

import re
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, expect

from postal.domain import calendars, status
from postal.domain.dossier import Dossier
from postal.domain.item import Item
from postal.domain.status import Status
from postal.services import verification
from tests.journeys.conftest import House, keep

CARD = "048203001234||Trần Văn Nhất|02051980|Nam|12 Lê Lợi, Hải Châu, Đà Nẵng|01012023"
OFFICIAL = "H48.17-261116-0001"


def register(lan: Page, house: House) -> str:
    """Lan scans the card, chooses the procedure, counts, and saves; return the dossier's code."""
    lan.get_by_role("link", name="Hồ sơ mới (F2)").first.click()
    lan.get_by_label("Quét căn cước").fill(CARD)
    lan.get_by_label("Quét căn cước").press("Enter")
    expect(lan.get_by_label("Họ và tên người gửi")).to_have_value("Trần Văn Nhất")
    lan.get_by_label("Số điện thoại").first.fill("0905 000 001")
    lan.get_by_label("Số nhà, đường, thôn, tổ").first.fill("12 Lê Lợi")
    lan.locator("#sender_commune_q").fill("hai chau")
    lan.locator("#procedure_q").fill("1.004873")
    lan.locator("#procedure_q").press("Enter")
    commune = lan.get_by_role("button", name=re.compile("^Phường Hải Châu"))
    commune.first.click()
    expect(commune).to_have_count(0)
    expect(lan.get_by_text("Thủ tục cấp Giấy xác nhận tình trạng hôn nhân").first).to_be_visible()
    lan.locator("#line_0_originals").fill("1")
    lan.locator("#weight").fill("120")
    lan.locator("#seal").fill("881245")
    lan.locator("#postage").fill("30000")
    keep(lan, "new-dossier")
    lan.get_by_role("button", name="Lưu và in (F10)").click()
    answer = lan.get_by_label("Vẫn nhận, ghi lý do").or_(lan.get_by_role("heading", name="Đã lưu"))
    expect(answer.first).to_be_visible()
    if lan.get_by_label("Vẫn nhận, ghi lý do").count():
        lan.get_by_label("Vẫn nhận, ghi lý do").fill("Khách nộp đủ theo trang của cơ quan")
        lan.get_by_role("button", name="Vẫn nhận", exact=True).click()
    expect(lan.get_by_role("heading", name="Đã lưu")).to_be_visible()
    keep(lan, "registered")
    return lan.url.rsplit("/", 1)[-1].partition("?")[0]


def offer(giver: Page, house: House, item: str, receiver: str) -> str:
    """Draw up a record over one item; return its code."""
    house.go(giver, f"/handovers/new?item={item}")
    giver.get_by_role("radio", name=receiver).first.check()
    giver.get_by_role("button", name="Lập biên bản, chờ ký nhận").click()
    expect(giver.get_by_role("heading", name=re.compile("Biên bản giao nhận"))).to_be_visible()
    return giver.url.rsplit("/", 1)[-1].partition("?")[0]


def sign(receiver: Page, house: House, record: str, *, shot: str = "") -> None:
    """Count and sign for everything on a record."""
    house.go(receiver, f"/handovers/{record}")
    if shot:
        keep(receiver, shot)
    receiver.get_by_role("button", name=re.compile("^Ký nhận")).click()
    expect(receiver.get_by_text("hai bên đã ký", exact=False).first).to_be_visible()


def word(house: House, code: str) -> Status:
    with house.store.begin(at=house.clock.at) as ledger:
        return status.word(ledger.dossier(code), ledger.items_of(code))


def items_of(house: House, code: str) -> list[Item]:
    with house.store.begin(at=house.clock.at) as ledger:
        return ledger.items_of(code)


def secret_of(house: House, code: str) -> tuple[str, str]:
    with house.store.read() as reader:
        receipt = reader.receipts.current(code)
    assert receipt is not None
    return receipt.secret, receipt.pin


def photo(folder: Path) -> Path:
    path = folder / "paper.jpg"
    Image.new("RGB", (800, 600), "white").save(path)
    return path


def test_six_people_bring_a_dossier_from_the_counter_to_the_door(  # noqa: PLR0915 - one story, told in one go
    house: House, tmp_path: Path
) -> None:
    lan, tai, xuan, hung = (house.person(name) for name in ("lan", "tai", "xuan", "hung"))
    code = register(lan, house)
    (envelope,) = items_of(house, code)
    assert word(house, code) is Status.ACCEPTED

    citizen = house.visitor()
    secret, pin = secret_of(house, code)
    house.go(citizen, f"/{secret}")
    expect(citizen.get_by_role("heading", level=1)).to_contain_text("Bưu điện đã nhận hồ sơ của ông/bà.")

    house.clock.forward(minutes=30)
    record = offer(lan, house, envelope.code, "Vận chuyển – Bưu cục Trung tâm Đà Nẵng")
    keep(lan, "offered")
    sign(tai, house, record)
    assert word(house, code) is Status.DEPARTED

    house.clock.forward(hours=1)
    record = offer(tai, house, envelope.code, "Trung tâm Phục vụ hành chính công phường Hải Châu")
    sign(xuan, house, record, shot="handover")
    signed_at = house.clock.at
    assert word(house, code) is Status.HANDED_OVER

    house.clock.forward(minutes=20)
    house.go(xuan, f"/desk/{code}")
    xuan.locator("#official_code").fill(OFFICIAL)
    keep(xuan, "desk")
    xuan.get_by_role("button", name="Tiếp nhận và cấp mã").click()
    with house.store.read() as reader:
        received = reader.thing(Dossier, code)
    assert received is not None
    assert received.started_at == signed_at
    xuan.get_by_role("button", name="Bắt đầu giải quyết").click()
    citizen.reload()
    expect(citizen.get_by_role("heading", level=1)).to_contain_text("Cơ quan đang giải quyết hồ sơ.")
    keep(citizen, "citizen")

    house.clock.forward(days=1)
    house.go(xuan, f"/results/new?codes={OFFICIAL}")
    xuan.get_by_label(f"Số niêm phong của {OFFICIAL}").fill("990001")
    xuan.get_by_role("button", name="Đăng ký kết quả", exact=True).click()
    expect(xuan.get_by_role("heading", level=1)).to_have_text("Đã đăng ký 1 kết quả")
    result = items_of(house, code)[-1]
    record = offer(xuan, house, result.code, "Vận chuyển – Bưu cục Trung tâm Đà Nẵng")
    sign(tai, house, record)
    record = offer(tai, house, result.code, "Khai thác – Bưu cục Trung tâm Đà Nẵng")
    sign(hung, house, record)
    assert word(house, code) is Status.RESULT_COLLECTED

    house.clock.forward(days=1)
    nam = house.person("buuta1")
    house.go(hung, "/sorting")
    keep(hung, "sorting")
    hung.get_by_role("button", name="Lập chuyến hôm nay").click()
    house.go(hung, "/sorting")
    hung.get_by_role("button", name="Bàn giao 1 bưu gửi cho bưu tá").click()
    house.go(nam, "/today")
    nam.get_by_role("button", name="Ký nhận đủ 1").click()
    nam.get_by_role("button", name="Bắt đầu đi phát").click()
    keep(nam, "postman")
    assert word(house, code) is Status.OUT_FOR_DELIVERY
    nam.get_by_role("link", name=re.compile("Trần Văn Nhất")).click()
    nam.get_by_label("Đã xem căn cước/hộ chiếu").check()
    nam.locator("#photo").set_input_files(photo(tmp_path))
    keep(nam, "postman-stop")
    nam.get_by_role("button", name="Lưu: đã giao").click()
    assert word(house, code) is Status.DELIVERED
    house.go(nam, "/today")
    nam.get_by_role("button", name="Kết thúc ngày").click()

    citizen.goto(house.url)
    citizen.get_by_label(re.compile("Mã tra cứu")).fill(f"{code[:5]}-{code[5:]}".lower())
    citizen.get_by_label(re.compile("Mã PIN")).fill(pin)
    citizen.get_by_role("button", name="Xem hồ sơ").click()
    expect(citizen.get_by_role("heading", level=1)).to_contain_text("Đã phát kết quả ngày thứ Tư, 18/11/2026.")
    keep(citizen, "citizen-delivered")
    assert "Trần Văn Nhất" not in citizen.content()
    assert verification.verify(house.store).is_sound


def test_a_desk_without_an_account_signs_on_paper_and_it_is_entered_the_next_morning(  # noqa: PLR0915 - one story
    house: House, tmp_path: Path
) -> None:
    lan, tai = house.person("lan"), house.person("tai")
    code = register(lan, house)
    (envelope,) = items_of(house, code)
    record = offer(lan, house, envelope.code, "Vận chuyển – Bưu cục Trung tâm Đà Nẵng")
    sign(tai, house, record)

    house.clock.forward(hours=1)
    record = offer(tai, house, envelope.code, "Trung tâm Phục vụ hành chính công phường Hải Châu")
    printed = tai.request.get(f"{house.url}/handovers/{record}.pdf")
    assert printed.headers["content-type"] == "application/pdf"
    assert printed.body()[:5] == b"%PDF-"

    house.clock.forward(hours=21)
    assert word(house, code) is Status.DEPARTED, "until somebody says so, the giver answers for it"
    house.go(tai, f"/handovers/{record}")
    tai.get_by_label("Ngày ký ghi trên biên bản").fill("16/11/2026")
    tai.get_by_label("Giờ ký ghi trên biên bản").fill("15:40")
    tai.get_by_label("Họ tên người nhận đã ký").fill("Lý Thanh Xuân")
    tai.locator("#photo").set_input_files(photo(tmp_path))
    keep(tai, "paper-entry")
    tai.get_by_role("button", name="Lưu biên bản đã ký").click()
    expect(tai.get_by_text("đã ký trên giấy, chờ xác nhận", exact=False).first).to_be_visible()
    keep(tai, "paper-entered")
    assert word(house, code) is Status.HANDED_OVER
    (envelope,) = items_of(house, code)
    assert envelope.signed_over_at is not None
    assert envelope.signed_over_at.astimezone(calendars.VIETNAM).strftime("%H:%M %d/%m/%Y") == "15:40 16/11/2026"

    xuan = house.person("xuan")
    house.go(xuan, f"/desk/{code}")
    xuan.locator("#official_code").fill(OFFICIAL)
    xuan.get_by_role("button", name="Tiếp nhận và cấp mã").click()
    keep(xuan, "desk-received-from-paper")
    with house.store.read() as reader:
        received = reader.thing(Dossier, code)
    assert received is not None
    assert received.started_at == envelope.signed_over_at, "the legal time is the one on the paper"
    assert verification.verify(house.store).is_sound
