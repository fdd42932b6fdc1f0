"""The way back begins: the authority registers results, one or many, also for dossiers the post never carried."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from postal.domain import calendars, codes, events, item, official, permissions
from postal.domain.codes import CodeKind
from postal.domain.dossier import Dossier
from postal.domain.events import (
    DossierOpened,
    ItemKind,
    PaperCount,
    ReceptionMode,
    ReturnWay,
    Service,
)
from postal.domain.item import Item
from postal.domain.people import Actor, Custodian, Person
from postal.domain.permissions import Permission
from postal.domain.refusals import Refused
from postal.services import destinations
from postal.services.agency import NotCompetent
from postal.services.registration import PaperEntry, counted
from postal.store import Ledger, Store


class NoReceiver(Refused):
    """A result for a dossier we never carried needs somebody to bring it to."""

    code = "no_receiver"
    vi = "Chưa biết giao kết quả {official_code} cho ai. Nhập họ tên, điện thoại và địa chỉ người nhận."
    en = "There is no receiver for result {official_code}. Enter name, phone and address."


class NothingToRegister(Refused):
    """At least one result."""

    code = "nothing_to_register"
    vi = "Chưa có kết quả nào. Quét hoặc dán ít nhất một mã hồ sơ."
    en = "There is no result. Scan or paste at least one dossier code."


class ResultExists(Refused):
    """A dossier has one result on its way."""

    code = "result_exists"
    vi = "Hồ sơ {dossier} đã có kết quả {item}. Mở bưu gửi đó để xem đang ở đâu."
    en = "Dossier {dossier} already has the result {item}."


@dataclass(frozen=True, kw_only=True, slots=True)
class ResultEntry:
    """One result: our code or the authority's code, what is inside, and the receiver when the post never carried it.

    `papers` are the result and the papers owed back. `seal` is the number of the seal put on before the authority.
    """

    code: str
    papers: tuple[PaperEntry, ...]
    seal: str = ""
    receiver: Person | None = None
    procedure: str = ""


def register_results(
    store: Store, entries: Sequence[ResultEntry], *, by: Actor, at: datetime, below: Callable[[int], int]
) -> list[Item]:
    """Register results as new items whose sender is the authority; all of them or none.

    Raises: NothingToRegister, NoReceiver, NoDesk, ResultExists, NotCompetent, NotNow, WrongOfficialCode, Forbidden.
    """
    permissions.require(by, Permission.REGISTER_RESULT)
    if not entries:
        raise NothingToRegister
    with store.begin(at=at) as ledger:
        desk = destinations.desk_of(ledger, by)
        return [_register(ledger, entry, desk=desk, by=by, at=at, below=below) for entry in entries]


def _register(
    ledger: Ledger,
    entry: ResultEntry,
    *,
    desk: Custodian,
    by: Actor,
    at: datetime,
    below: Callable[[int], int],
) -> Item:
    dossier = _resolved(ledger, entry, by=by, at=at, below=below)
    code = codes.mint(CodeKind.ITEM, below=below).text
    event = item.register(
        code=code,
        kind=ItemKind.RESULT,
        dossier=dossier.code,
        destination=destinations.for_citizen(ledger, dossier, on=calendars.local(at).date()),
        custodian=desk,
        papers=_counted_or_one(entry.papers),
        by=by,
        at=at,
    )
    made = ledger.begin(Item, code, event)
    if not entry.seal:
        return made
    return ledger.append(made, made.close_seal(seal=entry.seal, by=by, at=at))


def _resolved(ledger: Ledger, entry: ResultEntry, *, by: Actor, at: datetime, below: Callable[[int], int]) -> Dossier:
    """Return the dossier of an entry with its result recorded; open one for a dossier the post never carried."""
    dossier = _known(ledger, entry.code) or _open(ledger, entry, by=by, at=at, below=below)
    if by.place not in (dossier.desk, dossier.department):
        raise NotCompetent(dossier=codes.shown(dossier.code), place=ledger.reference.place(dossier.department).name)
    _must_have_no_result(ledger, dossier)
    dossier.must_allow(events.Resolved)
    return ledger.append(dossier, events.Resolved(by=by.as_author(), occurred_at=at))


def _known(ledger: Ledger, text: str) -> Dossier | None:
    """Return the dossier by our code or by the authority's own."""
    if _is_ours(text):
        return ledger.dossier(codes.parse(text, kind=CodeKind.DOSSIER).text)
    return ledger.dossier_by_official_code(official.parse_official(text).text)


def _is_ours(text: str) -> bool:
    return len(codes.squeezed(text)) == codes.CODE_LENGTH


def _must_have_no_result(ledger: Ledger, dossier: Dossier) -> None:
    for known in ledger.items_of(dossier.code):
        if known.kind is ItemKind.RESULT and known.custody is not item.Custody.VOIDED:
            raise ResultExists(dossier=codes.shown(dossier.code), item=codes.shown(known.code))


def _open(ledger: Ledger, entry: ResultEntry, *, by: Actor, at: datetime, below: Callable[[int], int]) -> Dossier:
    receiver = _receiver(entry)
    code = codes.mint(CodeKind.DOSSIER, below=below).text
    event = DossierOpened(
        service=Service.RECEIVE,
        mode=ReceptionMode.A,
        procedure=entry.procedure,
        procedure_version=_version(ledger, entry.procedure, on=calendars.local(at).date()),
        office="",
        desk=by.place,
        department=by.place,
        competence_reason="Cơ quan đăng ký trả kết quả qua bưu điện; hồ sơ nộp ở nơi khác.",
        lane="",
        expected_at_desk_on=None,
        return_way=ReturnWay.HOME,
        return_commune=receiver.commune,
        return_place="",
        paper_lines=0,
        official_code=official.parse_official(entry.code).text,
        by=by.as_author(),
        occurred_at=at,
    )
    ledger.people.put(code, "sender", receiver)
    return ledger.begin(Dossier, code, event)


def _receiver(entry: ResultEntry) -> Person:
    """Return whom a postman can bring it to. Raises: NoReceiver."""
    receiver = entry.receiver
    if receiver is None or not (receiver.name and receiver.address and receiver.commune):
        raise NoReceiver(official_code=entry.code)
    return receiver


def _version(ledger: Ledger, procedure: str, *, on: date) -> int:
    """Return the version of a procedure in force, 0 when the authority named none. Raises: UnknownProcedure."""
    return ledger.reference.procedure(procedure, on=on).version if procedure else 0


def _counted_or_one(papers: Sequence[PaperEntry]) -> tuple[PaperCount, ...]:
    return counted(papers) or (PaperCount(line=1, originals=1),)
