"""A small office without signal for three days: everything arrives at once, shuffled and twice, and fits."""

import random
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from postal.domain import calendars, clocks, codes
from postal.domain.bag import Bag, BagState
from postal.domain.codes import CodeKind
from postal.domain.dossier import Dossier
from postal.domain.events import Condition, Delivered, IncidentKind
from postal.domain.incident import Incident
from postal.domain.item import Custody, Item
from postal.domain.people import Role
from postal.services import agency, bags, blanks, devices, entries, shift, tariffs, uploads, verification
from postal.store import Store
from postal.store.devices import Blank, Device
from tests import arrivals, cast
from tests.acting import PHOTO, SHA, Phone, below, register
from tests.cast import monday
from tests.journeys.conftest import DESKTOP, House, keep
from tests.journeys.phones import Phone as Machine
from tests.journeys.phones import phone_of

head = cast.actor("truong", "Đoàn Văn Trường", place=cast.SMALL_OFFICE, roles={Role.CONTROLLER})
NINE = monday
BEFORE_THREE = monday + timedelta(hours=5, minutes=40)
"""Monday, 14:40 in Vietnam."""
AFTER_THREE = monday + timedelta(days=1, hours=6, minutes=20)
"""Tuesday, 15:20."""
THURSDAY = monday + timedelta(days=3)

OTHER_SENDERS = [
    {"sender_number": f"04920500013{n}", "sender_name": name, "sender_phone": f"091234567{n}"}
    for n, name in enumerate(["Ngô Thị Bé", "Lý Văn Cần", "Mai Thị Duyên", "Vũ Đình Em"])
]


def ready(store: Store) -> Device:
    """Let the people of the small office hold their positions, and enrol its one machine."""
    arrivals.keep_postmen(store)
    for who in (cast.sen, cast.hoa, cast.xuan, head):
        with store.begin(at=monday) as ledger:
            ledger.accounts.put(cast.account_of(who), password_hash="")
        shift.take_free_positions(store, entitled=tuple(who.positions), by=who, at=monday - timedelta(days=1))
    return devices.enrol(store, kind="counter", name="Quầy", account="sen", secret="s", by=head, at=monday, below=below)


def minted(kind: CodeKind) -> str:
    return codes.mint(kind, below=below).text


def carried_to_the_desk(
    phone: Phone, items: list[str], *, bag: str, record: str, when: datetime, signed: datetime
) -> None:
    """Pack, seal, hand over to the desk, sign in ink: all of it without signal."""
    phone.did(
        "bag_packed", when=when, bag=bag, items=items, destination=cast.COMMUNE_DESK, position=cast.small_counter.key
    )
    phone.did("bag_sealed", when=when + timedelta(minutes=5), bag=bag, seal="77" + bag[:3])
    phone.saw("handed_over", bag, when=when + timedelta(minutes=30), to=cast.commune_desk.key, record=record)
    ink = calendars.local(signed).isoformat()
    phone.did("record_signed", when=signed, record=record, signed_at=ink, signer="Đặng Thị Hoa", photo=True)


def three_days(store: Store, device: Device) -> tuple[Phone, list[Blank], list[str]]:
    """Let the office work for three days; return its machine with the codes and bags it used."""
    block = blanks.refill(store, device.code, by=cast.sen, at=monday, below=below)
    phone, bags_ = Phone(cast.sen, device=device), [minted(CodeKind.BAG) for _ in "ab"]
    for number, day in ((0, 0), (1, 0)):
        register(
            store, phone, block[number], when=NINE + timedelta(days=day, minutes=10 * number), **OTHER_SENDERS[number]
        )
    records = [minted(CodeKind.HANDOVER) for _ in "ab"]
    first = [block[0].item, block[1].item]
    carried_to_the_desk(
        phone, first, bag=bags_[0], record=records[0], when=NINE + timedelta(hours=2), signed=BEFORE_THREE
    )
    register(store, phone, block[2], when=NINE + timedelta(days=1), **OTHER_SENDERS[2])
    later = NINE + timedelta(days=1, hours=3)
    carried_to_the_desk(phone, [block[2].item], bag=bags_[1], record=records[1], when=later, signed=AFTER_THREE)
    register(store, phone, block[3], when=NINE + timedelta(days=2), **OTHER_SENDERS[3])
    return phone, block, bags_


def deliver(phone: Phone, run: str, item: str, *, when: datetime, number: str) -> None:
    said = {"run": run, "item": item, "receiver": "addressee", "identity": "1", "request": number}
    phone.did("delivered", when=when, photo=True, **said)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_three_days_arrive_at_once_and_nothing_is_lost_or_doubled(seeded: Store, seed: int) -> None:
    device = ready(seeded)
    run = arrivals.on_the_way(seeded, arrivals.hanh, arrivals.vy)
    phone, block, bags_ = three_days(seeded, device)
    postman, other = Phone(arrivals.binh, seed=7), Phone(arrivals.binh, seed=8)
    deliver(postman, run.code, run.items[0], when=NINE + timedelta(hours=1), number="a" * 32)
    postman.did(
        "attempt_failed",
        when=NINE + timedelta(hours=2),
        run=run.code,
        item=run.items[1],
        reason="nobody_there",
        day="2026-11-17",
        request="b" * 32,
    )
    deliver(other, run.code, run.items[0], when=NINE + timedelta(hours=4), number="c" * 32)

    arrive(seeded, [phone, postman, other], seed=seed)

    with seeded.read() as reader:
        assert [(each.kind, each.why) for each in reader.entries.waiting_at(None)] == []
        dossiers = reader.many(Dossier, [blank.code for blank in block[:4]])
        items = reader.many(Item, [*(blank.item for blank in block[:4]), *run.items])
        told = {code: [event for *_, event in reader.events([code])] for code in run.items}
        packed = reader.many(Bag, bags_)
    assert len(dossiers) == 4
    assert [dossiers[blank.code].opened_at for blank in block[:4]] == [
        NINE, NINE + timedelta(minutes=10), NINE + timedelta(days=1), NINE + timedelta(days=2),
    ]  # fmt: skip
    assert {bag.state for bag in packed.values()} == {BagState.SEALED}
    assert {items[blank.item].custodian.key for blank in block[:3]} == {cast.commune_desk.key}
    assert items[block[3].item].custodian.key == cast.small_counter.key
    assert sum(isinstance(event, Delivered) for event in told[run.items[0]]) == 1
    assert items[run.items[0]].custody is Custody.DELIVERED
    assert items[run.items[1]].attempts == 1
    assert kinds_of_incidents(seeded) == [IncidentKind.SCAN_AFTER_DELIVERY]
    must_begin_when_signed(seeded, block, bags_)
    assert verification.told(verification.verify(seeded))[-1].startswith("Mọi sổ khớp")


def arrive(store: Store, phones: list[Phone], *, seed: int) -> None:
    """Let everything arrive: devices in any order, the lines of a batch shuffled, every batch twice, photos last."""
    chance = random.Random(seed)
    batches = [phone for phone in phones for _ in "ab"]
    chance.shuffle(batches)
    for number, phone in enumerate(batches):
        lines = phone.lines * 2
        chance.shuffle(lines)
        phone.send(store, *lines, at=THURSDAY + timedelta(minutes=number))
    for who in (cast.sen, arrivals.binh):
        uploads.keep(store, SHA, content=PHOTO, media_type="image/jpeg", by=who, at=THURSDAY)
    for round_ in range(3):
        entries.look_after(store, at=THURSDAY + timedelta(hours=1 + round_), below=below)


def kinds_of_incidents(store: Store) -> list[IncidentKind]:
    with store.read() as reader:
        from sqlalchemy import select

        from postal.store.ledger import FAMILIES

        found = reader.things(Incident, select(FAMILIES[Incident].table.c.state))
    return [each.kind for each in found]


def must_begin_when_signed(store: Store, block: list[Any], bags_: list[str]) -> None:
    """Open the bags at the desk: the clock of each dossier began when the desk signed in ink (15:00 rule)."""
    for bag, blanks_ in ((bags_[0], block[:2]), (bags_[1], block[2:3])):
        found = {blank.item: Condition.SOUND for blank in blanks_}
        seal = "77" + bag[:3]
        bags.receive(
            store,
            bag,
            seal_seen=seal,
            is_intact=True,
            found=found,
            by=cast.xuan,
            at=THURSDAY + timedelta(hours=5),
            below=below,
        )
    with store.read() as reader:
        calendar = reader.reference.calendar("state")
    for number, (blank, signed) in enumerate(
        [(block[0], BEFORE_THREE), (block[1], BEFORE_THREE), (block[2], AFTER_THREE)], start=1
    ):
        code = f"H48.17-261119-{number:04d}"
        received = agency.receive(store, blank.code, official_code=code, by=cast.xuan, at=THURSDAY + timedelta(hours=6))
        assert received.started_at == signed
    assert clocks.forward_by(BEFORE_THREE, calendar=calendar).due_on == calendars.local(BEFORE_THREE).date()
    assert clocks.forward_by(AFTER_THREE, calendar=calendar).due_on == calendars.local(AFTER_THREE).date() + timedelta(
        days=1
    )


# --- in a browser -----------------------------------------------------------------------------------------------------


def enrol_and_take_along(machine: Machine) -> Page:
    """Let the controller enrol the machine, then the clerk sign in and load the page once."""
    page = machine.page
    page.set_viewport_size(DESKTOP)
    machine.go("/devices", account="hung")
    page.get_by_label("Tên máy").fill("Quầy 1")
    page.get_by_role("button", name="Đăng ký máy này").click()
    expect(page.get_by_text("Đã đăng ký Quầy 1.")).to_be_visible()
    keep(page, "devices")
    page.get_by_role("button", name="Đăng xuất").click()
    machine.go("/offline/register", account="lan")
    machine.go("/counter", account="lan")
    page.goto(f"{machine.line.url}/offline/register")
    expect(page.get_by_text("Còn 100 mã trong khối của máy này.")).to_be_visible()
    page.wait_for_function("navigator.serviceWorker.controller !== null")
    return page


def type_into(page: Page, name: str, text: str) -> None:
    page.locator(f"#{name}").focus()
    page.keyboard.type(text)


def register_by_keyboard(page: Page) -> None:
    """Fill the form in with keys alone."""
    page.keyboard.press("Tab")
    type_into(page, "sender_phone", "0912345678")
    type_into(page, "sender_number", "049205000137")
    type_into(page, "sender_name", "Nguyễn Văn Khánh")
    type_into(page, "sender_address", "12 Trần Phú, tổ 7")
    type_into(page, "sender_commune_q", "Hải Châu")
    type_into(page, "procedure_q", cast.PROCEDURE)
    page.keyboard.press("Enter")
    expect(page.locator("[data-papers] tr").first).to_be_visible()
    page.keyboard.press("F8")
    if page.locator('[name="line_0_name"]').count():
        page.locator('[name="line_0_name"]').focus()
        page.keyboard.type("Tờ khai")
    page.locator('[name="line_0_originals"]').focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("1")
    type_into(page, "why_incomplete", "Khách bổ sung sau")
    type_into(page, "seal", "881245")
    type_into(page, "postage", "30.000")
    page.keyboard.press("F10")


def test_a_dossier_is_registered_by_keyboard_without_network(house: House, tmp_path: Path) -> None:
    with phone_of(house, tmp_path / "machine") as machine:
        page = enrol_and_take_along(machine)
        machine.lose_signal()
        page.goto(f"{machine.line.url}/offline/register")
        expect(page.get_by_text("Mất kết nối.")).to_be_visible()
        assert Axe().run(page).response["violations"] == []
        page.keyboard.press("F10")
        expect(page.get_by_role("alert")).to_be_visible()
        keep(page, "offline-register-refused")
        register_by_keyboard(page)
        expect(page.get_by_text("trên máy này lúc")).to_be_visible()
        keep(page, "offline-register-saved")
        code = page.locator(".offline-slip .code").inner_text().replace("-", "")
        item = page.locator(".offline-label .code").inner_text().replace("-", "")
        expect(page.locator("[data-badge]")).to_contain_text("Chưa gửi 1 việc")
        assert Axe().run(page).response["violations"] == []

        machine.kill()
        for canary in ("Nguyễn Văn Khánh", "049205000137", "0912345678", "12 Trần Phú"):
            assert [path.name for path in machine.profile.rglob("*") if path.is_file() and holds(path, canary)] == []
        machine.start()
        machine.page.set_viewport_size(DESKTOP)
        machine.find_signal()
        machine.page.goto(f"{machine.line.url}/sign-in?next=/counter")
        machine.sign_in("lan")
        expect(machine.page.get_by_role("heading", level=1, name="Quầy")).to_be_visible()
        machine.page.goto(f"{machine.line.url}/offline/register")
        expect(machine.page.locator("[data-badge]")).to_contain_text("Không còn việc chưa gửi", timeout=40_000)
    must_be_registered(house, code, item)


def test_a_machine_without_network_takes_the_price_of_the_table_or_a_reason(house: House, tmp_path: Path) -> None:
    table = (
        "service,area,over_g,up_to_g,amount,decision,basis,valid_from,valid_to\n"
        "both,inside,0,100,30000,QĐ 12/2026,Bảng giá thử,2026-07-01,\n"
        "both,inside,100,500,45000,QĐ 12/2026,Bảng giá thử,2026-07-01,\n"
    )
    assert tariffs.import_tariffs(house.store, table, at=monday).errors == ()
    with phone_of(house, tmp_path / "machine") as machine:
        page = enrol_and_take_along(machine)
        machine.lose_signal()
        page.goto(f"{machine.line.url}/offline/register")
        expect(page.get_by_text("Mất kết nối.")).to_be_visible()
        type_into(page, "procedure_q", cast.PROCEDURE)
        page.keyboard.press("Enter")
        expect(page.locator("[data-papers] tr").first).to_be_visible()
        type_into(page, "sender_commune_q", "Hải Châu")
        postage, basis = page.locator("[name=postage]"), page.locator("[name=postage_basis]")
        for weight, sum_ in (("80", "30000"), ("120", "45000")):
            page.locator("#weight").fill(weight)
            page.keyboard.press("Tab")
            expect(postage).to_have_value(sum_)
        expect(basis).to_have_value("QĐ 12/2026: gửi hồ sơ và nhận kết quả, trong tỉnh, trên 100 đến 500 g")
        expect(page.get_by_text("Cước theo bảng giá: 45.000 đ.")).to_be_visible()
        postage.fill("20.000")
        page.keyboard.press("F10")
        expect(page.get_by_role("alert")).to_contain_text("Cước khác bảng giá (45.000 đ). Ghi lý do")
        basis.fill("Khách có thẻ hội viên")
        page.keyboard.press("F10")
        expect(page.get_by_role("alert")).not_to_contain_text("Cước khác bảng giá")
        assert Axe().run(page).response["violations"] == []


def must_be_registered(house: House, code: str, item: str) -> None:
    """Check that the dossier is in the books as it was typed, at the time it was."""
    with house.store.read() as reader:
        assert [each.why for each in reader.entries.waiting_at(None)] == []
        dossier = reader.many(Dossier, [code])[code]
        assert reader.many(Item, [item])[item].dossier == code
        assert reader.people.of([code])[code, "sender"].name == "Nguyễn Văn Khánh"
    assert dossier.opened_at == house.clock.at


def holds(path: Path, text: str) -> bool:
    content = path.read_bytes()
    return any(text.encode(coding) in content for coding in ("utf-8", "utf-16-le"))


def test_after_seven_days_without_contact_nothing_new_is_registered(house: House, tmp_path: Path) -> None:
    with phone_of(house, tmp_path / "machine") as machine:
        page = enrol_and_take_along(machine)
        machine.lose_signal()
        page.clock.set_fixed_time(house.clock.at + timedelta(days=7, minutes=1))
        page.goto(f"{machine.line.url}/offline/register")
        expect(page.get_by_text("Đã quá 7 ngày máy này chưa liên lạc")).to_be_visible()
        expect(page.get_by_role("button", name="Lưu và in (F10)")).to_be_hidden()
        keep(page, "offline-register-seven-days")
