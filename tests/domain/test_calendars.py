"""Working days come from a table with its basis; nothing is computed from the moon."""

import csv
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

import postal
from postal.domain import calendars
from postal.domain.calendars import VIETNAM, Session, WorkCalendar

TABLES = Path(postal.__file__).parent / "data" / "calendars"
HEAD = """kind,value,reason,basis
name,desk,Một cửa,
rest,SAT,Nghỉ hằng tuần,luật
rest,SUN,Nghỉ hằng tuần,luật
hours,07:30-11:30,,niêm yết
hours,13:30-17:00,,
year,2026,Đã công bố,thông báo
"""


def table(key: str) -> WorkCalendar:
    return calendars.from_csv((TABLES / f"{key}.csv").read_text(encoding="utf-8"))


STATE = table("state")
POST = table("post")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=VIETNAM)


def days_off(calendar: WorkCalendar, year: int) -> list[str]:
    first = date(year, 1, 1)
    days = [first + timedelta(days=n) for n in range(365)]
    return [f"{day:%d/%m}" for day in days if day.weekday() < 5 and not calendar.is_working_day(day)]


def test_the_state_rests_in_2026_on_the_days_of_the_notice() -> None:
    tet = ["16/02", "17/02", "18/02", "19/02", "20/02"]
    rest = ["27/04", "30/04", "01/05", "31/08", "01/09", "02/09", "24/11"]
    assert days_off(STATE, 2026) == ["01/01", "02/01", *tet, *rest]
    assert STATE.is_working_day(date(2026, 1, 10))
    assert STATE.is_working_day(date(2026, 8, 22))
    assert not STATE.is_working_day(date(2026, 8, 29))


def test_the_state_rests_in_2025_on_the_days_of_old_dossiers() -> None:
    tet = ["27/01", "28/01", "29/01", "30/01", "31/01"]
    assert days_off(STATE, 2025) == ["01/01", *tet, "07/04", "30/04", "01/05", "02/05", "01/09", "02/09"]
    assert STATE.is_working_day(date(2025, 4, 26))


def test_the_post_keeps_the_holidays_of_the_law_but_not_the_swaps_of_the_state() -> None:
    assert sorted({*days_off(STATE, 2026)} - {*days_off(POST, 2026)}) == ["02/01", "31/08"]
    assert sorted({*days_off(STATE, 2025)} - {*days_off(POST, 2025)}) == ["02/05"]
    assert not any(day.is_worked for day in POST.days.values())


@pytest.mark.parametrize("calendar", [STATE, POST], ids=["state", "post"])
def test_every_day_of_a_table_says_why_and_on_what_basis(calendar: WorkCalendar) -> None:
    assert all(day.reason and day.basis for day in [*calendar.days.values(), *calendar.fixed, *calendar.proposed])
    assert all(calendar.years.values())


def test_the_year_2027_is_not_published_and_only_its_fixed_holidays_are_known() -> None:
    assert not STATE.is_published(2027)
    assert STATE.unpublished_years(date(2026, 12, 30), date(2027, 1, 4)) == (2027,)
    assert days_off(STATE, 2027) == ["01/01", "30/04", "02/09", "24/11"]


def test_the_proposed_swap_of_2026_is_left_off_until_somebody_adopts_it() -> None:
    assert STATE.is_working_day(date(2026, 11, 23))
    adopted = STATE.adopting(date(2026, 11, 23), basis="QĐ thử", made_up_on=date(2026, 11, 28))
    assert not adopted.is_working_day(date(2026, 11, 23))
    assert adopted.is_working_day(date(2026, 11, 28))
    assert adopted.days[date(2026, 11, 23)].basis == "QĐ thử"
    assert adopted.proposed == ()
    assert STATE.is_working_day(date(2026, 11, 23))


def test_nobody_can_adopt_what_was_never_proposed() -> None:
    with pytest.raises(KeyError):
        STATE.adopting(date(2026, 11, 25), basis="QĐ thử")


def test_working_days_are_counted_forwards_and_backwards() -> None:
    monday = date(2026, 11, 23)
    assert STATE.add_working_days(monday, 1) == date(2026, 11, 25)
    assert STATE.add_working_days(date(2026, 11, 25), -1) == monday
    assert STATE.add_working_days(monday, 0) == monday
    assert STATE.previous_working_day(date(2026, 2, 23)) == date(2026, 2, 13)
    assert STATE.working_days_between(monday, date(2026, 11, 30)) == 4
    assert STATE.working_days_between(monday, monday) == 0
    assert STATE.working_days_between(date(2026, 11, 30), monday) == 0


def test_only_days_that_change_a_count_are_worth_telling() -> None:
    special = STATE.special_days_between(date(2026, 4, 24), date(2026, 5, 1))
    assert [day.on for day in special] == [date(2026, 4, 27), date(2026, 4, 30), date(2026, 5, 1)]


def test_the_doors_are_open_in_both_sessions_and_closed_at_lunch() -> None:
    assert STATE.is_open(at("2026-11-20T07:30"))
    assert not STATE.is_open(at("2026-11-20T11:30"))
    assert STATE.is_open(at("2026-11-20T16:59"))
    assert not STATE.is_open(at("2026-11-20T17:00"))
    assert not STATE.is_open(at("2026-11-24T09:00"))
    assert STATE.minutes_a_day == 450


def test_an_instant_of_any_zone_is_read_in_vietnam() -> None:
    assert STATE.is_open(datetime(2026, 11, 20, 1, 0, tzinfo=UTC))
    with pytest.raises(ValueError, match="zone"):
        STATE.is_open(datetime(2026, 11, 20, 8, 0))  # noqa: DTZ001 - a naive time is what is refused


def test_working_minutes_leave_out_lunch_nights_and_days_off() -> None:
    assert STATE.working_minutes(at("2026-11-20T11:00"), at("2026-11-20T14:00")) == 60
    assert STATE.working_minutes(at("2026-11-20T16:30"), at("2026-11-23T08:00")) == 60
    assert STATE.working_minutes(at("2026-11-23T07:00"), at("2026-11-25T18:00")) == 900
    assert STATE.working_minutes(at("2026-11-20T14:00"), at("2026-11-20T11:00")) == 0


@pytest.mark.parametrize(
    ("start", "minutes", "end"),
    [
        ("2026-11-20T08:00", 60, "2026-11-20T09:00"),
        ("2026-11-20T11:00", 60, "2026-11-20T14:00"),
        ("2026-11-20T11:00", 30, "2026-11-20T11:30"),
        ("2026-11-20T16:00", 60, "2026-11-20T17:00"),
        ("2026-11-20T16:00", 61, "2026-11-23T07:31"),
        ("2026-11-20T19:00", 30, "2026-11-23T08:00"),
        ("2026-11-23T16:30", 60, "2026-11-25T08:00"),
    ],
)
def test_minutes_are_added_within_opening_hours(start: str, minutes: int, end: str) -> None:
    assert STATE.add_working_minutes(at(start), minutes) == at(end)
    assert STATE.working_minutes(at(start), at(end)) == minutes


def test_a_desk_may_have_hours_of_its_own() -> None:
    early = STATE.with_hours(Session(opens=time(7), closes=time(11, 30)), basis="niêm yết tại Một cửa")
    assert early.closes_at(date(2026, 11, 20)) == at("2026-11-20T11:30")
    assert early.minutes_a_day == 270


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("off,2026-02-30,Tết,luật", "không hiểu “off, 2026-02-30”"),
        ("holiday,2026-02-17,Tết,luật", "không hiểu “holiday, 2026-02-17”"),
        ("off,2027-02-08,Tết,luật", "năm này chưa có dòng “year”"),
        ("off,2026-02-17,Tết,", "thiếu lý do hoặc căn cứ"),
        ("work,2026-01-09,Làm bù,luật", "ngày làm bù phải là ngày nghỉ hằng tuần"),
        ("hours,08:00-07:00,,", "giờ mở cửa phải theo thứ tự"),
        ("rest,FUNDAY,Nghỉ,luật", "không hiểu “rest, FUNDAY”"),
        ("year,2027,,", "thiếu lý do hoặc căn cứ"),
    ],
)
def test_a_row_that_cannot_be_used_is_named_with_its_number(row: str, words: str) -> None:
    with pytest.raises(calendars.WrongCalendar) as refusal:
        calendars.from_csv(HEAD + row + "\n")
    assert str(refusal.value).startswith("Bảng lịch làm việc, dòng 8: ")
    assert words in str(refusal.value)


def test_a_date_cannot_be_both_off_and_worked() -> None:
    with pytest.raises(calendars.WrongCalendar):
        calendars.from_csv(HEAD + "off,2026-01-10,Nghỉ,luật\nwork,2026-01-10,Làm bù,luật\n")


@pytest.mark.parametrize("missing", ["name", "hours"])
def test_a_table_without_a_name_or_hours_is_no_calendar(missing: str) -> None:
    lines = [line for line in HEAD.splitlines() if not line.startswith(missing)]
    with pytest.raises(calendars.WrongCalendar):
        calendars.from_csv("\n".join(lines))


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (HEAD + "year,2028,Đã công bố,thông báo\nyear,2029,Đã công bố,thông báo\n", "thiếu năm 2027, nằm giữa"),
        (HEAD + "year,2023,Đã công bố,thông báo\n", "thiếu năm 2024, 2025, nằm giữa"),
        (
            HEAD.replace("hours", "rest").replace("07:30-11:30", "SAT").replace("13:30-17:00", "SUN"),
            "thiếu giờ làm việc",
        ),
        (HEAD.replace("name,desk,Một cửa,\n", ""), "thiếu dòng “name”"),
    ],
)
def test_a_gap_in_a_calendar_is_refused_by_name(table: str, words: str) -> None:
    with pytest.raises(calendars.WrongCalendar, match=words):
        calendars.from_csv(table)


def test_a_calendar_may_begin_and_end_with_any_year() -> None:
    assert calendars.from_csv(HEAD + "year,2027,Đã công bố,thông báo\n").is_published(2027)
    assert not calendars.from_csv(HEAD).is_published(2025)


def test_a_calendar_without_a_single_working_weekday_is_refused() -> None:
    rest = "".join(f"rest,{day},Nghỉ,luật\n" for day in ("MON", "TUE", "WED", "THU", "FRI"))
    with pytest.raises(calendars.WrongCalendar):
        calendars.from_csv(HEAD + rest)


def test_a_table_saved_by_a_spreadsheet_reads_the_same() -> None:
    assert calendars.from_csv("\ufeff" + HEAD.replace("\n", "\r\n")) == calendars.from_csv(HEAD)
    assert calendars.from_rows(csv.DictReader(HEAD.splitlines())) == calendars.from_csv(HEAD)


def test_a_fixed_day_off_of_an_unpublished_year_is_named_by_its_own_date() -> None:
    found = STATE.special(date(2029, 1, 1))
    assert found is not None
    assert found.on == date(2029, 1, 1)
    assert [day.on for day in STATE.special_days_between(date(2028, 12, 30), date(2029, 1, 2))] == [date(2029, 1, 1)]


@pytest.mark.parametrize("tenths", range(10))
def test_pieces_of_a_second_are_not_lost_in_a_count_of_minutes(tenths: int) -> None:
    start = at("2026-11-16T09:00") + timedelta(milliseconds=100 * tenths)
    assert STATE.working_minutes(start, start + timedelta(days=4)) == 4 * STATE.minutes_a_day
