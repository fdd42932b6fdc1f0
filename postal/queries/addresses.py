"""Where the doors of an office are: the poorly known first, each with whose word that is and how far off it may be."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from postal.domain import calendars, doors, geocoding, points, scans
from postal.domain.cash import grouped
from postal.domain.codes import CodeKind
from postal.domain.doors import Door
from postal.domain.geocoding import AddressAsked
from postal.domain.item import Item
from postal.domain.lifecycle import UnknownCode
from postal.domain.people import Actor
from postal.domain.places import Unit
from postal.domain.points import SOURCE_NAMES, DoorPoint, Middle, Source, Told, Word
from postal.store import Reader, Store, door_points, pinpointing, waiting
from postal.store.tables import ItemRow, table_of

MOST_LINES = 200

NO_POINT = "Chưa biết ở đâu"


@dataclass(frozen=True, kw_only=True, slots=True)
class DoorLine:
    """A door something waits for. `code` is the oldest thing's; `unsure` says how far off the point may be."""

    code: str
    commune: str
    address: str
    things: int
    source: str
    unsure: str
    is_poor: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class DoorsPage:
    """The doors something waits for today, poorly known ones first. `left` are those beyond the list."""

    office: str
    lines: tuple[DoorLine, ...]
    poor: int
    total: int
    left: int
    sure_m: int = points.SURE_M


@dataclass(frozen=True, kw_only=True, slots=True)
class WordLine:
    """One thing that was said about a door: by whom, how far from the point that is used, and what became of it."""

    at: datetime
    source: str
    how: str
    unsure: str
    away: str
    ended: str


@dataclass(frozen=True, kw_only=True, slots=True)
class DoorPage:
    """One door: where it is believed to be and why, everything that was said, and what can be done."""

    code: str
    commune: str
    address: str
    point: str
    source: str
    unsure: str
    is_poor: bool
    notes: tuple[str, ...]
    words: tuple[WordLine, ...]
    can_take_back: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Unasked:
    """A door nobody knows more of than its commune, and how a server is asked for it."""

    door: tuple[str, str]
    asked: AddressAsked


@dataclass(frozen=True, kw_only=True, slots=True)
class UnaskedDoors:
    """Some doors to ask for; `last` is where to go on, empty at the end."""

    doors: tuple[Unasked, ...]
    last: str


def doors_page(store: Store, *, actor: Actor, at: datetime) -> DoorsPage:
    """Return the doors something at the actor's office waits for today."""
    with store.read(at=at) as reader:
        today = calendars.local(at).date()
        office = reader.reference.place(actor.place)
        lines = _lines(reader, doors.grouped(waiting.at(reader, [actor.place], on=today)), on=today)
    return DoorsPage(
        office=office.name,
        lines=tuple(lines[:MOST_LINES]),
        poor=sum(line.is_poor for line in lines),
        total=len(lines),
        left=max(len(lines) - MOST_LINES, 0),
    )


def door_page(store: Store, code: str, *, actor: Actor, at: datetime) -> DoorPage:
    """Return the door of an item or a home pickup. Raises: DoorElsewhere, NoAddress, UnknownCode."""
    with store.read(at=at) as reader:
        door = pinpointing.own_door(reader, code, place=actor.place)
        told = reader.points.told([door]).get(door, Told())
        unit = reader.reference.units([door[0]], on=calendars.local(at).date()).get(door[0])
        middle = door_points.middle_of(unit)
        names = reader.accounts.names()
    found = points.settled(told, middle=middle)
    return DoorPage(
        code=code,
        commune=unit.name if unit else door[0],
        address=door[1],
        point=f"{found.lat:.6f}, {found.lon:.6f}" if found else "",
        source=_source(found),
        unsure=_unsure(found),
        is_poor=found is None or found.is_poor,
        notes=tuple(_notes(found, told, middle)),
        words=tuple(_word(word, found, names) for word in reversed(told.words)),
        can_take_back=told.correction is not None,
    )


def code_meant(store: Store, text: str, *, actor: Actor, at: datetime) -> str:
    """Return the item or home pickup a scan means, of a dossier the one at the actor's office.

    Raises: UnknownCode, and what `scans.read_scan` raises.
    """
    with store.read(at=at) as reader:
        match scans.read_scan(text):
            case scans.OurCode(code=code) if code.kind in (CodeKind.ITEM, CodeKind.HOME_PICKUP):
                return code.text
            case scans.OurCode(code=code) if code.kind is CodeKind.DOSSIER:
                here = [item for item in reader.items_of(code.text) if item.custodian.place == actor.place]
                if here:
                    return here[-1].code
        raise UnknownCode(thing=text)


def unasked_after(store: Store, last: str, *, at: datetime, limit: int) -> UnaskedDoors:
    """Return doors envelopes wait for that nobody knows more of than the commune, and no server was asked for.

    Looks at `limit` envelopes after the code `last`.
    """
    table = table_of(ItemRow)
    waits = table.c.custody.in_(("held", "offered")) & (table.c.destination == table.c.custodian_place)
    query = select(table.c.state).where(waits, table.c.code > last).order_by(table.c.code).limit(limit)
    with store.read(at=at) as reader:
        items = reader.things(Item, query)
        found = {pinpointing.door_of(reader, item) for item in items if item.destination.to_citizen}
        whole = sorted(door for door in found if all(door))
        told = reader.points.told(whole)
        due = [door for door in whole if geocoding.is_due(told.get(door, Told()), at=at)]
        asked = _asked(reader, due, on=calendars.local(at).date())
    return UnaskedDoors(doors=asked, last=items[-1].code if len(items) == limit else "")


# --- lines ------------------------------------------------------------------------------------------------------------


def _lines(reader: Reader, here: Sequence[Door], *, on: date) -> list[DoorLine]:
    """Return doors with an address, the least known first."""
    known = reader.points.of([(door.commune, door.address) for door in here])
    communes = reader.reference.units([door.commune for door in here], on=on)
    middles = {code: points.of_middle(door_points.middle_of(unit)) for code, unit in communes.items()}
    found = [
        (door, known.get((door.commune, door.address)) or middles.get(door.commune))
        for door in here
        if door.commune and door.address
    ]
    found.sort(key=lambda pair: (-(pair[1].accuracy_m if pair[1] else 10**9), pair[0].key))
    return [_line(door, point, communes.get(door.commune)) for door, point in found]


def _line(door: Door, point: DoorPoint | None, unit: Unit | None) -> DoorLine:
    return DoorLine(
        code=door.key,
        commune=unit.name if unit else door.commune,
        address=door.address,
        things=len(door.waiting),
        source=_source(point),
        unsure=_unsure(point),
        is_poor=point is None or point.is_poor,
    )


def _source(point: DoorPoint | None) -> str:
    """Return whose word a point is, with how many deliveries it rests on."""
    if point is None:
        return NO_POINT
    if point.source is Source.DELIVERY:
        return f"{point.times} lần phát"
    return SOURCE_NAMES[point.source]


def _unsure(point: DoorPoint | None) -> str:
    return f"±{grouped(point.accuracy_m)} m" if point else ""


def _notes(point: DoorPoint | None, told: Told, middle: Middle | None) -> list[str]:
    """Return what somebody should know who looks at a point."""
    found = []
    if point is None:
        found.append("Xã, phường này chưa có tọa độ: phần mềm không xếp được thứ tự, bưu tá tự tìm.")
    elif point.source is Source.COMMUNE:
        found.append("Chỉ biết xã, phường: điểm là giữa xã, nhà có thể ở bất kỳ đâu trong bán kính này.")
    if point is not None and point.apart_times:
        found.append(f"{point.apart_times} lần phát ghi ở chỗ khác xa, không tính vào điểm này.")
    if point is not None and point.contradicted_m is not None:
        found.append(f"Các lần phát cách điểm người sửa {grouped(point.contradicted_m)} m. Xem lại điểm nào đúng.")
    if told.asked_at is not None and not told.of(Source.GEOCODER):
        found.append(f"Máy chủ tìm tọa độ không biết địa chỉ này (hỏi {calendars.local(told.asked_at):%d/%m/%Y}).")
    if middle is not None and any(not middle.reaches(word.lat, word.lon) for word in told.of(Source.DELIVERY)):
        found.append("Có lần phát ghi ngoài xã, phường: kiểm tra địa chỉ trên hồ sơ.")
    return found


def _word(word: Word, point: DoorPoint | None, names: dict[str, str]) -> WordLine:
    away = points.apart(point.lat, point.lon, word.lat, word.lon) if point else 0.0
    by = names.get(word.by, word.by)
    ended = ""
    if word.ended_at is not None:
        ended = f"{names.get(word.ended_by, word.ended_by)} bỏ ngày {calendars.local(word.ended_at):%d/%m/%Y}"
    return WordLine(
        at=word.at,
        source=_said_by(word, by),
        how=word.how,
        unsure=f"±{grouped(word.accuracy_m)} m",
        away=f"{grouped(round(away))} m",
        ended=ended,
    )


def _said_by(word: Word, by: str) -> str:
    if word.source is Source.DELIVERY:
        return f"{word.times} lần phát" if word.times > 1 else "Một lần phát"
    return f"{SOURCE_NAMES[word.source]}: {by}" if by else SOURCE_NAMES[word.source]


# --- what a server is asked for ---------------------------------------------------------------------------------------


def _asked(reader: Reader, due: Sequence[tuple[str, str]], *, on: date) -> tuple[Unasked, ...]:
    communes = reader.reference.units([commune for commune, _ in due], on=on)
    provinces = {unit.code: unit.name for unit in reader.reference.provinces(on=on)}
    return tuple(
        Unasked(
            door=door,
            asked=AddressAsked(
                address=door[1],
                commune=communes[door[0]].name,
                province=provinces.get(communes[door[0]].province_code, ""),
            ),
        )
        for door in due
        if door[0] in communes
    )
