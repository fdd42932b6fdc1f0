"""The phiếu gửi of papers that were brought later."""

from collections.abc import Iterator
from datetime import datetime

from postal.domain import calendars, clocks, codes, contents
from postal.domain.dossier import Dossier
from postal.domain.events import Collected, ItemKind, MoneyLedger
from postal.domain.item import Item
from postal.domain.lifecycle import UnknownCode
from postal.domain.people import Actor
from postal.domain.places import NoLane, Place
from postal.queries import access, dossiers, timeline, tracking
from postal.queries.prints import ChargePrint, PartyPrint, ReceiptPrint
from postal.store import Reader, Store


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
