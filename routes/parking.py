"""Doors that share a place become one parking stop: park once, walk from door to door, go on.

An apartment block, an agency's building, an alley. Doors are gathered where walking takes less time than driving on
and parking again. A door whose point is only the middle of something larger is gathered with nobody, unless its
address names the same building as another's. Doors of different importance stay apart, so that what must go never
takes along what need not: they lie beside each other in the route anyway, and the one can be left out alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import accumulate, pairwise, product
from math import cos, radians

from routes.matrix import EARTH_RADIUS_M, straight
from routes.model import Place, Stop, TimeWindow
from routes.timing import Visit

WALKING_DETOUR = 1.3
DRIVING_DETOUR = 1.35

CROWD = 40
"""Doors beyond which not every pair of one spot is looked at: more than fit into a parking stop anyway."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """How somebody parks and walks: guesses, to be replaced by measured rounds.

    `walking_m` is the straight line between the two doors of a parking stop that lie farthest apart, and how far off
    a point may be to be walked to. `parking` is part of the service of every door that stands alone. `longest` is the
    service of a parking stop, `load` what can be carried from the vehicle (None: whatever there is).
    """

    walking_m: int = 100
    parking: timedelta = timedelta(seconds=90)
    walking_kmh: float = 4.0
    driving_kmh: float = 20.0
    next_door: timedelta = timedelta(seconds=20)
    longest: timedelta = timedelta(minutes=45)
    load: int | None = None

    def __post_init__(self) -> None:
        if self.walking_m < 0 or min(self.walking_kmh, self.driving_kmh) <= 0:
            raise ValueError("a way on foot is not negative, a speed is above 0")
        if self.parking < timedelta() or self.next_door < timedelta() or self.longest <= timedelta():
            raise ValueError("parking and the next door take no negative time, a parking stop takes some")
        if self.load is not None and self.load < 1:
            raise ValueError("somebody on foot carries something")


USUAL = Habits()


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkingStop:
    """One stop of a route and the doors it stands for, in walking order; `begins_after` is when each one's turn is.

    `begins_after` counts from the begin of service at the stop. `walking` is the whole way on foot, back to the
    vehicle. A door that stands alone is its own parking stop, unchanged.
    """

    stop: Stop
    doors: tuple[Stop, ...]
    begins_after: tuple[timedelta, ...]
    walking: timedelta

    @property
    def is_shared(self) -> bool:
        """Tell whether it stands for several doors."""
        return len(self.doors) > 1


def gathered(
    stops: Iterable[Stop],
    *,
    sites: Mapping[str, str] | None = None,
    apart: Mapping[str, str] | None = None,
    habits: Habits = USUAL,
) -> tuple[ParkingStop, ...]:
    """Return the parking stops of some doors, by key; together they stand for every door once.

    `sites` names by stop key the building that the address says; the same name is the same building. `apart` names by
    stop key what holds a door (a driver it is locked to): doors held by different things, or by nothing, never meet.
    Doors gather within one area only, so the order of areas is kept. A parking stop is called after the first of its
    doors' keys. The same doors give the same parking stops, in whatever order they come in.
    """
    ground = _Ground(sites=sites or {}, apart=apart or {}, habits=habits)
    groups: dict[tuple[object, ...], list[Stop]] = {}
    for stop in sorted(stops, key=lambda stop: stop.key):
        groups.setdefault(ground.company(stop), []).append(stop)
    found = [parked for group in groups.values() for parked in _clusters(group, ground)]
    return tuple(sorted(found, key=lambda parked: parked.stop.key))


def expanded(visits: Iterable[Visit], parked: Iterable[ParkingStop]) -> tuple[Visit, ...]:
    """Return the visits of a route door by door, in walking order, each with its own times.

    The first door of a parking stop has its arrival; the last one ends when the walk back to the vehicle begins.
    """
    known = {each.stop.key: each for each in parked}
    return tuple(
        door
        for visit in visits
        for door in (_doors(visit, known[visit.stop.key]) if visit.stop.key in known else (visit,))
    )


def named(keys: Iterable[str], parked: Iterable[ParkingStop]) -> tuple[str, ...]:
    """Return what parking stops the doors of an order belong to, each where its first door stands.

    For yesterday's order or the locks of single doors; what nobody knows is kept as it is.
    """
    stop_of = {door.key: each.stop.key for each in parked for door in each.doors}
    return tuple(dict.fromkeys(stop_of.get(key, key) for key in keys))


def parted(parked: Iterable[ParkingStop], *, keys: Collection[str]) -> tuple[ParkingStop, ...]:
    """Return the parking stops with those of `keys` taken apart into their doors, for what finds no room as a whole."""
    return tuple(
        part
        for each in parked
        for part in ((_alone(door) for door in each.doors) if each.stop.key in keys else (each,))
    )


# --- gathering --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Ground:
    """What decides who may be gathered with whom."""

    sites: Mapping[str, str]
    apart: Mapping[str, str]
    habits: Habits

    def company(self, stop: Stop) -> tuple[object, ...]:
        """Return what the doors of one parking stop have in common."""
        return (stop.area, stop.importance, self.apart.get(stop.key))

    def share_a_place(self, one: Stop, other: Stop) -> bool:
        """Tell whether two doors lie within a walk, as far as anybody knows."""
        if one.place is None or other.place is None:
            return False
        apart, reach = straight(one.place, other.place), self.habits.walking_m
        unsure = max(one.place.uncertainty_m, other.place.uncertainty_m)
        site = self.sites.get(one.key)
        if site is not None and site == self.sites.get(other.key):
            return apart <= reach + one.place.uncertainty_m + other.place.uncertainty_m
        return unsure <= reach and apart <= reach


def _clusters(group: Sequence[Stop], ground: _Ground) -> list[ParkingStop]:
    """Join the nearest doors first, as long as all of a parking stop lie within a walk and it pays."""
    cluster_of = {stop.key: _alone(stop) for stop in group}
    apart: set[tuple[str, int, str, int]] = set()
    for one, other in _near_pairs(group, ground):
        first, second = cluster_of[one.key], cluster_of[other.key]
        tried = (first.stop.key, len(first.doors), second.stop.key, len(second.doors))
        if first is second or tried in apart:
            continue
        together = _joined(first, second, ground)
        if together is None:
            apart.add(tried)
            continue
        for door in together.doors:
            cluster_of[door.key] = together
    return list({parked.stop.key: parked for parked in cluster_of.values()}.values())


def _joined(first: ParkingStop, second: ParkingStop, ground: _Ground) -> ParkingStop | None:
    """Return two parking stops as one, None where it may not be or does not pay."""
    doors = (*first.doors, *second.doors)
    if not _may_fit(doors, ground.habits) or not _all_near(first.doors, second.doors, ground):
        return None
    together = _parked(doors, ground.habits)
    return together if together and _pays(together, first, second, ground.habits) else None


def _may_fit(doors: Sequence[Stop], habits: Habits) -> bool:
    """Tell whether doors could be one parking stop if they lay next to each other."""
    at_doors = sum((max(door.service - habits.parking, timedelta()) for door in doors), len(doors) * habits.next_door)
    load = sum(door.load for door in doors)
    return at_doors <= habits.longest and (habits.load is None or load <= habits.load)


def _near_pairs(group: Sequence[Stop], ground: _Ground) -> list[tuple[Stop, Stop]]:
    """Return the pairs of doors that share a place, the nearest first: those of one building, then by the way."""
    found = []
    for one, other in _candidates(group, ground):
        if ground.share_a_place(one, other) and one.place and other.place:
            same = ground.sites.get(one.key) is not None and ground.sites.get(one.key) == ground.sites.get(other.key)
            found.append(((not same, straight(one.place, other.place), one.key, other.key), one, other))
    return [(one, other) for _, one, other in sorted(found, key=lambda pair: pair[0])]


def _candidates(group: Sequence[Stop], ground: _Ground) -> Iterator[tuple[Stop, Stop]]:
    """Yield pairs that could share a place: neighbours on a grid of walks, and those of one building."""
    size = max(ground.habits.walking_m, 1) / EARTH_RADIUS_M
    across = max(min((cos(radians(stop.place.lat)) for stop in group if stop.place), default=1.0), 0.01)
    cells: dict[tuple[int, int], list[Stop]] = {}
    by_site: dict[str, list[Stop]] = {}
    for stop in group:
        if stop.place is None:
            continue
        if stop.place.uncertainty_m <= ground.habits.walking_m:
            cells.setdefault(_cell(stop.place, size, across), []).append(stop)
        if (site := ground.sites.get(stop.key)) is not None:
            by_site.setdefault(site, []).append(stop)
    seen: set[tuple[str, str]] = set()
    for one, other in (*_neighbours(cells), *(pair for some in by_site.values() for pair in _pairs(some))):
        first, second = sorted((one, other), key=lambda stop: stop.key)
        if (first.key, second.key) not in seen:
            seen.add((first.key, second.key))
            yield first, second


def _cell(place: Place, size: float, across: float) -> tuple[int, int]:
    """Return the square a place lies in, nowhere narrower than a walk."""
    return int(radians(place.lat) // size), int(radians(place.lon) * across // size)


def _neighbours(cells: Mapping[tuple[int, int], Sequence[Stop]]) -> Iterator[tuple[Stop, Stop]]:
    for (row, column), here in cells.items():
        yield from _pairs(here)
        for beside in ((row, column + 1), (row + 1, column - 1), (row + 1, column), (row + 1, column + 1)):
            yield from product(here[-CROWD:], cells.get(beside, ())[:CROWD])


def _pairs(crowd: Sequence[Stop]) -> Iterator[tuple[Stop, Stop]]:
    """Yield each door with those that come after it, as many as could be of one parking stop."""
    return ((one, other) for at, one in enumerate(crowd) for other in crowd[at + 1 : at + 1 + CROWD])


def _all_near(first: Iterable[Stop], second: Sequence[Stop], ground: _Ground) -> bool:
    return all(ground.share_a_place(one, other) for one in first for other in second)


def _pays(together: ParkingStop, one: ParkingStop, other: ParkingStop, habits: Habits) -> bool:
    """Tell whether walking takes no longer than driving between the two and parking again."""
    way = _apart(one.stop, other.stop) * DRIVING_DETOUR
    driving = timedelta(seconds=way / (habits.driving_kmh / 3.6))
    return together.stop.service <= one.stop.service + other.stop.service + driving


# --- one parking stop -------------------------------------------------------------------------------------------------


def _alone(stop: Stop) -> ParkingStop:
    return ParkingStop(stop=stop, doors=(stop,), begins_after=(timedelta(),), walking=timedelta())


def _parked(doors: Sequence[Stop], habits: Habits) -> ParkingStop | None:
    """Return doors as one parking stop, None where that takes too long, is too heavy or breaks a window."""
    order = _walk(doors)
    on_foot = [_way_on_foot(one, other, habits) for one, other in pairwise([*order, order[0]])]
    at_doors = [order[0].service, *(max(door.service - habits.parking, timedelta()) for door in order[1:])]
    ends = list(accumulate(stay + way for stay, way in zip(at_doors, on_foot, strict=True)))
    begins = (timedelta(), *ends[:-1])
    load = sum(door.load for door in order)
    fits, window = _common_window(order, begins)
    if ends[-1] > habits.longest or not fits or (habits.load is not None and load > habits.load):
        return None
    first = min(order, key=lambda door: door.key)
    stop = replace(order[0], key=first.key, label=first.label, service=ends[-1], window=window, load=load)
    return ParkingStop(stop=stop, doors=tuple(order), begins_after=begins, walking=sum(on_foot, timedelta()))


def _walk(doors: Sequence[Stop]) -> list[Stop]:
    """Return doors in walking order: from the one in their midst always on to the nearest."""
    left = sorted(doors, key=lambda door: door.key)
    here = min(left, key=lambda door: (sum(_apart(door, other) for other in left), door.key))
    order = [here]
    left.remove(here)
    while left:
        here = min(left, key=lambda door: (_apart(order[-1], door), door.key))
        left.remove(here)
        order.append(here)
    return order


def _apart(one: Stop, other: Stop) -> float:
    return straight(one.place, other.place) if one.place and other.place else 0.0


def _way_on_foot(one: Stop, other: Stop, habits: Habits) -> timedelta:
    """Return the time to walk between two doors; also where they share a point there are stairs."""
    way = timedelta(seconds=round(_apart(one, other) * WALKING_DETOUR / (habits.walking_kmh / 3.6)))
    return max(way, habits.next_door)


def _common_window(order: Sequence[Stop], begins: Sequence[timedelta]) -> tuple[bool, TimeWindow | None]:
    """Return whether one begin of service keeps every door's hours, and between which times it lies.

    What is left must be at least half of the shortest window: a parking stop is not to make a promise hard to keep.
    """
    timed = [(door.window, after) for door, after in zip(order, begins, strict=True) if door.window]
    if not timed:
        return True, None
    opens = max(window.opens - after for window, after in timed)
    closes = min(window.closes - after for window, after in timed)
    shortest = min(window.closes - window.opens for window, _ in timed)
    if closes - opens < shortest / 2:
        return False, None
    return True, TimeWindow(opens=opens, closes=closes)


# --- back into doors --------------------------------------------------------------------------------------------------


def _doors(visit: Visit, parked: ParkingStop) -> Iterator[Visit]:
    if not parked.is_shared:
        yield visit
        return
    ends = [*parked.begins_after[1:], parked.stop.service]
    for number, (door, after, end) in enumerate(zip(parked.doors, parked.begins_after, ends, strict=True)):
        begins_at = visit.begins_at + after
        late_by = max(timedelta(), begins_at - door.window.closes) if door.window else timedelta()
        yield replace(
            visit,
            stop=door,
            arrives_at=begins_at if number else visit.arrives_at,
            begins_at=begins_at,
            leaves_at=visit.begins_at + end,
            late_by=late_by,
        )
