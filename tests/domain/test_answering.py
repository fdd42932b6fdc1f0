"""How long is usual, who answered when, and what the law says of compensation."""

from datetime import date, timedelta

import pytest

from postal.domain import compensation, dwell, item, liability
from postal.domain.compensation import Case
from postal.domain.dossier import AgencyStatus
from postal.domain.dwell import DAY, ENOUGH, USUAL, Stage
from postal.domain.events import Accepted, Evidence, HandedOver, HeldForPickup, ReportedMissing, SignedOnPaper
from postal.domain.liability import Moment
from tests import cast

LAN, TAI = cast.lan.as_author(), cast.tai.as_author()


# --- dwell ------------------------------------------------------------------------------------------------------------


def test_every_stage_has_a_measure_with_its_basis() -> None:
    assert set(USUAL) == set(Stage)
    assert all(dwell.OUR_MEASURE in measure.basis for measure in USUAL.values()), "none of them is law"


def test_an_envelope_is_at_the_stage_of_who_answers_for_it() -> None:
    lies = cast.envelope()
    offered = HandedOver(to=cast.transport, record=cast.RECORD, by=LAN, occurred_at=cast.monday)
    driven = cast.envelope(offered, Accepted(record=cast.RECORD, by=TAI, occurred_at=cast.monday))
    assert dwell.stage_of_item(lies, None, on=cast.today) is Stage.COUNTER
    assert dwell.stage_of_item(cast.envelope(offered), None, on=cast.today) is Stage.OFFERED
    assert dwell.stage_of_item(driven, None, on=cast.today) is Stage.ROAD


def test_what_is_searched_for_or_waits_for_the_citizen_is_not_silent() -> None:
    missing = cast.envelope(ReportedMissing(by=LAN, occurred_at=cast.monday))
    waits = cast.envelope(HeldForPickup(until=cast.today, by=LAN, occurred_at=cast.monday))
    assert dwell.stage_of_item(missing, None, on=cast.today) is None
    assert dwell.stage_of_item(waits, None, on=cast.today) is None


def test_the_desk_is_asked_until_it_has_received_and_a_result_until_it_has_left() -> None:
    offered = HandedOver(to=cast.desk, record=cast.RECORD, by=LAN, occurred_at=cast.monday)
    there = cast.envelope(offered, Accepted(record=cast.RECORD, by=cast.hoa.as_author(), occurred_at=cast.monday))
    assert dwell.stage_of_item(there, AgencyStatus.NEW, on=cast.today) is Stage.DESK
    assert dwell.stage_of_item(there, AgencyStatus.IN_WORK, on=cast.today) is None
    assert dwell.stage_of_item(cast.result(), AgencyStatus.RESOLVED, on=cast.today) is Stage.RESULT


def test_silence_is_counted_in_working_time() -> None:
    friday_afternoon = cast.after(days=4, hours=7)
    from_then = dwell.silent_from(friday_afternoon, USUAL[Stage.COUNTER], cast.post_calendar)
    assert from_then.date() == date(2026, 11, 23), "Monday, not Saturday"


def test_enough_cases_of_our_own_take_the_place_of_the_measure_within_bounds() -> None:
    few = dwell.measured({Stage.COUNTER: [60] * (ENOUGH - 1)})
    many = dwell.measured({Stage.COUNTER: [300] * ENOUGH, Stage.SORTING: [9 * DAY] * ENOUGH, Stage.DESK: [1] * ENOUGH})
    assert few[Stage.COUNTER] == USUAL[Stage.COUNTER]
    assert many[Stage.COUNTER].minutes == 300
    assert many[Stage.SORTING].minutes == 2 * USUAL[Stage.SORTING].minutes, "a bad past does not hide silence"
    assert many[Stage.DESK].minutes == USUAL[Stage.DESK].minutes // 2
    assert "95% của 50 lần trước" in many[Stage.COUNTER].basis


@pytest.mark.parametrize(("share", "value"), [(0.95, 95), (0.5, 50), (1.0, 100)])
def test_a_percentile_is_a_value_that_was_seen(share: float, value: int) -> None:
    assert dwell.percentile(range(100, 0, -1), share) == value


# --- liability --------------------------------------------------------------------------------------------------------


def test_every_stretch_of_custody_ends_where_the_next_begins() -> None:
    happened = (
        cast.registered(),
        HandedOver(to=cast.transport, record=cast.RECORD, by=LAN, occurred_at=cast.after(hours=1)),
        Accepted(record=cast.RECORD, by=TAI, occurred_at=cast.after(hours=2)),
        HandedOver(to=cast.desk, record="G2", by=TAI, occurred_at=cast.after(hours=3)),
        SignedOnPaper(to=cast.desk, record="G2", evidence=Evidence.B, by=TAI, occurred_at=cast.after(hours=4)),
    )
    held = liability.holdings(liability.moments(cast.ITEM, happened, begin=item.begin))
    assert [each.custodian.key for each in held] == [cast.counter.key, cast.transport.key, cast.desk.key]
    assert [each.evidence for each in held] == [None, Evidence.A, Evidence.B]
    assert [each.until for each in held] == [cast.after(hours=2), cast.after(hours=4), None]


def test_the_time_in_a_bag_counts_for_who_answered_for_the_bag() -> None:
    accepted = Accepted(record="G9", by=TAI, occurred_at=cast.after(hours=2))
    held = liability.holdings(
        [
            Moment(event=cast.registered(), custodian=cast.counter),
            Moment(event=accepted, custodian=cast.transport, bag="T2K4M9RTBQ"),
        ]
    )
    assert held[-1].bag == "T2K4M9RTBQ"
    assert held[-1].evidence is Evidence.A


# --- compensation -----------------------------------------------------------------------------------------------------

CASE = Case(due_on=date(2026, 11, 18), postage=30_000, refunded=0, is_intra=True, was_accepted=True, is_late=True)


def text(case: Case, name: str) -> str:
    return next(fact.text for fact in compensation.facts(case) if fact.name == name)


def test_the_facts_are_computed_from_what_was_collected() -> None:
    assert compensation.minimum(CASE) == 120_000
    assert "120.000 đ (4 lần cước 30.000 đ)" in text(CASE, "Bồi thường khi mất")
    assert "thứ Ba, 18/05/2027" in text(CASE, "Thời hiệu khiếu nại")
    assert "5 ngày làm việc (trong tỉnh)" in text(CASE, "Hạn trả lời khiếu nại")
    assert "còn 30.000 đ. Đang chậm." in text(CASE, "Hoàn cước khi chậm")


def test_what_nobody_knows_is_said_to_be_unknown() -> None:
    unknown = Case(due_on=None, postage=None, refunded=0, is_intra=None, was_accepted=False, is_late=None)
    assert compensation.minimum(unknown) is None
    for name in ("Bồi thường khi mất", "Thời hiệu khiếu nại", "Hạn trả lời khiếu nại", "Hoàn cước khi chậm"):
        assert "hưa rõ" in text(unknown, name)
    assert "chưa có phiếu gửi" in text(unknown, "Chứng từ chấp nhận")


def test_every_fact_names_its_source() -> None:
    assert all(fact.source for fact in compensation.facts(CASE))


def test_six_months_end_on_the_last_day_of_a_shorter_month() -> None:
    assert compensation.complaint_until(date(2026, 8, 31)) == date(2027, 2, 28)
    assert compensation.complaint_until(date(2026, 8, 31)) - date(2026, 8, 31) > timedelta(days=180)
