"""Who is competent for a case, at which desk it is received, and why."""

from collections.abc import Iterable
from dataclasses import dataclass

from postal.domain.places import Level, Place, PlaceKind
from postal.domain.procedures import ProcedureVersion
from postal.domain.refusals import Refused


class NoCompetentPlace(Refused):
    """The catalogue does not say which authority decides this case."""

    code = "no_competent_place"
    vi = 'Danh mục chưa có cơ quan giải quyết thủ tục "{procedure}" cho địa bàn này. Chọn cơ quan trong danh sách.'
    en = 'The catalogue has no authority for "{procedure}" there. Choose the authority from the list.'


@dataclass(frozen=True, kw_only=True, slots=True)
class Competence:
    """Which authority decides a case, at which desk it is handed in, and why."""

    authority: Place
    desk: Place
    reason: str
    basis: str


def competent_place(
    procedure: ProcedureVersion, *, case_commune: str, case_province: str, places: Iterable[Place]
) -> Competence:
    """Return who decides a case of this place, from the procedure's own rule, never from where the clerk sits.

    `places` are the desks and departments of the province of the case.

    Raises:
        NoCompetentPlace: the rule is unknown, or the catalogue lacks the authority or its desk.
    """
    rule = procedure.competence
    if rule is None or rule.level not in _AT:
        raise NoCompetentPlace(procedure=procedure.name)
    unit = case_commune if rule.level is Level.COMMUNE else None
    here = [place for place in places if place.level is rule.level and place.province_code == case_province]
    here = [place for place in here if unit is None or place.unit == unit]
    authority = _only(
        procedure, (p for p in here if p.kind is PlaceKind.DEPARTMENT and p.department == rule.department)
    )
    desk = _only(procedure, (p for p in here if p.kind is PlaceKind.DESK))
    reason = f"{_AT[rule.level]}: {authority.name} giải quyết, nhận hồ sơ tại {desk.name}."
    return Competence(authority=authority, desk=desk, reason=reason, basis=rule.basis)


_AT = {
    Level.COMMUNE: "Thủ tục cấp xã, theo xã, phường của vụ việc",
    Level.PROVINCE: "Thủ tục cấp tỉnh, theo tỉnh, thành phố của vụ việc",
}


def _only(procedure: ProcedureVersion, found: Iterable[Place]) -> Place:
    place = min(found, key=lambda candidate: candidate.code, default=None)
    if place is None:
        raise NoCompetentPlace(procedure=procedure.name)
    return place
