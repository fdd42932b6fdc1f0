"""Forms 01 to 06 of a dossier and the hand-over of results, as plain values: what is known of each field, no more."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from postal.domain import calendars, codes, contents, events, forms, permissions, register, supplements
from postal.domain.clocks import PausePolicy
from postal.domain.dossier import AgencyStatus, Dossier
from postal.domain.events import Event, ItemKind, PaperCount, ReceptionMode, ReturnWay
from postal.domain.forms import FORM_NAMES, FormDoesNotApply, FormKind, FormSet
from postal.domain.handover import HandoverRecord
from postal.domain.item import Item
from postal.domain.lifecycle import UnknownCode
from postal.domain.people import Actor, Person, Side
from postal.domain.permissions import Permission
from postal.domain.places import Place
from postal.domain.supplements import AskedPaper, Request
from postal.queries import apologies, clocks, dossiers, originals, prints, receivers, timeline
from postal.queries.dossiers import PaperLine
from postal.store import Reader, Store, passages
from postal.store.passages import Passage

ERASED = "(đã xóa)"
E = TypeVar("E", bound=Event)
_STOPPED = (AgencyStatus.STOPPED, AgencyStatus.WITHDRAWN)
STOP_BASIS = "Nghị định 118/2025/NĐ-CP, Điều 21; Thông tư 03/2025/TT-VPCP, Điều 7"


@dataclass(frozen=True, kw_only=True, slots=True)
class HeadPrint:
    """Which form it is, whose, and of which dossier; `book` and `entry` are its place in the register."""

    form: str
    basis: str
    authority: str
    desk: str
    place_and_day: str
    code: str
    official_code: str
    book: str = ""
    entry: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ApplicantPrint:
    """Whose dossier it is, who handed it in, and how that one proved who he is."""

    owner: str
    submitter: str
    address: str
    phone: str
    email: str
    identity: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ReceptionPrint:
    """Form 01. `counts_apart` is the older layout of its list of papers."""

    head: HeadPrint
    applicant: ApplicantPrint
    asks_for: str
    papers: tuple[PaperLine, ...]
    counts_apart: bool
    limit: str
    received_at: str
    due_at: str
    due_note: str
    return_at: str
    fees: str
    officer: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SupplementPrint:
    """Form 02: every paper that is asked for, with its reason."""

    head: HeadPrint
    applicant: ApplicantPrint
    asks_for: str
    papers: tuple[AskedPaper, ...]
    reason: str
    due: str
    clock: str
    officer: str
    officer_phone: str


@dataclass(frozen=True, kw_only=True, slots=True)
class RefusalPrint:
    """Form 03: why it is not taken in."""

    head: HeadPrint
    applicant: ApplicantPrint
    asks_for: str
    reason: str
    is_old: bool
    officer: str
    officer_phone: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ApologyPrint:
    """Form 04: as it was signed, or a draft with the cause and the day that follow from what happened."""

    head: HeadPrint
    applicant: ApplicantPrint
    asks_for: str
    is_old: bool
    authority: str
    received_at: str
    due_at: str
    cause: str
    new_due_at: str
    signer: str
    is_draft: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class StopPrint:
    """Form 05: why, and what goes back. Who asked, when and how is recorded nowhere, so it is written by hand."""

    head: HeadPrint
    applicant: ApplicantPrint
    asks_for: str
    reason: str
    basis: str
    stopped_on: str
    returned: tuple[PaperLine, ...]
    refunded: str


@dataclass(frozen=True, kw_only=True, slots=True)
class HopPrint:
    """A signed hand-off between two organisations. `result` is before, on_time or late, empty where nobody can tell."""

    giver: str
    receiver: str
    at: datetime
    giver_person: str
    receiver_person: str
    result: str
    note: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ControlPrint:
    """The control slip: the custody log, hop by hop."""

    head: HeadPrint
    owner: str
    asks_for: str
    received_at: str
    due_at: str
    authority: str
    hops: tuple[HopPrint, ...]
    is_over: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class ResultPrint:
    """One result that changes hands."""

    official_code: str
    what: str
    result: str
    owner: str
    address: str
    has_fee: bool
    by_post: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class ResultsPrint:
    """Phiếu bàn giao kết quả of one hand-over record."""

    code: str
    giver: str
    receiver: str
    place_and_day: str
    at: str
    giver_person: str
    receiver_person: str
    lines: tuple[ResultPrint, ...]


FormPrint = ReceptionPrint | SupplementPrint | RefusalPrint | ApologyPrint | StopPrint | ControlPrint


@dataclass(frozen=True, kw_only=True, slots=True)
class FormLink:
    """A form that can be printed for a dossier now."""

    kind: FormKind
    number: int
    name: str
    href: str

    @property
    def label(self) -> str:
        """Return what the button says."""
        return f"Mẫu {self.number:02d}: {self.name}"


def form_print(store: Store, code: str, kind: FormKind, *, actor: Actor, at: datetime) -> FormPrint:
    """Return one form of a dossier.

    Raises: UnknownCode, also for somebody else's dossier, NoSuchForm, FormDoesNotApply, Forbidden.
    """
    permissions.require(actor, Permission.SEE_PERSONAL_DATA)
    with store.read(at=at) as reader:
        case = Case(reader, _own(reader, code, actor=actor), actor=actor, at=at)
        case.must_apply(kind)
        return _MAKERS[kind](case)


def numbered(store: Store, code: str, number: int, *, at: datetime) -> FormKind:
    """Return which form a number meant when the dossier was received. Raises: UnknownCode, NoSuchForm."""
    with store.read(at=at) as reader:
        dossier = reader.thing(Dossier, code)
        if dossier is None:
            raise UnknownCode(thing=codes.shown(code))
        return set_of(dossier, at=at).kind(number)


def links(reader: Reader, dossier: Dossier, *, actor: Actor, at: datetime) -> tuple[FormLink, ...]:
    """Return the forms that whoever looks may print now, in the order of their numbers."""
    if not may_print(actor, dossier):
        return ()
    case = Case(reader, dossier, actor=actor, at=at)
    return tuple(
        FormLink(
            kind=kind,
            number=number,
            name=FORM_NAMES[kind],
            href=f"/forms/{dossier.code}/{kind.value}.pdf",
        )
        for kind, number in case.set.numbers.items()
        if kind in _MAKERS and not case.why_not(kind)
    )


def addresses(store: Store, code: str, *, actor: Actor, at: datetime) -> tuple[tuple[str, str], ...]:
    """Return address and words of each form that whoever looks may print now; none of a dossier nobody knows."""
    with store.read(at=at) as reader:
        dossier = reader.thing(Dossier, code)
        found = links(reader, dossier, actor=actor, at=at) if dossier else ()
    return tuple((link.href, link.label) for link in found)


def may_print(actor: Actor, dossier: Dossier) -> bool:
    """Tell whether the forms of a dossier are the actor's to print: of its desk, its department, or, where the post
    receives for the authority, of the office that did."""
    if not permissions.may(actor, Permission.SEE_PERSONAL_DATA):
        return False
    if actor.place in (dossier.desk, dossier.department):
        return True
    is_receiver = dossier.mode is ReceptionMode.B and actor.place == dossier.office
    return is_receiver and permissions.may(actor, Permission.REPRINT)


def set_of(dossier: Dossier, *, at: datetime) -> FormSet:
    """Return the set that was in force when a dossier was received, or now, while nobody has."""
    return forms.in_force(calendars.local(dossier.started_at or at).date())


def _own(reader: Reader, code: str, *, actor: Actor) -> Dossier:
    dossier = reader.thing(Dossier, code)
    if dossier is None or not may_print(actor, dossier):
        raise UnknownCode(thing=codes.shown(code))
    return dossier


# --- one dossier ------------------------------------------------------------------------------------------------------


class Case:
    """A dossier with what its forms need, read in one snapshot."""

    def __init__(self, reader: Reader, dossier: Dossier, *, actor: Actor, at: datetime) -> None:
        self.reader = reader
        self.dossier = dossier
        self.actor = actor
        self.at = at
        self.set = set_of(dossier, at=at)
        self.happened = [event for *_, event in reader.events([dossier.code])]

    # --- which apply --------------------------------------------------------------------------------------------------

    def must_apply(self, kind: FormKind) -> None:
        """Refuse a form that has nothing to say yet. Raises: NoSuchForm, FormDoesNotApply."""
        self.set.number(kind)
        why = self.why_not(kind)
        if why:
            possible = [f"{self.set.label(k)} {FORM_NAMES[k]}" for k in self.set.numbers if not self.why_not(k)]
            thing = f"hồ sơ {codes.shown(self.dossier.code)}"
            raise FormDoesNotApply(
                form=FORM_NAMES[kind], thing=thing, why=why, possible=", ".join(possible) or "chưa có mẫu nào"
            )

    def why_not(self, kind: FormKind) -> str:
        """Return why a form has nothing to say yet, empty when it has."""
        dossier = self.dossier
        wants: dict[FormKind, tuple[bool, str]] = {
            FormKind.RECEPTION: (dossier.started_at is not None, "chưa được tiếp nhận"),
            FormKind.SUPPLEMENT: (self.asked is not None, "cơ quan chưa yêu cầu bổ sung"),
            FormKind.REFUSAL: (dossier.status is AgencyStatus.NOT_RECEIVED, "hồ sơ không bị từ chối"),
            FormKind.APOLOGY: (self._owes_apology, "chưa sắp đến hạn"),
            FormKind.STOP: (dossier.status in _STOPPED, "hồ sơ không dừng giải quyết"),
            FormKind.CONTROL: (bool(self.reader.items_of(dossier.code)), "chưa có bưu gửi nào"),
            FormKind.REGISTER: (False, "sổ in theo Một cửa, không theo hồ sơ"),
        }
        holds, why = wants[kind]
        return "" if holds else why

    @property
    def asked(self) -> events.SupplementAsked | None:
        """Return the last request for papers."""
        return self.last(events.SupplementAsked)

    @property
    def _owes_apology(self) -> bool:
        if self.dossier.extension is not None:
            return True
        due = clocks.of_dossier(self.reader, self.dossier, at=self.at)
        return not self.dossier.is_over and apologies.is_due_soon(due)

    def last(self, kind: type[E]) -> E | None:
        """Return the last event of a kind."""
        return next((event for event in reversed(self.happened) if isinstance(event, kind)), None)

    # --- what every form says -----------------------------------------------------------------------------------------

    @property
    def places(self) -> dict[str, Place]:
        """Return the places of the dossier by code."""
        dossier = self.dossier
        return self.reader.reference.places([dossier.desk, dossier.department, dossier.return_place, dossier.office])

    @property
    def desk(self) -> Place | None:
        """Return the one-stop desk."""
        return self.places.get(self.dossier.desk)

    @property
    def authority(self) -> str:
        """Return what the competent authority is called."""
        place = self.places.get(self.dossier.department)
        return place.name if place else ""

    @property
    def asks_for(self) -> str:
        """Return the procedure, as it was called then."""
        version = dossiers.procedure_of(self.reader, self.dossier)
        return f"{version.name} ({version.code})" if version else self.dossier.procedure

    def head(self, kind: FormKind, *, at: datetime) -> HeadPrint:
        """Return the head of a form that was made at an instant."""
        entry = self.reader.register.of_dossiers([self.dossier.code]).get(self.dossier.code)
        desk = self.desk
        return HeadPrint(
            form=self.set.label(kind),
            basis=self.set.title,
            authority=self.authority,
            desk=desk.name if desk else self.dossier.desk,
            place_and_day=place_and_day(self.reader, desk, at),
            code=self.dossier.code,
            official_code=self.dossier.official_code,
            book=register.written(entry.serial) if entry else "",
            entry=register.written(entry.number) if entry else "",
        )

    def applicant(self, *, by_submitter: bool = False) -> ApplicantPrint:
        """Return whose dossier it is; address and numbers are the owner's, or of the one who handed it in."""
        people = self.reader.people.of([self.dossier.code])
        sender = people.get((self.dossier.code, "sender"))
        owner = people.get((self.dossier.code, "subject")) or sender
        reached = (sender if by_submitter else owner) or owner or Person(name=ERASED)
        told = prints.party(self.reader, reached, on=self.dossier.opened_at)
        return ApplicantPrint(
            owner=owner.name if owner else ERASED,
            submitter=sender.name if sender else "",
            address=told.address,
            phone=told.phone,
            email=told.email,
            identity=reached.proves_by,
        )

    def officer(self, event: Event | None) -> str:
        """Return the name of who recorded an event."""
        if event is None:
            return ""
        return receivers.names_of(self.reader, [event.by.account]).get(event.by.account, "")

    def text(self, reference: str) -> str:
        """Return a sealed text, empty once it was erased."""
        return self.reader.texts.get([reference]).get(reference, "") if reference else ""

    def fees(self) -> str:
        """Return what was paid and is owed to the authority, as recorded; else what the procedure costs."""
        fees = self.dossier.fees
        collected = fees.collected - fees.refunded
        parts = ((collected, "đã thu"), (fees.owed, "chưa thu"))
        told = "; ".join(f"{_money(amount)} ({how})" for amount, how in parts if amount)
        version = dossiers.procedure_of(self.reader, self.dossier)
        if told or version is None or version.fee is None:
            return told
        return _money(version.fee)

    def papers(self) -> tuple[PaperLine, ...]:
        """Return what was handed in: what lies in the envelopes on their way out, else what the dossier lists."""
        sent = [i for i in self.reader.items_of(self.dossier.code) if i.kind is ItemKind.OUTBOUND]
        texts = self.reader.texts.get([contents.text_of(self.dossier, item) for item in sent])
        return tuple(
            line
            for item in sent
            for line in dossiers.paper_lines(
                contents.read(texts.get(contents.text_of(self.dossier, item), "")), item.papers
            )
        )


def _reception(case: Case) -> ReceptionPrint:
    dossier, received = case.dossier, case.last(events.OfficiallyReceived)
    assert dossier.started_at is not None, "form 01 needs a reception"
    due = clocks.of_dossier(case.reader, dossier, at=case.at)
    promised = dossier.promised_at or due.due_at
    return ReceptionPrint(
        head=case.head(FormKind.RECEPTION, at=received.occurred_at if received else dossier.started_at),
        applicant=case.applicant(by_submitter=True),
        asks_for=case.asks_for,
        papers=case.papers(),
        counts_apart=case.set.is_first,
        limit=due.limit,
        received_at=moment(dossier.started_at),
        due_at=moment(promised) if promised else "",
        due_note="Lịch làm việc của năm đó chưa công bố: thời gian trả là tạm tính." if due.provisional else "",
        return_at=_return_at(case),
        fees=case.fees(),
        officer=case.officer(received),
    )


def _supplement(case: Case) -> SupplementPrint:
    event = case.asked
    assert event is not None, "form 02 needs a request"
    request: Request = supplements.read(case.text(event.request))
    return SupplementPrint(
        head=case.head(FormKind.SUPPLEMENT, at=event.occurred_at),
        applicant=case.applicant(),
        asks_for=case.asks_for,
        papers=request.papers or (AskedPaper(name=ERASED),),
        reason=request.reason,
        due=calendars.written(event.due_on) if event.due_on else "",
        clock=CLOCK[event.policy],
        officer=case.officer(event),
        officer_phone=case.desk.phone if case.desk else "",
    )


def _refusal(case: Case) -> RefusalPrint:
    event = case.last(events.ReceptionRefused)
    return RefusalPrint(
        head=case.head(FormKind.REFUSAL, at=event.occurred_at if event else case.dossier.status_at),
        applicant=case.applicant(),
        asks_for=case.asks_for,
        reason=case.text(case.dossier.reason),
        is_old=case.set.is_first,
        officer=case.officer(event),
        officer_phone=case.desk.phone if case.desk else "",
    )


def _apology(case: Case) -> ApologyPrint:
    """Return the letter as it was signed, or as it would stand now with its cause out of the ledger."""
    dossier, extension = case.dossier, case.dossier.extension
    due = clocks.of_dossier(case.reader, dossier, at=case.at)
    items = case.reader.items_of(dossier.code)
    draft = None if extension else apologies.draft(case.reader, dossier, items, due=due, at=case.at)
    was_due = extension.was_due_at if extension else due.shown_at
    cause = case.text(extension.cause) if extension else draft.cause if draft else ""
    new_due = moment(extension.due_at) if extension else calendars.written(draft.due_on) if draft else ""
    return ApologyPrint(
        head=case.head(FormKind.APOLOGY, at=extension.signed_at if extension else case.at),
        applicant=case.applicant(),
        asks_for=case.asks_for,
        is_old=case.set.is_first,
        authority=case.authority,
        received_at=moment(dossier.started_at) if dossier.started_at else "",
        due_at=moment(was_due) if was_due else "",
        cause=cause,
        new_due_at=new_due,
        signer=case.text(extension.signer) if extension else "",
        is_draft=extension is None,
    )


def _stop(case: Case) -> StopPrint:
    dossier = case.dossier
    refunded = dossier.fees.refunded
    items = case.reader.items_of(dossier.code)
    owed = originals.lines(case.reader, dossier, items, sees_names=True)
    return StopPrint(
        head=case.head(FormKind.STOP, at=dossier.status_at),
        applicant=case.applicant(),
        asks_for=case.asks_for,
        reason=case.text(dossier.reason),
        basis=STOP_BASIS,
        stopped_on=f"{calendars.local(dossier.ended_at or dossier.status_at):%d/%m/%Y}",
        returned=tuple(
            PaperLine(name=line.name, originals=line.came, certified=0, copies=0, to_return=True) for line in owed
        ),
        refunded=_money(refunded) if refunded else "",
    )


def _control(case: Case) -> ControlPrint:
    dossier = case.dossier
    due = clocks.of_dossier(case.reader, dossier, at=case.at)
    shown = dossier.extension.due_at if dossier.extension else due.shown_at
    return ControlPrint(
        head=case.head(FormKind.CONTROL, at=dossier.started_at or dossier.opened_at),
        owner=case.applicant().owner,
        asks_for=case.asks_for,
        received_at=moment(dossier.started_at) if dossier.started_at else "",
        due_at=moment(shown) if shown else "",
        authority=case.authority,
        hops=tuple(_Log(case, due_at=shown).hops()),
        is_over=dossier.is_over and all(item.is_final for item in case.reader.items_of(dossier.code)),
    )


_MAKERS: dict[FormKind, Callable[[Case], FormPrint]] = {
    FormKind.RECEPTION: _reception,
    FormKind.SUPPLEMENT: _supplement,
    FormKind.REFUSAL: _refusal,
    FormKind.APOLOGY: _apology,
    FormKind.STOP: _stop,
    FormKind.CONTROL: _control,
}

CLOCK = {
    PausePolicy.RESTART: "Thời hạn giải quyết được tính lại từ ngày nhận đủ giấy tờ.",
    PausePolicy.PAUSE: "Thời hạn tạm dừng đến ngày nhận đủ.",
    PausePolicy.NONE: "Thời hạn giải quyết vẫn tiếp tục tính.",
}
"""What form 02 says of the time limit."""


# --- the custody log --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class _Move:
    """An envelope that went from one organisation to another, on a record or without."""

    item: Item
    giver: str
    receiver: str
    record: str
    event: Event


class _Log:
    """The hand-offs between organisations of a dossier's envelopes, those of one record in one row."""

    def __init__(self, case: Case, *, due_at: datetime | None) -> None:
        self.case = case
        self.due_at = due_at
        self.moves = list(_moves(case.reader, case.dossier))
        codes_of = {move.record for move in self.moves if move.record}
        self.records = case.reader.many(HandoverRecord, sorted(codes_of))
        accounts = {a for r in self.records.values() for a in (r.giver_account, r.receiver_account)}
        self.names = receivers.names_of(case.reader, accounts | {move.event.by.account for move in self.moves})
        self.texts = case.reader.texts.get([record.signer for record in self.records.values()])
        self.places = case.reader.reference.places({p for m in self.moves for p in (m.giver, m.receiver)})

    def hops(self) -> Iterator[HopPrint]:
        """Yield the rows in the order in which they were signed."""
        rows: dict[tuple[str, str, str], list[_Move]] = {}
        for move in self.moves:
            key = (move.record or f"{move.item.code}{move.event.occurred_at}", move.giver, move.receiver)
            rows.setdefault(key, []).append(move)
        yield from sorted((self._hop(moves) for moves in rows.values()), key=lambda hop: hop.at)

    def _hop(self, moves: Sequence[_Move]) -> HopPrint:
        first = moves[0]
        record = self.records.get(first.record)
        at = record.signed_at if record and record.signed_at else first.event.occurred_at
        giver_person, receiver_person = self._people(first, record)
        return HopPrint(
            giver=self._place(first.giver),
            receiver=self._place(first.receiver),
            at=at,
            giver_person=giver_person,
            receiver_person=receiver_person,
            result=self._result(first, at=at),
            note=self._note(moves, record),
        )

    def _people(self, move: _Move, record: HandoverRecord | None) -> tuple[str, str]:
        """Return who signed for each side; who took without a record signed alone."""
        if record is None:
            return "", self.names.get(move.event.by.account, "")
        signer = self.texts.get(record.signer, "")
        giver, receiver = (self.names.get(a, "") for a in (record.giver_account, record.receiver_account))
        if record.by_receiver:
            return signer or giver, receiver
        return giver, receiver or signer

    def _result(self, move: _Move, *, at: datetime) -> str:
        """Return whether the authority gave its result in time; of other hand-offs the receiver says so by hand."""
        own = (self.case.dossier.desk, self.case.dossier.department)
        if move.item.kind is not ItemKind.RESULT or self.due_at is None or move.giver != move.item.origin:
            return ""
        if move.giver not in own:
            return ""
        if at > self.due_at:
            return "late"
        return "on_time" if calendars.local(at).date() == calendars.local(self.due_at).date() else "before"

    def _note(self, moves: Sequence[_Move], record: HandoverRecord | None) -> str:
        kinds = sorted({timeline.KINDS[move.item.kind] for move in moves})
        carried = ", ".join(codes.shown(move.item.code) for move in moves)
        what = ", ".join(kinds)
        told = [f"{what[0].upper()}{what[1:]} {carried}"]
        if record is not None:
            told.append(f"biên bản {codes.shown(record.code)}")
            if record.evidence is not None:
                told.append(timeline.EVIDENCES[record.evidence])
        else:
            told.append("nhận thay, bên giao chưa ký")
        return "; ".join(told)

    def _place(self, code: str) -> str:
        return self.places[code].name if code in self.places else code


def _moves(reader: Reader, dossier: Dossier) -> Iterator[_Move]:
    """Yield where each envelope of a dossier went from one organisation to another."""
    items = reader.items_of(dossier.code)
    for passed in passages.of_items(reader, [item.code for item in items]).values():
        yield from _moves_of(passed)


def _moves_of(passed: Sequence[Passage]) -> Iterator[_Move]:
    before = ""
    offered_on = ""
    for passage in passed:
        event, item = passage.event, passage.item
        if isinstance(event, events.Registered) and event.received_from is not None:
            before = event.received_from.place
            offered_on = event.record
        if isinstance(event, events.HandedOver):
            offered_on = event.record
        after = item.custodian.place if item.custodian.side is not Side.CITIZEN else before
        if before and after and after != before:
            record = getattr(event, "record", "") or ("" if isinstance(event, events.TakenOver) else offered_on)
            yield _Move(item=item, giver=before, receiver=after, record=record, event=event)
        before = after or before


# --- results ----------------------------------------------------------------------------------------------------------


def results_print(store: Store, code: str, *, actor: Actor, at: datetime) -> ResultsPrint:
    """Return the list of results on a hand-over record, for one of its two sides.

    Raises: UnknownCode, FormDoesNotApply, Forbidden.
    """
    permissions.require(actor, Permission.SEE_PERSONAL_DATA)
    with store.read(at=at) as reader:
        record = reader.thing(HandoverRecord, code)
        if record is None or actor.place not in (record.giver.place, record.receiver.place):
            raise UnknownCode(thing=codes.shown(code))
        found = reader.many(Item, record.items)
        carried = [found[item] for item in record.items if item in found and found[item].kind is ItemKind.RESULT]
        if not carried:
            raise FormDoesNotApply(
                form="Phiếu bàn giao kết quả",
                thing=f"biên bản {codes.shown(code)}",
                why="không có kết quả nào trong biên bản",
                possible="biên bản giao nhận",
            )
        return _results(reader, record, carried)


def _results(reader: Reader, record: HandoverRecord, carried: Sequence[Item]) -> ResultsPrint:
    cases = reader.many(Dossier, [item.dossier for item in carried])
    people = reader.people.of(sorted(cases))
    texts = reader.texts.get([item.contents for item in carried])
    places = reader.reference.places([record.giver.place, record.receiver.place])
    names = receivers.names_of(reader, [record.giver_account, record.receiver_account])
    giver, receiver = (places.get(place) for place in (record.giver.place, record.receiver.place))
    signed = record.signed_at is not None
    return ResultsPrint(
        code=record.code,
        giver=giver.name if giver else str(record.giver),
        receiver=receiver.name if receiver else str(record.receiver),
        place_and_day=place_and_day(reader, giver, record.signed_at or record.offered_at),
        at=moment(record.signed_at) if record.signed_at else "",
        giver_person=names.get(record.giver_account, ""),
        receiver_person=names.get(record.receiver_account, "") if signed else "",
        lines=tuple(
            _result_line(reader, item, cases[item.dossier], people, contents.read(texts.get(item.contents, "")))
            for item in carried
        ),
    )


def _result_line(
    reader: Reader, item: Item, dossier: Dossier, people: Mapping[tuple[str, str], Person], names: Sequence[str]
) -> ResultPrint:
    owner = people.get((dossier.code, "subject")) or people.get((dossier.code, "sender")) or Person(name=ERASED)
    version = dossiers.procedure_of(reader, dossier)
    return ResultPrint(
        official_code=dossier.official_code or codes.shown(dossier.code),
        what=version.name if version else dossier.procedure,
        result=_told(names, item.papers),
        owner=owner.name,
        address=prints.party(reader, owner, on=dossier.opened_at).address,
        has_fee=dossier.fees.owed > 0,
        by_post=dossier.return_way in (ReturnWay.HOME, ReturnWay.POST_OFFICE),
    )


def _told(names: Sequence[str], counts: Iterable[PaperCount]) -> str:
    lines = dossiers.paper_lines(names, tuple(counts))
    told = [f"{line.name} ({prints.in_words(line.originals, line.certified, line.copies)})" for line in lines]
    return "; ".join(told)


# --- words ------------------------------------------------------------------------------------------------------------


def place_and_day(reader: Reader, place: Place | None, at: datetime) -> str:
    """Return the line under the state's motto: the province of a place and a day; empty where the place is unknown."""
    on = calendars.local(at).date()
    day = f"ngày {on:%d} tháng {on:%m} năm {on.year}"
    province = place.province_code if place else None
    unit = reader.reference.units([province], on=on).get(province) if province else None
    return f"{unit.name.removeprefix('Thành phố ').removeprefix('Tỉnh ')}, {day}" if unit else day.capitalize()


def moment(at: datetime) -> str:
    """Return an instant as forms write it: `10 giờ 20 phút, ngày 17 tháng 11 năm 2026`."""
    local = calendars.local(at)
    return f"{local:%H} giờ {local:%M} phút, ngày {local:%d} tháng {local:%m} năm {local.year}"


def _return_at(case: Case) -> str:
    way = case.dossier.return_way
    if way is None:
        return ""
    place = case.places.get(case.dossier.return_place)
    told = timeline.RETURN_WAYS[way]
    return f"{told[0].upper()}{told[1:]}" + (f": {place.name}" if place and way is not ReturnWay.HOME else "")


def _money(amount: int) -> str:
    return f"{amount:,}".replace(",", ".") + " đ"
