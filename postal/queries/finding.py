"""A citizen without a phone asks at any counter: which dossier it is, and what may be said and done for him there."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from postal.domain import calendars, codes, garbling, home_pickup, permissions, scans, supplements
from postal.domain.asking import NameAndYear
from postal.domain.codes import Code, CodeKind
from postal.domain.dossier import Dossier
from postal.domain.events import Delivered, MoneyLedger
from postal.domain.item import Item
from postal.domain.people import Actor, Person
from postal.domain.permissions import Permission
from postal.domain.refusals import Refused
from postal.queries import counter, tracking
from postal.queries.tracking import Level, Tracked
from postal.store import Reader, Store
from postal.store.tables import DossierRow, ItemRow, table_of


class NotFound(Refused):
    """Nothing fits what was asked for; which part is wrong is not said."""

    code = "citizen_not_found"
    vi = "Chưa thấy hồ sơ nào khớp. Xem lại mã trên phiếu gửi, hoặc họ tên và năm sinh trên căn cước."
    en = "No dossier fits. Look at the code on the slip again, or at the name and year on the identity card."


class TooManyAlike(Refused):
    """Several people of one name and year live in one commune; a list of them is not shown."""

    code = "too_many_alike"
    vi = "Có nhiều người trùng họ tên, năm sinh và xã. Quét căn cước của khách, hoặc hỏi mã trên phiếu gửi."
    en = "Several people share name, year and commune. Scan the citizen's card, or ask for the code on the slip."


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundDossier:
    """A dossier that fits: when it was handed in, and how far it is, as its label alone would tell."""

    code: str
    opened_on: date
    progress: Tracked


@dataclass(frozen=True, kw_only=True, slots=True)
class Action:
    """Something this counter may do for the citizen now."""

    label: str
    href: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Opened:
    """One dossier as its citizen may read it, and what this counter may do; `waits` says where something lies."""

    tracked: Tracked
    opened_on: date
    waits: tuple[str, ...]
    owed: int
    actions: tuple[Action, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """What came of a look-up: dossiers to choose from, or communes when several people fit.

    `by` says in words how it was looked up, for the audit trail.
    """

    found: tuple[FoundDossier, ...]
    communes: tuple[tuple[str, str], ...]
    by: str


def by_code(store: Store, scan: scans.Scan, *, at: datetime) -> Finding:
    """Return the dossiers that our code, the citizen's copy, an official code or an identity card names.

    Raises: NotFound.
    """
    with store.read(at=at) as reader:
        by, wanted = _named(reader, scan)
        return _finding(reader, wanted, by=by, at=at)


def by_name(store: Store, who: NameAndYear, *, commune: str, at: datetime) -> Finding:
    """Return the dossiers of the one person of a full name and year; of several, the communes to choose from.

    Raises: NotFound, TooManyAlike.
    """
    with store.read(at=at) as reader:
        meant = _meant(reader, who)
        communes = {person.commune for _, person in meant}
        chosen = [(code, person) for code, person in meant if not commune or person.commune == commune]
        if len(_different(chosen)) > 1:
            if len(communes) == 1 or commune:
                raise TooManyAlike
            return Finding(found=(), communes=_named_communes(reader, communes, at=at), by=BY_NAME)
        return _finding(reader, [code for code, _ in chosen], by=BY_NAME, at=at)


def opened(store: Store, code: str, *, actor: Actor, at: datetime) -> Opened:
    """Return a dossier as its citizen may read it, for a clerk who has looked at his identity paper.

    Raises: NotFound.
    """
    with store.read(at=at) as reader:
        dossier = reader.thing(Dossier, code)
        if dossier is None:
            raise NotFound
        items = counter.items_by_dossier(reader, [code])[code]
        return Opened(
            tracked=tracking.of(reader, dossier, level=Level.PIN, at=at),
            opened_on=calendars.local(dossier.opened_at).date(),
            waits=tuple(f"{item.custodian}" for item in items if _waits(item)),
            owed=sum(dossier.money(account).owed for account in MoneyLedger),
            actions=tuple(_actions(dossier, items, actor)),
        )


BY_NAME = "họ tên và năm sinh"


def dossiers_of(reader: Reader, who: NameAndYear) -> list[str]:
    """Return the dossiers with somebody of this name who was born in this year."""
    return sorted({code for code, _ in _meant(reader, who)})


# --- finding ----------------------------------------------------------------------------------------------------------


def _named(reader: Reader, scan: scans.Scan) -> tuple[str, list[str]]:
    """Return how a scan names dossiers, and which."""
    match scan:
        case scans.OurCode(code=code):
            return "mã hồ sơ hoặc mã bưu gửi", _of_our_code(reader, code)
        case scans.ReceiptSecret(raw=raw):
            meant = (reader.receipts.dossier_of(each) for each in garbling.twins(codes.encode_secret(raw)))
            return "mã QR trên phiếu gửi", [code for code in meant if code]
        case scans.Official(code=official):
            table = table_of(DossierRow)
            query = select(table.c.code).where(table.c.official_code.in_(garbling.twins(official.text)))
            return "mã hồ sơ một cửa", [row.code for row in reader.rows(query)]
        case scans.PostalNumber(number=number):
            table = table_of(ItemRow)
            query = select(table.c.dossier).where(table.c.postal_number.in_(garbling.twins(number.text)))
            return "số hiệu bưu gửi", [row.dossier for row in reader.rows(query)]
        case scans.Card(card=card):
            return "căn cước", reader.people.find(identity=card.number)
        case scans.Phone() | scans.Words():
            return "nội dung không phải mã", []


def _of_our_code(reader: Reader, code: Code) -> list[str]:
    if code.kind is CodeKind.ITEM:
        item = reader.thing(Item, code.text)
        return [item.dossier] if item else []
    return [code.text] if code.kind is CodeKind.DOSSIER and reader.thing(Dossier, code.text) else []


def _meant(reader: Reader, who: NameAndYear) -> list[tuple[str, Person]]:
    """Return each dossier with the person of it who has this name and year."""
    people = reader.people.of(reader.people.find(name=who.name))
    return [(code, person) for (code, _), person in sorted(people.items()) if who.is_meant(person)]


def _different(meant: Iterable[tuple[str, Person]]) -> set[str]:
    """Return the people there are, told apart by what proves who they are, else by their communes."""
    return {person.proves_by or person.commune for _, person in meant}


def _named_communes(reader: Reader, communes: Iterable[str], *, at: datetime) -> tuple[tuple[str, str], ...]:
    units = reader.reference.units(communes, on=calendars.local(at).date())
    return tuple(sorted(((code, unit.name) for code, unit in units.items()), key=lambda pair: pair[1]))


def _finding(reader: Reader, wanted: Sequence[str], *, by: str, at: datetime) -> Finding:
    dossiers = sorted(reader.many(Dossier, wanted).values(), key=lambda d: (d.opened_at, d.code), reverse=True)
    if not dossiers:
        raise NotFound
    return Finding(
        found=tuple(
            FoundDossier(
                code=d.code,
                opened_on=calendars.local(d.opened_at).date(),
                progress=tracking.of(reader, d, level=Level.CODE, at=at),
            )
            for d in dossiers
        ),
        communes=(),
        by=by,
    )


# --- what may be done -------------------------------------------------------------------------------------------------


def _waits(item: Item) -> bool:
    return item.pickup_until is not None and item.may(Delivered)


def _actions(dossier: Dossier, items: Sequence[Item], actor: Actor) -> Iterable[Action]:
    """Yield what this counter may do now, from the law's rules and the account's rights."""
    code = dossier.code

    def may(permission: Permission) -> bool:
        return permissions.may(actor, permission)

    if supplements.still_missing(dossier, items) and may(Permission.TAKE_SUPPLEMENT):
        yield Action(label="Nhận giấy tờ bổ sung", href=f"/dossiers/{code}/supplement")
    if home_pickup.awaited(dossier, items) and may(Permission.ARRANGE_PICKUP):
        yield Action(label="Hẹn bưu tá đến lấy giấy tờ tại nhà", href=f"/home-pickups/new?dossier={code}")
    if any(dossier.money(account).owed for account in MoneyLedger) and may(Permission.COLLECT_MONEY):
        yield Action(label="Thu tiền", href=f"/money/collect/{code}")
    for item in items:
        is_here = item.custodian.place == actor.place and item.destination.to_citizen
        if is_here and actor.acts_for(item.custodian) and item.may(Delivered) and may(Permission.DELIVER_AT_COUNTER):
            yield Action(label=f"Trả bưu gửi {codes.shown(item.code)}", href=f"/pickups/{item.code}")
    if dossier.office == actor.place and may(Permission.REISSUE_RECEIPT):
        yield Action(label="Cấp lại phiếu gửi", href=f"/dossiers/{code}#reissue")
