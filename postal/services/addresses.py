"""Addresses get better: a person says where a door is, a code in an address does, a server is asked for the rest."""

from collections.abc import Collection
from datetime import datetime

from postal.domain import calendars, geocoding, permissions, points
from postal.domain.geocoding import AddressFound
from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.domain.points import DoorPoint, Middle, Source, Word
from postal.domain.refusals import Refused
from postal.services import typed_points
from postal.services.typed_points import TypedPoint
from postal.store import Ledger, Store, door_points, pinpointing
from postal.store.door_points import Door
from routes import plus_codes
from routes.model import Place


class PointElsewhere(Refused):
    """A point outside the commune of the address is probably another house."""

    code = "point_outside_commune"
    vi = (
        "Điểm này cách giữa {commune} {km} km, có thể là nhà khác. Xem lại tọa độ; nếu đúng thì đánh dấu "
        "“Đã xem, điểm này đúng” rồi lưu."
    )
    en = "The point is {km} km from the middle of {commune}. Look again; tick the box if it is right."


def place_door(store: Store, code: str, typed: str, *, is_sure: bool, by: Actor, at: datetime) -> DoorPoint:
    """Say where the door of an item or a home pickup is; everything for that door is driven there from then on.

    Raises: NotAPoint, ShortLink, PointSwapped, PointNowhere, PointAbroad, PointElsewhere unless `is_sure`,
    DoorElsewhere, NoAddress, UnknownCode, Forbidden.
    """
    with store.begin(at=at) as ledger:
        commune, address = _own_door(ledger, code, by=by)
        middle, name = _commune(ledger, commune, at=at)
        found = typed_points.read(typed, near=_near(middle))
        if middle is not None and not middle.reaches(found.lat, found.lon) and not is_sure:
            away = points.apart(middle.lat, middle.lon, found.lat, found.lon) / 1000
            raise PointElsewhere(commune=name, km=f"{away:.1f}".replace(".", ","))
        ledger.points.add(commune, address, _word(found, Source.HAND, by=by.account, at=at))
        ledger.audit.note(account=by.account, place=by.place, what="door_placed", subject=code, detail=_kind_of(found))
        return ledger.points.of([(commune, address)])[commune, address]


def take_back(store: Store, code: str, *, by: Actor, at: datetime) -> None:
    """Take back the last correction of a door; what counted before it counts again.

    Raises: NothingToTakeBack, DoorElsewhere, NoAddress, UnknownCode, Forbidden.
    """
    with store.begin(at=at) as ledger:
        commune, address = _own_door(ledger, code, by=by)
        ledger.points.take_back(commune, address, by=by.account)
        ledger.audit.note(account=by.account, place=by.place, what="door_taken_back", subject=code)


def read_codes(store: Store, doors: Collection[Door], *, at: datetime) -> frozenset[Door]:
    """Keep the Plus Codes that stand in the addresses of doors; return the doors that had one."""
    possible = [door for door in doors if plus_codes.SEPARATOR in door[1]]
    if not possible:
        return frozenset()
    with store.begin(at=at) as ledger:
        return frozenset(door for door in possible if _read_code(ledger, door, at=at))


def _read_code(ledger: Ledger, door: Door, *, at: datetime) -> bool:
    middle, _ = _commune(ledger, door[0], at=at)
    found = typed_points.in_words(door[1], near=_near(middle))
    if found is None or (middle is not None and not middle.reaches(found.lat, found.lon)):
        return False
    ledger.points.add(*door, _word(found, Source.PLUS_CODE, by="", at=at))
    return True


def note_answer(store: Store, door: Door, found: AddressFound | None, *, at: datetime) -> bool:
    """Keep what a server said about a door; tell whether it counts. What cannot be right is only noted as asked."""
    with store.begin(at=at) as ledger:
        middle, _ = _commune(ledger, door[0], at=at)
        word = geocoding.word_of(found, middle=middle, at=at) if found and middle else None
        ledger.points.note_asked(*door)
        if word is not None:
            ledger.points.add(*door, word)
        return word is not None


def _own_door(ledger: Ledger, code: str, *, by: Actor) -> Door:
    """Return the door of a thing at the actor's office. Raises: DoorElsewhere, NoAddress, UnknownCode, Forbidden."""
    permissions.require(by, Permission.PLACE_DOORS)
    permissions.require(by, Permission.SEE_PERSONAL_DATA)
    return pinpointing.own_door(ledger, code, place=by.place)


def _commune(ledger: Ledger, commune: str, *, at: datetime) -> tuple[Middle | None, str]:
    unit = ledger.reference.units([commune], on=calendars.local(at).date()).get(commune)
    return door_points.middle_of(unit), unit.name if unit else commune


def _near(middle: Middle | None) -> Place | None:
    return Place(middle.lat, middle.lon) if middle else None


def _word(found: TypedPoint, source: Source, *, by: str, at: datetime) -> Word:
    return Word(source=source, lat=found.lat, lon=found.lon, accuracy_m=found.accuracy_m, at=at, by=by, how=found.how)


def _kind_of(found: TypedPoint) -> str:
    """Return in which form a point came, without the point: the audit trail says nothing about where people live."""
    return "Plus Code" if found.how.startswith("Plus Code") else found.how
