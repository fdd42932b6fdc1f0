"""Versions, what the post may carry, and who is competent."""

from dataclasses import replace
from datetime import date

import pytest

from postal.domain import procedures
from postal.domain.places import Level, Place, PlaceKind
from postal.domain.procedures import (
    CompetenceRule,
    NoCompetentPlace,
    NotCarriable,
    PaperRequired,
    ProcedureVersion,
    UnknownProcedure,
)

BIRTH = ProcedureVersion(
    code="1.001193",
    name="Đăng ký khai sinh",
    basis="mẫu",
    carriable=True,
    competence=CompetenceRule(level=Level.COMMUNE, department="UBND_XA", basis="Luật Hộ tịch Điều 13"),
)
MARRIAGE = replace(
    BIRTH,
    code="1.000894",
    name="Đăng ký kết hôn",
    carriable=False,
    result_carriable=False,
    why_not="hai bên phải có mặt.",
)
IDENTITY_CARD = replace(BIRTH, code="1.014063", carriable=False, result_carriable=True, why_not="phải lấy vân tay.")
RECORD = replace(
    BIRTH,
    code="3.000333",
    competence=CompetenceRule(level=Level.PROVINCE, department="CONG_AN_TINH", basis="Danh mục 2026"),
)


def place(code: str, kind: PlaceKind, unit: str, *, level: Level, department: str | None = None) -> Place:
    return Place(
        code=code,
        kind=kind,
        name=f"Nơi {code}",
        unit=unit,
        province_code="48",
        level=level,
        department=department,
        basis="mẫu",
    )


PLACES = [
    place("MC-20242", PlaceKind.DESK, "20242", level=Level.COMMUNE),
    place("UB-20242", PlaceKind.DEPARTMENT, "20242", level=Level.COMMUNE, department="UBND_XA"),
    place("CX-20242", PlaceKind.DEPARTMENT, "20242", level=Level.COMMUNE, department="CONG_AN_XA"),
    place("MC-20410", PlaceKind.DESK, "20410", level=Level.COMMUNE),
    place("UB-20410", PlaceKind.DEPARTMENT, "20410", level=Level.COMMUNE, department="UBND_XA"),
    place("MC-T48", PlaceKind.DESK, "20242", level=Level.PROVINCE),
    place("CA-48", PlaceKind.DEPARTMENT, "20242", level=Level.PROVINCE, department="CONG_AN_TINH"),
]


def test_competence_follows_the_place_of_the_case() -> None:
    found = procedures.competent_place(BIRTH, case_commune="20410", case_province="48", places=PLACES)
    assert (found.authority.code, found.desk.code) == ("UB-20410", "MC-20410")
    assert found.basis == "Luật Hộ tịch Điều 13"
    assert "cấp xã" in found.reason


def test_a_provincial_procedure_goes_to_the_provinces_desk_wherever_the_case_is() -> None:
    found = procedures.competent_place(RECORD, case_commune="20410", case_province="48", places=PLACES)
    assert (found.authority.code, found.desk.code) == ("CA-48", "MC-T48")


def test_an_authority_the_catalogue_lacks_is_for_the_clerk_to_choose() -> None:
    with pytest.raises(NoCompetentPlace):
        procedures.competent_place(BIRTH, case_commune="20335", case_province="48", places=PLACES)
    with pytest.raises(NoCompetentPlace):
        procedures.competent_place(RECORD, case_commune="00070", case_province="01", places=PLACES)
    with pytest.raises(NoCompetentPlace):
        procedures.competent_place(
            replace(BIRTH, competence=None), case_commune="20242", case_province="48", places=PLACES
        )


def test_a_ministrys_procedure_has_no_competent_place_in_the_catalogue() -> None:
    rule = CompetenceRule(level=Level.MINISTRY, department="BO_TU_PHAP", basis="mẫu")
    with pytest.raises(NoCompetentPlace):
        procedures.competent_place(
            replace(BIRTH, competence=rule), case_commune="20242", case_province="48", places=PLACES
        )


def test_the_post_may_not_carry_what_needs_the_person_there() -> None:
    with pytest.raises(NotCarriable) as refusal:
        procedures.must_carry(MARRIAGE, sends=True, receives=False)
    assert "Đăng ký kết hôn" in str(refusal.value)
    assert "hai bên phải có mặt" in str(refusal.value)
    assert "Mời khách nộp tại" in str(refusal.value)


def test_the_result_of_a_procedure_that_needs_the_person_may_still_come_by_post() -> None:
    procedures.must_carry(IDENTITY_CARD, sends=False, receives=True)
    with pytest.raises(NotCarriable):
        procedures.must_carry(IDENTITY_CARD, sends=True, receives=True)


def test_what_nobody_has_verified_blocks_nothing() -> None:
    procedures.must_carry(replace(BIRTH, carriable=None, result_carriable=None), sends=True, receives=True)


def test_the_version_of_the_day_of_reception_counts() -> None:
    first = replace(BIRTH, version=1, valid_from=None, valid_to=date(2026, 2, 28))
    second = replace(BIRTH, version=2, valid_from=date(2026, 3, 1))
    both = [second, first]
    assert procedures.in_force(both, code=BIRTH.code, on=date(2026, 2, 28)) is first
    assert procedures.in_force(both, code=BIRTH.code, on=date(2026, 3, 1)) is second


def test_a_procedure_nobody_entered_is_refused_by_its_code() -> None:
    with pytest.raises(UnknownProcedure, match=r"9\.999999"):
        procedures.in_force([BIRTH], code="9.999999", on=date(2026, 3, 1))


@pytest.mark.parametrize(
    ("asked", "given", "enough"),
    [
        ((1, 0, 0), (1, 0, 0), True),
        ((1, 0, 0), (0, 1, 5), False),
        ((0, 1, 0), (1, 0, 0), True),
        ((0, 0, 2), (1, 1, 0), True),
        ((0, 0, 2), (1, 0, 0), False),
        ((2, 0, 1), (2, 0, 0), False),
        ((1, 1, 0), (2, 0, 0), True),
        ((0, 0, 0), (0, 0, 1), True),
        ((0, 0, 0), (0, 0, 0), False),
    ],
)
def test_a_better_form_of_a_paper_stands_in_for_a_lesser_one_and_never_the_other_way(
    asked: tuple[int, int, int], given: tuple[int, int, int], enough: bool
) -> None:
    line = PaperRequired(name="Đơn", originals=asked[0], certified=asked[1], copies=asked[2])
    assert procedures.is_enough(line, originals=given[0], certified=given[1], copies=given[2]) is enough
