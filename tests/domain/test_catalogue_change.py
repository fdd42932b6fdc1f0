"""One version of a procedure follows another, never on the same day, never after a gap; what changed is in words."""

from dataclasses import fields, replace
from datetime import date

import pytest

from postal.domain import catalogue_change, procedures
from postal.domain.catalogue_change import (
    BeginsInThePast,
    CutAboveLaw,
    CutWithoutBasis,
    EndsBeforeItBegins,
    GapBetweenVersions,
    NoFirstDay,
    NothingChanged,
    SameDayWithLimit,
    VersionsOverlap,
)
from postal.domain.clocks import Limit, Unit
from postal.domain.procedures import ProcedureAbolished, ProcedureStatus, ProcedureVersion
from postal.domain.refusals import Refused

TODAY = date(2026, 11, 22)
THREE = Limit(3, Unit.WORKING_DAYS)
FIVE = Limit(5, Unit.WORKING_DAYS)
GUARDIAN = ProcedureVersion(
    code="1.004837",
    name="Thủ tục đăng ký giám hộ",
    basis="Danh mục mẫu",
    limit=FIVE,
    valid_from=date(2025, 7, 1),
    status=ProcedureStatus.PUBLISHED,
)
SHORTER = replace(GUARDIAN, limit=THREE, valid_from=date(2026, 12, 1), basis="QĐ mẫu")


def test_a_new_version_begins_on_the_day_after_the_old_one_ends() -> None:
    closed, new = catalogue_change.following(GUARDIAN, SHORTER, today=TODAY)
    assert (closed.valid_to, new.valid_from, new.version) == (date(2026, 11, 30), date(2026, 12, 1), 2)
    catalogue_change.must_be_whole([closed, new])
    assert procedures.in_force([closed, new], code=GUARDIAN.code, on=date(2026, 11, 30)) == closed
    assert procedures.in_force([closed, new], code=GUARDIAN.code, on=date(2026, 12, 1)) == new


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (GUARDIAN, replace(SHORTER, valid_from=None), NoFirstDay),
        (GUARDIAN, replace(SHORTER, valid_from=date(2026, 11, 21)), BeginsInThePast),
        (GUARDIAN, replace(GUARDIAN, valid_from=date(2026, 12, 1)), NothingChanged),
        (replace(GUARDIAN, valid_from=date(2027, 1, 1)), SHORTER, VersionsOverlap),
        (replace(GUARDIAN, valid_from=date(2026, 12, 1)), SHORTER, VersionsOverlap),
        (replace(GUARDIAN, valid_to=date(2026, 10, 31)), SHORTER, GapBetweenVersions),
        (GUARDIAN, replace(SHORTER, valid_to=date(2026, 11, 30)), EndsBeforeItBegins),
        (GUARDIAN, replace(SHORTER, statutory_limit=Limit(2, Unit.WORKING_DAYS)), CutAboveLaw),
        (GUARDIAN, replace(SHORTER, statutory_limit=FIVE), CutWithoutBasis),
        (GUARDIAN, replace(SHORTER, same_day=True), SameDayWithLimit),
    ],
)
def test_what_cannot_follow_is_refused_by_name(
    old: ProcedureVersion, new: ProcedureVersion, why: type[Refused]
) -> None:
    with pytest.raises(why):
        catalogue_change.following(old, new, today=TODAY)


def test_a_refusal_names_the_versions_and_the_day_that_would_do() -> None:
    ended = replace(GUARDIAN, valid_to=date(2026, 11, 28))
    with pytest.raises(GapBetweenVersions, match="Chọn ngày hiệu lực 29/11/2026"):
        catalogue_change.following(ended, SHORTER, today=TODAY)
    with pytest.raises(VersionsOverlap, match="phiên bản 2 từ 01/12/2026 trùng thời gian với phiên bản 1"):
        catalogue_change.must_be_whole([GUARDIAN, replace(SHORTER, version=2)])


def test_a_cut_with_its_decision_is_sound_and_units_that_differ_are_not_compared() -> None:
    catalogue_change.must_be_sound(replace(SHORTER, statutory_limit=FIVE, cut_basis="QĐ 12/QĐ-UBND"))
    catalogue_change.must_be_sound(replace(SHORTER, statutory_limit=Limit(8, Unit.HOURS)))


def test_an_abolished_procedure_says_since_when_and_by_what() -> None:
    closed, gone = catalogue_change.following(
        GUARDIAN, replace(SHORTER, limit=FIVE, status=ProcedureStatus.ABOLISHED, basis="QĐ 99"), today=TODAY
    )
    assert procedures.in_force([closed, gone], code=GUARDIAN.code, on=date(2026, 11, 30)).version == 1
    with pytest.raises(ProcedureAbolished, match=r"đã bãi bỏ từ 01/12/2026 theo QĐ 99"):
        procedures.in_force([closed, gone], code=GUARDIAN.code, on=date(2026, 12, 1))


def test_what_changed_is_told_in_words_and_what_counts_is_marked() -> None:
    told = {each.name: each for each in catalogue_change.differences(GUARDIAN, replace(SHORTER, fee=8000))}
    assert (told["limit"].before, told["limit"].after) == ("5 ngày làm việc", "3 ngày làm việc")
    assert (told["fee"].before, told["fee"].after) == ("chưa xác minh, đối chiếu Cổng Dịch vụ công", "8.000 đ")
    assert told["limit"].counts
    assert not told["basis"].counts
    assert set(told) == {"limit", "fee", "basis"}


def test_every_field_that_may_change_has_a_name_in_words() -> None:
    never_told = {"code", "version", "valid_from", "valid_to"}
    assert {field.name for field in fields(ProcedureVersion)} - never_told == set(catalogue_change.LABELS)
