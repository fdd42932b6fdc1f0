"""What is printed, before it is set: every field of the law on the contract, nothing about people on the label."""

import itertools
from dataclasses import fields, replace
from datetime import datetime
from typing import Any

import pytest

from postal.domain.calendars import VIETNAM
from postal.domain.events import ItemKind, Payment, ReceptionMode, ReturnWay, Service
from postal.domain.people import Actor
from postal.domain.permissions import Forbidden
from postal.queries import prints
from postal.queries.prints import CopyIsOut, LabelElsewhere, LabelPrint, NoReceipt, NotPrintedHere, ReceiptPrint
from postal.services import custody, registration
from postal.services.registration import AtCounter, PaperEntry, Registration
from postal.store import Store
from tests import cast

_seeds = itertools.count()
"""No two registrations draw the same code."""

BIRTH = "1.001193"
PAPERS = (
    PaperEntry(name="Tờ khai đăng ký khai sinh (theo mẫu)", originals=1),
    PaperEntry(name="Giấy chứng sinh", originals=1, to_return=True),
)


def form(**changes: Any) -> Registration:
    given: dict[str, Any] = {
        "service": Service.BOTH,
        "procedure": BIRTH,
        "sender": cast.khanh,
        "case_commune": "20242",
        "return_way": ReturnWay.HOME,
        "papers": PAPERS,
        "seal": "881245",
        "weight_g": 120,
        "postage": 30_000,
        "postage_basis": "Giá cước niêm yết",
        "fees": 8_000,
        "fees_basis": "Thông báo",
        "postal_number": "RA123456785VN",
    }
    return Registration(**{**given, **changes})


def registered(store: Store, **changes: Any) -> AtCounter:
    """Register a dossier with Lan, whose account is known by name."""
    with store.begin(at=cast.monday) as ledger:
        ledger.accounts.put(cast.account_of(cast.lan), password_hash="")
    return registration.register(store, form(**changes), by=cast.lan, at=cast.monday, below=cast.below(next(_seeds)))


def receipt(
    store: Store, made: AtCounter, *, actor: Actor = cast.lan, hours: int = 0, for_citizen: bool = True
) -> ReceiptPrint:
    return prints.receipt(store, made.dossier.code, actor=actor, at=cast.after(hours=hours), for_citizen=for_citizen)


# --- the contract -----------------------------------------------------------------------------------------------------


def test_the_contract_has_every_field_the_law_asks_for(seeded: Store) -> None:
    made = registered(seeded, subject=replace(cast.khanh, name="Nguyễn Thị Mơ"))
    value = receipt(seeded, made)
    assert (value.sender.name, value.sender.phone) == ("Nguyễn Văn Khánh", "0912345678")
    assert value.sender.address == "12 Trần Phú, tổ 7, Phường Hải Châu, Thành phố Đà Nẵng"
    assert value.receiver.name == "Trung tâm Phục vụ hành chính công phường Hải Châu"
    assert value.on_behalf_of == "Nguyễn Thị Mơ"
    assert value.procedure == "Thủ tục đăng ký khai sinh (1.001193)"
    assert [(p.name, p.originals, p.to_return) for p in value.papers] == [
        ("Tờ khai đăng ký khai sinh (theo mẫu)", 1, False),
        ("Giấy chứng sinh", 1, True),
    ]
    assert value.received_at == "09:00, thứ Hai, 16/11/2026"
    assert (value.weight, value.seal_number, value.post_number) == ("120 g", "881245", "RA123456785VN")
    assert value.quality == "Chuyển đến cơ quan trong 1 ngày làm việc sau ngày ghi trên phiếu (J+1)"
    assert value.method == "Nhận tại quầy; trả kết quả tận nhà"
    assert value.clerk == "Trần Thị Lan"


def test_postage_and_fees_are_never_added_up(seeded: Store) -> None:
    charges = receipt(seeded, registered(seeded, payment=Payment.TRANSFER)).charges
    assert [(charge.name, charge.amount, charge.payment) for charge in charges] == [
        ("Cước bưu chính", 30_000, "Chuyển khoản"),
        ("Phí, lệ phí", 8_000, "Chuyển khoản"),
    ]


def test_where_the_post_carries_the_authoritys_date_is_not_promised(seeded: Store) -> None:
    value = receipt(seeded, registered(seeded))
    assert (value.expected, value.due) == ("thứ Ba, 17/11/2026", "")


def test_where_the_post_receives_for_the_authority_the_due_date_stands(seeded: Store) -> None:
    promised = datetime(2026, 11, 20, 17, 0, tzinfo=VIETNAM)
    made = registered(seeded, mode=ReceptionMode.B, official_code="H48.17-261116-0001", promised_at=promised)
    value = receipt(seeded, made)
    assert (value.expected, value.due) == ("", "17:00, thứ Sáu, 20/11/2026")


def test_a_day_in_an_unpublished_year_is_printed_as_provisional(seeded: Store) -> None:
    at = cast.after(days=45)
    made = registration.register(seeded, form(), by=cast.lan, at=at, below=cast.below(next(_seeds)))
    value = prints.receipt(seeded, made.dossier.code, actor=cast.lan, at=at, for_citizen=True)
    assert value.expected.endswith("2027 (tạm tính)")


def test_an_unverified_list_says_so_on_paper(seeded: Store) -> None:
    assert receipt(seeded, registered(seeded)).papers_note == ""
    licence = registered(seeded, procedure="1.004873", papers=(PaperEntry(name="Tờ khai", originals=1),))
    assert "chưa xác minh, đối chiếu Cổng Dịch vụ công" in receipt(seeded, licence).papers_note


def test_the_secret_stands_on_the_citizens_copy_and_the_pin_where_no_phone_is(seeded: Store) -> None:
    with_phone = registered(seeded)
    assert receipt(seeded, with_phone).secret == with_phone.receipt.secret
    assert receipt(seeded, with_phone).pin == ""
    assert receipt(seeded, with_phone, for_citizen=False).secret == ""
    without = registered(seeded, sender=replace(cast.khanh, phone=""))
    assert receipt(seeded, without).pin == without.receipt.pin
    assert receipt(seeded, without, for_citizen=False).pin == ""


def test_what_is_printed_is_not_in_the_logs(seeded: Store) -> None:
    made = registered(seeded, sender=replace(cast.khanh, phone=""))
    shown = repr(receipt(seeded, made))
    assert made.receipt.secret not in shown
    assert made.receipt.pin not in shown.replace(cast.khanh.identity_number, "")


def test_the_citizens_copy_is_fresh_on_the_day_of_its_issue(seeded: Store) -> None:
    made = registered(seeded)
    assert receipt(seeded, made, hours=14).secret, "23:00 of the same day in Vietnam"
    with pytest.raises(CopyIsOut):
        receipt(seeded, made, hours=15)
    assert receipt(seeded, made, hours=15, for_citizen=False).code == made.dossier.code
    new = registration.reissue_receipt(
        seeded,
        made.dossier.code,
        reason="mất",
        identity_checked=True,
        by=cast.lan,
        at=cast.after(hours=30),
        below=cast.below(6),
    )
    assert receipt(seeded, made, hours=31).secret == new.secret


def test_only_the_registering_office_prints_the_contract(seeded: Store) -> None:
    made = registered(seeded)
    with pytest.raises(NotPrintedHere, match="Bưu cục Trung tâm Đà Nẵng"):
        receipt(seeded, made, actor=cast.sen)
    with pytest.raises(Forbidden):
        receipt(seeded, made, actor=cast.hung)


def test_what_was_voided_has_no_contract(seeded: Store) -> None:
    made = registered(seeded)
    registration.void(seeded, made.dossier.code, reason="Khách đổi ý", by=cast.lan, at=cast.monday)
    with pytest.raises(NoReceipt, match="đã hủy"):
        receipt(seeded, made)


def test_a_result_alone_has_a_contract_without_envelope(seeded: Store) -> None:
    made = registered(seeded, service=Service.RECEIVE, papers=(), official_code="H48.17-261116-0001")
    value = receipt(seeded, made)
    assert (value.item_code, value.papers, value.expected) == ("", (), "hồ sơ đã nộp tại cơ quan")


# --- labels -----------------------------------------------------------------------------------------------------------


def test_a_label_has_no_field_for_people_or_procedures(seeded: Store) -> None:
    made = registered(seeded)
    assert made.item
    value = prints.label(seeded, made.item.code, actor=cast.lan)
    assert {field.name for field in fields(LabelPrint)} == {"code", "headline", "destination", "time", "office"}
    assert (value.headline, value.time) == ("HỒ SƠ 2 tờ", "09:00 16/11/2026")
    assert value.destination == "Trung tâm Phục vụ hành chính công phường Hải Châu"


def test_every_kind_of_envelope_has_its_headline() -> None:
    assert set(prints.HEADLINES) == set(ItemKind)


def test_labels_at_the_counter_are_those_that_have_not_left(seeded: Store) -> None:
    first, second = registered(seeded), registered(seeded)
    assert first.item
    assert second.item
    codes = {first.item.code, second.item.code}
    assert {label.code for label in prints.labels_at_counter(seeded, actor=cast.lan)} == codes
    record = custody.offer(
        seeded, [first.item.code], to=cast.transport, by=cast.lan, at=cast.monday, below=cast.below(1)
    )
    custody.accept(seeded, record.code, by=cast.tai, at=cast.monday)
    assert [label.code for label in prints.labels_at_counter(seeded, actor=cast.lan)] == [second.item.code]


def test_a_label_is_printed_where_the_envelope_is_or_was_registered(seeded: Store) -> None:
    made = registered(seeded)
    assert made.item
    assert prints.label(seeded, made.item.code, actor=cast.tai).code == made.item.code
    with pytest.raises(LabelElsewhere, match="Quầy giao dịch"):
        prints.label(seeded, made.item.code, actor=cast.xuan)


# --- guidance ---------------------------------------------------------------------------------------------------------


def turned_back(store: Store, **changes: Any) -> str:
    lacking = form(papers=PAPERS[:1], **changes)
    return registration.turn_back(store, lacking, by=cast.lan, at=cast.monday, below=cast.below(next(_seeds))).code


def test_guidance_names_which_form_of_each_paper_is_wanted(seeded: Store) -> None:
    value = prints.guidance(seeded, turned_back(seeded), actor=cast.lan)
    assert [(line.name, line.wanted) for line in value.missing] == [("Giấy chứng sinh", "1 bản chính")]
    assert value.citizen == "Nguyễn Văn Khánh"
    assert value.source.startswith("Danh sách theo ")


def test_guidance_for_what_the_post_may_not_carry_says_where_to_go(seeded: Store) -> None:
    value = prints.guidance(seeded, turned_back(seeded, procedure="1.000894"), actor=cast.lan)
    assert value.not_by_post.startswith("Vì hai bên nam, nữ phải cùng có mặt để ký")
    assert value.not_by_post.endswith("Mời ông/bà nộp trực tiếp tại bộ phận Một cửa của xã, phường.")
    assert prints.guidance(seeded, turned_back(seeded), actor=cast.lan).not_by_post == ""


def test_a_registered_dossier_has_no_guidance(seeded: Store) -> None:
    with pytest.raises(NoReceipt):
        prints.guidance(seeded, registered(seeded).dossier.code, actor=cast.lan)
    with pytest.raises(NoReceipt):
        prints.receipt(seeded, turned_back(seeded), actor=cast.lan, at=cast.monday, for_citizen=True)
