"""What is printed about missing papers: form 02 of the authority, and the phiếu gửi of a half that was brought."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from postal.domain import calendars, clocks, codes, contents, supplements
from postal.domain.clocks import PausePolicy
from postal.domain.dossier import Dossier
from postal.domain.events import Collected, ItemKind, MoneyLedger
from postal.domain.item import Item
from postal.domain.lifecycle import UnknownCode
from postal.domain.people import Actor, Person
from postal.domain.places import NoLane, Place
from postal.domain.supplements import AskedPaper
from postal.queries import access, dossiers, prints, timeline, tracking
from postal.queries.prints import ChargePrint, PartyPrint, ReceiptPrint
from postal.store import Reader, Store

CLOCK: dict[PausePolicy, str] = {
    PausePolicy.RESTART: "Thời hạn giải quyết được tính lại từ ngày nhận đủ giấy tờ.",
    PausePolicy.PAUSE: "Thời hạn tạm dừng đến ngày nhận đủ.",
    PausePolicy.NONE: "Thời hạn giải quyết vẫn tiếp tục tính.",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class RequestPrint:
    """Form 02: whom the authority asks, for which papers and why, by when."""

    code: str
    official_code: str
    authority: str
    desk: str
    place_and_day: str
    citizen: PartyPrint
    procedure: str
    papers: tuple[AskedPaper, ...]
    reason: str
    due: str
    clock: str
    officer: str
    officer_phone: str


def request_print(store: Store, code: str, *, actor: Actor, at: datetime) -> RequestPrint:
    """Return form 02 of a dossier that waits for papers, for its own desk or department.

    Raises: UnknownCode, also for somebody else's dossier, NothingAskedFor.
    """
    with store.read(at=at) as reader:
        dossier = reader.thing(Dossier, code)
        if dossier is None or actor.place not in (dossier.desk, dossier.department):
            raise UnknownCode(thing=codes.shown(code))
        supplements.must_be_awaited(dossier)
        return _request(reader, dossier, actor=actor)


def receipt(store: Store, code: str, *, actor: Actor) -> ReceiptPrint:
    """Return the phiếu gửi of a half that was brought: no secret, and no more of the sender than his masked name.

    Raises: UnknownCode, NotTakingPart, Forbidden.
    """
    with store.read() as reader:
        item = reader.thing(Item, code)
        dossier = reader.thing(Dossier, item.dossier) if item else None
        if item is None or dossier is None or item.kind is not ItemKind.SUPPLEMENT:
            raise UnknownCode(thing=codes.shown(code))
        access.must_see(actor, dossier, [item])
        return _receipt(reader, dossier, item)


def _request(reader: Reader, dossier: Dossier, *, actor: Actor) -> RequestPrint:
    request = supplements.read(reader.texts.get([dossier.reason]).get(dossier.reason, ""))
    places = reader.reference.places([dossier.desk, dossier.department])
    desk = places[dossier.desk]
    people = reader.people.of([dossier.code])
    sender = people.get((dossier.code, "subject")) or people.get((dossier.code, "sender")) or Person(name="(đã xóa)")
    return RequestPrint(
        code=dossier.code,
        official_code=dossier.official_code,
        authority=places[dossier.department].name if dossier.department in places else "",
        desk=desk.name,
        place_and_day=_place_and_day(reader, desk, dossier.status_at),
        citizen=prints.party(reader, sender, on=dossier.opened_at),
        procedure=_procedure(reader, dossier),
        papers=request.papers,
        reason=request.reason,
        due=calendars.written(dossier.supplement_due_on) if dossier.supplement_due_on else "",
        clock=CLOCK[dossier.policy] if dossier.policy else "",
        officer=actor.name,
        officer_phone=desk.phone,
    )


def _receipt(reader: Reader, dossier: Dossier, item: Item) -> ReceiptPrint:
    sender = reader.people.of([dossier.code]).get((dossier.code, "sender"))
    places = reader.reference.places([item.origin, item.destination.place])
    office, desk = places[item.origin], places[item.destination.place]
    names = contents.read(reader.texts.get([item.contents]).get(item.contents, ""))
    registered = reader.events([item.code])[0][-1]
    clerk = reader.accounts.get(registered.by.account)
    at = calendars.local(item.registered_at)
    return ReceiptPrint(
        code=dossier.code,
        secret="",
        pin="",
        office=office.name,
        sender=PartyPrint(name=tracking.masked(sender.name) if sender else "", address="Người mang đến ký ở dưới"),
        receiver=PartyPrint(name=desk.name, address=desk.address, phone=desk.phone),
        on_behalf_of="",
        service="Gửi giấy tờ bổ sung",
        procedure=_procedure(reader, dossier),
        papers=dossiers.paper_lines(names, item.papers),
        papers_note="",
        received_at=f"{at:%H:%M}, {calendars.written(at.date())}",
        method="Nhận tại quầy, chuyển qua bưu điện",
        weight=f"{item.weight_g} g" if item.weight_g else "",
        item_code=item.code,
        post_number="",
        seal_number=item.seal,
        quality="Chuyển đến cơ quan yêu cầu bổ sung",
        expected=_expected(reader, office, desk, at=item.registered_at),
        due="",
        charges=tuple(_charges(reader, item)),
        clerk=clerk.name if clerk else "",
    )


def _procedure(reader: Reader, dossier: Dossier) -> str:
    version = dossiers.procedure_of(reader, dossier)
    return f"{version.name} ({version.code})" if version else dossier.procedure


def _place_and_day(reader: Reader, desk: Place, at: datetime) -> str:
    """Return the line under the state's motto: the province of the desk and the day of the request."""
    on = calendars.local(at).date()
    province = (
        reader.reference.units([desk.province_code], on=on).get(desk.province_code) if desk.province_code else None
    )
    day = f"ngày {on:%d} tháng {on:%m} năm {on.year}"
    return f"{province.name.removeprefix('Thành phố ').removeprefix('Tỉnh ')}, {day}" if province else day.capitalize()


def _expected(reader: Reader, office: Place, desk: Place, *, at: datetime) -> str:
    try:
        lane = reader.reference.lane(office, desk, on=calendars.local(at).date())
    except NoLane:
        return "theo thời gian bưu điện công bố"
    calendar = reader.reference.calendar("post")
    leg = clocks.postal_leg(lane.tier_days, accepted_at=at, cutoff=lane.cutoff, calendar=calendar, basis=lane.basis)
    return f"{calendars.written(leg.due_on)}{' (tạm tính)' if leg.provisional else ''}"


def _charges(reader: Reader, item: Item) -> Iterator[ChargePrint]:
    """Yield the postage that was taken together with the papers."""
    for *_, event in reader.events([item.dossier]):
        is_its_own = isinstance(event, Collected) and event.occurred_at == item.registered_at
        if isinstance(event, Collected) and is_its_own and event.ledger is MoneyLedger.POSTAGE:
            name, payment = timeline.LEDGERS[event.ledger], timeline.PAYMENTS[event.payment]
            yield ChargePrint(name=name.capitalize(), amount=event.amount, payment=payment.capitalize())
