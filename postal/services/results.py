"""The way back begins: results enter the ledger line by line, also for dossiers the post never carried.

The authority registers them at its own desk (`register_results`); the post's take-over at a centre (`intake`) uses the
same lines.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from postal.domain import calendars, codes, contents, dossier, item, originals, permissions, scans
from postal.domain.codes import Code, CodeKind
from postal.domain.dossier import AGENCY_STATUS_NAMES, Dossier, WrongAmount
from postal.domain.events import (
    Charged,
    Destination,
    DossierOpened,
    Evidence,
    ItemKind,
    MoneyLedger,
    PaperCount,
    ReceptionMode,
    Registered,
    Resolved,
    ReturnWay,
    Service,
)
from postal.domain.item import Item
from postal.domain.official import OfficialCode
from postal.domain.people import Actor, Custodian, Person
from postal.domain.permissions import Permission
from postal.domain.places import Place
from postal.domain.refusals import Refused
from postal.services import destinations, messages, registration
from postal.services.agency import NotCompetent, OfficialCodeTaken
from postal.services.registration import PaperEntry, counted
from postal.store import Ledger, Store
from postal.store.registers import RequestMismatch

ANOTHER = "another"
"""Chosen for a line when the dossiers known by its code are not the one: this one the post never carried."""


class NoReceiver(Refused):
    """A result for a dossier we never carried needs somebody to bring it to."""

    code = "no_receiver"
    vi = "Chưa biết giao kết quả {official_code} cho ai. Nhập họ tên, xã phường và địa chỉ người nhận."
    en = "There is no receiver for result {official_code}. Enter name, commune and address."


class NothingToRegister(Refused):
    """At least one result."""

    code = "nothing_to_register"
    vi = "Chưa có kết quả nào. Quét hoặc dán ít nhất một mã hồ sơ."
    en = "There is no result. Scan or paste at least one dossier code."


class ResultExists(Refused):
    """A dossier has one result on its way."""

    code = "result_exists"
    vi = "Hồ sơ {dossier} đã có kết quả {item}. Mở bưu gửi đó để xem đang ở đâu, và bỏ dòng này ra."
    en = "Dossier {dossier} already has the result {item}."


class ListedTwice(Refused):
    """One dossier, two lines: which of them holds the result?"""

    code = "listed_twice"
    vi = "{code_} và một dòng ở trên là cùng một hồ sơ. Bỏ một trong hai dòng ra."
    en = "{code_} and a line above are one dossier. Leave one of them out."


class WhichDossier(Refused):
    """Two authorities may give the same official code, and keyboards rewrite some; only people say which is meant."""

    code = "which_dossier"
    vi = "Mã {code_} có thể là hồ sơ của {places}. Chọn đúng hồ sơ, hoặc chọn “Hồ sơ khác, chưa qua bưu điện”."
    en = "Code {code_} may name a dossier of {places}. Choose the right one, or say it is another one."


class NoFeeBasis(Refused):
    """Whoever collects a fee must be able to say what it is for."""

    code = "no_fee_basis"
    vi = (
        "Kết quả {code_} có khoản phải thu nhưng chưa ghi thu cho khoản nào. Ghi tên phí, lệ phí theo giấy của cơ quan."
    )
    en = "Result {code_} has a fee to collect; enter what it is for."


class GivenTooEarly(Refused):
    """No result was given before its dossier came to the step in which it is now."""

    code = "given_too_early"
    vi = "Giờ ký {signed} trước lúc hồ sơ {dossier} sang bước “{state}” ({since}). Xem lại ngày, giờ ghi trên giấy."
    en = "The signing time {signed} lies before dossier {dossier} came to its present step at {since}."


class StaysAtTheDesk(Refused):
    """The citizen comes to the desk for it: the post has nothing to bring."""

    code = "stays_at_the_desk"
    vi = "Kết quả của hồ sơ {dossier} do người dân đến Một cửa nhận. Để lại cho cơ quan và bỏ dòng này ra."
    en = "The result of dossier {dossier} is collected at the desk. Leave it there."


class LinesRefused(Refused):
    """Some lines cannot be taken; nothing was recorded, and every such line says why. `lines` is by line, from 1."""

    code = "lines_refused"
    vi = "Có {count} dòng chưa nhận được nên chưa ghi dòng nào. {first}"
    en = "{count} lines cannot be taken and nothing was recorded. {first}"

    @classmethod
    def of(cls, lines: dict[int, Refused]) -> "LinesRefused":
        """Return the refusal of these lines; its sentence tells the first one."""
        return cls(count=len(lines), first=next(iter(lines.values())), lines=lines)

    @property
    def lines(self) -> dict[int, Refused]:
        """Return what each refused line says."""
        return self.fields["lines"]  # type: ignore[return-value]


@dataclass(frozen=True, kw_only=True, slots=True)
class OwedBack:
    """Originals that came in and are inside this envelope: the line they came in with (`PaperCount.source`)."""

    source: str
    count: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ResultEntry:
    """One result: our code or the authority's, what is inside, what is to be collected and got back for it.

    `papers` are the result and what comes with it, `owed` the originals given back. `seal` is the number of the seal
    put on before the authority, or by it beforehand. `receiver` says to whom, when the post never carried the dossier.
    `dossier` is chosen where the official code names several: a code of ours, or `ANOTHER`. `fee` is whole đồng.
    """

    code: str
    papers: tuple[PaperEntry, ...] = ()
    owed: tuple[OwedBack, ...] = ()
    seal: str = ""
    by_authority: bool = False
    receiver: Person | None = None
    procedure: str = ""
    dossier: str = ""
    fee: int = 0
    fee_basis: str = ""
    recover: tuple[str, ...] = ()
    weight_g: int | None = None
    postal_number: str = ""


def register_results(
    store: Store,
    entries: Sequence[ResultEntry],
    *,
    by: Actor,
    at: datetime,
    below: Callable[[int], int],
    request: str = "",
) -> list[Item]:
    """Register results as new items whose sender is the authority; all of them or none, once for a request number.

    Raises: NothingToRegister, NoDesk, LinesRefused, RequestMismatch, Forbidden.
    """
    permissions.require(by, Permission.REGISTER_RESULT)
    with store.begin(at=at) as ledger:
        numbers = [f"{request}-{line}" if request else "" for line in range(1, len(entries) + 1)]
        done = [ledger.requests.answer(n, content=repr(e)) for n, e in zip(numbers, entries, strict=True)]
        if any(done):
            _must_be_the_same_list(done, request)
            return ledger.items([code for code in done if code])
        desk = destinations.desk_of(ledger, by)
        made = Arrival(ledger, desk=desk, holder=desk, by=by, at=at, below=below).take(entries)
        for number, entry, item_ in zip(numbers, entries, made, strict=True):
            ledger.requests.settle(number, content=repr(entry), answer=item_.code)
        return made


@dataclass(frozen=True, kw_only=True, slots=True)
class _Line:
    """A line that stands: what will be recorded for it. `opened` is set for a dossier the post never carried."""

    entry: ResultEntry
    dossier: Dossier
    opened: DossierOpened | None
    resolved: Resolved
    charged: Charged | None
    destination: Destination
    item: str


class Arrival:
    """Results that enter the ledger together: every line is looked at first, then all of them are written.

    `desk` gives them, `holder` answers for them from `at` on. With a `record` the holder is the post, and both signed
    on paper. Where `waits_at` is given, a result whose receiver is not known yet waits at that office.
    """

    def __init__(
        self,
        ledger: Ledger,
        *,
        desk: Custodian,
        holder: Custodian,
        by: Actor,
        at: datetime,
        below: Callable[[int], int],
        record: str = "",
        evidence: Evidence | None = None,
        waits_at: Place | None = None,
    ) -> None:
        self.ledger = ledger
        self.desk = desk
        self.holder = holder
        self.by = by
        self.at = at
        self.today = calendars.local(at).date()
        self.below = below
        self.record = record
        self.evidence = evidence
        self.waits_at = waits_at

    def take(self, entries: Sequence[ResultEntry]) -> list[Item]:
        """Return the items made of all lines. Raises: NothingToRegister, LinesRefused."""
        if not entries:
            raise NothingToRegister
        return self._write(self._lines(entries))

    # --- looked at, nothing written -----------------------------------------------------------------------------------

    def _lines(self, entries: Sequence[ResultEntry]) -> list[_Line]:
        lines: list[_Line] = []
        refused: dict[int, Refused] = {}
        for number, entry in enumerate(entries, start=1):
            try:
                lines.append(self._line(entry, before=lines))
            except Refused as refusal:
                refused[number] = refusal
        if refused:
            raise LinesRefused.of(refused)
        return lines

    def _line(self, entry: ResultEntry, *, before: Sequence[_Line]) -> _Line:
        found = self._found(entry)
        opened = None if found else self._opening(entry)
        known = found or self._begun(opened)
        self._must_be_the_only_one(entry, known, before=before)
        known.must_allow(Resolved)
        self._must_follow(known)
        resolved = Resolved(by=self.by.as_author(), occurred_at=self.at)
        return _Line(
            entry=entry,
            dossier=known,
            opened=opened,
            resolved=resolved,
            charged=self._charged(entry, known.evolve(resolved)),
            destination=self._destination(known),
            item=codes.mint(CodeKind.ITEM, below=self.below).text,
        )

    def _found(self, entry: ResultEntry) -> Dossier | None:
        """Return the dossier of a line, checked; None when the post never carried it."""
        found = self._meant(entry, scans.read_dossier(entry.code))
        if found is None:
            return None
        if self.desk.place not in (found.desk, found.department):
            place = self.ledger.reference.place(found.department or found.desk).name
            raise NotCompetent(dossier=codes.shown(found.code), place=place)
        items = self.ledger.items_of(found.code)
        _must_have_no_result(found, items)
        originals.must_be_owed(found, items, _owed_counts(entry, first=1))
        return found

    def _meant(self, entry: ResultEntry, code: Code | OfficialCode) -> Dossier | None:
        if isinstance(code, Code):
            return self.ledger.dossier(code.text)
        known = self.ledger.dossiers_by_official_code(code.text)
        if entry.dossier == ANOTHER:
            self._must_be_free(code.text, known)
            return None
        if entry.dossier:
            known = [each for each in known if each.code == entry.dossier]
        if len(known) == 1 and (entry.dossier or (self._is_ours(known[0]) and known[0].official_code == code.text)):
            return known[0]
        if not known:
            return None
        names = self.ledger.reference.places([each.desk for each in known])
        raise WhichDossier(code_=code.text, places=", ".join(place.name for place in names.values()))

    def _is_ours(self, known: Dossier) -> bool:
        return self.desk.place in (known.desk, known.department)

    def _must_be_free(self, official_code: str, known: Iterable[Dossier]) -> None:
        """Refuse a second dossier of one code at the same desk."""
        same = (each for each in known if each.official_code == official_code)
        taken = next((each for each in same if each.desk == self.desk.place), None)
        if taken is not None:
            raise OfficialCodeTaken(official_code=official_code, dossier=codes.shown(taken.code))

    def _must_be_the_only_one(self, entry: ResultEntry, known: Dossier, *, before: Sequence[_Line]) -> None:
        for line in before:
            same_code = bool(known.official_code) and line.dossier.official_code == known.official_code
            if line.dossier.code == known.code or (same_code and line.dossier.desk == known.desk):
                raise ListedTwice(code_=entry.code)

    def _must_follow(self, known: Dossier) -> None:
        """Refuse a time on paper, which has no seconds, before what is known of the dossier. Raises: GivenTooEarly."""
        if self.at < known.status_at.replace(second=0, microsecond=0):
            raise GivenTooEarly(
                signed=_on_paper(self.at),
                dossier=codes.shown(known.code),
                state=AGENCY_STATUS_NAMES[known.status],
                since=_on_paper(known.status_at),
            )

    def _opening(self, entry: ResultEntry) -> DossierOpened:
        """Return the opening of a dossier the post never carried; who gets it may still be unknown."""
        is_known = is_complete(entry.receiver)
        if not is_known and self.waits_at is None:
            raise NoReceiver(official_code=entry.code)
        version = self.ledger.reference.last_procedure(entry.procedure, on=self.today).version if entry.procedure else 0
        return DossierOpened(
            service=Service.RECEIVE,
            mode=ReceptionMode.A,
            procedure=entry.procedure,
            procedure_version=version,
            office="",
            desk=self.desk.place,
            department=self.desk.place,
            competence_reason="Cơ quan trả kết quả qua bưu điện; hồ sơ nộp ở nơi khác.",
            lane="",
            expected_at_desk_on=None,
            return_way=ReturnWay.HOME,
            return_commune=entry.receiver.commune if entry.receiver and is_known else "",
            return_place="",
            paper_lines=0,
            official_code=scans.read_dossier(entry.code).text,
            by=self.by.as_author(),
            occurred_at=self.at,
        )

    def _begun(self, opened: DossierOpened | None) -> Dossier:
        assert opened is not None
        return dossier.begin(codes.mint(CodeKind.DOSSIER, below=self.below).text, opened)

    def _charged(self, entry: ResultEntry, known: Dossier) -> Charged | None:
        if entry.fee < 0:
            raise WrongAmount(amount=entry.fee, why="không được âm")
        if not entry.fee:
            return None
        if not entry.fee_basis.strip():
            raise NoFeeBasis(code_=entry.code)
        return known.charge(
            ledger=MoneyLedger.FEES,
            amount=entry.fee,
            basis=entry.fee_basis.strip(),
            payee=self.desk.place,
            by=self.by,
            at=self.at,
        )

    def _destination(self, known: Dossier) -> Destination:
        if known.lacks_receiver:
            assert self.waits_at is not None
            return Destination(place=self.waits_at.code, name=self.waits_at.name, to_citizen=True)
        destination = destinations.for_citizen(self.ledger, known, on=self.today)
        if self.waits_at is not None and not destination.to_citizen:
            raise StaysAtTheDesk(dossier=codes.shown(known.code))
        return destination

    # --- written ------------------------------------------------------------------------------------------------------

    def _write(self, lines: Sequence[_Line]) -> list[Item]:
        self._write_dossiers(lines)
        made = self.ledger.begin_all(Item, [(line.item, self._registered(line)) for line in lines])
        sealed = {
            each.code: each.close_seal(
                seal=line.entry.seal, by_authority=line.entry.by_authority, by=self.by, at=self.at
            )
            for line, each in zip(lines, made, strict=True)
            if line.entry.seal
        }
        after = self.ledger.append_all([(each, sealed[each.code]) for each in made if each.code in sealed])
        by_code = {each.code: each for each in (*made, *after)}
        return [by_code[line.item] for line in lines]

    def _write_dossiers(self, lines: Sequence[_Line]) -> None:
        opened = [(line.dossier.code, line.opened) for line in lines if line.opened]
        if opened:
            self.ledger.begin_all(Dossier, opened)
        for line in lines:
            if line.opened and line.entry.receiver:
                self.ledger.people.put(line.dossier.code, "sender", line.entry.receiver)
        resolved = self.ledger.append_all([(line.dossier, line.resolved) for line in lines])
        charges = [(known, line.charged) for known, line in zip(resolved, lines, strict=True) if line.charged]
        for charged in self.ledger.append_all(charges):
            messages.owe_fees(self.ledger, charged)

    def _registered(self, line: _Line) -> Registered:
        entry, code = line.entry, line.dossier.code
        papers = entry.papers or (PaperEntry(name="Kết quả", originals=1),)
        inside = (*papers, *(PaperEntry(name=self._name(line.dossier, owed.source)) for owed in _inside(entry)))
        return item.register(
            code=line.item,
            kind=ItemKind.RESULT,
            dossier=code,
            destination=line.destination,
            custodian=self.holder,
            papers=(*counted(papers), *_owed_counts(entry, first=len(papers) + 1)),
            weight_g=entry.weight_g,
            postal_number=entry.postal_number,
            contents=self.ledger.texts.put(code, registration.names_of(inside)),
            to_recover=len(entry.recover),
            recover=self.ledger.texts.put(code, "\n".join(entry.recover)),
            received_from=self.desk if self.record else None,
            record=self.record,
            evidence=self.evidence,
            by=self.by,
            at=self.at,
        )

    def _name(self, known: Dossier, source: str) -> str:
        """Return what the paper of a line was called when it came in."""
        code, _, line = source.partition("/")
        text = contents.text_of(known, self.ledger.item(code))
        return contents.name(contents.read(self.ledger.texts.get([text]).get(text, "")), int(line))


def _must_be_the_same_list(done: Sequence[str | None], request: str) -> None:
    """Refuse a form sent again with lines that were not on it: none of them was recorded. Raises: RequestMismatch."""
    if not all(done):
        raise RequestMismatch(request=request)


def _must_have_no_result(known: Dossier, items: Iterable[Item]) -> None:
    for each in items:
        if each.kind is ItemKind.RESULT and each.custody is not item.Custody.VOIDED:
            raise ResultExists(dossier=codes.shown(known.code), item=codes.shown(each.code))


def is_complete(receiver: Person | None) -> bool:
    """Tell whether a postman can bring it to this person."""
    return receiver is not None and bool(receiver.name and receiver.address and receiver.commune)


def _on_paper(at: datetime) -> str:
    return f"{calendars.local(at):%H:%M %d/%m/%Y}"


def _inside(entry: ResultEntry) -> list[OwedBack]:
    return [owed for owed in entry.owed if owed.count]


def _owed_counts(entry: ResultEntry, *, first: int) -> tuple[PaperCount, ...]:
    """Return the lines of the envelope that give originals back, numbered from `first`."""
    return tuple(
        PaperCount(line=line, originals=owed.count, to_return=True, source=owed.source)
        for line, owed in enumerate(_inside(entry), start=first)
    )
