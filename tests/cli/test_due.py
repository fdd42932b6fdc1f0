"""Due dates at the terminal: without any database, with the basis of every step, and no answer where nobody knows."""

from pathlib import Path

import pytest

from tests.cli.conftest import Terminal


def test_a_due_date_needs_no_database_and_makes_none(terminal: Terminal, database: Path) -> None:
    said = terminal("due", "--limit", "3", "--unit", "working", "--received", "2026-11-20T09:00:00+07:00", "--json")
    assert said.code == 0
    assert said.json["due"] == "2026-11-26T17:00:00+07:00"
    assert said.json["due_on"] == "2026-11-26"
    assert said.json["provisional"] is False
    assert any(step["basis"] == "NQ 28/2026/QH16 Đ.2" for step in said.json["steps"])
    assert not database.exists()


@pytest.mark.parametrize(
    ("received", "days", "due_on"),
    [
        ("2025-12-31", "2", "2026-01-06"),
        ("2026-02-13", "1", "2026-02-23"),
        ("2026-04-24", "2", "2026-04-29"),
        ("2026-08-20", "3", "2026-08-24"),
        ("2026-08-28", "1", "2026-09-03"),
        ("2026-11-23", "1", "2026-11-25"),
    ],
)
def test_working_days_follow_the_published_table(terminal: Terminal, received: str, days: str, due_on: str) -> None:
    said = terminal("due", "--limit", days, "--received", f"{received}T09:00:00+07:00", "--json")
    assert said.json["due_on"] == due_on


def test_calendar_days_end_on_the_next_working_day(terminal: Terminal) -> None:
    said = terminal("due", "--limit", "1", "--unit", "calendar", "--received", "2026-11-20T09:00:00+07:00", "--json")
    assert said.json["due"] == "2026-11-23T17:00:00+07:00"


def test_hours_count_opening_hours(terminal: Terminal) -> None:
    said = terminal("due", "--limit", "4", "--unit", "hours", "--received", "2026-11-20T16:00:00+07:00", "--json")
    assert said.json["due"] == "2026-11-23T10:30:00+07:00"


def test_a_procedure_brings_its_own_limit_from_the_catalogue(terminal: Terminal, seeded: Path) -> None:
    said = terminal("due", "--procedure", "1.014027", "--received", "2026-11-20T02:00:00Z", "--json")
    assert (said.json["procedure"], said.json["limit"]) == ("1.014027", "10 ngày làm việc")
    assert said.json["due_on"] == "2026-12-07"


def test_a_same_day_procedure_received_after_three_is_due_on_the_next_working_day(terminal: Terminal) -> None:
    said = terminal("due", "--procedure", "2.000635", "--received", "2026-11-23T15:01:00+07:00", "--json")
    assert said.json["due_on"] == "2026-11-25"


def test_the_two_modes_name_different_starts(terminal: Terminal) -> None:
    asked = ("due", "--limit", "2", "--received", "2026-11-16T09:00:00+07:00", "--json", "--mode")
    by_desk, by_post = (terminal(*asked, mode).json["steps"][0]["basis"] for mode in ("A", "B"))
    assert by_desk == "QĐ 45/2016/QĐ-TTg Đ.7.4"
    assert "chưa xác minh" in by_post


def test_the_two_ways_of_counting_are_both_there_and_the_steps_say_which(terminal: Terminal) -> None:
    asked = ("due", "--limit", "2", "--received", "2026-11-16T10:15:00+07:00", "--json")
    by_law, by_hours = terminal(*asked).json, terminal(*asked, "--counting", "hours_practice").json
    assert (by_law["due"], by_hours["due"]) == ("2026-11-18T17:00:00+07:00", "2026-11-18T10:15:00+07:00")
    assert (by_law["counting"], by_hours["counting"]) == ("civil_code", "hours_practice")
    assert "Bộ luật Dân sự" in by_law["steps"][1]["text"]
    assert "không phải cách của BLDS 2015" in by_hours["steps"][1]["basis"]


def test_a_same_day_answer_names_its_start_too(terminal: Terminal) -> None:
    said = terminal("due", "--procedure", "2.000635", "--received", "2026-11-23T15:01", "--mode", "B", "--json")
    assert "chưa xác minh" in said.json["steps"][0]["basis"]


def test_an_unpublished_year_is_provisional_and_says_so(terminal: Terminal) -> None:
    said = terminal("due", "--limit", "20", "--received", "2026-12-20T09:00:00+07:00")
    assert said.code == 0
    assert "tạm tính" in said.out
    assert "Lịch năm 2027 chưa công bố" in said.out


def test_a_time_without_a_zone_is_vietnams(terminal: Terminal) -> None:
    said = terminal("due", "--limit", "1", "--received", "2026-11-16T09:00", "--json")
    assert said.json["received"].endswith("+07:00")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--limit", "3", "--received", "hôm qua"), "Không đọc được thời điểm"),
        (("--limit", "3", "--received", "2026-02-30T09:00"), "Không đọc được thời điểm"),
        (("--limit", "3", "--received", "9999-12-31T23:00"), "Không đọc được thời điểm"),
        (("--limit", "3", "--received", "0001-01-01"), "Không đọc được thời điểm"),
        (("--limit", "3", "--received", ""), "Không đọc được thời điểm"),
        (("--received", "2026-11-16T09:00"), "Chưa biết thời hạn"),
        (("--procedure", "9.999999", "--received", "2026-11-16T09:00"), 'Chưa có thủ tục "9.999999"'),
        (("--procedure", "1.001776", "--received", "2026-11-16T09:00"), "chưa có thời hạn đã xác minh"),
    ],
)
def test_what_cannot_be_counted_is_refused_with_the_next_step(
    terminal: Terminal, words: tuple[str, ...], sentence: str
) -> None:
    said = terminal("due", *words)
    assert (said.code, said.out) == (1, "")
    assert sentence in said.err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--limit", "3"), "thiếu '--received'"),
        (("--limit", "0", "--received", "2026-11-16T09:00"), "giá trị của '--limit'"),
        (("--unit", "weeks", "--limit", "1", "--received", "2026-11-16T09:00"), "giá trị của '--unit'"),
        (("--limit", "-1", "--received", "2026-11-16T09:00"), "giá trị của '--limit'"),
        (("--limit", "2.5", "--received", "2026-11-16T09:00"), "giá trị của '--limit'"),
        (("--mode", "C", "--limit", "1", "--received", "2026-11-16T09:00"), "giá trị của '--mode'"),
        (("--counting", "x", "--limit", "1", "--received", "2026-11-16T09:00"), "giá trị của '--counting'"),
        (("--colour", "red"), "không có tùy chọn --colour"),
    ],
)
def test_a_wrong_command_line_exits_with_two_in_vietnamese(
    terminal: Terminal, words: tuple[str, ...], sentence: str
) -> None:
    said = terminal("due", *words)
    assert said.code == 2
    assert sentence in said.err
