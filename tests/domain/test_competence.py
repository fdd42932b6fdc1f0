"""Who decides a case, at which desk it is received, and why."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from postal.domain import competence
from postal.domain.competence import Competence, NoCompetentPlace, Reception, Standing, Subject
from postal.domain.delegations import Delegation
from postal.domain.places import Level, Place, PlaceKind
from postal.domain.procedures import Boundary, CompetenceRule, ProcedureVersion

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


def decided(procedure: ProcedureVersion = BIRTH, **asked: Any) -> Competence:
    known: dict[str, Any] = {"commune": "20410", "province": "48", "places": PLACES, "on": TODAY} | asked
    return competence.decide(procedure, **known)


def test_every_step_says_what_it_rests_on() -> None:
    steps = decided().steps
    assert [step.text.split(" ")[0] for step in steps] == ["Thủ", "Cơ", "Nơi"]
    assert all(step.basis for step in steps)


def test_an_organisation_may_have_another_authority_than_a_person() -> None:
    assert BIRTH.competence is not None
    rule = replace(
        BIRTH.competence,
        organisation_level=Level.PROVINCE,
        organisation_department="CONG_AN_TINH",
        organisation_basis="Luật Đất đai 31/2024/QH15 Điều 136",
    )
    land = replace(BIRTH, competence=rule)
    assert decided(land).authority.code == "UB-20410"
    found = decided(land, subject=Subject.ORGANISATION)
    assert (found.authority.code, found.basis) == ("CA-48", "Luật Đất đai 31/2024/QH15 Điều 136")
    assert "tổ chức" in found.steps[0].text
    assert decided(subject=Subject.ORGANISATION).authority.code == "UB-20410"


# --- who acts ---------------------------------------------------------------------------------------------------------

DELEGATION = Delegation(
    code="UQ-1",
    authority="CA-48",
    delegate="UB-20242",
    procedure="3.000333",
    basis="QĐ 12/QĐ-CAT",
    valid_from=date(2026, 11, 1),
    valid_to=date(2026, 11, 30),
)


def test_a_delegation_moves_the_decision_and_the_desk_and_is_a_step_of_its_own() -> None:
    found = decided(RECORD, delegations=[DELEGATION])
    assert (found.authority.code, found.desk.code, found.delegation) == ("UB-20242", "MC-20242", "UQ-1")
    step = next(step for step in found.steps if "ủy quyền" in step.text)
    assert "từ 01/11/2026 đến hết 30/11/2026" in step.text
    assert step.basis == "QĐ 12/QĐ-CAT"
    assert "theo ủy quyền của Nơi CA-48" in found.reason


def test_a_delegation_that_ended_or_names_another_procedure_moves_nothing() -> None:
    assert decided(RECORD, delegations=[DELEGATION], on=date(2026, 12, 1)).authority.code == "CA-48"
    assert decided(RECORD, delegations=[replace(DELEGATION, procedure="1.000894")]).authority.code == "CA-48"


def test_a_delegation_may_name_the_desk_that_receives() -> None:
    assert decided(RECORD, delegations=[replace(DELEGATION, desk="MC-T48")]).desk.code == "MC-T48"


def ended_in_september(*, successor: str) -> list[Place]:
    last = date(2026, 9, 30)
    return [replace(p, valid_to=last, successor=successor) if p.code == "UB-20242" else p for p in PLACES]


def test_a_merged_authority_leads_to_the_one_that_continues_it_and_says_so() -> None:
    ended = [
        replace(p, valid_to=date(2026, 9, 30), successor="UB-20410") if p.code == "UB-20242" else p for p in PLACES
    ]
    found = decided(commune="20242", places=ended)
    assert found.authority.code == "UB-20410"
    assert any("ngừng hoạt động sau 30/09/2026; Nơi UB-20410 tiếp tục" in step.text for step in found.steps)
    assert decided(commune="20242", places=ended, on=date(2026, 9, 30)).authority.code == "UB-20242"


def test_an_authority_that_ended_without_a_successor_is_not_guessed() -> None:
    with pytest.raises(NoCompetentPlace, match="chưa ghi nơi kế thừa"):
        decided(commune="20242", places=ended_in_september(successor=""))


def test_what_nobody_published_says_what_is_missing_and_what_to_do() -> None:
    with pytest.raises(NoCompetentPlace, match=r"chưa có quy tắc thẩm quyền.*nhập danh mục"):
        decided(replace(BIRTH, competence=None))
    with pytest.raises(NoCompetentPlace, match="bộ, ngành trung ương"):
        decided(replace(BIRTH, competence=CompetenceRule(level=Level.MINISTRY, department="BO", basis="mẫu")))


# --- outside the boundary (domain.md 7) -------------------------------------------------------------------------------

OTHER_DESK = place("MC-20242", PlaceKind.DESK, "20242", level=Level.COMMUNE)
CAPITAL_DESK = replace(place("MC-00070", PlaceKind.DESK, "00070", level=Level.COMMUNE), province_code="01")
OFFICE = replace(place("551000", PlaceKind.OFFICE, "20242", level=Level.COMMUNE), level=None)


def handed_in(at: Place, **said: Any) -> Reception:
    procedure = replace(BIRTH, **said)
    return competence.reception(procedure, decided(procedure), at=at)


def texts(found: Reception) -> str:
    return " ".join(step.text for step in found.steps)


@pytest.mark.parametrize("boundary", [None, Boundary.PROVINCE, Boundary.NATION])
def test_inside_the_province_every_desk_receives_whatever_the_boundary(boundary: Boundary | None) -> None:
    found = handed_in(OTHER_DESK, boundary=boundary)
    assert (found.may_receive, found.standing) == (True, Standing.SAME_PROVINCE)
    assert (found.handed_in.code, found.received.code, found.competent.code) == ("MC-20242", "MC-20242", "UB-20410")
    assert "Nghị định 118/2025" in " ".join(step.basis for step in found.steps)


def test_paper_received_outside_the_boundary_reaches_the_competent_body_within_one_working_day() -> None:
    found = handed_in(OTHER_DESK)
    assert found.paper_leg
    assert "bản giấy đến Nơi UB-20410 chậm nhất 01 ngày làm việc" in texts(found)


def test_the_result_goes_back_to_the_desk_that_received_or_straight_to_the_citizen_by_post() -> None:
    assert handed_in(OTHER_DESK).result_to == ("Nơi MC-20242", "địa chỉ người dân, qua bưu điện")
    assert handed_in(OTHER_DESK, result_carriable=False).result_to == ("Nơi MC-20242",)


@pytest.mark.parametrize("boundary", [None, Boundary.PROVINCE, Boundary.OWN])
def test_across_provinces_a_desk_does_not_receive_and_the_post_carries_it_instead(boundary: Boundary | None) -> None:
    found = handed_in(CAPITAL_DESK, boundary=boundary)
    assert (found.may_receive, found.standing, found.paper_leg) == (False, Standing.OTHER_PROVINCE, False)
    assert found.received.code == "MC-20410"
    assert "Bưu điện chuyển hồ sơ đến Nơi MC-20410" in texts(found)


def test_across_provinces_a_desk_receives_what_is_published_for_the_whole_country() -> None:
    found = handed_in(CAPITAL_DESK, boundary=Boundary.NATION, boundary_basis="QĐ 1 của Bộ")
    assert (found.may_receive, found.received.code, found.competent.code) == (True, "MC-00070", "UB-20410")
    assert any(step.basis == "QĐ 1 của Bộ" for step in found.steps)


@pytest.mark.parametrize("desk", [OTHER_DESK, CAPITAL_DESK])
def test_land_procedures_are_received_outside_the_boundary_on_line_only(desk: Place) -> None:
    found = handed_in(desk, boundary=Boundary.ONLINE_ONLY)
    assert not found.may_receive
    assert any("3907/QĐ-BNNMT" in step.basis for step in found.steps)
    assert "Bưu điện chuyển hồ sơ đến Nơi MC-20410" in texts(found)


def test_the_competent_authoritys_own_desk_receives_land_procedures() -> None:
    own = next(each for each in PLACES if each.code == "MC-20410")
    found = handed_in(own, boundary=Boundary.ONLINE_ONLY)
    assert (found.may_receive, found.standing, found.paper_leg) == (True, Standing.OWN, False)


def test_a_post_office_anywhere_carries_to_the_competent_desk_itself() -> None:
    for boundary in (None, *Boundary):
        found = handed_in(OFFICE, boundary=boundary)
        assert (found.may_receive, found.received.code) == (True, "MC-20410")
        assert (found.handed_in.code, found.competent.code) == ("551000", "UB-20410")


def test_what_the_law_keeps_off_the_post_is_not_carried_anywhere() -> None:
    found = handed_in(CAPITAL_DESK, carriable=False, why_not="hai bên phải có mặt.")
    assert "Bưu điện không chuyển thủ tục này: hai bên phải có mặt." in texts(found)
