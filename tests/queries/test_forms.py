"""What stands on the forms of a dossier: what is recorded and nothing else, for its own desk, on both databases."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from labels import payload
from postal.domain.dossier import Dossier
from postal.domain.forms import FormDoesNotApply, FormKind, NoSuchForm
from postal.domain.lifecycle import UnknownCode
from postal.domain.people import Actor
from postal.domain.permissions import Forbidden
from postal.printing import catalogue, legal
from postal.printing.catalogue import NoSuchName, WrongFile, WrongThing
from postal.queries import forms
from postal.queries.forms import (
    ApologyPrint,
    ControlPrint,
    FormPrint,
    ReceptionPrint,
    RefusalPrint,
    StopPrint,
    SupplementPrint,
)
from postal.services import accounts
from postal.settings import Settings
from postal.store import Store, codec
from postal.store.ledger import FAMILIES
from tests import cast, databases
from tests.labels import paper
from tests.web import way as ways
from tests.web.way import OFFICIAL, Way, gone_to

SETTINGS = Settings(public_url="https://hoso.example.vn", secret_key=databases.SECRET_KEY)


def ask(way: Way, kind: FormKind, *, actor: Actor = cast.xuan, later: timedelta = timedelta(hours=1)) -> FormPrint:
    return forms.form_print(way.store, way.code, kind, actor=actor, at=way.at + later)


def come_to(store: Store, stage: str) -> Way:
    for somebody in (cast.xuan, cast.tai):
        accounts.create(store, cast.account_of(somebody), password="mật khẩu chạy thử", at=cast.monday)
    return gone_to(store, stage)


def test_form_01_says_what_both_saw_at_the_desk(seeded: Store) -> None:
    way = come_to(seeded, "received")
    value = ask(way, FormKind.RECEPTION)
    assert isinstance(value, ReceptionPrint)
    assert (value.head.form, value.head.book, value.head.entry) == ("Mẫu số 01", "01", "01")
    assert value.head.official_code == way.official
    assert value.head.place_and_day == "Đà Nẵng, ngày 16 tháng 11 năm 2026"
    told = value.applicant
    assert (told.owner, told.submitter) == (ways.SUBJECT.name, ways.SENDER.name)
    assert told.identity == ways.SENDER.identity_number
    assert told.address == "12 Ngõ Bưởisáng, Phường Hải Châu, Thành phố Đà Nẵng"
    assert [(line.name, line.originals) for line in value.papers] == [("Tờkhai kín", 1), ("Sổ cũ", 1)]
    assert value.received_at == "11 giờ 00 phút, ngày 16 tháng 11 năm 2026"
    assert value.return_at == "Tận nhà"
    assert value.fees == "15.000 đ (đã thu)"
    assert value.officer == "Lý Thanh Xuân"


def test_form_02_names_every_paper_asked_for_also_after_they_came(seeded: Store) -> None:
    way = come_to(seeded, "supplemented")
    value = ask(way, FormKind.SUPPLEMENT)
    assert isinstance(value, SupplementPrint)
    assert [(each.name, each.reason) for each in value.papers] == [
        ("Giấykhám sức khỏe", "Lýdobổsung hết hạn"),
        ("Ảnh 3×4", ""),
    ]
    assert value.officer == "Lý Thanh Xuân"


def test_form_03_gives_the_reason(seeded: Store) -> None:
    value = ask(come_to(seeded, "refused"), FormKind.REFUSAL)
    assert isinstance(value, RefusalPrint)
    assert value.reason == "Lýdotừchối: thiếu thẩm quyền"
    assert not value.is_old


def test_form_04_is_a_draft_with_its_cause_once_the_day_is_near(seeded: Store) -> None:
    way = come_to(seeded, "in_work")
    with pytest.raises(FormDoesNotApply, match="chưa sắp đến hạn"):
        ask(way, FormKind.APOLOGY)
    value = ask(way, FormKind.APOLOGY, later=timedelta(days=2))
    assert isinstance(value, ApologyPrint)
    assert value.is_draft
    assert value.due_at == "17 giờ 00 phút, ngày 19 tháng 11 năm 2026"
    assert value.cause
    assert value.signer == ""


@pytest.mark.parametrize("stage", ["stopped", "withdrawn"])
def test_form_05_says_what_goes_back(seeded: Store, stage: str) -> None:
    value = ask(come_to(seeded, stage), FormKind.STOP)
    assert isinstance(value, StopPrint)
    assert value.reason.startswith("Lýdodừng")
    assert [(line.name, line.originals) for line in value.returned] == [("Sổ cũ", 1)]
    assert "118/2025" in value.basis
    assert value.refunded == ""


def test_form_06_has_a_row_for_each_signed_hand_off_between_organisations(seeded: Store) -> None:
    way = come_to(seeded, "at_office")
    value = ask(way, FormKind.CONTROL)
    assert isinstance(value, ControlPrint)
    told = [(hop.giver, hop.receiver, hop.giver_person, hop.receiver_person, hop.result) for hop in value.hops]
    desk, office = "Trung tâm Phục vụ hành chính công phường Hải Châu", "Bưu cục Trung tâm Đà Nẵng"
    assert told == [
        (office, desk, "Võ Đức Tài", "Lý Thanh Xuân", ""),
        (desk, office, "Lý Thanh Xuân", "Võ Đức Tài", "before"),
    ]
    assert all("biên bản G" in hop.note and "hai bên ký" in hop.note for hop in value.hops)
    assert value.hops[0].at < value.hops[1].at
    assert not value.is_over


def test_results_given_on_one_record_stand_on_one_list(seeded: Store) -> None:
    way = come_to(seeded, "collected")
    value = forms.results_print(seeded, way.handover, actor=cast.xuan, at=way.at)
    (line,) = value.lines
    assert (line.official_code, line.result, line.owner) == (way.official, "Trích lục (1 bản chính)", ways.SUBJECT.name)
    assert (line.has_fee, line.by_post) == (False, True)
    assert (value.giver_person, value.receiver_person) == ("Lý Thanh Xuân", "Võ Đức Tài")
    with pytest.raises(UnknownCode):
        forms.results_print(seeded, way.handover, actor=cast.hoa, at=way.at)


def test_a_record_without_results_has_no_such_list(seeded: Store) -> None:
    way = come_to(seeded, "to_desk")
    with pytest.raises(FormDoesNotApply, match="không có kết quả"):
        forms.results_print(seeded, way.handover, actor=cast.xuan, at=way.at)


# --- who, and which set -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("actor", [cast.hoa, cast.lan, cast.quan])
def test_another_place_does_not_even_learn_that_there_is_one(seeded: Store, actor: Actor) -> None:
    with pytest.raises(UnknownCode):
        ask(come_to(seeded, "received"), FormKind.RECEPTION, actor=actor)


def test_who_may_not_see_personal_data_prints_no_form(seeded: Store) -> None:
    somebody = replace(cast.xuan, roles=cast.thu.roles)
    with pytest.raises(Forbidden):
        ask(come_to(seeded, "received"), FormKind.RECEPTION, actor=somebody)


def test_the_links_of_a_dossier_are_the_forms_that_apply(seeded: Store) -> None:
    way = come_to(seeded, "refused")
    with seeded.read(at=way.at) as reader:
        dossier = way.dossier()
        links = forms.links(reader, dossier, actor=cast.xuan, at=way.at)
        assert forms.links(reader, dossier, actor=cast.lan, at=way.at) == ()
    assert [link.label for link in links] == [
        "Mẫu 03: Phiếu từ chối tiếp nhận giải quyết hồ sơ",
        "Mẫu 06: Phiếu kiểm soát quá trình giải quyết hồ sơ",
    ]


def test_an_old_dossier_keeps_its_numbers(seeded: Store) -> None:
    way = come_to(seeded, "received")
    old = replace(way.dossier(), started_at=datetime(2025, 3, 3, 2, 0, tzinfo=UTC))
    with seeded.begin(at=way.at) as ledger:
        table = FAMILIES[Dossier].table
        ledger.connection.execute(update(table).where(table.c.code == way.code).values(state=codec.dumps(old)))
    value = ask(way, FormKind.CONTROL)
    assert isinstance(value, ControlPrint)
    assert value.head.form == "Mẫu số 05"
    assert "01/2018" in value.head.basis
    assert forms.numbered(seeded, way.code, 5, at=cast.monday) is FormKind.CONTROL
    first = ask(way, FormKind.RECEPTION)
    assert isinstance(first, ReceptionPrint)
    assert first.counts_apart
    with pytest.raises(NoSuchForm, match="01/2018"):
        ask(way, FormKind.STOP)
    with pytest.raises(NoSuchForm, match="Mẫu số 07"):
        desk(way)("mau-07", way.code)


# --- by name ----------------------------------------------------------------------------------------------------------


def desk(way: Way, kind: str = "pdf"):  # type: ignore[no-untyped-def] # a short name for tests
    using = catalogue.Desk(store=way.store, settings=SETTINGS, at=way.at + timedelta(hours=1), kind=kind)
    return lambda name, code: catalogue.printed(name, code, desk=using)


def test_every_form_is_printed_by_its_name(seeded: Store) -> None:
    way = come_to(seeded, "for_pickup")
    given = {
        "mau-01": way.code,
        "mau-06": way.code,
        "phieu-kiem-soat": way.code,
        "mau-07": "MC-20242/2026-11",
        "so-theo-doi": "MC-20242",
        "phieu-gui": way.result,
        "nhan": way.item,
        "bien-ban-giao-nhan": way.handover,
        "giay-moi": way.result,
    }
    make = desk(way)
    for name, code in given.items():
        assert make(name, code).content.startswith(b"%PDF"), name
    words = paper.text(make("mau-01", payload.shown(way.code)).content)
    assert way.official in words
    assert f"{OFFICIAL}"[:3] in words


def test_a_register_is_also_written_as_a_table(seeded: Store) -> None:
    way = come_to(seeded, "received")
    assert desk(way, "xlsx")("mau-07", "MC-20242/2026").content.startswith(b"PK")
    assert way.official in desk(way, "csv")("mau-07", "MC-20242").content.decode("utf-8-sig")
    with pytest.raises(WrongFile, match="pdf"):
        desk(way, "xlsx")("mau-01", way.code)
    with pytest.raises(WrongFile, match="pdf, xlsx, csv"):
        desk(way, "docx")("mau-07", "MC-20242")


def test_a_name_or_code_that_nobody_knows_is_answered_with_what_there_is(seeded: Store) -> None:
    make = desk(come_to(seeded, "received"))
    with pytest.raises(NoSuchName, match=r"mau-01, .*danh-sach-phat"):
        make("mau-9", "7K2M49RTBQ")
    with pytest.raises(WrongThing, match=r"mã bưu gửi.*Mã này in được: .*phieu-gui.*mau-01"):
        make("giay-moi", "7K2M49RTBQ")
    with pytest.raises(WrongThing, match="mã chưa đúng"):
        make("giay-moi", "khong phai ma")
    with pytest.raises(UnknownCode):
        make("mau-01", "7K2M49RTBQ")
    with pytest.raises(NoSuchForm, match="Mẫu số 06 cho sổ năm 2026"):
        make("mau-06", "MC-20242/2026")
    with pytest.raises(WrongThing, match="MC-T48/2026-11"):
        make("mau-07", "không phải nơi nào")


def test_a_form_is_set_from_its_print(seeded: Store) -> None:
    way = come_to(seeded, "received")
    words = paper.squeezed(paper.text(legal.form_pdf(ask(way, FormKind.RECEPTION), settings=SETTINGS)))
    for said in (way.official, ways.SENDER.identity_number, "Sổ cũ", "15.000 đ (đã thu)", "Quyển số: 01"):
        assert paper.squeezed(said) in words
