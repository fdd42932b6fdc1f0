"""The way back begins: the authority registers results, one or many, also for dossiers the post never carried."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from postal.domain import calendars, codes, events, item, official, permissions
from postal.domain.codes import CodeKind
from postal.domain.dossier import Dossier
from postal.domain.events import (
    Destination,
    DossierOpened,
    ItemKind,
    PaperCount,
    ReceptionMode,
    ReturnWay,
    Service,
)
from postal.domain.item import Item
from postal.domain.people import (
    Actor,
    Custodian,
    Person,
    PositionKind,
    parse_position,
    position_custodian,
)
from postal.domain.permissions import Permission
from postal.domain.places import Place, PlaceKind
from postal.domain.refusals import Refused
from postal.services.agency import NotCompetent
from postal.services.registration import PaperEntry, counted
from postal.store import Ledger, Store


class NoReceiver(Refused):
    """A result for a dossier we never carried needs somebody to bring it to."""

    code = "no_receiver"
    vi = "Chưa biết giao kết quả {official_code} cho ai. Nhập họ tên, điện thoại và địa chỉ người nhận."
    en = "There is no receiver for result {official_code}. Enter name, phone and address."


class NoDesk(Refused):
    """Results are registered from a desk or department one answers for."""

    code = "no_desk"
    vi = "{name} chưa phụ trách quầy hay phòng nào của cơ quan. Nhận ca rồi đăng ký kết quả."
    en = "{name} does not hold a desk or department position."


class NothingToRegister(Refused):
    """At least one result."""

    code = "nothing_to_register"
    vi = "Chưa có kết quả nào. Quét hoặc dán ít nhất một mã hồ sơ."
    en = "There is no result. Scan or paste at least one dossier code."


class NoDeliveryOffice(Refused):
    """Nobody delivers in this commune."""

    code = "no_delivery_office"
    vi = "Chưa có bưu cục phát cho {commune}. Nhờ điều phối thêm tuyến phát, hoặc chọn trả kết quả tại Một cửa."
    en = "No office delivers in {commune}. Ask the coordinator to add a territory, or return the result at the desk."


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
        desk = _desk(ledger, by)
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
        destination=_destination(ledger, dossier, on=calendars.local(at).date()),
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


def _destination(ledger: Ledger, dossier: Dossier, *, on: date) -> Destination:
    """Return where the post must bring a result: the delivery office of the door, the office of pickup.

    It stays at the desk where the citizen comes for it himself, or asked the post only to send.
    """
    stays = dossier.return_way is ReturnWay.DESK or dossier.service is Service.SEND
    pickup = dossier.return_place or dossier.office
    if stays:
        place = ledger.reference.place(dossier.desk)
    elif dossier.return_way is ReturnWay.POST_OFFICE and pickup:
        place = ledger.reference.place(pickup)
    else:
        place = _delivery_office(ledger, dossier.return_commune, on=on)
    return Destination(place=place.code, name=place.name, to_citizen=not stays)


def _delivery_office(ledger: Ledger, commune: str, *, on: date) -> Place:
    """Return the office whose postman visits a commune, else the delivery office of its province."""
    territory = ledger.reference.territory_for(commune)
    if territory is not None:
        return ledger.reference.place(territory.office)
    unit = ledger.reference.commune(commune, on=on)
    offices = ledger.reference.places_of(unit.province_code, kinds=(PlaceKind.OFFICE,))
    found = min((o for o in offices if o.delivers), key=lambda o: o.code, default=None)
    if found is None:
        raise NoDeliveryOffice(commune=unit.name)
    return found


def _desk(ledger: Ledger, by: Actor) -> Custodian:
    """Return the position of the authority the actor answers for."""
    for key in sorted(by.positions):
        position = parse_position(key)
        if position.kind in (PositionKind.DESK, PositionKind.DEPARTMENT):
            return position_custodian(position, unit_name=ledger.reference.place(position.place).name)
    raise NoDesk(name=by.name)


def _counted_or_one(papers: Sequence[PaperEntry]) -> tuple[PaperCount, ...]:
    return counted(papers) or (PaperCount(line=1, originals=1),)
