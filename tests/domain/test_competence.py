"""Who decides a case, at which desk it is received, and why."""

from dataclasses import replace
from datetime import date

import pytest

from postal.domain import competence
from postal.domain.competence import NoCompetentPlace
from postal.domain.places import Level, Place, PlaceKind
from postal.domain.procedures import CompetenceRule, ProcedureVersion

TODAY = date(2026, 11, 23)

BIRTH = ProcedureVersion(
    code="1.001193",
    name="Đăng ký khai sinh",
    basis="mẫu",
    carriable=True,
    competence=CompetenceRule(level=Level.COMMUNE, department="UBND_XA", basis="Luật Hộ tịch Điều 13"),
)
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
    found = competence.decide(BIRTH, commune="20410", province="48", places=PLACES, on=TODAY)
    assert (found.authority.code, found.desk.code) == ("UB-20410", "MC-20410")
    assert found.basis == "Luật Hộ tịch Điều 13"
    assert "cấp xã" in found.reason


def test_a_provincial_procedure_goes_to_the_provinces_desk_wherever_the_case_is() -> None:
    found = competence.decide(RECORD, commune="20410", province="48", places=PLACES, on=TODAY)
    assert (found.authority.code, found.desk.code) == ("CA-48", "MC-T48")


def test_an_authority_the_catalogue_lacks_is_for_the_clerk_to_choose() -> None:
    with pytest.raises(NoCompetentPlace):
        competence.decide(BIRTH, commune="20335", province="48", places=PLACES, on=TODAY)
    with pytest.raises(NoCompetentPlace):
        competence.decide(RECORD, commune="00070", province="01", places=PLACES, on=TODAY)
    with pytest.raises(NoCompetentPlace):
        competence.decide(replace(BIRTH, competence=None), commune="20242", province="48", places=PLACES, on=TODAY)


def test_a_ministrys_procedure_has_no_competent_place_in_the_catalogue() -> None:
    rule = CompetenceRule(level=Level.MINISTRY, department="BO_TU_PHAP", basis="mẫu")
    with pytest.raises(NoCompetentPlace):
        competence.decide(replace(BIRTH, competence=rule), commune="20242", province="48", places=PLACES, on=TODAY)
