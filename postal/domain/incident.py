"""The record of an incident (biên bản sự cố): what does not fit, who must answer, by when. Both sides see it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

from postal.domain import calendars, codes
from postal.domain.codes import CodeKind
from postal.domain.events import (
    ComplaintTopic,
    DeclineReason,
    Event,
    IncidentAnswered,
    IncidentKind,
    IncidentOpened,
    IncidentSettled,
    Misfit,
    Outcome,
)
from postal.domain.lifecycle import NotNow
from postal.domain.people import Actor, Custodian
from postal.domain.refusals import Refused

INCIDENT_NAMES: dict[IncidentKind, str] = {
    IncidentKind.MISSING: "Thiếu",
    IncidentKind.EXTRA: "Thừa",
    IncidentKind.DAMAGED: "Rách, ướt",
    IncidentKind.WRONG_PLACE: "Sai nơi",
    IncidentKind.SEAL_MISMATCH: "Niêm phong không khớp",
    IncidentKind.UNKNOWN_ITEM: "Có mã chưa biết",
    IncidentKind.ACCEPT_WITHOUT_OFFER: "Nhận khi chưa được bàn giao",
    IncidentKind.HANDOVER_BY_NON_HOLDER: "Bàn giao khi không giữ",
    IncidentKind.DOUBLE_CUSTODY: "Hai nơi cùng báo giữ",
    IncidentKind.LABEL_CLONE: "Nghi có hai nhãn cùng mã",
    IncidentKind.SCAN_AFTER_DELIVERY: "Quét sau khi đã phát",
    IncidentKind.TOO_LATE: "Việc đến muộn, không còn khớp",
    IncidentKind.DUPLICATE_REGISTRATION: "Đăng ký hai lần",
    IncidentKind.REVOKED_DEVICE: "Thiết bị đã thu hồi",
    IncidentKind.NOT_CARRIED_OUT: "Việc ngoại tuyến chưa thực hiện được",
    IncidentKind.SILENCE: "Lâu không có tin",
    IncidentKind.BAG_OVERDUE: "Chuyến đến trễ",
    IncidentKind.LOST: "Tìm không thấy",
    IncidentKind.COMPLAINT: "Khiếu nại của khách hàng",
}

OUTCOME_NAMES: dict[Outcome, str] = {
    Outcome.FOUND: "đã tìm thấy",
    Outcome.EXPLAINED: "đã rõ nguyên nhân",
    Outcome.RELABELLED: "đã thay nhãn",
    Outcome.SENT_ON: "đã chuyển đúng nơi",
    Outcome.LOST: "xác định đã mất",
    Outcome.COMPENSATED: "đã quyết định bồi thường",
    Outcome.POSTAGE_BACK: "chấp nhận, hoàn cước",
    Outcome.REJECTED: "không chấp nhận khiếu nại",
    Outcome.FITS_NOW: "khớp khi có đủ dữ liệu",
}

DAY = timedelta(hours=24)
DUE: dict[IncidentKind, timedelta] = {
    **dict.fromkeys(IncidentKind, DAY),
    IncidentKind.MISSING: timedelta(hours=4),
    IncidentKind.SEAL_MISMATCH: timedelta(hours=4),
    IncidentKind.LABEL_CLONE: timedelta(hours=4),
    IncidentKind.BAG_OVERDUE: timedelta(hours=1),
    IncidentKind.SILENCE: timedelta(hours=4),
    IncidentKind.LOST: timedelta(hours=72),
}
"""By when somebody answers. Our own measure: no text of law says how long; the clock of double custody is 24 hours.

A complaint has its time by law (`complaint.Carriage.answer_due`), which is given when its record is opened.
"""

OF_MISFIT: dict[Misfit, IncidentKind] = {
    Misfit.NOT_THE_HOLDER: IncidentKind.HANDOVER_BY_NON_HOLDER,
    Misfit.NOT_OFFERED: IncidentKind.TOO_LATE,
    Misfit.AFTER_THE_END: IncidentKind.SCAN_AFTER_DELIVERY,
    Misfit.IN_BAG: IncidentKind.TOO_LATE,
    Misfit.ACCEPT_WITHOUT_OFFER: IncidentKind.ACCEPT_WITHOUT_OFFER,
    Misfit.DOUBLE_CUSTODY: IncidentKind.DOUBLE_CUSTODY,
    Misfit.LABEL_CLONE: IncidentKind.LABEL_CLONE,
    Misfit.NO_POSITION: IncidentKind.ACCEPT_WITHOUT_OFFER,
}
"""The record each conflict of facts opens."""

OF_DECLINE: dict[DeclineReason, IncidentKind] = {
    DeclineReason.MISSING: IncidentKind.MISSING,
    DeclineReason.DAMAGED: IncidentKind.DAMAGED,
    DeclineReason.WRONG_PLACE: IncidentKind.WRONG_PLACE,
    DeclineReason.NOT_MINE: IncidentKind.WRONG_PLACE,
}
"""The record that a line which was not taken opens."""

ENDED_BY_TAKING = frozenset({IncidentKind.MISSING, IncidentKind.WRONG_PLACE})
"""What was not taken once is over when somebody takes it after all; damage stays to be answered."""

NEEDS_SIGHT = frozenset({IncidentKind.DOUBLE_CUSTODY, IncidentKind.LABEL_CLONE})
"""What only a fresh scan of the envelope and a controller can settle (D9)."""


SILENT = frozenset({IncidentKind.SILENCE, IncidentKind.BAG_OVERDUE})
"""Questions that any later event answers by itself."""

LOOKED_FOR = frozenset({IncidentKind.MISSING, IncidentKind.LOST})
"""What ends as found once somebody has the thing again."""

BY_HAND = (IncidentKind.UNKNOWN_ITEM, IncidentKind.DAMAGED, IncidentKind.WRONG_PLACE, IncidentKind.LOST)
"""What somebody writes down himself; the other kinds follow from counts, facts and clocks."""

COMPLAINT_OUTCOMES = (Outcome.COMPENSATED, Outcome.POSTAGE_BACK, Outcome.EXPLAINED, Outcome.REJECTED)
"""What the post may answer to a complaint."""


def outcomes(kind: IncidentKind) -> tuple[Outcome, ...]:
    """Return what somebody may pick as the end of a record; that the data fit by now is derived, never picked."""
    if kind is IncidentKind.COMPLAINT:
        return COMPLAINT_OUTCOMES
    derived = {Outcome.FITS_NOW, Outcome.POSTAGE_BACK, Outcome.REJECTED}
    return tuple(outcome for outcome in Outcome if outcome not in derived)


class IncidentState(Enum):
    """Where the record of an incident stands."""

    OPEN = "open"
    SETTLED = "settled"


LIFECYCLE: dict[tuple[IncidentState | None, type[Event]], IncidentState] = {
    (None, IncidentOpened): IncidentState.OPEN,
    (IncidentState.OPEN, IncidentAnswered): IncidentState.OPEN,
    (IncidentState.OPEN, IncidentSettled): IncidentState.SETTLED,
}


class NotYourIncident(Refused):
    """Only the two sides of an incident write on its record."""

    code = "not_your_incident"
    vi = "Biên bản {incident} do {owner} trả lời. Gửi thông tin cho nơi đó."
    en = "Incident {incident} is answered by {owner}. Tell them what you know."


class NotSightedYet(Refused):
    """Some incidents end only with a fresh scan of the envelope."""

    code = "not_sighted_yet"
    vi = "Chưa quét lại {about} kể từ khi lập biên bản {incident}. Quét nhãn trên chính bưu gửi rồi kết thúc."
    en = "{about} was not scanned since incident {incident} was opened. Scan the envelope itself first."


class NeedsSecondPerson(Refused):
    """Who scanned the envelope again does not also end what only two can end."""

    code = "needs_second_person"
    vi = "{name} đã quét lại {about} nên người khác phải kết thúc biên bản {incident}. Nhờ kiểm soát viên khác."
    en = "{name} scanned {about} again, so somebody else must end incident {incident}."


class NoOutcomeNote(Refused):
    """An incident ends with words that say how."""

    code = "no_outcome_note"
    vi = "Chưa ghi biên bản {incident} kết thúc thế nào. Ghi rõ: thấy ở đâu, ai xác nhận, xử lý ra sao."
    en = "Say how incident {incident} ended: where it was, who confirmed it, what was done."


@dataclass(frozen=True, kw_only=True, slots=True)
class Incident:
    """A record with an owner and a due time; `answers` refer to what either side wrote."""

    code: str
    version: int
    state: IncidentState
    kind: IncidentKind
    about: str
    bag: str
    owner: str
    other: str
    opened_at: datetime
    opened_by: str
    due_at: datetime
    holder: Custodian | None = None
    expected: str = ""
    seen: str = ""
    fact: str = ""
    note: str = ""
    photo: str = ""
    topic: ComplaintTopic | None = None
    answers: tuple[str, ...] = ()
    outcome: Outcome | None = None
    outcome_note: str = ""
    amount: int | None = None
    settled_at: datetime | None = None
    settled_by: str = ""
    misfits: int = 0

    def may(self, kind: type[Event]) -> bool:
        """Tell whether the life cycle allows an event of this kind from here."""
        return (self.state, kind) in LIFECYCLE

    @property
    def is_open(self) -> bool:
        """Tell whether somebody still has to answer."""
        return self.state is IncidentState.OPEN

    @property
    def is_about_dossier(self) -> bool:
        """Tell whether it is about a whole dossier."""
        return bool(self.about) and self.about[0] in CodeKind.DOSSIER.value

    def is_overdue(self, *, at: datetime) -> bool:
        """Tell whether its owner should have answered by now; what the law gives in days lasts until midnight."""
        if self.kind is IncidentKind.COMPLAINT:
            return self.is_open and calendars.local(at).date() > calendars.local(self.due_at).date()
        return self.is_open and at > self.due_at

    def concerns(self, place: str) -> bool:
        """Tell whether a place is one of the two sides."""
        return place in (self.owner, self.other)

    def answer(self, *, note: str, by: Actor, at: datetime) -> IncidentAnswered:
        """Write down what one side knows; `note` refers to the text. Raises: NotNow, NotYourIncident."""
        self._must_allow(IncidentAnswered)
        self._must_concern(by)
        return IncidentAnswered(note=note, by=by.as_author(), occurred_at=at)

    def settle(
        self,
        *,
        outcome: Outcome,
        note: str,
        by: Actor,
        at: datetime,
        amount: int | None = None,
        sighted_at: datetime | None = None,
        sighted_by: str = "",
        is_gone: bool = False,
    ) -> IncidentSettled:
        """End the incident; `sighted_at` is when the envelope was scanned last, `sighted_by` the account that did.

        What `is_gone`, given to the citizen or emptied, nobody can scan again.

        Raises: NotNow, NotYourIncident, NoOutcomeNote, NotSightedYet, NeedsSecondPerson.
        """
        self._must_allow(IncidentSettled)
        self._must_concern(by)
        if not note:
            raise NoOutcomeNote(incident=codes.shown(self.code))
        if self.kind in NEEDS_SIGHT and not is_gone and (sighted_at is None or sighted_at < self.opened_at):
            raise NotSightedYet(about=codes.shown(self.about), incident=codes.shown(self.code))
        if self.kind in NEEDS_SIGHT and sighted_by == by.account:
            raise NeedsSecondPerson(name=by.name, about=codes.shown(self.about), incident=codes.shown(self.code))
        return IncidentSettled(outcome=outcome, note=note, amount=amount, by=by.as_author(), occurred_at=at)

    def fits_now(self, *, by: Actor, at: datetime) -> IncidentSettled:
        """End the incident because what arrived meanwhile explains it; nobody has to do anything."""
        return self.ended_by_fact(Outcome.FITS_NOW, by=by, at=at)

    def ended_by_fact(self, outcome: Outcome, *, by: Actor, at: datetime, note: str = "") -> IncidentSettled:
        """End the incident because something happened that ends it: it was found, it is on its way. Raises: NotNow."""
        self._must_allow(IncidentSettled)
        return IncidentSettled(outcome=outcome, note=note, by=by.as_author(), occurred_at=at)

    def evolve(self, event: Event) -> "Incident":
        """Return the incident after `event`. Total: what does not fit is counted in `misfits`, never raised."""
        state = LIFECYCLE.get((self.state, type(event)))
        if state is None:
            return replace(self, version=self.version + 1, misfits=self.misfits + 1)
        return _after(replace(self, state=state, version=self.version + 1), event)

    def _must_allow(self, kind: type[Event]) -> None:
        if not self.may(kind):
            raise NotNow(thing=f"Biên bản {codes.shown(self.code)}", state="đã kết thúc")

    def _must_concern(self, by: Actor) -> None:
        if not self.concerns(by.place):
            raise NotYourIncident(incident=codes.shown(self.code), owner=self.owner)


def open_incident(
    kind: IncidentKind,
    *,
    about: str,
    owner: str,
    other: str,
    by: Actor,
    at: datetime,
    bag: str = "",
    holder: Custodian | None = None,
    expected: str = "",
    seen: str = "",
    fact: str = "",
    note: str = "",
    photo: str = "",
    topic: ComplaintTopic | None = None,
    due_at: datetime | None = None,
) -> IncidentOpened:
    """Open the record of an incident, due after the time its kind has, or at `due_at` where the law says when."""
    return IncidentOpened(
        kind=kind,
        about=about,
        owner=owner,
        other=other,
        due_at=due_at or at + DUE[kind],
        bag=bag,
        holder=holder,
        expected=expected,
        seen=seen,
        fact=fact,
        note=note,
        photo=photo,
        topic=topic,
        by=by.as_author(),
        occurred_at=at,
    )


def begin(code: str, event: Event) -> Incident:
    """Return the incident that its first event makes."""
    assert isinstance(event, IncidentOpened), f"{code} does not begin with IncidentOpened"
    return Incident(
        code=code,
        version=1,
        state=LIFECYCLE[None, IncidentOpened],
        kind=event.kind,
        about=event.about,
        bag=event.bag,
        owner=event.owner,
        other=event.other,
        opened_at=event.occurred_at,
        opened_by=event.by.account,
        due_at=event.due_at,
        holder=event.holder,
        expected=event.expected,
        seen=event.seen,
        fact=event.fact,
        note=event.note,
        photo=event.photo,
        topic=event.topic,
    )


def replay(code: str, events: Iterable[Event]) -> Incident:
    """Fold all events of an incident into its state."""
    first, *rest = events
    incident = begin(code, first)
    for event in rest:
        incident = incident.evolve(event)
    return incident


def _after(incident: Incident, event: Event) -> Incident:
    match event:
        case IncidentAnswered(note=note):
            return replace(incident, answers=(*incident.answers, note))
        case IncidentSettled(outcome=outcome, note=note, amount=amount, by=by):
            return replace(
                incident,
                outcome=outcome,
                outcome_note=note,
                amount=amount,
                settled_at=event.occurred_at,
                settled_by=by.account,
            )
        case _:
            raise AssertionError(f"{type(event).__name__} is in LIFECYCLE but not folded")
