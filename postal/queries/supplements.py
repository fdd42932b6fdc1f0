"""Papers that are missing, at any counter: which dossier a slip means, what was asked for, what came in already."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import assert_never

from sqlalchemy import select

from postal.domain import calendars, codes, garbling, permissions, supplements
from postal.domain.codes import CodeKind
from postal.domain.dossier import AGENCY_STATUS_NAMES, AgencyStatus, Dossier
from postal.domain.item import Item
from postal.domain.lifecycle import UnknownCode
from postal.domain.people import Actor, Side
from postal.domain.permissions import Permission
from postal.domain.refusals import Refused
from postal.domain.scans import Card, Official, OurCode, Phone, PostalNumber, ReceiptSecret, Scan, Words
from postal.queries import access, tracking
from postal.store import Reader, Store
from postal.store.tables import DossierRow, ItemRow, table_of


class NoSlip(Refused):
    """Papers are added to a dossier, which its slip names."""

    code = "no_slip"
    vi = "Không đọc được mã hồ sơ. Quét mã QR trên phiếu gửi (ảnh chụp cũng được), hoặc gõ mã dưới mã QR."
    en = "Scan the QR code of the slip, a photo will do, or type the code under it."


class TwoDesks(Refused):
    """Two authorities gave two dossiers the same code."""

    code = "two_desks"
    vi = "Mã {official_code} có thể là {count} hồ sơ khác nhau. Quét mã QR hoặc gõ mã 10 ký tự trên phiếu gửi."
    en = "Code {official_code} exists at {count} authorities. Scan the slip instead."


@dataclass(frozen=True, kw_only=True, slots=True)
class AskedLine:
    """A paper of the request: its number and name, and the envelope that holds it once somebody has brought it."""

    number: int
    name: str
    reason: str
    item: str
    holder: str
    is_with_authority: bool

    @property
    def is_missing(self) -> bool:
        """Tell whether nobody has brought it yet."""
        return not self.item


@dataclass(frozen=True, kw_only=True, slots=True)
class TakeInPage:
    """What a counter may take in for a dossier. Names are empty for whoever may not read them."""

    code: str
    official_code: str
    sender: str
    state: str
    authority: str
    is_asked: bool
    sees_names: bool
    lines: tuple[AskedLine, ...]
    due_on: date | None
    is_overdue: bool

    @property
    def missing(self) -> tuple[AskedLine, ...]:
        """Return the papers that are still to come."""
        return tuple(line for line in self.lines if line.is_missing)

    @property
    def brought(self) -> tuple[AskedLine, ...]:
        """Return the papers that came in."""
        return tuple(line for line in self.lines if not line.is_missing)


@dataclass(frozen=True, kw_only=True, slots=True)
class TakenPage:
    """An envelope of asked papers that was taken in just now; `missing` papers are still to come."""

    item: str
    dossier: str
    count: int
    missing: int
    needs_seal: bool
    can_give_back: bool


def find(store: Store, scan: Scan) -> str:
    """Return the dossier that a slip, a label or a code of the authority names.

    Raises: UnknownCode, TwoDesks, NoSlip.
    """
    with store.read() as reader:
        match scan:
            case OurCode(code=code) if code.kind is CodeKind.DOSSIER:
                return _known(reader, code.text)
            case OurCode(code=code) if code.kind is CodeKind.ITEM:
                item = reader.thing(Item, code.text)
                return _known(reader, item.dossier if item else code.text)
            case ReceiptSecret(raw=raw):
                return _known(reader, reader.receipts.dossier_of(codes.encode_secret(raw)) or "")
            case Official(code=official):
                return _by_official(reader, official.text)
            case OurCode() | PostalNumber() | Card() | Phone() | Words():
                raise NoSlip
            case _:
                assert_never(scan)


def take_in_page(store: Store, code: str, *, actor: Actor, at: datetime) -> TakeInPage:
    """Return what may be taken in for a dossier, at whatever counter. Raises: UnknownCode."""
    with store.read(at=at) as reader:
        dossier = reader.thing(Dossier, code)
        if dossier is None:
            raise UnknownCode(thing=codes.shown(code))
        sees_names = permissions.may(actor, Permission.SEE_PERSONAL_DATA)
        sender = reader.people.of([code]).get((code, "sender"))
        due_on = dossier.supplement_due_on
        return TakeInPage(
            code=code,
            official_code=dossier.official_code,
            sender=tracking.masked(sender.name) if sender else "",
            state=AGENCY_STATUS_NAMES[dossier.status],
            authority=_place_name(reader, dossier.desk),
            is_asked=supplements.is_awaited(dossier),
            sees_names=sees_names,
            lines=lines(reader, dossier, items_of(reader, code), sees_names=sees_names),
            due_on=due_on,
            is_overdue=due_on is not None and due_on < calendars.local(at).date(),
        )


def taken_page(store: Store, code: str, *, actor: Actor) -> TakenPage:
    """Return an envelope of asked papers at one's own counter. Raises: UnknownCode, NotTakingPart, Forbidden."""
    with store.read() as reader:
        item = reader.thing(Item, code)
        dossier = reader.thing(Dossier, item.dossier) if item else None
        if item is None or dossier is None:
            raise UnknownCode(thing=codes.shown(code))
        items = items_of(reader, dossier.code)
        access.must_see(actor, dossier, items)
        return TakenPage(
            item=code,
            dossier=dossier.code,
            count=len(item.papers),
            missing=len(supplements.still_missing(dossier, items)),
            needs_seal=not item.seal,
            can_give_back=not item.has_left and not item.is_final and actor.acts_for(item.custodian),
        )


def lines(reader: Reader, dossier: Dossier, items: Sequence[Item], *, sees_names: bool) -> tuple[AskedLine, ...]:
    """Return the papers of the present request, in its order; empty when nothing is asked for."""
    if dossier.status is not AgencyStatus.SUPPLEMENT:
        return ()
    text = reader.texts.get([dossier.reason]).get(dossier.reason, "") if sees_names else ""
    asked = supplements.read(text).papers
    brought = supplements.brought(dossier, items)
    return tuple(
        _line(number, asked[number - 1] if number <= len(asked) else None, brought.get(number))
        for number in range(1, dossier.asked_papers + 1)
    )


def items_of(reader: Reader, dossier: str) -> list[Item]:
    """Return every envelope of a dossier, oldest first."""
    table = table_of(ItemRow)
    found = reader.things(Item, select(table.c.state).where(table.c.dossier == dossier))
    return sorted(found, key=lambda item: (item.registered_at, item.code))


def _line(number: int, paper: supplements.AskedPaper | None, item: Item | None) -> AskedLine:
    return AskedLine(
        number=number,
        name=paper.name if paper else f"Giấy tờ số {number}",
        reason=paper.reason if paper else "",
        item=item.code if item else "",
        holder=str(item.custodian) if item else "",
        is_with_authority=item is not None and item.custodian.side is Side.AUTHORITY,
    )


def _known(reader: Reader, code: str) -> str:
    if not code or reader.thing(Dossier, code) is None:
        raise UnknownCode(thing=codes.shown(code) if code else "Mã trên phiếu gửi")
    return code


def _by_official(reader: Reader, official_code: str) -> str:
    table = table_of(DossierRow)
    same = table.c.official_code.in_(garbling.twins(official_code))
    found = [row.code for row in reader.rows(select(table.c.code).where(same))]
    if len(found) > 1:
        raise TwoDesks(official_code=official_code, count=len(found))
    return _known(reader, found[0] if found else official_code)


def _place_name(reader: Reader, code: str) -> str:
    return reader.reference.places([code])[code].name
