"""The phiếu gửi of results as plain values: the authority sends, the post carries, the citizen will sign.

Sources: QĐ 45/2016/QĐ-TTg Đ.6.4, 9.2; TT 17/2017/TT-BTTTT Đ.7, 9.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from postal.domain import calendars, codes, contents, permissions
from postal.domain.dossier import Dossier
from postal.domain.events import Charged, Event, HandedOver, ItemKind, MoneyLedger, Registered
from postal.domain.handover import HandoverRecord
from postal.domain.item import Item
from postal.domain.lifecycle import UnknownCode
from postal.domain.people import Actor, Person
from postal.domain.permissions import Permission
from postal.domain.places import NoLane, Place
from postal.domain.refusals import Refused
from postal.queries import dossiers, prints, receivers, timeline
from postal.queries.dossiers import PaperLine
from postal.queries.prints import PartyPrint
from postal.store import Reader, Store


class NoSlip(Refused):
    """Only results have this form, and only where they were given or are."""

    code = "no_result_slip"
    vi = "Phiếu gửi {item} chỉ in cho kết quả, tại cơ quan gửi hoặc bưu cục đang giữ. Quét mã để biết ai đang giữ."
    en = "The slip of {item} is printed for results, by the authority or the office that holds it."


@dataclass(frozen=True, kw_only=True, slots=True)
class SlipPrint:
    """What authority and post sign for one result. `sealed_by_authority`: nobody of the post counted inside."""

    item: str
    dossier: str
    official_code: str
    post_number: str
    seal: str
    sealed_by_authority: bool
    office: str
    sender: PartyPrint
    receiver: PartyPrint
    procedure: str
    papers: tuple[PaperLine, ...]
    to_recover: tuple[str, ...]
    fee: str
    postage: str
    received_at: str
    received_place: str
    method: str
    quality: str
    officer: str
    clerk: str


def may_print(actor: Actor, item: Item) -> bool:
    """Tell whether somebody gives or takes results where this one comes from or is."""
    takes = permissions.may(actor, Permission.TAKE_RESULTS) or permissions.may(actor, Permission.REGISTER_RESULT)
    return takes and item.kind is ItemKind.RESULT and actor.place in (item.origin, item.custodian.place)


def slips(store: Store, wanted: Sequence[str], *, actor: Actor) -> tuple[SlipPrint, ...]:
    """Return the slips of results in the order asked for. Raises: UnknownCode, NoSlip."""
    with store.read() as reader:
        found = reader.many(Item, wanted)
        for code in wanted:
            if code not in found:
                raise UnknownCode(thing=codes.shown(code))
            if not may_print(actor, found[code]):
                raise NoSlip(item=codes.shown(code))
        return tuple(_Slip(reader, found[code]).made() for code in wanted)


class _Slip:
    """One slip, read in one snapshot."""

    def __init__(self, reader: Reader, item: Item) -> None:
        self.reader = reader
        self.item = item
        dossier = reader.thing(Dossier, item.dossier)
        assert dossier is not None, "an item has its dossier"
        self.dossier = dossier
        self.happened = [event for *_, event in reader.events([item.code])]
        self.record = self._record()
        self.office = self.record.receiver.place if self.record else item.destination.place
        self.places = reader.reference.places([item.origin, self.office, item.destination.place])

    def made(self) -> SlipPrint:
        item, dossier = self.item, self.dossier
        texts = self.reader.texts.get([item.contents, item.recover])
        people = self.reader.people.of([dossier.code])
        receiver = people.get((dossier.code, "receiver")) or people.get((dossier.code, "sender"))
        version = dossiers.procedure_of(self.reader, dossier)
        signed_at = self.record.signed_at if self.record and self.record.signed_at else item.registered_at
        officer, clerk = self._people()
        return SlipPrint(
            item=item.code,
            dossier=dossier.code,
            official_code=dossier.official_code,
            post_number=item.postal_number,
            seal=item.seal,
            sealed_by_authority=item.pre_sealed,
            office=self.places[self.office].name if self.office in self.places else self.office,
            sender=self._sender(),
            receiver=prints.party(self.reader, receiver or Person(name=""), on=item.registered_at),
            procedure=f"{version.name} ({version.code})" if version else "",
            papers=dossiers.paper_lines(contents.read(texts.get(item.contents, "")), item.papers),
            to_recover=self._to_recover(texts.get(item.recover, "")),
            fee=self._fee(),
            postage=self._postage(),
            received_at=f"{calendars.local(signed_at):%H:%M}, {calendars.written(calendars.local(signed_at).date())}",
            received_place=self.places[item.origin].name if item.origin in self.places else item.origin,
            method=self._method(),
            quality=self._quality(),
            officer=officer,
            clerk=clerk,
        )

    def _record(self) -> HandoverRecord | None:
        """Return the record on which the authority gave it: the first of its life."""
        code = next((_record_of(event) for event in self.happened if _record_of(event)), "")
        return self.reader.thing(HandoverRecord, code) if code else None

    def _people(self) -> tuple[str, str]:
        """Return who signs for the authority and for the post, empty where nobody has signed yet."""
        if self.record is None:
            return "", ""
        record = self.record
        names = receivers.names_of(self.reader, {record.giver_account, record.receiver_account})
        signer = self.reader.texts.get([record.signer]).get(record.signer, "")
        officer = signer if record.by_receiver else names.get(record.giver_account, "")
        return officer, names.get(record.receiver_account, "") or ("" if record.by_receiver else signer)

    def _sender(self) -> PartyPrint:
        place: Place | None = self.places.get(self.item.origin)
        if place is None:
            return PartyPrint(name=self.item.origin, address="")
        return PartyPrint(name=place.name, address=place.address, phone=place.phone)

    def _to_recover(self, text: str) -> tuple[str, ...]:
        names = contents.read(text)
        return tuple(contents.name(names, line) for line in range(1, self.item.to_recover + 1))

    def _fee(self) -> str:
        owed = self.dossier.fees.owed
        charged = [event for *_, event in self.reader.events([self.dossier.code]) if isinstance(event, Charged)]
        basis = next((event.basis for event in reversed(charged) if event.ledger is MoneyLedger.FEES), "")
        return " – ".join(part for part in (_money(owed), basis) if part) if owed else ""

    def _postage(self) -> str:
        postage = self.dossier.postage
        parts = (
            f"{_money(postage.balance)}, đã thu" if postage.balance else "",
            f"{_money(postage.owed)}, thu khi giao" if postage.owed else "",
        )
        return "; ".join(part for part in parts if part)

    def _method(self) -> str:
        if self.dossier.return_way is None:
            return ""
        way = timeline.RETURN_WAYS[self.dossier.return_way]
        return f"Trả kết quả {way}; xem giấy tờ tùy thân, đếm đủ rồi ký"

    def _quality(self) -> str:
        here, there = (self.places.get(code) for code in (self.item.origin, self.item.destination.place))
        if here is None or there is None:
            return ""
        try:
            lane = self.reader.reference.lane(here, there, on=calendars.local(self.item.registered_at).date())
        except NoLane:
            return ""
        return f"Phát trong {lane.tier_days} ngày làm việc sau ngày ghi trên phiếu (J+{lane.tier_days})"


def _record_of(event: Event) -> str:
    return event.record if isinstance(event, Registered | HandedOver) else ""


def _money(amount: int) -> str:
    return f"{amount:,}".replace(",", ".") + " đ"
