"""What is known of the week ahead: what waits for which doors, who drives when, how far it is; read, and estimated."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import sqrt

from postal.domain import calendars, doors, week
from postal.domain.calendars import WorkCalendar
from postal.domain.doors import Door, Errand, Waiting
from postal.domain.people import Account
from postal.domain.places import Place, Territory
from postal.domain.week import DayOff
from postal.services import laying_out, learning, pinning, yards
from postal.store import Reader, waiting
from routes.learning import Figures
from routes.matrix import GreatCircleMatrix, Matrix
from routes.model import Place as Point
from routes.model import VehicleKind

DAYS = 7
"""How far a week reaches, days off included."""

WORTH_A_WAY = timedelta(minutes=10)
"""An area that is nearer than this, there and back, is visited on any day."""

EXACT_M = 500
"""A point that is no farther off tells how far an area's doors lie apart; a commune's middle does not.

Of doors that are shared among k days, each lies the root of k times as far from the next.
Source: Beardwood, Halton and Hammersley, "The shortest path through many points" (1959).
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class RoundAhead:
    """A round of the week: its doors, and the hours of its days with who drives on them."""

    territory: Territory
    doors: tuple[Door, ...]
    hours: Mapping[date, timedelta]
    drivers: Mapping[date, str]
    depot: Point
    figures: Figures


@dataclass(frozen=True, kw_only=True, slots=True)
class Ahead:
    """What is known of the week: `last_of` are days by which invitations must be left, `before` the days things had."""

    days: tuple[date, ...]
    rounds: tuple[RoundAhead, ...]
    points: Mapping[str, Point | None]
    last_of: Mapping[str, date]
    before: Mapping[str, date]
    outside: int


def read(reader: Reader, offices: Sequence[Place], *, first: date, off: Collection[DayOff], at: datetime) -> Ahead:
    """Return what waits at offices for the week that begins with a day, and the hours there are for it.

    Raises: NoWorkingDays.
    """
    days = working_days(reader.reference.calendar(waiting.POST), first)
    codes = [office.code for office in offices]
    waits = _waits(reader, codes, days)
    territories = [each for each in reader.reference.territories() if each.office in codes]
    inside, outside = doors.by_territory(waits, territories, on=first)
    grouped = {code: tuple(doors.grouped(some)) for code, some in inside.items()}
    at_doors = [door for some in grouped.values() for door in some]
    communes = reader.reference.units([door.commune for door in at_doors], on=first)
    depots = {office.code: yards.depot_at(office, communes).place for office in offices}
    driven = _driven(reader, territories, days=days, off=off, at=at)
    put_off = reader.weeks.days_of([each.code for each in waits])
    return Ahead(
        days=days,
        rounds=tuple(
            RoundAhead(
                territory=each,
                doors=grouped[each.code],
                hours={day: hours for day, (_, hours) in driven[each.code].items()},
                drivers={day: name for day, (name, hours) in driven[each.code].items() if hours},
                depot=depots[each.office],
                figures=_figures(reader, each),
            )
            for each in territories
            if each.code in grouped
        ),
        points=pinning.points_of(reader, at_doors, on=first),
        last_of=_invited_until(reader, waits),
        before={thing: each.day for thing, each in put_off.items() if each.day >= first},
        outside=len(outside),
    )


def working_days(calendar: WorkCalendar, first: date) -> tuple[date, ...]:
    """Return the working days of the week that begins with a day. Raises: NoWorkingDays."""
    week_of = [first + timedelta(days=number) for number in range(DAYS)]
    found = tuple(day for day in week_of if calendar.is_working_day(day))
    if not found:
        raise week.NoWorkingDays(day=calendars.written(first))
    return found


def _figures(reader: Reader, territory: Territory) -> Figures:
    kind = VehicleKind(territory.equipment.kind.value)
    return learning.learned(reader, territory.office, territory=territory.code, kind=kind)


def _invited_until(reader: Reader, waits: Iterable[Waiting]) -> dict[str, date]:
    """Return by item until when an invitation that is to be left still helps."""
    wanted = [each.code for each in waits if each.errand is Errand.INVITE]
    return {code: found.pickup_until for code, found in reader.rounds.items(wanted).items() if found.pickup_until}


def _waits(reader: Reader, offices: Collection[str], days: Sequence[date]) -> list[Waiting]:
    """Return what could go out on the first day or the last, and is on no run that is still to be driven."""
    found = {each.code: each for on in (days[-1], days[0]) for each in waiting.whenever(reader, offices, on=on)}
    taken = reader.rounds.spoken_for(list(found), on=days[0])
    return [each for code, each in found.items() if code not in taken]


def _driven(
    reader: Reader, territories: Iterable[Territory], *, days: Sequence[date], off: Collection[DayOff], at: datetime
) -> dict[str, dict[date, tuple[str, timedelta]]]:
    """Return who drives each round on each day, and his hours: none where he is off or drives another one."""
    accounts = {account.username: account for account in reader.accounts.all() if laying_out.drives(account)}
    by_code = {each.code: each for each in sorted(territories, key=lambda each: each.code)}
    found: dict[str, dict[date, tuple[str, timedelta]]] = {code: {} for code in by_code}
    for day in days:
        busy = _busy(reader, by_code.values(), day)
        driving: set[str] = set()
        for code, territory in by_code.items():
            name = _driver(territory, day, accounts)
            is_free = name and name not in driving and DayOff(territory=code, day=day) not in off
            hours = _time(territory, day, busy.get(name, timedelta()), at) if is_free else timedelta()
            found[code][day] = name, hours
            driving.add(name)
    return found


def _driver(territory: Territory, day: date, accounts: Mapping[str, Account]) -> str:
    name = territory.driver(day) or ""
    return name if name in accounts else ""


def _busy(reader: Reader, territories: Iterable[Territory], day: date) -> dict[str, timedelta]:
    """Return by account how long the runs take that are planned for a day already."""
    found: dict[str, timedelta] = {}
    for driven in reader.rounds.runs_on({each.office for each in territories}, day=day):
        found[driven.postman] = found.get(driven.postman, timedelta()) + timedelta(seconds=driven.seconds)
    return found


def _time(territory: Territory, day: date, busy: timedelta, at: datetime) -> timedelta:
    shift = laying_out.shift_of(territory, day=day, at=at, busy=busy)
    return min(shift.longest, shift.ends_at - shift.starts_at) if shift else timedelta()


# --- how far it is ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class Areas:
    """Which area and place each thing has, the way to each area and back, and the way from door to door in it."""

    of: Mapping[str, str]
    places: Mapping[str, Point | None]
    ways: Mapping[str, timedelta]
    between: Mapping[str, timedelta]


def areas_of(round_: RoundAhead, ahead: Ahead) -> Areas:
    """Return how far the areas of a round lie, and their doors from each other, estimated."""
    known = GreatCircleMatrix(detour=round_.figures.detour, speed_kmh=round_.figures.speed_kmh)
    by_area: dict[str, list[Door]] = {}
    for door in round_.doors:
        by_area.setdefault(str(doors.area_number(round_.territory, door)), []).append(door)
    middles = {area: _middle(some, ahead.points) for area, some in by_area.items()}
    return Areas(
        of={each.code: area for area, some in by_area.items() for door in some for each in door.waiting},
        places={each.code: ahead.points[door.key] for door in round_.doors for each in door.waiting},
        ways=_ways(middles, round_.depot, known),
        between={area: _between(some, round_, ahead, known) for area, some in by_area.items()},
    )


def _middle(some: Sequence[Door], points: Mapping[str, Point | None]) -> Point | None:
    found = [point for door in some if (point := points[door.key])]
    return _mean(found) if found else None


def _mean(points: Sequence[Point]) -> Point:
    return Point(sum(each.lat for each in points) / len(points), sum(each.lon for each in points) / len(points))


def _ways(middles: Mapping[str, Point | None], depot: Point, matrix: Matrix) -> dict[str, timedelta]:
    """Return the way to each area and back: from the office, or from an area that lies nearer to the office."""
    near = sorted(
        ((matrix.leg(depot, middle).seconds, area, middle) for area, middle in middles.items() if middle),
        key=lambda each: each[:2],
    )
    ways = {}
    for number, (seconds, area, middle) in enumerate(near):
        shortest = min([seconds, *(matrix.leg(other, middle).seconds for _, _, other in near[:number])])
        way = timedelta(seconds=2 * shortest)
        ways[area] = way if way >= WORTH_A_WAY else timedelta()
    return ways


def _between(some: Sequence[Door], round_: RoundAhead, ahead: Ahead, matrix: Matrix) -> timedelta:
    """Return the way from one door to the next, longer where an area's doors are shared among more days.

    Only doors whose points are known tell it. For the others the time at the door has the way that is looked for, as on
    the day itself.
    """
    exact = [point for door in some if (point := ahead.points[door.key]) and point.uncertainty_m < EXACT_M]
    if len(exact) < 2:
        return timedelta()
    days = sum(_days_of(door, round_) for door in some) / len(some)
    seconds = _tour(exact, matrix) / len(exact)
    return timedelta(seconds=round(seconds * sqrt(min(days, len(exact)))))


def _days_of(door: Door, round_: RoundAhead) -> int:
    """Return on how many days a door can go."""
    last = door.due_on
    return max(1, sum(bool(hours) and (last is None or day <= last) for day, hours in round_.hours.items()))


def _tour(points: Sequence[Point], matrix: Matrix) -> int:
    """Return how long it takes to go from one point always on to the nearest."""
    left = sorted(set(points), key=lambda point: (point.lat, point.lon))
    here, seconds = left.pop(0), 0
    while left:
        leg, at = min((matrix.leg(here, point).seconds, number) for number, point in enumerate(left))
        here, seconds = left.pop(at), seconds + leg
    return seconds
