"""Administrative units by era, post offices, one-stop desks, departments, lanes between them and postmen's rounds.

The same number names different provinces before and after 1 July 2025 (24, 15, 44, 52, 80, 82, 91, 08), so a unit's key
is (era, code), never the code alone. `valid_to` is always the last day in force.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, time
from enum import Enum, StrEnum

from postal.domain import search
from postal.domain.refusals import Refused

NEW_UNITS_SINCE = date(2025, 7, 1)


class Era(StrEnum):
    """Which list of administrative units a code belongs to."""

    OLD = "old"
    SINCE_2025 = "2025"


class Level(StrEnum):
    """How high a unit or an authority stands."""

    MINISTRY = "ministry"
    PROVINCE = "province"
    DISTRICT = "district"
    COMMUNE = "commune"


class PlaceKind(StrEnum):
    """What a place is: a post office, a one-stop desk, or a competent department."""

    OFFICE = "office"
    DESK = "desk"
    DEPARTMENT = "department"


class OfficeType(StrEnum):
    """The kinds of post office of the public postal network."""

    BC1 = "BC1"
    BC2 = "BC2"
    BC3 = "BC3"
    BDVHX = "BDVHX"
    DAILY = "DAILY"
    KHAITHAC = "KHAITHAC"
    PHAT = "PHAT"
    DIEM_TN = "DIEM_TN"


class Precision(StrEnum):
    """What a place's point is the point of."""

    EXACT = "exact"
    COMMUNE = "commune"
    DISTRICT = "district"
    NONE = "none"


class UnknownPlace(Refused):
    """Nobody has entered this place."""

    code = "unknown_place"
    vi = 'Chưa có "{place}" trong danh mục. Xem lại mã, hoặc nhờ quản trị thêm vào danh mục.'
    en = '"{place}" is not in the catalogue. Check the code, or ask the administrator to add it.'


class CommuneGone(Refused):
    """The commune was merged or split, on 1 July 2025 or later."""

    code = "commune_gone"
    vi = "{old} không còn từ ngày {since}. Chọn một đơn vị mới: {successors}."
    en = "{old} no longer exists since {since}. Choose one of its successors: {successors}."


class NoLane(Refused):
    """Nobody has said how items travel between these two places."""

    code = "no_lane"
    vi = "Chưa có tuyến chuyển từ {origin} đến {destination}. Nhờ điều phối thêm tuyến, hoặc chọn nơi nhận khác."
    en = "No lane from {origin} to {destination}. Ask the coordinator to add one, or choose another destination."


class NoSuccessor(Refused):
    """A place ended and nobody entered which one continues it; that is never guessed."""

    code = "no_successor"
    vi = (
        "{place} ({code_of}) ngừng hoạt động từ sau {ended}, danh mục chưa ghi nơi kế thừa. "
        "Nhờ quản trị ghi nơi kế thừa vào danh mục rồi làm lại."
    )
    en = "{place} ({code_of}) ended on {ended} and the catalogue names no successor. Ask the administrator to add it."


class OutsideEveryTerritory(Refused):
    """No postman's round visits this address."""

    code = "outside_every_territory"
    vi = (
        "Địa chỉ ở {commune} nằm ngoài mọi tuyến phát. "
        "Nhờ điều phối thêm thôn, đường hoặc cả xã vào một tuyến, hoặc mời người dân đến bưu cục."
    )
    en = "The address in {commune} is outside every territory. Ask the coordinator to add it to one, or invite."


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class UnitKey:
    """Which unit: the code means nothing without its era."""

    era: Era
    code: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Unit:
    """A province, district or commune under one name.

    `lat` and `lon` are its centre in degrees, `radius_m` how far from there it may reach, in metres; all three are
    unknown for old units. `successors` are the codes that follow it since 1 July 2025, the larger part first.
    """

    era: Era
    code: str
    name: str
    level: Level
    province_code: str
    district_code: str | None = None
    lat: float | None = None
    lon: float | None = None
    radius_m: int | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    successors: tuple[str, ...] = ()

    @property
    def key(self) -> UnitKey:
        """Return what distinguishes this unit from all others."""
        return UnitKey(era=self.era, code=self.code)


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A post office, a one-stop desk or a department.

    `unit` is its commune since 2025. `level` and `department` (for example `SO_TU_PHAP`) matter for desks and
    departments; `office_type` and `delivers` for post offices. `basis` says where the facts come from. `successor` is
    the place that continues its work once it has ended.
    """

    code: str
    kind: PlaceKind
    name: str
    unit: str | None
    province_code: str | None
    address: str = ""
    phone: str = ""
    lat: float | None = None
    lon: float | None = None
    precision: Precision = Precision.NONE
    office_type: OfficeType | None = None
    delivers: bool = False
    level: Level | None = None
    department: str | None = None
    parent: str | None = None
    basis: str
    valid_from: date | None = None
    valid_to: date | None = None
    successor: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Lane:
    """How items travel between two ends: who carries, within how many working days, and until what hour they leave.

    An end is a place's code, `province:48` for every place of a province, or `*` for every place.
    """

    code: str
    origin: str
    destination: str
    carrier: str
    tier_days: int
    cutoff: time
    basis: str
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class Area:
    """A stretch of a round: a whole commune, or the `part` of it as people write it in an address (hamlet, street)."""

    commune: str
    part: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Assignment:
    """Who drives a round between two days; `valid_to` is the last one."""

    postman: str
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkingTime:
    """When a round is driven and how long it may take, in minutes, doors and way together; `basis` says who says so."""

    opens: time = time(7, 30)
    closes: time = time(17, 0)
    longest_minutes: int = 480
    basis: str = "Cấu hình mặc định; không quá 8 giờ một ngày theo Bộ luật Lao động 2019 Đ.105.1"


USUAL_WORKING_TIME = WorkingTime()


class VehicleKind(Enum):
    """What a round is driven with."""

    MOTORBIKE = "motorbike"
    VAN = "van"
    ON_FOOT = "on_foot"


VEHICLE_NAMES: dict[VehicleKind, str] = {
    VehicleKind.MOTORBIKE: "xe máy",
    VehicleKind.VAN: "ô tô",
    VehicleKind.ON_FOOT: "đi bộ",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Pause:
    """A break that begins between two times of day and lasts so many minutes."""

    opens: time
    closes: time
    minutes: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Equipment:
    """What a round is driven with: `plate` names the vehicle where rounds share one.

    `capacity` is in envelopes, None where they never fill the vehicle; `reloads` says how often more may be fetched
    from the office. `basis` says who says so.
    """

    kind: VehicleKind = VehicleKind.MOTORBIKE
    plate: str = ""
    capacity: int | None = None
    reloads: int = 0
    pause: Pause | None = None
    basis: str = "Cấu hình mặc định"


USUAL_EQUIPMENT = Equipment()


@dataclass(frozen=True, kw_only=True, slots=True)
class Territory:
    """A postman's standing round: communes, hamlets and streets in the order he visits them.

    `areas` is empty where the round visits whole communes, in the order of `communes`. `postman` drives it on days for
    which no assignment names somebody.
    """

    code: str
    name: str
    office: str
    postman: str | None
    communes: tuple[str, ...]
    basis: str
    areas: tuple[Area, ...] = ()
    assignments: tuple[Assignment, ...] = ()
    valid_from: date | None = None
    valid_to: date | None = None
    working_time: WorkingTime = USUAL_WORKING_TIME
    equipment: Equipment = USUAL_EQUIPMENT

    @property
    def order(self) -> tuple[Area, ...]:
        """Return what the round visits, in its order."""
        return self.areas or tuple(Area(commune) for commune in self.communes)

    def driver(self, on: date) -> str | None:
        """Return the account that drives on a day: whom the last assignment in force names, else the standing one."""
        named = [each.postman for each in self.assignments if in_force(each, on)]
        return named[-1] if named else self.postman

    def area_at(self, commune: str, address: str) -> Area | None:
        """Return the stretch of the round an address lies in: the longest named part, else its whole commune."""
        found = [area for area in self.order if area.commune == commune and _lies_in(address, area.part)]
        return max(found, key=lambda area: len(search.words(area.part)), default=None)


def territory_for_address(
    territories: Iterable[Territory], commune: str, address: str, *, on: date
) -> Territory | None:
    """Return the round that visits an address on a day, None when it lies outside all of them.

    A named part goes before the whole commune, a longer name before a shorter one; of equals, the first by code.
    """
    fitting = [
        (len(search.words(area.part)), round_)
        for round_ in sorted(territories, key=lambda round_: round_.code)
        if in_force(round_, on) and (area := round_.area_at(commune, address)) is not None
    ]
    return max(fitting, key=lambda pair: pair[0])[1] if fitting else None


def _lies_in(address: str, part: str) -> bool:
    """Tell whether an address names a part in whole words; every address lies in the unnamed whole.

    >>> _lies_in("12 Trần Phú, thôn 3", "Thôn 3"), _lies_in("12 Trần Phú, thôn 31", "Thôn 3"), _lies_in("tổ 7", "")
    (True, False, True)
    """
    return f" {' '.join(search.words(part))} ".replace("  ", " ") in f" {' '.join(search.words(address))} "


def in_force(thing: Unit | Place | Lane | Territory | Assignment, on: date) -> bool:
    """Tell whether it holds on that day; `valid_to` is the last day."""
    return (thing.valid_from is None or thing.valid_from <= on) and (thing.valid_to is None or on <= thing.valid_to)


def has_ended(place: Place, on: date) -> bool:
    """Tell whether a place does its work no more on that day; `valid_to` was the last one."""
    return place.valid_to is not None and place.valid_to < on


def standing(place: Place, *, on: date, known: Callable[[str], Place | None]) -> Place:
    """Return who does a place's work on a day: itself, or who continues it, however many times it was merged.

    Raises: NoSuccessor when nobody entered who continues, or when the entries lead round in a circle.
    """
    met = {place.code}
    while has_ended(place, on):
        following = known(place.successor) if place.successor and place.successor not in met else None
        if following is None:
            raise NoSuccessor(place=place.name, code_of=place.code, ended=f"{place.valid_to:%d/%m/%Y}")
        met.add(following.code)
        place = following
    return place


def radius_of(area_km2: float) -> int:
    """Return the radius in metres of the circle with this area: how far off the centre of a commune may be.

    >>> radius_of(math.pi)
    1000
    """
    return round(math.sqrt(area_km2 / math.pi) * 1000)


def sole_successor(old: Unit, successors: Iterable[Unit]) -> Unit:
    """Return the one unit that follows `old`; a split commune is for the clerk to decide.

    Raises:
        CommuneGone: it has several successors, or none we know of.
    """
    found = tuple(successors)
    if len(found) != 1:
        raise gone(old, found)
    return found[0]


def gone(old: Unit, successors: Iterable[Unit], *, since: date = NEW_UNITS_SINCE) -> CommuneGone:
    """Return the refusal that names what follows this commune, which was there until the day before `since`."""
    names = "; ".join(f"{unit.name} ({unit.code})" for unit in successors)
    day = f"{since.day:02}/{since.month}/{since.year}"
    return CommuneGone(old=old.name, successors=names or "tra cứu theo tên tỉnh", since=day)


def best_lane(lanes: Iterable[Lane], *, origin: Place, destination: Place, on: date) -> Lane:
    """Return the most specific lane in force from one place to the other; of equals, the faster one.

    Raises:
        NoLane: none fits.
    """
    fitting = [lane for lane in lanes if in_force(lane, on) and serves(lane, origin=origin, destination=destination)]
    if not fitting:
        raise NoLane(origin=origin.name, destination=destination.name)
    return min(fitting, key=lambda lane: (-_specificity(lane), lane.tier_days, lane.code))


def serves(lane: Lane, *, origin: Place, destination: Place) -> bool:
    """Tell whether the lane leads from one place to the other, by name, province or for all."""
    return lane.origin in ends_of(origin) and lane.destination in ends_of(destination)


def ends_of(place: Place) -> tuple[str, ...]:
    """Return the ways a lane may name this place, the most specific first."""
    province = (f"province:{place.province_code}",) if place.province_code else ()
    return (place.code, *province, "*")


def _specificity(lane: Lane) -> int:
    return sum(0 if end == "*" else 1 if end.startswith("province:") else 2 for end in (lane.origin, lane.destination))
