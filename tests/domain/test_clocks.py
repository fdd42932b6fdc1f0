"""When something is due, and why: each answer carries its reasons."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from pathlib import Path

import pytest

import postal
from postal.domain import calendars, clocks
from postal.domain.calendars import VIETNAM
from postal.domain.clocks import Counting, CountingRule, Due, Limit, Pause, PausePolicy, Standing, Unit, WrongLimit

TABLES = Path(postal.__file__).parent / "data" / "calendars"
STATE = calendars.from_csv((TABLES / "state.csv").read_text(encoding="utf-8"))
POST = calendars.from_csv((TABLES / "post.csv").read_text(encoding="utf-8"))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=VIETNAM)


def working(amount: int) -> Limit:
    return Limit(amount, Unit.WORKING_DAYS)


def due_on(limit: Limit, start: str) -> date:
    return clocks.due(limit, started_at=at(start), calendar=STATE).due_on


def said(answer: Due | Standing) -> str:
    return "\n".join(f"{step.text} [{step.basis}]" for step in answer.steps)


@pytest.mark.parametrize(
    ("start", "amount", "due"),
    [
        ("2025-12-31", 2, "2026-01-06"),
        ("2026-02-13", 1, "2026-02-23"),
        ("2026-04-24", 2, "2026-04-29"),
        ("2026-08-20", 3, "2026-08-24"),
        ("2026-08-28", 1, "2026-09-03"),
        ("2026-11-20", 3, "2026-11-26"),
        ("2026-11-23", 1, "2026-11-25"),
    ],
)
def test_working_days_are_counted_after_the_day_of_the_start(start: str, amount: int, due: str) -> None:
    assert due_on(working(amount), f"{start}T09:00") == date.fromisoformat(due)


def test_it_is_due_at_closing_time_in_vietnam() -> None:
    due = clocks.due(working(1), started_at=datetime(2026, 11, 19, 2, 0, tzinfo=UTC), calendar=STATE)
    assert due.due_at.isoformat() == "2026-11-20T17:00:00+07:00"
    assert not due.provisional


def test_the_hour_of_the_start_does_not_matter_to_the_civil_code() -> None:
    starts = ["2026-11-18T07:31", "2026-11-18T16:59", "2026-11-18T15:01", "2026-11-18T22:15"]
    assert {due_on(working(2), start) for start in starts} == {date(2026, 11, 20)}


def test_an_instant_late_in_the_evening_utc_is_the_next_day_in_vietnam() -> None:
    start = datetime(2026, 11, 17, 18, 0, tzinfo=UTC)
    assert clocks.due(working(1), started_at=start, calendar=STATE).due_on == date(2026, 11, 19)


def test_a_start_on_a_day_off_counts_from_the_next_working_day() -> None:
    assert due_on(working(1), "2026-11-21T09:00") == date(2026, 11, 23)
    assert due_on(working(1), "2026-11-24T09:00") == date(2026, 11, 25)


def test_a_make_up_saturday_counts_and_is_explained() -> None:
    due = clocks.due(working(1), started_at=at("2026-08-21T09:00"), calendar=STATE)
    assert due.due_on == date(2026, 8, 22)
    assert "Thứ Bảy, 22/08/2026 làm việc: Làm bù cho thứ Hai 31/08/2026." in said(due)


def test_calendar_days_count_every_day_and_a_last_day_off_moves_on() -> None:
    days = Limit(3, Unit.CALENDAR_DAYS)
    assert due_on(days, "2026-11-16T09:00") == date(2026, 11, 19)
    assert due_on(days, "2026-11-19T09:00") == date(2026, 11, 23)
    moved = clocks.due(days, started_at=at("2026-11-21T09:00"), calendar=STATE)
    assert moved.due_on == date(2026, 11, 25)
    assert "Ngày cuối thứ Ba, 24/11/2026 là ngày nghỉ" in said(moved)
    assert "BLDS 2015 Đ.148.5" in said(moved)


def test_a_calendar_limit_that_ends_in_tet_is_due_after_it() -> None:
    assert due_on(Limit(5, Unit.CALENDAR_DAYS), "2026-02-12T09:00") == date(2026, 2, 23)


def test_a_limit_over_the_end_of_the_year_uses_both_tables() -> None:
    due = clocks.due(working(2), started_at=at("2025-12-31T09:00"), calendar=STATE)
    assert not due.provisional
    assert "Thứ Năm, 01/01/2026 nghỉ: Tết Dương lịch." in said(due)
    assert "CV 12729/VPCP-KGVX" in said(due)


def test_a_limit_into_an_unpublished_year_is_provisional_and_says_so() -> None:
    due = clocks.due(working(5), started_at=at("2026-12-29T09:00"), calendar=STATE)
    assert due.provisional
    assert due.due_on == date(2027, 1, 6)
    assert due.steps[-1].text == "Lịch năm 2027 chưa công bố - hạn tạm tính."


def test_a_limit_that_ends_on_the_last_day_of_a_published_year_is_firm() -> None:
    due = clocks.due(working(2), started_at=at("2026-12-29T09:00"), calendar=STATE)
    assert (due.due_on, due.provisional) == (date(2026, 12, 31), False)


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        ("2026-11-20T08:00", 2, "2026-11-20T10:00"),
        ("2026-11-20T10:30", 2, "2026-11-20T14:30"),
        ("2026-11-20T16:00", 4, "2026-11-23T10:30"),
        ("2026-11-20T18:00", 1, "2026-11-23T08:30"),
        ("2026-11-21T10:00", 1, "2026-11-23T08:30"),
        ("2026-11-23T16:00", 2, "2026-11-25T08:30"),
    ],
)
def test_hours_start_at_the_moment_and_run_in_opening_hours_only(start: str, hours: int, due: str) -> None:
    answer = clocks.due(Limit(hours, Unit.HOURS), started_at=at(start), calendar=STATE)
    assert answer.due_at == at(due)
    assert "BLDS 2015 Đ.147.1" in said(answer)


def test_the_practice_of_one_stop_systems_gives_the_same_hour_and_names_itself() -> None:
    due = clocks.due(working(2), started_at=at("2026-11-18T10:15"), calendar=STATE, counting=Counting.HOURS_PRACTICE)
    assert due.due_at == at("2026-11-20T10:15")
    assert "không phải cách của BLDS 2015" in said(due)


def test_the_steps_name_the_event_that_started_the_clock_and_its_basis() -> None:
    due = clocks.due(working(3), started_at=at("2026-11-20T14:20"), calendar=STATE, start=clocks.SIGNED_AT_DESK)
    assert due.steps[0].text == (
        "Bắt đầu lúc 14:20 thứ Sáu, 20/11/2026: hai bên ký biên bản giao nhận tại bộ phận Một cửa."
    )
    assert due.steps[0].basis == "QĐ 45/2016/QĐ-TTg Đ.7.4"
    assert [step.text for step in due.steps[1:]] == [
        "Ngày bắt đầu không tính.",
        "Đếm 3 ngày làm việc: 23/11 (1), 25/11 (2), 26/11 (3).",
        "Thứ Ba, 24/11/2026 nghỉ: Ngày Văn hóa Việt Nam.",
        "Đến hạn lúc hết giờ làm việc, 17:00 thứ Năm, 26/11/2026.",
    ]


def test_the_start_where_the_post_receives_is_marked_as_unverified() -> None:
    assert not clocks.SLIP_ISSUED_BY_POST.is_verified
    assert "chưa xác minh" in clocks.SLIP_ISSUED_BY_POST.basis


def test_a_limit_is_at_least_one() -> None:
    with pytest.raises(WrongLimit, match="từ 1 trở lên"):
        Limit(0, Unit.HOURS)


@pytest.mark.parametrize(
    ("received", "due"),
    [
        ("2026-11-20T09:00", "2026-11-20T17:00"),
        ("2026-11-20T15:00", "2026-11-20T17:00"),
        ("2026-11-20T15:01", "2026-11-23T07:30"),
        ("2026-11-23T15:01", "2026-11-25T07:30"),
        ("2026-11-21T09:00", "2026-11-23T07:30"),
    ],
)
def test_papers_are_forwarded_the_same_day_or_next_morning_after_15_00(received: str, due: str) -> None:
    assert clocks.forward_by(at(received), calendar=STATE).due_at == at(due)


def test_receiving_after_15_00_does_not_move_the_statutory_limit() -> None:
    assert due_on(working(3), "2026-11-20T14:59") == due_on(working(3), "2026-11-20T15:01")


@pytest.mark.parametrize(
    ("received", "due"),
    [("2026-11-20T15:00", "2026-11-20"), ("2026-11-20T15:01", "2026-11-23"), ("2026-11-24T09:00", "2026-11-25")],
)
def test_a_same_day_procedure_received_after_15_00_is_due_on_the_next_working_day(received: str, due: str) -> None:
    answer = clocks.same_day(at(received), calendar=STATE)
    assert answer.due_on == date.fromisoformat(due)
    assert answer.due_at.time() == time(17)


SUPPLEMENT = Pause(since=at("2026-02-11T10:00"), until=at("2026-02-24T15:00"), reason="chờ bổ sung giấy tờ")


def after(policy: PausePolicy, *pauses: Pause, limit: Limit | None = None) -> Due | Standing:
    return clocks.due_with_pauses(
        limit or working(5), started_at=at("2026-02-09T09:00"), pauses=pauses, policy=policy, calendar=STATE
    )


def test_a_supplement_restarts_the_whole_limit_when_it_is_complete() -> None:
    answer = after(PausePolicy.RESTART, SUPPLEMENT)
    assert isinstance(answer, Due)
    assert answer.due_on == date(2026, 3, 3)
    assert "Đủ bổ sung thì tính lại từ đầu." in said(answer)


def test_a_pause_over_tet_leaves_out_its_days_and_keeps_those_already_used() -> None:
    answer = after(PausePolicy.PAUSE, SUPPLEMENT)
    assert isinstance(answer, Due)
    assert answer.due_on == date(2026, 3, 2)
    assert "Đếm 5 ngày làm việc: 10/02 (1), 25/02 (2), 26/02 (3), 27/02 (4), 02/03 (5)." in said(answer)


def test_a_procedure_without_pauses_keeps_counting() -> None:
    answer = after(PausePolicy.NONE, SUPPLEMENT)
    assert isinstance(answer, Due)
    assert answer.due_on == date(2026, 2, 23)
    assert "vẫn tính" in said(answer)


def test_a_pause_that_begins_after_the_due_day_changes_nothing() -> None:
    answer = after(PausePolicy.PAUSE, SUPPLEMENT, limit=working(1))
    assert isinstance(answer, Due)
    assert answer.due_on == date(2026, 2, 10)


@pytest.mark.parametrize(("policy", "used"), [(PausePolicy.PAUSE, 1), (PausePolicy.RESTART, 0)])
def test_while_the_clock_stands_nothing_is_due(policy: PausePolicy, used: int) -> None:
    waiting = Pause(since=at("2026-02-11T10:00"), until=None, reason="chờ bổ sung giấy tờ")
    answer = after(policy, waiting)
    assert isinstance(answer, Standing)
    assert (answer.used, answer.since) == (used, waiting.since)
    assert answer.steps[-1].text == f"Đồng hồ đang dừng, đã dùng {used} ngày làm việc trong 5 ngày làm việc."


def test_hours_are_paused_to_the_minute() -> None:
    pause = Pause(since=at("2026-02-09T10:00"), until=at("2026-02-10T08:30"), reason="chờ nộp lệ phí")
    answer = after(PausePolicy.PAUSE, pause, limit=Limit(2, Unit.HOURS))
    assert isinstance(answer, Due)
    assert answer.due_at == at("2026-02-10T09:30")


def test_hours_stand_while_a_pause_is_open() -> None:
    pause = Pause(since=at("2026-02-09T10:00"), until=None, reason="chờ nộp lệ phí")
    answer = after(PausePolicy.PAUSE, pause, limit=Limit(2, Unit.HOURS))
    assert isinstance(answer, Standing)
    assert (answer.used, answer.unit_of_used) == (60, "phút làm việc")


def test_several_pauses_are_each_left_out() -> None:
    second = Pause(since=at("2026-02-26T08:00"), until=at("2026-02-26T09:00"), reason="chờ nộp lệ phí")
    answer = after(PausePolicy.PAUSE, SUPPLEMENT, second)
    assert isinstance(answer, Due)
    assert answer.due_on == date(2026, 3, 3)


@pytest.mark.parametrize(
    "pauses",
    [
        [Pause(since=at("2026-02-08T10:00"), until=None, reason="x")],
        [Pause(since=at("2026-02-10T10:00"), until=None, reason="x"), SUPPLEMENT],
        [SUPPLEMENT, SUPPLEMENT],
        [Pause(since=at("2026-02-11T10:00"), until=at("2026-02-10T10:00"), reason="x")],
    ],
)
def test_pauses_out_of_order_are_a_mistake_of_the_caller(pauses: list[Pause]) -> None:
    with pytest.raises(ValueError, match="pause"):
        after(PausePolicy.PAUSE, *pauses)


def leg(days: int, accepted: str, *, moves: bool = False) -> Due:
    return clocks.postal_leg(days, accepted_at=at(accepted), cutoff=time(16), calendar=POST, cutoff_moves_j=moves)


def test_a_postal_leg_is_j_plus_n_on_the_calendar_of_the_post() -> None:
    assert leg(2, "2026-11-20T09:00").due_on == date(2026, 11, 25)
    assert leg(1, "2026-08-28T09:00").due_on == date(2026, 8, 31)
    assert leg(0, "2026-11-20T09:00").due_on == date(2026, 11, 20)


def test_handing_in_after_the_last_trip_leaves_j_on_the_day_of_the_slip() -> None:
    due = leg(2, "2026-11-20T16:30")
    assert due.due_on == date(2026, 11, 25)
    assert "J vẫn là ngày ghi trên Phiếu gửi" in said(due)


def test_a_lane_may_be_configured_to_move_j_after_the_last_trip() -> None:
    due = leg(2, "2026-11-20T16:30", moves=True)
    assert due.due_on == date(2026, 11, 26)
    assert "Cấu hình của tuyến" in said(due)


def test_two_invitations_are_two_working_days_apart() -> None:
    assert clocks.second_invitation_from(date(2026, 11, 20), POST) == date(2026, 11, 25)


def test_a_citizen_may_come_until_both_invitations_have_run() -> None:
    assert clocks.held_until(date(2026, 11, 16), POST) == date(2026, 11, 20)
    assert clocks.held_until(date(2026, 2, 12), POST) > date(2026, 2, 20), "Tết is no working time"


def test_an_apology_is_owed_one_working_day_before_the_due_day() -> None:
    assert clocks.apology_by(date(2026, 11, 25), STATE) == date(2026, 11, 23)


@pytest.mark.parametrize(
    ("received", "due", "told"),
    [
        ("2026-11-20T14:59:59.999", "2026-11-20", "14:59:59 thứ Sáu, 20/11/2026, không sau 15:00"),
        ("2026-11-20T15:00:00", "2026-11-20", "15:00 thứ Sáu, 20/11/2026, không sau 15:00"),
        ("2026-11-20T15:00:01", "2026-11-23", "15:00:01 thứ Sáu, 20/11/2026, sau 15:00"),
        ("2026-11-20T15:01:00", "2026-11-23", "15:01 thứ Sáu, 20/11/2026, sau 15:00"),
    ],
)
def test_a_second_after_15_00_is_after_it_and_the_step_shows_the_second(received: str, due: str, told: str) -> None:
    answer = clocks.same_day(at(received), calendar=STATE)
    assert answer.due_on == date.fromisoformat(due)
    assert told in said(answer)


def test_the_same_instant_told_in_another_zone_is_due_at_the_same_time() -> None:
    here = at("2026-11-20T15:01")
    for zone in (UTC, timezone(timedelta(hours=-8)), timezone(timedelta(hours=9))):
        assert clocks.same_day(here.astimezone(zone), calendar=STATE) == clocks.same_day(here, calendar=STATE)
        limit = Limit(9, Unit.HOURS)
        assert clocks.due(limit, started_at=here.astimezone(zone), calendar=STATE).due_at == at("2026-11-23T16:31")


def test_a_limit_in_an_unpublished_year_names_the_day_off_of_that_year() -> None:
    answer = clocks.due(working(3), started_at=at("2029-12-31T09:00"), calendar=STATE)
    assert "Thứ Ba, 01/01/2030 nghỉ: Tết Dương lịch" in said(answer)
    assert "2021" not in said(answer)


def test_opening_hours_of_a_day_are_told_in_hours_and_minutes() -> None:
    answer = clocks.due(working(1), started_at=at("2026-11-16T09:00"), calendar=STATE, counting=Counting.HOURS_PRACTICE)
    assert "mỗi ngày làm việc tính 7 giờ 30 phút" in said(answer)


def test_a_limit_in_hours_is_not_said_to_leave_out_its_first_day() -> None:
    told = CountingRule().step(Limit(2, Unit.HOURS)).text
    assert told == "Cách tính: thời hạn theo giờ, chỉ tính giờ mở cửa."
    assert "không tính ngày bắt đầu" in CountingRule().step(working(2)).text


@pytest.mark.parametrize(("until", "due"), [("2026-11-16T10:00", "2026-11-17"), (None, None)])
def test_a_last_day_off_is_not_moved_into_a_pause(until: str | None, due: str | None) -> None:
    pause = Pause(since=at("2026-11-16T08:00"), until=at(until) if until else None, reason="thiếu giấy tờ")
    answer = clocks.due_with_pauses(
        Limit(2, Unit.CALENDAR_DAYS),
        started_at=at("2026-11-13T09:00"),
        pauses=[pause],
        policy=PausePolicy.PAUSE,
        calendar=STATE,
    )
    assert (answer.due_on.isoformat() if isinstance(answer, Due) else None) == due


def test_nobody_apologises_before_the_dossier_was_received() -> None:
    monday = date(2026, 11, 16)
    assert clocks.apology_by(monday, STATE) == date(2026, 11, 13)
    assert clocks.apology_by(monday, STATE, not_before=monday) == monday
