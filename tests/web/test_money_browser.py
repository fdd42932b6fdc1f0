"""The pages of prices, refunds and receipts in a browser: no fault that axe finds, and a shift walked to its end."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from postal.domain.events import Payment, ReturnWay, Service
from postal.domain.people import Account, Role
from postal.services import accounts, registration, tariffs, verification
from postal.services.registration import PaperEntry, Registration
from tests import cast
from tests.journeys.conftest import PASSWORD, House, opened_house
from tests.journeys.test_counter_by_keyboard import AXE
from tests.web import way as ways
from tests.web.way import Way

HEADER = "service,area,over_g,up_to_g,amount,decision,basis,valid_from,valid_to\n"
NOW = HEADER + "both,inside,0,500,30000,QĐ 12/2026,Bảng giá thử,2026-07-01,\n"
NEXT = HEADER + "both,inside,0,500,50000,QĐ 30/2026,Bảng giá thử,2027-01-01,\n"


@pytest.fixture
def house(tmp_path: Path, browser: Browser) -> Iterator[House]:
    """Return the product on loopback, with who keeps the catalogue among its people."""
    with opened_house(tmp_path, browser) as opened:
        admin = Account(username="thu", name="Mai Anh Thư", place=cast.OFFICE, roles=frozenset({Role.ADMIN}))
        accounts.create(opened.store, admin, password=PASSWORD, at=cast.monday)
        yield opened


def faults(page: Page) -> list[str]:
    found = Axe().run(page, options=AXE).response["violations"]
    assert page.locator("h1").count() == 1
    return [f"{each['id']}: {[node['html'][:160] for node in each['nodes']]}" for each in found]


def test_the_price_tables_are_tried_entered_and_proposed(house: House) -> None:
    thu = house.person("thu")
    house.go(thu, "/tariffs")
    assert faults(thu) == []
    wrong = {"name": "sai.csv", "mimeType": "text/csv", "buffer": (NOW.replace("30000", "0")).encode()}
    thu.locator("#file").set_input_files(wrong)  # type: ignore[arg-type]
    thu.get_by_role("button", name="Kiểm tra").click()
    expect(thu.get_by_text("Giá 0 đ không dùng được")).to_be_visible()
    assert faults(thu) == []
    right = {"name": "gia.csv", "mimeType": "text/csv", "buffer": NOW.encode()}
    thu.locator("#file").set_input_files(right)  # type: ignore[arg-type]
    thu.get_by_role("button", name="Kiểm tra").click()
    thu.get_by_role("button", name="Nhập 1 dòng này").click()
    assert tariffs.import_tariffs(house.store, NEXT, at=cast.monday).errors == ()
    house.go(thu, "/tariffs")
    expect(thu.get_by_role("button", name="Bỏ Cước gửi hồ sơ và nhận kết quả, trong tỉnh")).to_be_visible()
    assert faults(thu) == []


def test_late_postage_is_seen_explained_and_given_back(house: House) -> None:
    way = Way(house.store).register().to_transport()
    way.later(days=3)
    way._pass(way.item, giver=cast.tai, receiver=cast.xuan, to=cast.commune_desk)
    house.clock.at = way.later()
    lan = house.person("lan")
    house.go(lan, "/refunds")
    assert faults(lan) == []
    lan.get_by_text("hạn 17/11/2026").click()
    expect(lan.get_by_text("J là ngày ghi trên Phiếu gửi")).to_be_visible()
    house.go(lan, f"/dossiers/{way.code}")
    assert faults(lan) == []
    lan.get_by_role("link", name="Hoàn cước", exact=True).click()
    assert faults(lan) == []
    lan.get_by_role("button", name="Hoàn cước 30.000 đ").click()
    expect(lan.get_by_text("Đã hoàn 30.000 đ.")).to_be_visible()
    expect(lan.get_by_text("Đã hoàn cước vì chậm ngày 19/11/2026.")).to_be_visible()
    assert faults(lan) == []
    found = verification.verify(house.store)
    assert (found.mismatches, found.money_violations) == ((), ())


def owing(house: House) -> str:
    """Register a dossier that owes 15.000 đ of fees and 30.000 đ of postage."""
    form = Registration(
        service=Service.BOTH,
        procedure="1.004873",
        sender=ways.SENDER,
        case_commune="20242",
        return_way=ReturnWay.HOME,
        papers=(PaperEntry(name="Tờ khai", originals=1),),
        why_incomplete="ví dụ",
        seal="881245",
        fees=15_000,
        fees_basis="Lệ phí hộ tịch",
        postage=30_000,
        payment=Payment.LATER,
        weight_g=120,
    )
    return registration.register(house.store, form, by=cast.lan, at=cast.monday, below=cast.below(3)).dossier.code


def takes_the_money(house: House, lan: Page) -> None:
    """Find the dossier by its code, take both sums, and come back to the till by the day's receipts."""
    house.go(lan, "/money")
    lan.get_by_role("link", name="Thu tiền của khách").click()
    lan.locator("#q").fill(owing(house))
    lan.get_by_role("button", name="Tìm hồ sơ").click()
    lan.get_by_role("button", name="Thu tiền và lập biên lai").click()
    expect(lan.get_by_text("Mười lăm nghìn đồng")).to_be_visible()
    assert faults(lan) == []
    lan.get_by_role("link", name="Về quỹ").click()
    lan.get_by_role("link", name="Biên lai trong ngày").click()
    expect(lan.get_by_role("link", name="In 2 biên lai, 3 liên")).to_be_visible()
    assert faults(lan) == []
    lan.get_by_role("link", name="Về quỹ").click()


def counts_the_till(lan: Page) -> None:
    """Count too little first, which wants a reason, then right."""
    lan.locator("#postage").fill("30000")
    lan.locator("#fees").fill("14000")
    lan.get_by_role("button", name="Lưu lần kiểm quỹ").click()
    expect(lan.get_by_role("link", name="đếm được 44.000 đ")).to_be_visible()
    assert lan.locator("#fees").input_value() == "14000", "what was typed stays"
    lan.locator("#fees").fill("15000")
    lan.get_by_role("button", name="Lưu lần kiểm quỹ").click()
    expect(lan.get_by_text("Khớp sổ")).to_be_visible()


def test_a_shift_is_walked_from_the_first_payment_to_the_officers_signature(house: House) -> None:
    lan = house.person("lan")
    takes_the_money(house, lan)
    assert faults(lan) == []
    counts_the_till(lan)
    lan.get_by_role("link", name="Nộp phí, lệ phí cho cơ quan").click()
    assert faults(lan) == []
    lan.get_by_role("button", name="Lập bảng kê 15.000 đ").click()
    expect(lan.get_by_text("Chờ bên nhận đếm và ký")).to_be_visible()
    xuan = house.person("xuan")
    house.go(xuan, "/money/in")
    assert faults(xuan) == []
    xuan.get_by_role("row").nth(1).get_by_role("link").click()
    xuan.get_by_role("button", name="Ký nhận đủ 15.000 đ").click()
    expect(xuan.get_by_text("Hai bên đã ký")).to_be_visible()
    house.go(lan, "/money")
    assert "30.000 đ" in lan.locator("dl.facts").inner_text()
    assert verification.verify(house.store).is_sound
