"""From a procedure, a subject and an address of any era to the desk, the authority and the lane, each with its reason.

What cannot be known is asked, never guessed: an address that may lie in several communes of today comes back with
these, and a rule that nobody published comes back as just that, with the next step.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from postal.domain import calendars, clocks, competence, lanes, lineage
from postal.domain.calendars import WorkCalendar
from postal.domain.clocks import Due, Step
from postal.domain.competence import Competence, NoCompetentPlace, Reception, Subject
from postal.domain.gazetteer import Found, Reading, UnitName
from postal.domain.lineage import Succession
from postal.domain.places import Lane, NoLane, Place, PlaceKind, Unit
from postal.domain.procedures import ProcedureVersion

ANY_OFFICE = "Một bưu cục cùng tỉnh"


class Outcome(StrEnum):
    """What came of a question."""

    DECIDED = "decided"
    NEEDS_CHOICE = "needs_choice"
    NOT_PUBLISHED = "not_published"


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """What somebody wants to know. `chosen` is the commune picked for the address, empty where none was asked for.

    `handed_in` is the code of the office or desk where the papers are, empty for any office of the province.
    """

    procedure: ProcedureVersion
    address: str
    at: datetime
    chosen: str = ""
    subject: Subject = Subject.PERSON
    handed_in: str = ""

    @property
    def on(self) -> date:
        """Return the day in Vietnam whose rules hold."""
        return calendars.local(self.at).date()


class Catalogue(Protocol):
    """What is known of units, places and lanes on a day."""

    def read(self, address: str) -> Found:
        """Return what an address says of its commune."""
        ...

    def commune(self, code: str) -> Unit | None:
        """Return a commune of today's list, or None."""
        ...

    def province(self, code: str) -> str:
        """Return the name of a province of today, empty for an unknown code."""
        ...

    def successions(self) -> Sequence[Succession]:
        """Return what became of communes since the present list began."""
        ...

    def competent(self, procedure: ProcedureVersion, commune: str, subject: Subject) -> Competence:
        """Return who decides. Raises: NoCompetentPlace."""
        ...

    def place(self, code: str) -> Place:
        """Return an office or a desk. Raises: UnknownPlace."""
        ...

    def lane(self, origin: Place, destination: Place) -> Lane:
        """Return the lane from one place to another. Raises: NoLane."""
        ...

    def post_calendar(self) -> WorkCalendar:
        """Return the working calendar of the post."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """A commune of today that an address may lie in, and the old name that led there."""

    code: str
    name: str
    province: str
    formerly: str = ""

    @property
    def label(self) -> str:
        """Return the line a clerk reads."""
        return f"{self.name}, {self.province}" + (f" (trước đây: {self.formerly})" if self.formerly else "")


@dataclass(frozen=True, kw_only=True, slots=True)
class Located:
    """Where an address lies: one commune, or the several to choose from; both texts are kept."""

    text: str
    commune: Unit | None
    candidates: tuple[Candidate, ...]
    steps: tuple[Step, ...]
    ask: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What came of a question, with every step of the reasoning; `next_step` is what to do where it is not decided."""

    outcome: Outcome
    procedure: ProcedureVersion
    address: str
    commune: Candidate | None
    candidates: tuple[Candidate, ...]
    competence: Competence | None
    reception: Reception | None
    lane: Lane | None
    expected: Due | None
    steps: tuple[Step, ...]
    next_step: str


def answer(catalogue: Catalogue, question: Question) -> Answer:
    """Answer a question from what is known. Raises: UnknownPlace where `handed_in` is nobody's code."""
    located = locate(catalogue, question.address, chosen=question.chosen, on=question.on)
    if located.commune is None:
        return _told(question, Outcome.NEEDS_CHOICE, located, next_step=located.ask)
    commune = _candidate(catalogue, located.commune)
    try:
        found = catalogue.competent(question.procedure, located.commune.code, question.subject)
    except NoCompetentPlace as refused:
        return _told(question, Outcome.NOT_PUBLISHED, located, commune=commune, next_step=str(refused))
    return _on_its_way(catalogue, question, located, commune, found)


def _on_its_way(
    catalogue: Catalogue, question: Question, located: Located, commune: Candidate, found: Competence
) -> Answer:
    at = catalogue.place(question.handed_in) if question.handed_in else None
    reception = competence.reception(question.procedure, found, at=at) if at else None
    lane, leg, way = _way(catalogue, question, found, at=at)
    told = _told(question, Outcome.DECIDED, located, commune=commune)
    steps = (*located.steps, *found.steps, *(reception.steps if reception else ()), *way)
    refused = reception is not None and not reception.may_receive
    return Answer(
        outcome=told.outcome,
        procedure=told.procedure,
        address=told.address,
        commune=commune,
        candidates=(),
        competence=found,
        reception=reception,
        lane=lane,
        expected=leg,
        steps=steps,
        next_step=f"Gửi qua bưu điện đến {found.desk.name}, hoặc nộp tại đó." if refused else "",
    )


def _told(
    question: Question, outcome: Outcome, located: Located, *, commune: Candidate | None = None, next_step: str = ""
) -> Answer:
    return Answer(
        outcome=outcome,
        procedure=question.procedure,
        address=question.address,
        commune=commune,
        candidates=located.candidates,
        competence=None,
        reception=None,
        lane=None,
        expected=None,
        steps=located.steps,
        next_step=next_step,
    )


# --- the address ------------------------------------------------------------------------------------------------------


def locate(catalogue: Catalogue, address: str, *, chosen: str, on: date) -> Located:
    """Return the commune an address lies in on a day, or those to choose from; a chosen one is followed to today."""
    found = catalogue.read(address)
    if chosen:
        picked = _read_step_of(catalogue, found, address, chosen)
        return _followed(catalogue, address, chosen, [picked], on=on, is_chosen=True)
    if found.reading is Reading.ONE:
        return _followed(catalogue, address, found.names[0].commune, _read_steps(catalogue, found, address), on=on)
    return _asked(catalogue, address, found)


def _followed(
    catalogue: Catalogue, address: str, code: str, steps: list[Step], *, on: date, is_chosen: bool = False
) -> Located:
    """Return the commune that continues the one read: each merger is a step, a division asks."""
    successions = catalogue.successions()
    cut = None if is_chosen else lineage.divided_by(code, successions, on=on)
    following = lineage.follow(code, successions, on=on, name=lambda each: _named(catalogue, each))
    several = cut.successors if cut else following.communes
    steps = [*steps, *following.steps]
    if len(several) > 1:
        candidates = tuple(_candidate_of(catalogue, each, formerly=_named(catalogue, code)) for each in several)
        ask = f"{_named(catalogue, code)} đã tách ra {len(several)} đơn vị. Hỏi thôn, tổ, đường rồi chọn một đơn vị."
        return Located(text=address, commune=None, candidates=candidates, steps=tuple(steps), ask=ask)
    commune = catalogue.commune(several[0])
    if commune is None:
        ask = f"Danh mục không có xã, phường mã {several[0]}. Chọn lại xã, phường."
        return Located(text=address, commune=None, candidates=(), steps=tuple(steps), ask=ask)
    return Located(text=address, commune=commune, candidates=(), steps=tuple(steps))


def _read_steps(catalogue: Catalogue, found: Found, address: str) -> list[Step]:
    name = found.names[0]
    today = _named(catalogue, name.commune)
    if name.is_old:
        text = f"Địa chỉ “{address}” là {name.label} trước 01/7/2025, nay thuộc {today}."
    else:
        text = f"Địa chỉ “{address}” thuộc {today}."
    return [Step(text=text, basis=lineage.UNITS_TABLE), *_namesake_steps(catalogue, found)]


def _namesake_steps(catalogue: Catalogue, found: Found) -> list[Step]:
    if not found.namesakes:
        return []
    others = "; ".join(
        dict.fromkeys(f"{name.label} (nay là {_named(catalogue, name.commune)})" for name in found.namesakes)
    )
    text = f"Trước 01/7/2025 còn có: {others}. Nếu địa chỉ ghi theo tên cũ, ghi thêm quận, huyện rồi hỏi lại."
    return [Step(text=text, basis=lineage.UNITS_TABLE)]


def _read_step_of(catalogue: Catalogue, found: Found, address: str, chosen: str) -> Step:
    """Return the step that keeps both texts: what was written, and what somebody chose for it."""
    old = next((name.label for name in found.names if name.commune == chosen and name.is_old), "")
    led = f", một phần của {old}" if old else ""
    among = "" if not found.names or chosen in found.communes else " (không có trong các đơn vị đọc được từ địa chỉ)"
    text = f"Địa chỉ ghi “{address}”; đã chọn {_named(catalogue, chosen)}{led}{among}."
    return Step(text=text, basis=lineage.UNITS_TABLE if old else "Người tiếp nhận chọn")


_ONE_LEFT = "Chưa hiểu hết địa chỉ “{address}”. Có phải {only}? Đúng thì chọn, không thì ghi lại xã, phường."
_ASKS = {
    Reading.SPLIT: "{old} đã chia về {count} đơn vị mới. Hỏi thôn, tổ, đường rồi chọn một đơn vị.",
    Reading.SEVERAL: "Địa chỉ “{address}” có thể ở {count} nơi. Chọn xã, phường, hoặc ghi thêm quận, huyện, tỉnh.",
    Reading.DISTRICT: "Chưa đọc được xã, phường trong “{address}”. Chọn một trong {count} đơn vị của huyện cũ đó.",
    Reading.NONE: "Chưa thấy xã, phường nào trong “{address}”. Ghi rõ tên xã, phường (mới hoặc cũ) và tỉnh.",
}


def _asked(catalogue: Catalogue, address: str, found: Found) -> Located:
    candidates = {name.commune: _candidate_named(catalogue, name) for name in found.names}
    old = found.names[0].label if found.names else ""
    is_one = found.reading is Reading.SEVERAL and len(candidates) == 1
    only = _named(catalogue, next(iter(candidates))) if is_one else ""
    told = _ONE_LEFT if is_one else _ASKS[found.reading]
    ask = told.format(old=old, address=address, count=len(candidates), only=only)
    step = Step(text=ask, basis=lineage.UNITS_TABLE)
    return Located(text=address, commune=None, candidates=tuple(candidates.values()), steps=(step,), ask=ask)


def _candidate_named(catalogue: Catalogue, name: UnitName) -> Candidate:
    return _candidate_of(catalogue, name.commune, formerly=name.label)


def _candidate_of(catalogue: Catalogue, code: str, *, formerly: str = "") -> Candidate:
    unit = catalogue.commune(code)
    if unit is None:
        return Candidate(code=code, name=code, province="", formerly=formerly)
    return Candidate(code=code, name=unit.name, province=catalogue.province(unit.province_code), formerly=formerly)


def _candidate(catalogue: Catalogue, unit: Unit) -> Candidate:
    return Candidate(code=unit.code, name=unit.name, province=catalogue.province(unit.province_code))


def _named(catalogue: Catalogue, code: str) -> str:
    found = _candidate_of(catalogue, code)
    return f"{found.name}, {found.province}" if found.province else found.name


# --- the lane ---------------------------------------------------------------------------------------------------------


def _way(
    catalogue: Catalogue, question: Question, found: Competence, *, at: Place | None
) -> tuple[Lane | None, Due | None, list[Step]]:
    """Return the lane to the competent desk with its steps; none where a desk takes the papers, or may not be sent."""
    if question.procedure.carriable is False or (at is not None and at.kind is not PlaceKind.OFFICE):
        return None, None, []
    origin = at or _any_office(found.desk)
    try:
        lane = catalogue.lane(origin, found.desk)
    except NoLane as refused:
        return None, None, [Step(text=str(refused))]
    leg = clocks.postal_leg(
        lane.tier_days,
        accepted_at=question.at,
        cutoff=lane.cutoff,
        calendar=catalogue.post_calendar(),
        basis=lane.basis,
    )
    return lane, leg, [lane_step(lane, origin.name, found.desk.name), *leg.steps]


def lane_step(lane: Lane, origin: str, destination: str) -> Step:
    """Return a lane in one sentence: who carries, tier, cut-off, the days it holds."""
    days = lanes.written_days(lane)
    said = f"J+{lane.tier_days}, chốt {lane.cutoff:%H:%M}, hiệu lực {days}"
    return Step(text=f"Tuyến {lane.code}, {lane.carrier}: {origin} đến {destination}, {said}.", basis=lane.basis)


def _any_office(desk: Place) -> Place:
    """Return what stands for any office of a desk's province: lanes for a whole province serve it."""
    return Place(
        code="",
        kind=PlaceKind.OFFICE,
        name=ANY_OFFICE,
        unit=None,
        province_code=desk.province_code,
        basis="",
    )
