"""Who is competent for a case, at which desk it is received, who may receive it besides, and why: step by step.

Three organisations are kept apart: where the papers are handed in, where they are officially received, and who decides.
Who decides follows from the procedure's version and the place of the case, never from where somebody sits.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from postal.domain import delegations as delegating
from postal.domain import places as standing_places
from postal.domain.clocks import Step
from postal.domain.delegations import Delegation
from postal.domain.places import Level, NoSuccessor, Place, PlaceKind
from postal.domain.procedures import Boundary, CompetenceRule, ProcedureVersion
from postal.domain.refusals import Refused

ONE_STOP = "Nghị định 118/2025/NĐ-CP: Trung tâm Phục vụ hành chính công cấp tỉnh, cấp xã"
INSIDE_PROVINCE = "Nghị định 118/2025/NĐ-CP: tiếp nhận không phụ thuộc địa giới hành chính trong tỉnh"
PAPER_LEG = "Nghị định 118/2025/NĐ-CP: bản giấy chuyển cơ quan giải quyết chậm nhất 01 ngày làm việc"
RESULT_BACK = "Nghị định 61/2018/NĐ-CP Điều 19.7b; Quyết định 45/2016/QĐ-TTg Điều 5, 9"
LAND_ONLINE_ONLY = "Quyết định 3907/QĐ-BNNMT: thủ tục đất đai tiếp nhận ngoài địa giới chỉ trên mạng"
POST_CARRIES = "Quyết định 45/2016/QĐ-TTg Điều 5-7"
UNVERIFIED = "chưa xác minh, đối chiếu danh sách của tỉnh"


class Subject(StrEnum):
    """Whom the dossier is about; for some procedures another authority decides on organisations."""

    PERSON = "person"
    ORGANISATION = "organisation"


class NoCompetentPlace(Refused):
    """The catalogue does not say which authority decides this case."""

    code = "no_competent_place"
    vi = (
        'Danh mục chưa có cơ quan giải quyết thủ tục "{procedure}" cho địa bàn này: {why} '
        "Chọn cơ quan trong danh sách, hoặc nhờ quản trị nhập danh mục Một cửa và cơ quan."
    )
    en = 'The catalogue has no authority for "{procedure}" there ({why}). Choose the authority from the list.'


@dataclass(frozen=True, kw_only=True, slots=True)
class Competence:
    """Which authority decides a case, at which desk it is officially received, and why.

    `reason` and `basis` are the short of it, kept with the dossier; `steps` all of it. `delegation` is the code of the
    delegation by which `authority` acts, empty where it decides by itself.
    """

    authority: Place
    desk: Place
    reason: str
    basis: str
    steps: tuple[Step, ...] = ()
    delegation: str = ""


def rule_for(procedure: ProcedureVersion, subject: Subject) -> CompetenceRule | None:
    """Return the rule that holds for this subject: organisations may have one of their own."""
    rule = procedure.competence
    if rule is None or subject is Subject.PERSON or rule.organisation_level is None:
        return rule
    return CompetenceRule(
        level=rule.organisation_level, department=rule.organisation_department, basis=rule.organisation_basis
    )


def is_decided_in_commune(procedure: ProcedureVersion, subject: Subject = Subject.PERSON) -> bool:
    """Tell whether only the places of the case's commune need to be known."""
    rule = rule_for(procedure, subject)
    return rule is not None and rule.level is Level.COMMUNE


def decide(
    procedure: ProcedureVersion,
    *,
    commune: str,
    province: str,
    places: Iterable[Place],
    on: date,
    subject: Subject = Subject.PERSON,
    delegations: Sequence[Delegation] = (),
) -> Competence:
    """Return who decides a case of this place on a day, from the procedure's own rule.

    `places` are the desks and departments of the province of the case (or of its commune), also ended ones, and those
    that delegations name.

    Raises:
        NoCompetentPlace: the rule is unknown, or the catalogue lacks the authority or its desk.
    """
    return _Deciding(procedure, tuple(places), on=on).decide(commune, province, subject, delegations)


class _Deciding:
    """One answer in the making, step by step."""

    def __init__(self, procedure: ProcedureVersion, places: tuple[Place, ...], *, on: date) -> None:
        self.procedure = procedure
        self.places = places
        self.known = {place.code: place for place in places}
        self.on = on
        self.steps: list[Step] = []

    def decide(self, commune: str, province: str, subject: Subject, delegations: Sequence[Delegation]) -> Competence:
        rule = self._rule(subject)
        unit = commune if rule.level is Level.COMMUNE else None
        around = [place for place in self.places if place.level is rule.level and place.province_code == province]
        around = [place for place in around if unit is None or place.unit == unit]
        first = self._authority(rule, around)
        authority, delegation = self._acting(first, delegations)
        desk = self._desk(authority, delegation)
        who = f"{_AT[rule.level]}: {authority.name} giải quyết, nhận hồ sơ tại {desk.name}."
        by = f" {authority.name} làm theo ủy quyền của {first.name} ({delegation.basis})." if delegation else ""
        return Competence(
            authority=authority,
            desk=desk,
            reason=who + by,
            basis=rule.basis,
            steps=tuple(self.steps),
            delegation=delegation.code if delegation else "",
        )

    def _rule(self, subject: Subject) -> CompetenceRule:
        rule = rule_for(self.procedure, subject)
        if rule is None:
            raise self._unpublished("danh mục chưa có quy tắc thẩm quyền đã xác minh của thủ tục này.")
        if rule.level not in _AT:
            raise self._unpublished(f"thủ tục do {_HIGHER.get(rule.level, 'cơ quan khác')} giải quyết.")
        whose = " Chủ hồ sơ là tổ chức nên có quy tắc riêng." if rule is not self.procedure.competence else ""
        said = f"Thủ tục {self.procedure.code}, bản {self.procedure.version}: {_AT_LOWER[rule.level]}.{whose}"
        self._say(said, rule.basis)
        return rule

    def _authority(self, rule: CompetenceRule, around: Sequence[Place]) -> Place:
        fitting = [p for p in around if p.kind is PlaceKind.DEPARTMENT and p.department == rule.department]
        found = self._standing(fitting)
        if found is None:
            raise self._unpublished(f"chưa có cơ quan loại {rule.department} của nơi này.")
        self._say(f"Cơ quan giải quyết: {found.name} ({found.code}).", found.basis)
        return found

    def _acting(self, authority: Place, delegations: Sequence[Delegation]) -> tuple[Place, Delegation | None]:
        """Return who acts: the authority itself, or the unit it delegated this to for today."""
        delegation = delegating.in_force(delegations, authority=authority.code, procedure=self.procedure, on=self.on)
        if delegation is None:
            return authority, None
        delegate = self._standing([self.known[delegation.delegate]] if delegation.delegate in self.known else [])
        if delegate is None:
            raise self._unpublished(f"nơi được ủy quyền {delegation.delegate} chưa có trong danh mục.")
        until = f" đến hết {delegation.valid_to:%d/%m/%Y}" if delegation.valid_to else ""
        since = f"từ {delegation.valid_from:%d/%m/%Y}{until}"
        self._say(f"{authority.name} ủy quyền {delegation.scope} cho {delegate.name} {since}.", delegation.basis)
        return delegate, delegation

    def _desk(self, authority: Place, delegation: Delegation | None) -> Place:
        named = self.known.get(delegation.desk) if delegation and delegation.desk else None
        own = self.known.get(authority.parent or "")
        chosen = [place for place in (named, own) if place is not None and place.kind is PlaceKind.DESK]
        desk = self._standing(chosen[:1] or [place for place in self.places if _is_desk_of(authority, place)])
        if desk is None:
            raise self._unpublished(f"chưa có bộ phận Một cửa của {authority.name}.")
        self._say(f"Nơi tiếp nhận chính thức: {desk.name} ({desk.code}).", ONE_STOP)
        return desk

    def _standing(self, fitting: Sequence[Place]) -> Place | None:
        """Return the place that stands today, the first by code; one that ended leads to who continues it, said so."""
        alive = [place for place in fitting if standing_places.in_force(place, self.on)]
        if alive:
            return min(alive, key=lambda place: place.code)
        for gone in sorted(fitting, key=lambda place: place.code):
            if not standing_places.has_ended(gone, self.on):
                continue
            try:
                following = standing_places.standing(gone, on=self.on, known=self.known.get)
            except NoSuccessor as refused:
                raise self._unpublished(str(refused)) from None
            ended = f"{gone.valid_to:%d/%m/%Y}" if gone.valid_to else ""
            self._say(f"{gone.name} ngừng hoạt động sau {ended}; {following.name} tiếp tục.", following.basis)
            return following
        return None

    def _say(self, text: str, basis: str) -> None:
        self.steps.append(Step(text=text, basis=basis))

    def _unpublished(self, why: str) -> NoCompetentPlace:
        return NoCompetentPlace(procedure=self.procedure.name, why=why)


def _is_desk_of(authority: Place, place: Place) -> bool:
    """Tell whether a place is the one-stop desk of an authority's level, and of its commune where it has one."""
    if place.kind is not PlaceKind.DESK or place.level is not authority.level:
        return False
    same_commune = authority.level is not Level.COMMUNE or place.unit == authority.unit
    return same_commune and place.province_code == authority.province_code


_AT = {
    Level.COMMUNE: "Thủ tục cấp xã, theo xã, phường của vụ việc",
    Level.PROVINCE: "Thủ tục cấp tỉnh, theo tỉnh, thành phố của vụ việc",
}
_AT_LOWER = {
    Level.COMMUNE: "cấp xã giải quyết, theo xã, phường của vụ việc",
    Level.PROVINCE: "cấp tỉnh giải quyết, theo tỉnh, thành phố của vụ việc",
}
_HIGHER = {Level.MINISTRY: "bộ, ngành trung ương", Level.DISTRICT: "cấp huyện (bỏ từ 01/7/2025)"}


# --- outside the boundary ---------------------------------------------------------------------------------------------


class Standing(StrEnum):
    """How the place where papers are handed in stands to the authority that decides."""

    POST = "post"
    """A post office: it carries to the competent desk."""
    OWN = "own"
    """The desk of the competent authority itself."""
    SAME_PROVINCE = "same_province"
    OTHER_PROVINCE = "other_province"


@dataclass(frozen=True, kw_only=True, slots=True)
class Reception:
    """Three organisations kept apart: where handed in, where officially received, who decides; and the way back.

    `may_receive` says whether the place of handing in may take the papers at all: a post office carries them, a desk
    receives them. `paper_leg` says that paper travels on to the authority within a working day. `result_to` are the
    places the result may go back to.
    """

    handed_in: Place
    received: Place
    competent: Place
    standing: Standing
    may_receive: bool
    paper_leg: bool
    result_to: tuple[str, ...]
    steps: tuple[Step, ...]


def reception(procedure: ProcedureVersion, found: Competence, *, at: Place) -> Reception:
    """Return whether a place may take in a case that `found` decides, where it counts as received, and the way back.

    Source: NĐ 118/2025 (inside a province), the procedure's own boundary (across provinces, land), QĐ 45/2016 (post).
    """
    standing = _standing_of(at, found)
    refusal = _refusal(procedure, standing)
    takes = standing in (Standing.SAME_PROVINCE, Standing.OTHER_PROVINCE) and not refusal
    steps = [*_standing_steps(procedure, standing, found, at=at), *refusal]
    if refusal:
        steps.append(_post_step(procedure, found))
    if takes:
        steps += _outside_steps(found, at=at)
    received = at if takes else found.desk
    return Reception(
        handed_in=at,
        received=received,
        competent=found.authority,
        standing=standing,
        may_receive=not refusal,
        paper_leg=takes,
        result_to=(received.name, "địa chỉ người dân, qua bưu điện") if _may_return(procedure) else (received.name,),
        steps=tuple(steps),
    )


def _standing_of(at: Place, found: Competence) -> Standing:
    if at.kind is PlaceKind.OFFICE:
        return Standing.POST
    if at.code == found.desk.code:
        return Standing.OWN
    return Standing.SAME_PROVINCE if at.province_code == found.desk.province_code else Standing.OTHER_PROVINCE


def _refusal(procedure: ProcedureVersion, standing: Standing) -> list[Step]:
    """Return why a desk outside the boundary may not take this procedure; empty where it may."""
    if standing in (Standing.POST, Standing.OWN):
        return []
    basis = procedure.boundary_basis
    if procedure.boundary is Boundary.ONLINE_ONLY:
        text = "Ngoài địa giới thủ tục này chỉ nhận trên mạng: Một cửa nơi khác không nhận bản giấy."
        return [Step(text=text, basis=basis or LAND_ONLINE_ONLY)]
    if procedure.boundary is Boundary.OWN:
        return [Step(text="Thủ tục này chỉ nộp tại Một cửa của cơ quan giải quyết.", basis=basis or UNVERIFIED)]
    if standing is Standing.OTHER_PROVINCE and procedure.boundary is not Boundary.NATION:
        text = "Thủ tục này chưa được công bố nhận ngoài tỉnh: Một cửa của tỉnh khác không nhận."
        return [Step(text=text, basis=basis if procedure.boundary else UNVERIFIED)]
    return []


def _standing_steps(procedure: ProcedureVersion, standing: Standing, found: Competence, *, at: Place) -> list[Step]:
    if standing is Standing.OWN:
        return [Step(text=f"Nộp tại {at.name}, Một cửa của chính cơ quan giải quyết.", basis=ONE_STOP)]
    if standing is Standing.POST:
        return [Step(text=f"Nộp qua {at.name}."), _post_step(procedure, found)]
    where = "cùng tỉnh" if standing is Standing.SAME_PROVINCE else "khác tỉnh"
    steps = [Step(text=f"Nộp tại {at.name}: {where} với cơ quan giải quyết, ngoài địa giới của cơ quan đó.")]
    if standing is Standing.SAME_PROVINCE and procedure.boundary in (None, Boundary.PROVINCE, Boundary.NATION):
        usual = INSIDE_PROVINCE if procedure.boundary else f"{INSIDE_PROVINCE}; {UNVERIFIED}"
        text = "Mọi Một cửa trong tỉnh được nhận, không phụ thuộc địa giới."
        steps.append(Step(text=text, basis=procedure.boundary_basis or usual))
    if standing is Standing.OTHER_PROVINCE and procedure.boundary is Boundary.NATION:
        steps.append(Step(text="Mọi Một cửa trong cả nước được nhận.", basis=procedure.boundary_basis or UNVERIFIED))
    return steps


def _post_step(procedure: ProcedureVersion, found: Competence) -> Step:
    if procedure.carriable is False:
        return Step(text=f"Bưu điện không chuyển thủ tục này: {procedure.why_not}", basis="QĐ 45/2016/QĐ-TTg Đ.1.2")
    doubt = "" if procedure.carriable else f" Việc gửi qua bưu điện {UNVERIFIED}."
    return Step(
        text=f"Bưu điện chuyển hồ sơ đến {found.desk.name}, nơi tiếp nhận chính thức.{doubt}", basis=POST_CARRIES
    )


def _outside_steps(found: Competence, *, at: Place) -> list[Step]:
    paper = f"Bản điện tử chuyển ngay; bản giấy đến {found.authority.name} chậm nhất 01 ngày làm việc từ khi tiếp nhận."
    back = f"Kết quả và hồ sơ trở về {at.name}, hoặc đến người dân qua bưu điện nếu đăng ký."
    return [Step(text=paper, basis=PAPER_LEG), Step(text=back, basis=RESULT_BACK)]


def _may_return(procedure: ProcedureVersion) -> bool:
    return procedure.result_carriable is not False
