"""What is printed at the counter, as plain values: labels, both copies of the phiếu gửi, guidance.

Sources of the fixed sentences: Luật Bưu chính 49/2010 Đ.16, NĐ 47/2011 Đ.24-25, QĐ 45/2016/QĐ-TTg Đ.14,
TT 17/2017/TT-BTTTT Đ.5, 7, 8.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import select

from postal.domain import calendars, codes, contents, permissions, procedures
from postal.domain.dossier import AgencyStatus, Dossier
from postal.domain.events import Collected, ItemKind, ReceptionMode, Service
from postal.domain.item import Item
from postal.domain.lifecycle import UnknownCode
from postal.domain.people import Actor, Person
from postal.domain.permissions import Permission
from postal.domain.places import Place
from postal.domain.procedures import PaperRequired, ProcedureVersion
from postal.domain.refusals import Refused
from postal.queries import counter, dossiers, timeline
from postal.queries.dossiers import PaperLine
from postal.queries.procedures import UNVERIFIED
from postal.store import Reader, Store
from postal.store.tables import ItemRow, table_of

HEADLINES: dict[ItemKind, str] = {
    ItemKind.OUTBOUND: "HỒ SƠ",
    ItemKind.SUPPLEMENT: "GIẤY TỜ BỔ SUNG",
    ItemKind.SLIP: "GIẤY HẸN",
    ItemKind.RESULT: "KẾT QUẢ",
    ItemKind.RETURNED: "GIẤY TỜ TRẢ LẠI",
    ItemKind.RECOVERED: "GIẤY TỜ THU HỒI",
}

RIGHTS = (
    "Người gửi được đổi người nhận, địa chỉ nhận hoặc rút hồ sơ khi chưa phát.",
    "Người gửi khai đúng, trả đủ cước; khi nhận kết quả mang căn cước, nhận thay mang thêm giấy ủy quyền.",
    "Khiếu nại trong 6 tháng kể từ ngày hết thời hạn chuyển phát; trả lời trong 5 ngày làm việc (liên tỉnh: 7 ngày).",
)
LIABILITY = (
    "Chậm so với thời gian công bố: hoàn lại cước đã thu.",
    "Mất, hư hỏng: chịu mọi chi phí cấp lại giấy tờ và bồi thường ít nhất 4 lần cước đã thu.",
)
"""The sentences of the contract; short, so that one sheet printed on both sides holds an ordinary dossier."""


class NotPrintedHere(Refused):
    """Only the office that registered a dossier prints its phiếu gửi."""

    code = "not_printed_here"
    vi = "Phiếu gửi của hồ sơ {dossier} chỉ in tại nơi nhận hồ sơ. Mời khách đến {office}."
    en = "The receipt of dossier {dossier} is printed where it was registered, at {office}."


class CopyIsOut(Refused):
    """The citizen's copy left the house, so printing it again must revoke the old secret."""

    code = "copy_is_out"
    vi = "Liên giao khách của hồ sơ {dossier} đã in từ trước. Kiểm tra giấy tờ của khách rồi chọn “Cấp lại phiếu gửi”."
    en = "The citizen's copy of dossier {dossier} was given out earlier. Check the identity paper and re-issue it."


class NoReceipt(Refused):
    """There is no contract to print."""

    code = "no_receipt"
    vi = "Hồ sơ {dossier} không có phiếu gửi để in: {why}."
    en = "Dossier {dossier} has no receipt to print."


class LabelElsewhere(Refused):
    """A label is printed where the envelope was registered or is held."""

    code = "label_elsewhere"
    vi = "Nhãn {item} chỉ in lại tại nơi lập hoặc nơi đang giữ bưu gửi ({holder}), khi bưu gửi chưa phát."
    en = "Label {item} is printed where the item was registered or is held, until it is delivered."


@dataclass(frozen=True, kw_only=True, slots=True)
class LabelPrint:
    """What stands on an envelope; nothing about people or procedures."""

    code: str
    headline: str
    destination: str
    time: str
    office: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PartyPrint:
    """Sender or receiver on the contract."""

    name: str
    address: str
    phone: str = ""
    email: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ChargePrint:
    """One amount; postage and fees are never added up."""

    name: str
    amount: int
    payment: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ReceiptPrint:
    """The contract. `secret` and `pin` stand on the citizen's copy only; `secret` is empty when only the post's may be
    printed. `expected` is said in reception mode A, `due` in mode B."""

    code: str
    secret: str = field(repr=False)
    pin: str = field(repr=False)
    office: str
    sender: PartyPrint
    receiver: PartyPrint
    on_behalf_of: str
    service: str
    procedure: str
    papers: tuple[PaperLine, ...]
    papers_note: str
    received_at: str
    method: str
    weight: str
    item_code: str
    post_number: str
    seal_number: str
    quality: str
    expected: str
    due: str
    charges: tuple[ChargePrint, ...]
    clerk: str


@dataclass(frozen=True, kw_only=True, slots=True)
class GuidanceLine:
    """A paper to bring, which form of it, and why."""

    name: str
    wanted: str
    reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class GuidancePrint:
    """What the citizen who was turned back takes home."""

    office: str
    time: str
    citizen: str
    procedure: str
    authority: str
    missing: tuple[GuidanceLine, ...]
    not_by_post: str
    source: str
    clerk: str


# --- labels -----------------------------------------------------------------------------------------------------------


def label(store: Store, code: str, *, actor: Actor) -> LabelPrint:
    """Return the label of an envelope. Raises: UnknownCode, LabelElsewhere."""
    return labels(store, [code], actor=actor)[0]


def labels(store: Store, wanted: Sequence[str], *, actor: Actor) -> tuple[LabelPrint, ...]:
    """Return the labels of envelopes in the order asked for. Raises: UnknownCode, LabelElsewhere."""
    with store.read() as reader:
        found = reader.many(Item, list(wanted))
        for code in wanted:
            if code not in found:
                raise UnknownCode(thing=codes.shown(code))
        return tuple(_label(reader, found[code], actor=actor) for code in wanted)


def labels_at_counter(store: Store, *, actor: Actor) -> tuple[LabelPrint, ...]:
    """Return the labels of every envelope that the actor's positions hold and that has not left the counter."""
    table = table_of(ItemRow)
    with store.read() as reader:
        mine = select(table.c.state).where(table.c.custodian_key.in_(sorted(actor.positions)))
        held = [item for item in reader.things(Item, mine) if not item.is_final and not item.has_left]
        ordered = sorted(held, key=lambda item: (item.registered_at, item.code))
        return tuple(_label(reader, item, actor=actor) for item in ordered)


def _label(reader: Reader, item: Item, *, actor: Actor) -> LabelPrint:
    if not dossiers.may_print_label(actor, item):
        raise LabelElsewhere(item=codes.shown(item.code), holder=item.custodian)
    origin = reader.reference.places([item.origin])
    return LabelPrint(
        code=item.code,
        headline=f"{HEADLINES[item.kind]} {sum(paper.total for paper in item.papers)} tờ",
        destination=item.destination.name,
        time=f"{calendars.local(item.registered_at):%H:%M %d/%m/%Y}",
        office=origin[item.origin].name if item.origin in origin else item.origin,
    )


# --- the contract -----------------------------------------------------------------------------------------------------


def receipt(store: Store, code: str, *, actor: Actor, at: datetime, for_citizen: bool) -> ReceiptPrint:
    """Return the phiếu gửi of a dossier; `for_citizen` asks for the copy with the secret as well.

    Raises: UnknownCode, NotPrintedHere, NoReceipt, CopyIsOut, Forbidden.
    """
    permissions.require(actor, Permission.REPRINT)
    with store.read() as reader:
        dossier = _own(reader, code, actor=actor)
        if dossier.service is None:
            raise NoReceipt(dossier=codes.shown(code), why="khách mới được hướng dẫn, chưa nhận hồ sơ")
        if dossier.status is AgencyStatus.VOIDED:
            raise NoReceipt(dossier=codes.shown(code), why="hồ sơ đã hủy tại quầy")
        if for_citizen and not dossiers.is_citizens_copy_fresh(reader, dossier, at=at):
            raise CopyIsOut(dossier=codes.shown(code))
        return _receipt(reader, dossier, for_citizen=for_citizen)


def _own(reader: Reader, code: str, *, actor: Actor) -> Dossier:
    dossier = reader.thing(Dossier, code)
    if dossier is None:
        raise UnknownCode(thing=codes.shown(code))
    if actor.place != dossier.office:
        office = reader.reference.places([dossier.office])
        name = office[dossier.office].name if dossier.office in office else "cơ quan giải quyết"
        raise NotPrintedHere(dossier=codes.shown(code), office=name)
    return dossier


def _receipt(reader: Reader, dossier: Dossier, *, for_citizen: bool) -> ReceiptPrint:
    people = {part: person for (_, part), person in reader.people.of([dossier.code]).items()}
    item = next(
        (i for i in counter.items_by_dossier(reader, [dossier.code])[dossier.code] if i.kind is ItemKind.OUTBOUND), None
    )
    sender = people.get("sender", Person(name="(đã xóa)"))
    secret = reader.receipts.current(dossier.code) if for_citizen else None
    version = dossiers.procedure_of(reader, dossier)
    places = reader.reference.places([dossier.office, dossier.desk, dossier.return_place])
    desk = places[dossier.desk]
    return ReceiptPrint(
        code=dossier.code,
        secret=secret.secret if secret else "",
        pin=secret.pin if secret and not sender.phone else "",
        office=places[dossier.office].name,
        sender=party(reader, sender, on=dossier.opened_at),
        receiver=PartyPrint(name=desk.name, address=desk.address, phone=desk.phone),
        on_behalf_of=people["subject"].name if "subject" in people else "",
        service=timeline.SERVICES[dossier.service].capitalize() if dossier.service else "",
        procedure=f"{version.name} ({version.code})" if version else dossier.procedure,
        papers=_papers(reader, dossier, item),
        papers_note="" if version is None or version.papers_verified else f"Danh sách giấy tờ {UNVERIFIED}.",
        received_at=f"{calendars.local(dossier.opened_at):%H:%M}, {calendars.written(_day(dossier.opened_at))}",
        method=_method(dossier, pickup=places.get(dossier.return_place)),
        weight=f"{item.weight_g} g" if item and item.weight_g else "",
        item_code=item.code if item else "",
        post_number=item.postal_number if item else "",
        seal_number=item.seal if item else "",
        quality=_quality(reader, dossier),
        expected=_expected(reader, dossier),
        due=_due(dossier),
        charges=_charges(reader, dossier),
        clerk=_clerk(reader, dossier),
    )


def _clerk(reader: Reader, dossier: Dossier) -> str:
    """Return the name of who took the dossier in: that person signs, whoever prints."""
    opened = reader.events([dossier.code])[0][-1]
    account = reader.accounts.get(opened.by.account)
    return account.name if account else opened.by.account


def _papers(reader: Reader, dossier: Dossier, item: Item | None) -> tuple[PaperLine, ...]:
    """Return what is in the envelope; while a postman still has to fetch it, nothing was counted."""
    if item is None:
        return ()
    inside = contents.text_of(dossier, item)
    names = contents.read(reader.texts.get([inside]).get(inside, ""))
    return dossiers.paper_lines(names, item.papers)


def party(reader: Reader, person: Person, *, on: datetime) -> PartyPrint:
    """Return somebody as a print names him, his commune as it was called on that day."""
    commune = reader.reference.units([person.commune], on=_day(on)).get(person.commune) if person.commune else None
    province = reader.reference.units([commune.province_code], on=_day(on)) if commune else {}
    above = [commune.name, province[commune.province_code].name] if commune else []
    return PartyPrint(
        name=person.name,
        address=", ".join(part for part in (person.address, *above) if part),
        phone=person.phone.replace("+84", "0", 1),
        email=person.email,
    )


def _method(dossier: Dossier, *, pickup: Place | None) -> str:
    if dossier.service is Service.SEND or dossier.return_way is None:
        return "Nhận tại quầy, chuyển qua bưu điện"
    place = f" ({pickup.name})" if pickup else ""
    return f"Nhận tại quầy; trả kết quả {timeline.RETURN_WAYS[dossier.return_way]}{place}"


def _quality(reader: Reader, dossier: Dossier) -> str:
    lane = reader.reference.lane_named(dossier.lane) if dossier.lane else None
    if lane is None:
        return "Phát kết quả theo thời gian bưu điện công bố"
    return f"Chuyển đến cơ quan trong {lane.tier_days} ngày làm việc sau ngày ghi trên phiếu (J+{lane.tier_days})"


def _expected(reader: Reader, dossier: Dossier) -> str:
    if dossier.mode is ReceptionMode.B:
        return ""
    on = dossier.expected_at_desk_on
    if on is None and dossier.service is not Service.RECEIVE:
        return "tính từ ngày bưu tá nhận giấy tờ tại nhà"
    if on is None:
        return "hồ sơ đã nộp tại cơ quan"
    provisional = "" if reader.reference.calendar("post").is_published(on.year) else " (tạm tính)"
    return f"{calendars.written(on)}{provisional}"


def _due(dossier: Dossier) -> str:
    if dossier.mode is not ReceptionMode.B or dossier.promised_at is None:
        return ""
    return f"{calendars.local(dossier.promised_at):%H:%M}, {calendars.written(_day(dossier.promised_at))}"


def _charges(reader: Reader, dossier: Dossier) -> tuple[ChargePrint, ...]:
    """Return what was taken at the counter, in the order of its events."""
    happened = [event for *_, event in reader.events([dossier.code])]
    taken = [event for event in happened if isinstance(event, Collected)]
    return tuple(
        ChargePrint(
            name=timeline.LEDGERS[event.ledger].capitalize(),
            amount=event.amount,
            payment=timeline.PAYMENTS[event.payment].capitalize(),
        )
        for event in taken
    )


# --- guidance ---------------------------------------------------------------------------------------------------------


def guidance(store: Store, code: str, *, actor: Actor) -> GuidancePrint:
    """Return the guidance of who was turned back. Raises: UnknownCode, NotPrintedHere, NoReceipt, Forbidden."""
    permissions.require(actor, Permission.REPRINT)
    with store.read() as reader:
        dossier = _own(reader, code, actor=actor)
        if dossier.status is not AgencyStatus.TURNED_BACK:
            raise NoReceipt(dossier=codes.shown(code), why="hồ sơ đã nhận, không phải phiếu hướng dẫn")
        version = reader.reference.procedure_version(dossier.procedure, dossier.procedure_version)
        names = dossiers.paper_names(reader.texts.get([dossier.contents]).get(dossier.contents, ""))
        sender = reader.people.of([code]).get((code, "sender"))
        office = reader.reference.place(dossier.office)
        return GuidancePrint(
            office=office.name,
            time=f"{calendars.local(dossier.opened_at):%H:%M %d/%m/%Y}",
            citizen=sender.name if sender else "",
            procedure=f"{version.name} ({version.code})",
            authority=version.level or "theo thẩm quyền của thủ tục",
            missing=_missing(version, names),
            not_by_post=_not_by_post(version),
            source=_source(version),
            clerk=_clerk(reader, dossier),
        )


def _missing(version: ProcedureVersion, names: Sequence[str]) -> tuple[GuidanceLine, ...]:
    asked = {paper.name: paper for paper in version.papers}
    return tuple(_guidance_line(name, asked.get(name)) for name in names)


def _guidance_line(name: str, asked: PaperRequired | None) -> GuidanceLine:
    if asked is None:
        return GuidanceLine(name=name, wanted="1 bản")
    wanted = in_words(asked.originals, asked.certified, asked.copies)
    return GuidanceLine(name=name, wanted=wanted or "1 bản", reason=asked.note)


def _not_by_post(version: ProcedureVersion) -> str:
    """Return why the post may not carry it and where to go, empty for what it may."""
    if version.carriable is not False:
        return ""
    why = version.why_not or "pháp luật không cho nộp qua người khác."
    return f"Vì {why} Mời ông/bà nộp trực tiếp tại {procedures.handed_in_at(version)}."


def in_words(originals: int, certified: int, copies: int) -> str:
    """Return numbers of papers as a clerk reads them: 1 bản chính, 2 bản sao."""
    parts = ((originals, "bản chính"), (certified, "bản sao chứng thực"), (copies, "bản sao"))
    return ", ".join(f"{many} {what}" for many, what in parts if many)


def _source(version: ProcedureVersion) -> str:
    return f"Danh sách theo {version.basis}" if version.papers_verified else f"Danh sách giấy tờ {UNVERIFIED}"


def _day(at: datetime) -> date:
    return calendars.local(at).date()
