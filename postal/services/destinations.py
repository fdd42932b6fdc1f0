"""Where an envelope must end, and from which position somebody acts. One answer for every service."""

from datetime import date

from postal.domain import places
from postal.domain.dossier import Dossier
from postal.domain.events import Destination, ReturnWay, Service
from postal.domain.people import Actor, Custodian, Position, PositionKind, parse_position, position_custodian
from postal.domain.places import Place, PlaceKind
from postal.domain.refusals import Refused
from postal.store import Ledger


class NoDesk(Refused):
    """What the authority gives away is registered from a desk or department one answers for."""

    code = "no_desk"
    vi = "{name} chưa phụ trách quầy hay phòng nào của cơ quan. Nhận ca rồi làm lại."
    en = "{name} does not hold a desk or department position."


class NoCounter(Refused):
    """Registering is done at a counter that one answers for."""

    code = "no_counter"
    vi = "{name} chưa phụ trách quầy nào. Nhận ca quầy giao dịch rồi lưu lại, nội dung đang nhập vẫn còn."
    en = "{name} does not hold a counter. Take over a counter first; what was typed is kept."


class NoDeliveryOffice(Refused):
    """Nobody delivers in this commune."""

    code = "no_delivery_office"
    vi = "Chưa có bưu cục phát cho {commune}. Nhờ điều phối thêm tuyến phát, hoặc chọn trả kết quả tại Một cửa."
    en = "No office delivers in {commune}. Ask the coordinator to add a territory, or return the result at the desk."


def for_citizen(ledger: Ledger, dossier: Dossier, *, on: date) -> Destination:
    """Return where the post must bring what is for the citizen: the delivery office of the door, the office of pickup.

    It stays at the desk where the citizen comes for it himself, or asked the post only to send.

    Raises: NoDeliveryOffice, CommuneGone, UnknownPlace, NoSuccessor.
    """
    if dossier.return_way is ReturnWay.DESK or dossier.service is Service.SEND:
        return authority_of(ledger, dossier, on=on)
    place = _pickup_office(ledger, dossier) or delivery_office(ledger, dossier.return_commune, on=on)
    return Destination(place=place.code, name=place.name, to_citizen=True)


def authority_of(ledger: Ledger, dossier: Dossier, *, on: date) -> Destination:
    """Return the desk that a dossier belongs to, or the one that continues it when it was merged meanwhile.

    The dossier keeps the desk that received it; who continues is what the catalogue says, never a guess.

    Raises: NoSuccessor, UnknownPlace.
    """
    place = ledger.reference.standing_place(dossier.desk, on=on)
    return Destination(place=place.code, name=place.name)


def delivery_office(ledger: Ledger, commune: str, *, on: date) -> Place:
    """Return the office whose postman visits a commune, else the delivery office of its province.

    Raises: NoDeliveryOffice, CommuneGone, UnknownPlace.
    """
    territory = ledger.reference.territory_for(commune)
    if territory is not None:
        return ledger.reference.place(territory.office)
    unit = ledger.reference.commune(commune, on=on)
    offices = ledger.reference.places_of(unit.province_code, kinds=(PlaceKind.OFFICE,))
    found = min((o for o in offices if o.delivers and places.in_force(o, on)), key=lambda o: o.code, default=None)
    if found is None:
        raise NoDeliveryOffice(commune=unit.name)
    return found


def desk_of(ledger: Ledger, by: Actor) -> Custodian:
    """Return the position of the authority that somebody answers for.

    Raises: NoDesk.
    """
    for key in sorted(by.positions):
        position = parse_position(key)
        if position.kind in (PositionKind.DESK, PositionKind.DEPARTMENT):
            return position_custodian(position, unit_name=ledger.reference.place(position.place).name)
    raise NoDesk(name=by.name)


def counter_of(ledger: Ledger, by: Actor) -> Custodian:
    """Return the counter of the own office that somebody answers for, the first by number.

    Raises: NoCounter.
    """
    for number in range(1, 10):
        position = Position(place=by.place, kind=PositionKind.COUNTER, number=number)
        if position.key in by.positions:
            return position_custodian(position, unit_name=ledger.reference.place(by.place).name)
    raise NoCounter(name=by.name)


def _pickup_office(ledger: Ledger, dossier: Dossier) -> Place | None:
    """Return the office the citizen chose to come to, the one he handed in at when he named none."""
    office = dossier.return_place or dossier.office
    is_chosen = dossier.return_way is ReturnWay.POST_OFFICE and office
    return ledger.reference.place(office) if is_chosen else None
