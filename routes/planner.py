"""Put the stops of a standing territory into an order: area after area, inside an area the shorter way.

The postman knows his round, so the ranking of areas is kept whatever it costs. Inside an area: nearest neighbour from
where he stands, then 2-opt. The same stops give the same route, in whatever order they come in: ties go to the key.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import accumulate, combinations, groupby, pairwise, zip_longest

from routes.matrix import Matrix
from routes.model import Depot, Leg, Place, Route, Stop
from routes.why import Reason, Unassigned


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A route and the stops that are not on it."""

    route: Route
    unassigned: tuple[Unassigned, ...]


@dataclass(frozen=True, slots=True)
class _Located:
    """A stop whose place is known, with the rank of its area."""

    rank: int
    stop: Stop
    place: Place


def plan(
    stops: Iterable[Stop],
    *,
    depot: Depot,
    ranking: Sequence[str],
    matrix: Matrix,
    longest: timedelta | None = None,
) -> Plan:
    """Order the stops by the territory's `ranking` of areas and say which cannot be on the route, and why.

    With `longest`, the stops at the end of the order that do not fit into it, the way back included, are left out.
    Time windows do not change the order; `timing` tells which are missed.
    """
    located, unassigned = _sorted_out(stops, ranking)
    ordered = _ordered(located, depot=depot, matrix=matrix)
    kept = _fitting(ordered, depot=depot, matrix=matrix, longest=longest)
    unassigned += [Unassigned(stop=each.stop, reason=Reason.OVER_SHIFT) for each in ordered[len(kept) :]]
    return Plan(route=_route(kept, depot=depot, matrix=matrix), unassigned=tuple(unassigned))


def in_given_order(stops: Sequence[Stop], *, depot: Depot, matrix: Matrix) -> Plan:
    """Make a route of the stops as somebody has put them; only those without a point are left out."""
    located = [_Located(0, stop, stop.place) for stop in stops if stop.place]
    unassigned = tuple(Unassigned(stop=stop, reason=Reason.NO_POINT) for stop in stops if not stop.place)
    return Plan(route=_route(located, depot=depot, matrix=matrix), unassigned=unassigned)


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


def _ordered(located: Sequence[_Located], *, depot: Depot, matrix: Matrix) -> list[_Located]:
    areas = [list(area) for _, area in groupby(sorted(located, key=lambda each: each.rank), lambda each: each.rank)]
    ordered: list[_Located] = []
    here = depot.place
    for area, following in zip_longest(areas, areas[1:]):
        onward = [each.place for each in following] if following else [depot.place]
        ordered += _shortened(_nearest_first(area, here, matrix), start=here, onward=onward, matrix=matrix)
        here = ordered[-1].place
    return ordered


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

    The way ends with the leg to the nearest of the places to go `onward` to: the next area, or the depot.
    """
    places = [start, *(each.place for each in order)]
    metres = [[matrix.leg(origin, destination).metres for destination in places] for origin in places]
    leaving = [min(matrix.leg(place, exit_).metres for exit_ in onward) for place in places]
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


def _fitting(
    ordered: Sequence[_Located], *, depot: Depot, matrix: Matrix, longest: timedelta | None
) -> Sequence[_Located]:
    if longest is None:
        return ordered
    spent, here = timedelta(), depot.place
    for count, each in enumerate(ordered):
        spent += _seconds(matrix.leg(here, each.place)) + each.stop.service
        if spent + _seconds(matrix.leg(each.place, depot.place)) > longest:
            return ordered[:count]
        here = each.place
    return ordered


def _route(located: Sequence[_Located], *, depot: Depot, matrix: Matrix) -> Route:
    if not located:
        return Route(depot=depot, stops=(), legs=())
    places = [depot.place, *(each.place for each in located), depot.place]
    legs = tuple(matrix.leg(origin, destination) for origin, destination in pairwise(places))
    return Route(depot=depot, stops=tuple(each.stop for each in located), legs=legs)


def _seconds(leg: Leg) -> timedelta:
    return timedelta(seconds=leg.seconds)
