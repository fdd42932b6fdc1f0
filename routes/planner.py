"""Put the stops of a standing territory into an order: area after area, inside an area the shorter way.

The postman knows his round, so the ranking of areas is kept whatever it costs. Inside an area: nearest neighbour from
where he stands, then 2-opt. Only a stop with a time window leaves that order, where its window would be missed. The
same stops give the same route, in whatever order they come in: ties go to the key.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, combinations, groupby, pairwise, zip_longest

from routes import promises
from routes.matrix import Matrix
from routes.model import Depot, Place, Route, Stop, Vehicle
from routes.timing import Clock
from routes.why import Missed, Reason, Unassigned


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A route, the stops that are not on it, and those whose windows it misses."""

    route: Route
    unassigned: tuple[Unassigned, ...]
    missed: tuple[Missed, ...] = ()


@dataclass(frozen=True, slots=True)
class _Located:
    """A stop whose place is known, with the rank of its area."""

    rank: int
    stop: Stop
    place: Place


def plan(
    stops: Iterable[Stop],
    *,
    vehicle: Vehicle,
    ranking: Sequence[str],
    matrix: Matrix,
) -> Plan:
    """Order the stops by the territory's `ranking` of areas and say which cannot be on the route, and why.

    Time windows are met where they can be, and what does not fit into the shift, the way back included, is left out:
    the least important first, from the end of the order.
    """
    located, unassigned = _sorted_out(stops, ranking)
    clock = Clock(vehicle, matrix=matrix)
    ordered = promises.kept(_ordered(located, vehicle=vehicle, matrix=matrix), clock=clock)
    on_route = fitting(ordered, clock=clock)
    there = {stop.key for stop in on_route}
    unassigned += [left_out(stop, on_route, clock=clock) for stop in ordered if stop.key not in there]
    return Plan(
        route=clock.route(on_route),
        unassigned=tuple(unassigned),
        missed=promises.missed(on_route, clock=clock),
    )


def fitting(ordered: Sequence[Stop], *, clock: Clock, held: Collection[str] = ()) -> list[Stop]:
    """Return the order without what does not fit into the shift, the least important first, from the end on.

    Stops that are `held` go last of all.
    """
    left = [stop for stop in ordered if not clock.is_too_heavy(stop)]
    while left and not clock.fits(clock.outcome(left)):
        left.pop(least_important(left, held=held))
    return left


def left_out(stop: Stop, path: Sequence[Stop], *, clock: Clock) -> Unassigned:
    """Return a stop as one that found no place on a path: there is no room for it, or no time."""
    has_room = not clock.is_too_heavy(stop) and not clock.outcome([*path, stop]).broken
    return Unassigned(stop=stop, reason=Reason.OVER_SHIFT if has_room else Reason.OVER_LOAD)


def least_important(path: Sequence[Stop], *, held: Collection[str] = ()) -> int:
    """Return the position of the stop that gives way first: the last one of the least important that is not held."""
    return min(range(len(path)), key=lambda at: (path[at].key in held, path[at].importance, -at))


def route_of(stops: Sequence[Stop], *, depot: Depot, matrix: Matrix) -> Route:
    """Return the route through stops in the order somebody has put them; those without a place are left out."""
    located = [(stop, stop.place) for stop in stops if stop.place]
    places = [depot.place, *(place for _, place in located), depot.place]
    legs = tuple(matrix.leg(origin, destination) for origin, destination in pairwise(places)) if located else ()
    return Route(depot=depot, end=depot, stops=tuple(stop for stop, _ in located), legs=legs)


def _sorted_out(stops: Iterable[Stop], ranking: Sequence[str]) -> tuple[list[_Located], list[Unassigned]]:
    rank = {area: place for place, area in reversed(list(enumerate(ranking)))}
    located, unassigned = [], []
    for stop in sorted(stops, key=lambda stop: stop.key):
        if stop.area is None or stop.area not in rank:
            unassigned.append(Unassigned(stop=stop, reason=Reason.OUTSIDE_TERRITORY))
        elif stop.place is None:
            unassigned.append(Unassigned(stop=stop, reason=Reason.NO_POINT))
        else:
            located.append(_Located(rank[stop.area], stop, stop.place))
    return located, unassigned


def _ordered(located: Sequence[_Located], *, vehicle: Vehicle, matrix: Matrix) -> list[Stop]:
    areas = [list(area) for _, area in groupby(sorted(located, key=lambda each: each.rank), lambda each: each.rank)]
    ordered: list[_Located] = []
    here, home = vehicle.start.place, [vehicle.end.place] if vehicle.end else []
    for area, following in zip_longest(areas, areas[1:]):
        onward = [each.place for each in following] if following else home
        ordered += _shortened(_nearest_first(area, here, matrix), start=here, onward=onward, matrix=matrix)
        here = ordered[-1].place
    return [each.stop for each in ordered]


def _nearest_first(group: Sequence[_Located], here: Place, matrix: Matrix) -> list[_Located]:
    left, order = list(group), []
    while left:
        nearest = min(left, key=lambda each: (matrix.leg(here, each.place).metres, each.stop.key))
        left.remove(nearest)
        order.append(nearest)
        here = nearest.place
    return order


def _shortened(order: list[_Located], *, start: Place, onward: Sequence[Place], matrix: Matrix) -> list[_Located]:
    """Reverse stretches of the order as long as that makes the way shorter (2-opt).

    The way ends with the leg to the nearest of the places to go `onward` to: the next area, the end, or nothing.
    """
    places = [start, *(each.place for each in order)]
    metres = [[matrix.leg(origin, destination).metres for destination in places] for origin in places]
    leaving = [min((matrix.leg(place, exit_).metres for exit_ in onward), default=0) for place in places]
    path = list(range(len(places)))
    while (stretch := _worth_reversing(path, metres, leaving)) is not None:
        first, last = stretch
        path[first : last + 1] = path[first : last + 1][::-1]
    return [order[place - 1] for place in path[1:]]


def _worth_reversing(
    path: Sequence[int], metres: Sequence[Sequence[int]], leaving: Sequence[int]
) -> tuple[int, int] | None:
    """Return the stretch whose reversal saves most; both directions are measured, as they may differ."""
    onward = [0, *accumulate(metres[a][b] for a, b in pairwise(path))]
    backward = [0, *accumulate(metres[b][a] for a, b in pairwise(path))]
    best, found = 0, None
    for first, last in combinations(range(1, len(path)), 2):
        into, out_of = metres[path[first - 1]], path[last + 1] if last + 1 < len(path) else None
        now = into[path[first]] + onward[last] - onward[first] + _way_out(path[last], out_of, metres, leaving)
        then = into[path[last]] + backward[last] - backward[first] + _way_out(path[first], out_of, metres, leaving)
        if now - then > best:
            best, found = now - then, (first, last)
    return found


def _way_out(place: int, following: int | None, metres: Sequence[Sequence[int]], leaving: Sequence[int]) -> int:
    return leaving[place] if following is None else metres[place][following]
