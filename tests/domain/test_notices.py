"""What citizens are told: in one segment, by the right channels, and never when it has stopped being true."""

from dataclasses import replace
from datetime import date

import pytest

from postal.domain import codes, notices, segments
from postal.domain.dossier import AgencyStatus, Dossier, Money
from postal.domain.events import Ground, PlannedStop
from postal.domain.item import Custody, Item
from postal.domain.notices import Kind, Situation
from postal.domain.people import Custodian, citizen_custodian
from postal.domain.run import DeliveryRun, RunState
from postal.domain.sending import Channel
from postal.queries import messages as message_queries
from postal.queries.lateness import Clock
from postal.services import messages, returning
from tests import cast

LONGEST_OFFICE = "Điểm GD- BĐ khu kinh tế cửa khẩu Thường Phước 1"
"""The longest name of all post offices in the public list of November 2026."""

LONGEST_AUTHORITY = "Trung tâm Phục vụ hành chính công phường Văn Miếu - Quốc Tử Giám"

LONGEST_HOST = "dichvucong.buudien.thanhphohochiminh.gov.vn"
HOTLINE = "1900 54 54 81"
LATE_END = "18/11, chậm 120 ngày làm việc. Xin lỗi ông/bà, sẽ báo lại trước 17h 19/11"

LONGEST: dict[Kind, str] = {
    Kind.PIN: "mã PIN 888888. Không đưa mã PIN cho người lạ",
    Kind.AGENCY_RECEIVED: "đã đến cơ quan, hẹn trả kết quả sẽ báo sau",
    Kind.NEED_MORE: "cần bổ sung 100 giấy tờ trước 28/12, nộp tại bưu cục bất kỳ",
    Kind.FEE_DUE: f"cần nộp {notices.written_amount(99_999_999_999)} phí, lệ phí",
    Kind.REFUSED: "không được tiếp nhận, bưu điện gửi trả giấy tờ",
    Kind.WITHDRAWN: "đã được rút theo yêu cầu",
    Kind.STOPPED: "đã dừng giải quyết",
    Kind.AT_POST_OFFICE: messages.invitation_words(LONGEST_OFFICE, until=date(2026, 12, 28), number=2),
    Kind.SENT_BACK: returning.sent_back_words(LONGEST_AUTHORITY),
    Kind.OUT_FOR_DELIVERY: "hôm nay bưu tá đi phát",
    Kind.DELIVERED: "đã giao kết quả",
    Kind.LATE: f"chưa về đến nơi phát đúng hạn {LATE_END}",
    Kind.EXTENDED: "chậm so với hẹn 28/12. Cơ quan xin lỗi ông/bà, hẹn lại ngày 30/12",
    Kind.PICKUP_OFF: "đã hủy hẹn bưu tá đến lấy giấy tờ",
    Kind.PICKUP: "bưu tá đến nhà lấy giấy tờ ngày 28/12/2026",
    Kind.FETCHED: "bưu tá đã nhận giấy tờ tại nhà",
    Kind.OTHER: "có thông báo mới",
}


# --- words ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("clock", list(Clock), ids=lambda clock: clock.value)
def test_what_is_late_is_told_in_one_segment_on_whichever_way(clock: Clock) -> None:
    said = notices.sentence(cast.DOSSIER, f"{message_queries.LATE_AT[clock]} {LATE_END}")
    text = notices.as_sms(said, kind=Kind.LATE, host=LONGEST_HOST, hotline=HOTLINE)
    assert segments.fits(text)
    assert text.startswith(segments.plain(said))
    assert "Khong cung cap ma OTP" in text


@pytest.mark.parametrize("host", ["127.0.0.1:8000", LONGEST_HOST])
@pytest.mark.parametrize("kind", Kind, ids=lambda kind: kind.value)
def test_every_message_is_one_segment_with_the_longest_values_and_keeps_every_word(kind: Kind, host: str) -> None:
    said = notices.sentence(cast.DOSSIER, LONGEST[kind])
    text = notices.as_sms(said, kind=kind, host=host, hotline=HOTLINE)
    assert segments.fits(text), len(text)
    assert text.startswith(segments.plain(said))


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.PIN], ids=lambda kind: kind.value)
def test_every_message_warns_of_those_who_ask_for_a_one_time_password(kind: Kind) -> None:
    said = notices.sentence(cast.DOSSIER, LONGEST[kind])
    assert "Khong cung cap ma OTP" in notices.as_sms(said, kind=kind, host=LONGEST_HOST, hotline=HOTLINE)


def test_a_short_message_says_where_to_look_and_whom_to_ring() -> None:
    said = notices.sentence(cast.DOSSIER, "đã đến cơ quan, hẹn trả kết quả 28/11")
    text = notices.as_sms(said, kind=Kind.AGENCY_RECEIVED, host="hoso.example.vn", hotline=HOTLINE)
    assert text == (
        "Buu dien: ho so 7K2M4-9RTBQ da den co quan, hen tra ket qua 28/11. Xem: hoso.example.vn "
        "Khong cung cap ma OTP cho bat ky ai. Can giup goi 1900 54 54 81"
    )


def test_a_message_with_no_room_at_all_is_cut_and_still_goes_out() -> None:
    text = notices.as_sms(notices.sentence(cast.DOSSIER, "mời " * 60), kind=Kind.OTHER, host="h", hotline="1")
    assert segments.fits(text)


def test_a_mail_has_its_accents_the_code_and_no_link_that_tells_who_opened_it() -> None:
    said = notices.sentence(cast.DOSSIER, "cần nộp 50.000 đ phí, lệ phí")
    subject, body = notices.as_mail(
        said, kind=Kind.FEE_DUE, dossier=cast.DOSSIER, public_url="https://hoso.example.vn", hotline=HOTLINE
    )
    assert subject == "Hồ sơ 7K2M4-9RTBQ: Cần nộp phí, lệ phí"
    assert said in body
    assert body.count("https://") == 1
    assert "https://hoso.example.vn:" in body


# --- channels ---------------------------------------------------------------------------------------------------------


def test_what_the_law_obliges_goes_to_phone_and_mailbox_and_the_rest_to_the_phone() -> None:
    both = (Channel.SMS, Channel.MAIL)
    assert notices.channels(Kind.LATE, has_phone=True, has_mail=True) == both
    assert notices.channels(Kind.NEED_MORE, has_phone=True, has_mail=True) == both
    assert notices.channels(Kind.OUT_FOR_DELIVERY, has_phone=True, has_mail=True) == (Channel.SMS,)


def test_without_a_phone_the_mailbox_has_everything_but_the_pin() -> None:
    told = {kind: notices.channels(kind, has_phone=False, has_mail=True) for kind in Kind}
    assert told.pop(Kind.PIN) == ()
    assert set(told.values()) == {(Channel.MAIL,)}


@pytest.mark.parametrize("kind", Kind, ids=lambda kind: kind.value)
def test_a_fact_is_told_from_others_of_its_kind_by_what_follows(kind: Kind) -> None:
    assert notices.kind_of(kind.value) is kind
    assert notices.kind_of(f"{kind.value}_7") is kind


def test_a_fact_nobody_knows_is_another_notice() -> None:
    assert notices.kind_of("latest") is Kind.OTHER


# --- still true? ------------------------------------------------------------------------------------------------------


def situation(
    fact: str, *items: Item, dossier: Dossier | None = None, about: str = "", run: DeliveryRun | None = None
) -> Situation:
    """Return what is known of a message on that Monday."""
    return Situation(fact=fact, about=about, dossier=dossier or cast.case(), items=items, run=run, today=cast.today)


def in_status(status: AgencyStatus) -> Dossier:
    """Return a case in a status of the authority."""
    return replace(cast.case(), status=status)


@pytest.mark.parametrize(
    ("fact", "true_in"),
    [
        ("agency_received_2", {AgencyStatus.RECEIVED, AgencyStatus.IN_WORK, AgencyStatus.PAYMENT}),
        ("need_more_3", {AgencyStatus.SUPPLEMENT}),
        ("refused_2", {AgencyStatus.NOT_RECEIVED}),
        ("withdrawn_2", {AgencyStatus.WITHDRAWN}),
        ("stopped_2", {AgencyStatus.STOPPED}),
    ],
)
def test_what_the_authority_decided_is_told_as_long_as_it_stands(fact: str, true_in: set[AgencyStatus]) -> None:
    told = {each for each in AgencyStatus if not notices.why_untrue(situation(fact, dossier=in_status(each)))}
    assert told == true_in


@pytest.mark.parametrize("kind", Kind, ids=lambda kind: kind.value)
def test_of_a_dossier_that_was_voided_nothing_is_told(kind: Kind) -> None:
    why = notices.why_untrue(situation(f"{kind.value}_1", dossier=in_status(AgencyStatus.VOIDED)))
    assert why == "Hồ sơ đã hủy tại quầy."


def test_a_fee_that_was_paid_meanwhile_is_asked_for_no_more() -> None:
    owing = replace(cast.case(), fees=Money(owed=50_000))
    assert not notices.why_untrue(situation("fee_due_4", dossier=owing))
    assert notices.why_untrue(situation("fee_due_4", dossier=replace(owing, fees=Money(collected=50_000))))


def test_a_newer_message_of_the_same_kind_replaces_one_that_still_waits() -> None:
    owing = replace(cast.case(), fees=Money(owed=80_000))
    both = frozenset({"fee_due_4", "fee_due_12", "need_more_15"})
    assert notices.why_untrue(replace(situation("fee_due_4", dossier=owing), facts=both))
    assert not notices.why_untrue(replace(situation("fee_due_12", dossier=owing), facts=both))


def test_a_pin_of_a_receipt_that_was_replaced_opens_nothing_and_is_not_sent() -> None:
    reissued = replace(cast.case(), receipt_serial=2)
    assert notices.why_untrue(situation("pin_1", dossier=reissued))
    assert not notices.why_untrue(situation("pin_2", dossier=reissued))


def waiting(*, until: date = date(2026, 11, 20)) -> Item:
    """Return a result that waits at its office for its citizen."""
    return replace(cast.result(), custodian=cast.sorting, pickup_until=until, invited_on=(cast.today,))


INVITATION = f"at_post_office_{cast.ITEM}_1_2026-11-20"


def test_an_invitation_holds_while_the_item_waits_at_its_office() -> None:
    assert not notices.why_untrue(situation(INVITATION, waiting(), about=cast.ITEM))


@pytest.mark.parametrize(
    "meanwhile",
    [
        replace(waiting(), custody=Custody.DELIVERED, custodian=citizen_custodian(cast.DOSSIER)),
        replace(waiting(), custodian=cast.nam_on_his_run),
        replace(waiting(), custodian=cast.small_sorting),
        replace(waiting(), ground=Ground.REFUSED),
        replace(waiting(), pickup_until=date(2026, 11, 25)),
        replace(waiting(), pickup_until=None),
        replace(waiting(), code="P22222222G"),
    ],
    ids=["delivered", "with the postman", "at another office", "goes back", "invited anew", "called off", "another"],
)
def test_an_invitation_for_what_waits_no_more_is_dropped(meanwhile: Item) -> None:
    assert notices.why_untrue(situation(INVITATION, meanwhile, about=cast.ITEM))


def test_an_invitation_after_its_last_day_is_dropped() -> None:
    fact = f"at_post_office_{cast.ITEM}_1_2026-11-15"
    late = waiting(until=date(2026, 11, 15))
    assert notices.why_untrue(situation(fact, late, about=cast.ITEM)) == "Hạn đến nhận đã qua."


def driven(*, state: RunState = RunState.STARTED, day: date = cast.today) -> DeliveryRun:
    """Return Nam's run of a day with the result on it."""
    stop = PlannedStop(number=1, commune="20242", items=(cast.ITEM,))
    return DeliveryRun(
        code=cast.RUN,
        version=2,
        state=state,
        office=cast.OFFICE,
        territory="hai-chau",
        day=day,
        postman="nam",
        stops=(stop,),
        metres=900,
        planned_at=cast.monday,
    )


OUT = f"out_for_delivery_{cast.RUN}"


def test_the_postman_is_announced_while_he_is_on_his_way_with_it() -> None:
    with_him = replace(cast.result(), custodian=cast.nam_on_his_run)
    assert not notices.why_untrue(situation(OUT, with_him, about=cast.RUN, run=driven()))


@pytest.mark.parametrize(
    ("run", "holder"),
    [
        (driven(day=date(2026, 11, 15)), cast.nam_on_his_run),
        (driven(state=RunState.CLOSED), cast.nam_on_his_run),
        (driven(), cast.sorting),
        (None, cast.nam_on_his_run),
    ],
    ids=["after the day", "closed", "handed back", "no such run"],
)
def test_the_postman_is_not_announced_when_he_does_not_come(run: DeliveryRun | None, holder: Custodian) -> None:
    result = replace(cast.result(), custodian=holder)
    assert notices.why_untrue(situation(OUT, result, about=cast.RUN, run=run))


def test_nothing_is_called_delivered_that_is_not() -> None:
    given = replace(cast.result(), custody=Custody.DELIVERED)
    assert notices.why_untrue(situation("delivered", cast.result(), about=cast.ITEM))
    assert notices.why_untrue(situation("delivered", given, about="P22222222G"))
    assert not notices.why_untrue(situation("delivered", given, about=cast.ITEM))


def test_late_is_told_while_the_same_day_is_missed() -> None:
    missed = situation("late_post_out_2026-11-13")
    assert notices.why_untrue(missed)
    assert not notices.why_untrue(replace(missed, late=frozenset({"late_post_out_2026-11-13"})))


def test_a_pickup_at_home_that_was_called_off_is_announced_no_more() -> None:
    asked = situation("pickup_H2222222G")
    assert not notices.why_untrue(asked)
    assert notices.why_untrue(replace(asked, facts=frozenset({"pickup_H2222222G", "pickup_off_H2222222G"})))
    assert notices.why_untrue(replace(asked, facts=frozenset({"fetched_H2222222G"})))


def test_the_run_of_a_message_is_known_by_its_fact_where_it_is_not_named() -> None:
    assert notices.run_of(OUT, "") == cast.RUN
    assert notices.run_of(OUT, cast.RUN) == cast.RUN
    assert notices.run_of("delivered", cast.ITEM) == ""


def test_the_code_stands_in_every_message_as_it_is_printed() -> None:
    assert codes.shown(cast.DOSSIER) in notices.sentence(cast.DOSSIER, "đã giao kết quả")


def test_a_citizen_is_not_told_of_a_way_back_that_he_ended_by_coming() -> None:
    back = replace(cast.result(), ground=Ground.MOVED)
    told = Situation(
        fact=f"sent_back_{back.code}", about=back.code, dossier=cast.case(), items=(back,), run=None, today=cast.today
    )
    assert notices.why_untrue(told) == ""
    assert notices.why_untrue(replace(told, items=(replace(back, ground=None),)))
