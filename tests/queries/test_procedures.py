"""Finding a procedure by a few letters, and saying what nobody has verified."""

from datetime import UTC, date, datetime

import pytest

from postal.domain.procedures import UnknownProcedure
from postal.queries import procedures
from postal.services import catalogue
from postal.store import Store
from tests import databases

MONDAY = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
ON = date(2026, 11, 23)


def test_a_short_name_a_code_or_words_find_the_procedure(seeded: Store) -> None:
    def first(words: str) -> str:
        return procedures.search_procedures(seeded, words, on=ON)[0].code

    assert first("gplx") == "3.000347"
    assert first("lltp") == "3.000333"
    assert first("lý lịch") == first("ly lich tu phap") == "3.000333"
    assert first("khai sinh") == "1.001193"
    assert first("2.000635") == first("trich luc") == "2.000635"
    assert first("sổ đỏ") == "1.013831"
    assert procedures.search_procedures(seeded, "", on=ON) == ()
    assert procedures.search_procedures(seeded, "zzz", on=ON) == ()
    assert len(procedures.search_procedures(seeded, "cap", on=ON, limit=3)) == 3


def test_only_the_version_of_the_day_is_suggested(seeded: Store) -> None:
    header = "code,name,level,field,channel,duration_text,duration_number,duration_unit\n"
    row = "1.004837,Thủ tục đăng ký giám hộ,Cấp xã,Hộ tịch,Dịch vụ bưu chính,2 ngày làm việc,2,ngày làm việc\n"
    catalogue.import_procedures(seeded, header + row, at=MONDAY)
    found = procedures.search_procedures(seeded, "giám hộ", on=ON)
    assert [(p.code, p.version, p.limit) for p in found] == [("1.004837", 2, "2 ngày làm việc")]
    earlier = procedures.search_procedures(seeded, "giám hộ", on=date(2026, 11, 20))
    assert [(p.version, p.limit) for p in earlier] == [(1, "3 ngày làm việc")]


@databases.ON_SQLITE
def test_what_nobody_has_verified_says_so_and_blocks_nothing(seeded: Store) -> None:
    page = procedures.procedure(seeded, "1.001776", on=ON)
    assert page.limit == "Thời hạn chưa xác minh, đối chiếu Cổng Dịch vụ công"
    assert page.papers == ()
    assert page.papers_note == "Danh sách giấy tờ chưa xác minh, đối chiếu Cổng Dịch vụ công"
    assert page.fee_note == "Lệ phí chưa xác minh, đối chiếu Cổng Dịch vụ công"
    assert page.sending_note == "Việc gửi qua bưu điện chưa xác minh, đối chiếu Cổng Dịch vụ công"
    assert page.may_be_sent
    assert page.may_be_returned


@databases.ON_SQLITE
def test_a_verified_list_needs_no_warning(seeded: Store) -> None:
    page = procedures.procedure(seeded, "1.001193", on=ON)
    assert page.papers_note == ""
    assert page.sending_note == ""
    assert [paper.name for paper in page.papers if paper.required] == [
        "Tờ khai đăng ký khai sinh (theo mẫu)",
        "Giấy chứng sinh",
    ]


@databases.ON_SQLITE
def test_a_procedure_the_post_may_not_carry_says_why(seeded: Store) -> None:
    page = procedures.procedure(seeded, "1.000894", on=ON)
    assert not page.may_be_sent
    assert "hai bên nam, nữ phải cùng có mặt" in page.sending_note


@databases.ON_SQLITE
def test_a_same_day_procedure_says_so_in_words(seeded: Store) -> None:
    assert procedures.procedure(seeded, "2.000635", on=ON).limit.startswith("Trong ngày làm việc; nhận sau 15 giờ")


@databases.ON_SQLITE
def test_a_code_nobody_entered_is_refused(seeded: Store) -> None:
    with pytest.raises(UnknownProcedure, match=r"9\.999999"):
        procedures.procedure(seeded, "9.999999", on=ON)
    assert procedures.procedure_version(seeded, "1.001193", 1).version.version == 1
