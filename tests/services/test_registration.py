"""The counter: what is taken in, what goes home with guidance, what is taken back, and what the copy opens."""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from postal.domain.calendars import VIETNAM
from postal.domain.codes import WrongCheckSymbol, WrongKind
from postal.domain.competence import NoCompetentPlace
from postal.domain.dossier import AgencyStatus
from postal.domain.events import MoneyLedger, Payment, ReceptionMode, ReturnWay, Service
from postal.domain.item import AlreadyLeft, NoIdentityCheck
from postal.domain.lifecycle import LabelBound, NotNow
from postal.domain.official import WrongOfficialCode, WrongOfficialDay
from postal.domain.permissions import Forbidden
from postal.domain.places import CommuneGone
from postal.domain.procedures import NotCarriable
from postal.services import custody, registration
from postal.services.agency import OfficialCodeTaken
from postal.services.destinations import NoCounter
from postal.services.registration import (
    MissingPaper,
    NoOfficialCode,
    NoPapers,
    NoReturnAddress,
    NothingMissing,
    OtherOffice,
    PaperEntry,
    Registration,
)
from postal.store import Store
from postal.store.registers import RequestMismatch
from tests import cast

Below = Callable[[int], int]

BIRTH = "1.001193"
"""A procedure whose list is verified: a declaration and the birth notice, one original each."""

UNVERIFIED = "2.000635"
"""A procedure whose list nobody has verified."""

PHARMACIST = "1.014100"
"""Decided by a department of health, which the catalogue has in Đà Nẵng and not in Hà Nội."""

DECLARATION = PaperEntry(name="Tờ khai đăng ký khai sinh (theo mẫu)", originals=1)
BIRTH_NOTICE = PaperEntry(name="Giấy chứng sinh", originals=1)
OFFICIAL = "H48.17-261116-0001"


@pytest.fixture
def below() -> Below:
    return random.Random(7).randrange


def form(**changes: Any) -> Registration:
    given: dict[str, Any] = {
        "service": Service.BOTH,
        "procedure": BIRTH,
        "sender": cast.khanh,
        "case_commune": "20242",
        "return_way": ReturnWay.HOME,
        "papers": (DECLARATION, BIRTH_NOTICE),
        "seal": "881245",
        "postage": 30_000,
        "postage_basis": "Giá cước niêm yết",
        "weight_g": 120,
    }
    return Registration(**{**given, **changes})


def note_of(store: Store, text_id: str) -> str:
    with store.read() as reader:
        return reader.texts.get([text_id]).get(text_id, "")


def events_of(store: Store, code: str) -> list[str]:
    with store.read() as reader:
        return [type(event).__name__ for *_, event in reader.events([code])]


# --- taking in --------------------------------------------------------------------------------------------------------


def test_authority_desk_lane_and_expected_day_follow_from_the_procedure_and_the_place_of_the_case(
    seeded: Store, below: Below
) -> None:
    made = registration.register(seeded, form(), by=cast.lan, at=cast.monday, below=below)
    assert (made.dossier.office, made.dossier.desk) == ("551000", "MC-20242")
    assert made.dossier.lane == "551000-MC-20242"
    assert made.dossier.expected_at_desk_on == date(2026, 11, 17)
    assert made.item is not None
    assert made.item.destination.place == "MC-20242"
    assert made.item.custodian.is_same_as(cast.counter)


def test_a_case_in_another_province_goes_to_the_desk_there(seeded: Store, below: Below) -> None:
    elsewhere = form(procedure="1.003915", papers=(PaperEntry(name="Đơn", originals=1),), case_commune="00070")
    elsewhere = replace(elsewhere, why_incomplete="đủ theo trang của cơ quan")
    made = registration.register(seeded, elsewhere, by=cast.lan, at=cast.monday, below=below)
    assert (made.dossier.desk, made.dossier.department) == ("MC-T01", "SO-01-TP")
    assert made.dossier.lane == "551000-MC-T01"


def test_who_decides_is_chosen_by_the_clerk_where_no_rule_is_known(seeded: Store, below: Below) -> None:
    licence = form(procedure=PHARMACIST, papers=(PaperEntry(name="Đơn", originals=1),), case_commune="00070")
    with pytest.raises(NoCompetentPlace):
        registration.register(seeded, licence, by=cast.lan, at=cast.monday, below=below)
    chosen = replace(licence, desk="MC-T01", department="SO-01-TP")
    made = registration.register(seeded, chosen, by=cast.lan, at=cast.monday, below=below)
    assert (made.dossier.desk, made.dossier.department) == ("MC-T01", "SO-01-TP")
    assert "Giao dịch viên chọn" in made.dossier.competence_reason


def test_a_result_alone_has_no_envelope_and_needs_the_authoritys_code(seeded: Store, below: Below) -> None:
    only_result = form(service=Service.RECEIVE, papers=())
    with pytest.raises(NoOfficialCode):
        registration.register(seeded, only_result, by=cast.lan, at=cast.monday, below=below)
    known = replace(only_result, official_code=OFFICIAL)
    made = registration.register(seeded, known, by=cast.lan, at=cast.monday, below=below)
    assert made.item is None
    assert made.dossier.official_code == OFFICIAL


def test_where_the_post_receives_for_the_authority_code_and_date_stand_at_once(seeded: Store, below: Below) -> None:
    promised = datetime(2026, 11, 20, 17, 0, tzinfo=VIETNAM)
    taken = form(mode=ReceptionMode.B, official_code=OFFICIAL, promised_at=promised)
    made = registration.register(seeded, taken, by=cast.lan, at=cast.monday, below=below)
    assert made.dossier.status is AgencyStatus.RECEIVED
    assert (made.dossier.official_code, made.dossier.promised_at) == (OFFICIAL, promised)


def test_a_desk_gives_each_dossier_a_code_of_its_own(seeded: Store, below: Below) -> None:
    first = form(mode=ReceptionMode.B, official_code=OFFICIAL)
    made = registration.register(seeded, first, by=cast.lan, at=cast.monday, below=below)
    with pytest.raises(OfficialCodeTaken, match=made.dossier.code[:5]):
        registration.register(seeded, first, by=cast.lan, at=cast.monday, below=below)


def test_why_an_incomplete_dossier_was_taken_in_stands_in_its_note(seeded: Store, below: Below) -> None:
    taken = form(papers=(DECLARATION,), why_incomplete="Nộp sau tại Một cửa", note="Khách quen")
    made = registration.register(seeded, taken, by=cast.lan, at=cast.monday, below=below)
    assert note_of(seeded, made.dossier.note) == "Nhận khi chưa đủ giấy tờ: Nộp sau tại Một cửa\nKhách quen"


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"papers": (DECLARATION,)}, MissingPaper),
        ({"papers": (DECLARATION, replace(BIRTH_NOTICE, originals=0, copies=1))}, MissingPaper),
        ({"papers": ()}, NoPapers),
        ({"sender": replace(cast.khanh, commune="")}, NoReturnAddress),
        ({"procedure": "1.000894"}, NotCarriable),
        ({"official_code": "17-2611-1"}, WrongOfficialCode),
        ({"official_code": "H48.17-261341-0001"}, WrongOfficialDay),
        ({"label": "P3FHJ8QXV8"}, WrongCheckSymbol),
        ({"label": "7K2M49RTBQ"}, WrongKind),
    ],
)
def test_what_cannot_be_taken_in_is_refused_and_leaves_nothing_behind(
    seeded: Store, below: Below, change: dict[str, Any], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        registration.register(seeded, form(**change), by=cast.lan, at=cast.monday, below=below)
    with seeded.read() as reader:
        assert reader.people.find(identity=cast.khanh.identity_number) == []


def test_a_commune_that_no_longer_exists_names_its_successors(seeded: Store, below: Below) -> None:
    with pytest.raises(CommuneGone, match=r"Phường Thanh Bình không còn.* Chọn một đơn vị mới: Phường Hải Châu"):
        registration.register(seeded, form(case_commune="20227"), by=cast.lan, at=cast.monday, below=below)


def test_a_label_is_bound_once(seeded: Store, below: Below) -> None:
    registration.register(seeded, form(label=cast.ITEM), by=cast.lan, at=cast.monday, below=below)
    with pytest.raises(LabelBound, match="P3FHJ-8QXV9"):
        registration.register(seeded, form(label=cast.ITEM), by=cast.lan, at=cast.monday, below=below)


def test_only_who_answers_for_a_counter_registers(seeded: Store, below: Below) -> None:
    with pytest.raises(NoCounter):
        registration.register(seeded, form(), by=replace(cast.lan, positions=frozenset()), at=cast.monday, below=below)
    with pytest.raises(Forbidden):
        registration.register(seeded, form(), by=cast.hung, at=cast.monday, below=below)


# --- sent twice -------------------------------------------------------------------------------------------------------


def test_a_form_number_with_other_content_is_refused(seeded: Store, below: Below) -> None:
    registration.register(seeded, form(request="one"), by=cast.lan, at=cast.monday, below=below)
    with pytest.raises(RequestMismatch):
        registration.register(seeded, form(request="one", postage=1), by=cast.lan, at=cast.monday, below=below)


def test_a_form_that_was_voided_since_is_not_answered_as_if_it_stood(seeded: Store, below: Below) -> None:
    made = registration.register(seeded, form(request="one"), by=cast.lan, at=cast.monday, below=below)
    registration.void(seeded, made.dossier.code, reason="Khách đổi ý", by=cast.lan, at=cast.monday)
    with pytest.raises(NotNow, match="Đã hủy tại quầy"):
        registration.register(seeded, form(request="one"), by=cast.lan, at=cast.monday, below=below)


# --- turning back -----------------------------------------------------------------------------------------------------


def test_guidance_is_counted_once_and_lists_what_is_missing(seeded: Store, below: Below) -> None:
    lacking = form(papers=(DECLARATION,), request="one")
    guided = registration.turn_back(seeded, lacking, by=cast.lan, at=cast.monday, below=below)
    again = registration.turn_back(seeded, lacking, by=cast.lan, at=cast.monday, below=below)
    assert guided.status is AgencyStatus.TURNED_BACK
    assert again.code == guided.code
    assert note_of(seeded, guided.contents) == '["Giấy chứng sinh"]'


def test_guidance_and_the_dossier_brought_later_may_come_from_one_form(seeded: Store, below: Below) -> None:
    registration.turn_back(seeded, form(papers=(DECLARATION,), request="one"), by=cast.lan, at=cast.monday, below=below)
    made = registration.register(seeded, form(request="one"), by=cast.lan, at=cast.monday, below=below)
    assert made.dossier.status is AgencyStatus.NEW


def test_on_an_unverified_list_the_lines_without_a_number_are_what_is_missing(seeded: Store, below: Below) -> None:
    lines = (PaperEntry(name="Giấy đề nghị", originals=1), PaperEntry(name="Hợp đồng thuê nhà"))
    guided = registration.turn_back(
        seeded, form(procedure=UNVERIFIED, papers=lines), by=cast.lan, at=cast.monday, below=below
    )
    assert note_of(seeded, guided.contents) == '["Hợp đồng thuê nhà"]'


def test_nothing_missing_is_no_guidance(seeded: Store, below: Below) -> None:
    with pytest.raises(NothingMissing):
        registration.turn_back(seeded, form(), by=cast.lan, at=cast.monday, below=below)


def test_what_the_post_may_not_carry_is_guidance_of_its_own(seeded: Store, below: Below) -> None:
    guided = registration.turn_back(
        seeded, form(procedure="1.000894", papers=()), by=cast.lan, at=cast.monday, below=below
    )
    assert guided.status is AgencyStatus.TURNED_BACK


# --- taking back ------------------------------------------------------------------------------------------------------


def test_voiding_refunds_both_ledgers_and_closes_the_citizens_page(seeded: Store, below: Below) -> None:
    paid = form(fees=8_000, fees_basis="Thông báo của phường")
    made = registration.register(seeded, paid, by=cast.lan, at=cast.monday, below=below)
    voided = registration.void(seeded, made.dossier.code, reason="Khách đổi ý", by=cast.lan, at=cast.monday)
    assert voided.status is AgencyStatus.VOIDED
    assert [voided.money(ledger).balance for ledger in MoneyLedger] == [0, 0]
    assert events_of(seeded, made.dossier.code).count("Refunded") == 2
    with seeded.read() as reader:
        assert reader.receipts.dossier_of(made.receipt.secret) is None


def test_what_is_owed_is_not_refunded(seeded: Store, below: Below) -> None:
    later = form(payment=Payment.LATER)
    made = registration.register(seeded, later, by=cast.lan, at=cast.monday, below=below)
    registration.void(seeded, made.dossier.code, reason="Khách đổi ý", by=cast.lan, at=cast.monday)
    assert "Refunded" not in events_of(seeded, made.dossier.code)


def test_what_left_the_counter_is_not_voided(seeded: Store, below: Below) -> None:
    made = registration.register(seeded, form(), by=cast.lan, at=cast.monday, below=below)
    assert made.item is not None
    carrying = replace(cast.lan, positions=cast.lan.positions | {cast.transport.key})
    custody.move(seeded, [made.item.code], to=cast.transport, by=carrying, at=cast.monday)
    with pytest.raises(AlreadyLeft):
        registration.void(seeded, made.dossier.code, reason="Khách đổi ý", by=carrying, at=cast.monday)


def test_another_office_neither_voids_nor_gives_out_the_citizens_copy(seeded: Store, below: Below) -> None:
    made = registration.register(seeded, form(), by=cast.lan, at=cast.monday, below=below)
    with pytest.raises(OtherOffice, match="Bưu cục Trung tâm Đà Nẵng"):
        registration.void(seeded, made.dossier.code, reason="Khách đổi ý", by=cast.sen, at=cast.monday)
    with pytest.raises(OtherOffice):
        reissue(seeded, made.dossier.code, by=cast.sen, below=below)


# --- the citizen's copy -----------------------------------------------------------------------------------------------


def reissue(store: Store, code: str, *, below: Below, by: Any = cast.lan, identity_checked: bool = True) -> Any:
    """Issue the citizen's copy again, an hour later."""
    return registration.reissue_receipt(
        store,
        code,
        reason="Khách làm mất phiếu",
        identity_checked=identity_checked,
        by=by,
        at=cast.after(hours=1),
        below=below,
    )


def test_a_new_copy_revokes_the_old_secret_and_has_a_new_pin(seeded: Store, below: Below) -> None:
    made = registration.register(seeded, form(), by=cast.lan, at=cast.monday, below=below)
    new = reissue(seeded, made.dossier.code, below=below)
    assert new.serial == 2
    assert new.secret != made.receipt.secret
    with seeded.read() as reader:
        assert reader.receipts.dossier_of(made.receipt.secret) is None
        assert reader.receipts.dossier_of(new.secret) == made.dossier.code


def test_a_new_copy_needs_a_look_at_the_identity_paper(seeded: Store, below: Below) -> None:
    made = registration.register(seeded, form(), by=cast.lan, at=cast.monday, below=below)
    with pytest.raises(NoIdentityCheck):
        reissue(seeded, made.dossier.code, below=below, identity_checked=False)


@pytest.mark.parametrize(("phone", "owed"), [("+84912345678", 1), ("", 0)])
def test_the_pin_goes_to_the_phone_and_to_nobody_without_one(
    seeded: Store, below: Below, phone: str, owed: int
) -> None:
    made = registration.register(
        seeded, form(sender=replace(cast.khanh, phone=phone)), by=cast.lan, at=cast.monday, below=below
    )
    with seeded.read(at=datetime(2026, 11, 17, tzinfo=UTC)) as reader:
        notices = [notice for notice in reader.notices.due(limit=9) if notice.dossier == made.dossier.code]
    assert [made.receipt.pin in notice.text for notice in notices] == [True] * owed
