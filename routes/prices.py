"""What would have to change so that a stop that stays behind is served, and what that costs: the cheapest remedy.

A stop is tried on the routes of its own round first, then on all others, each at the place where it makes the way
least longer, everything else in its order.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from routes.matrix import GreatCircleMatrix, Matrix, of_kind
from routes.model import Stop, Vehicle
from routes.timing import Clock, Outcome
from routes.why import Price, Reason, Remedy, Unassigned
from routes.yard import LaidOut, Yard


def priced(laid: LaidOut, *, yard: Yard, matrix: Matrix | None = None) -> LaidOut:
    """Return a laid out day in which everything that stays behind says what would have to change."""
    prices = _Prices(laid, yard, matrix or GreatCircleMatrix())
    return replace(laid, unassigned=tuple(replace(each, price=prices.of(each)) for each in laid.unassigned))


@dataclass(frozen=True, slots=True)
class _Tried:
    """A stop put on a route: what the route comes to then, and by how much it is longer."""

    driver: str
    clock: Clock
    outcome: Outcome
    longer: int
    metres: int
    late: int

    @property
    def over(self) -> int:
        """Return the seconds it runs over the hours."""
        return self.clock.over(self.outcome)


class _Prices:
    def __init__(self, laid: LaidOut, yard: Yard, matrix: Matrix) -> None:
        self._matrix, self._yard = matrix, yard
        self._home = {stop.key: round_.key for round_ in yard.rounds for stop in round_.stops}
        by_key = {round_.key: round_ for round_ in yard.rounds}
        self._routes = [
            (each, self._clock(replace(by_key[each.round].vehicle, key=each.driver))) for each in laid.driven
        ]

    def _clock(self, vehicle: Vehicle) -> Clock:
        return Clock(vehicle, matrix=of_kind(self._matrix, vehicle.kind))

    def of(self, left: Unassigned) -> Price | None:
        """Return the cheapest remedy, None where nothing that could be changed is known."""
        if left.stop.place is None:
            return Price(remedy=Remedy.A_POINT)
        tried = self._tried(left.stop, everywhere=left.reason is Reason.OUTSIDE_TERRITORY)
        if left.reason is Reason.OUTSIDE_TERRITORY:
            return _cheapest(self._into(each) for each in tried)
        found = _cheapest(_remedy(each) for each in tried)
        if found is not None and left.reason is not Reason.NO_DRIVER:
            return found
        return self._alone(left.stop) or found

    def _tried(self, stop: Stop, *, everywhere: bool) -> list[_Tried]:
        home = self._home.get(stop.key)
        own = [(route, clock) for route, clock in self._routes if route.round == home]
        return [
            self._put(stop, route.driver, route.route.stops, clock)
            for route, clock in (self._routes if everywhere or not own else own)
        ]

    def _put(self, stop: Stop, driver: str, path: Sequence[Stop], clock: Clock) -> _Tried:
        before = clock.outcome(path)
        at = self._nearest_gap(stop, path, clock)
        after = clock.outcome([*path[:at], stop, *path[at:]])
        metres = clock.route([*path[:at], stop, *path[at:]]).metres - clock.route(path).metres
        late = after.late - before.late
        return _Tried(driver, clock, after, after.away - before.away, metres, late)

    def _nearest_gap(self, stop: Stop, path: Sequence[Stop], clock: Clock) -> int:
        """Return the position at which a stop makes the way least longer, among those where it is not late if any."""
        if stop.window is not None:
            options = range(len(path) + 1)
            return min(options, key=lambda at: clock.outcome([*path[:at], stop, *path[at:]]))
        vehicle = clock.vehicle
        ends = [(vehicle.end or vehicle.start).place]
        places = [vehicle.start.place, *(each.place for each in path if each.place), *ends]
        assert stop.place is not None
        here, leg = stop.place, self._matrix.leg
        extra = [leg(a, here).metres + leg(here, b).metres - leg(a, b).metres for a, b in pairwise(places)]
        return extra.index(min(extra))

    def _into(self, tried: _Tried) -> Price:
        """Return what a round pays for a stop of another area: nothing but the way where it has the time."""
        over = tried.over
        remedy = Remedy.LONGER_HOURS if over else Remedy.INTO_ROUND
        return _price(remedy, tried, seconds=over)

    def _alone(self, stop: Stop) -> Price | None:
        """Return what somebody more would take, for this stop alone."""
        home = self._home.get(stop.key)
        round_ = next((each for each in self._yard.rounds if each.key == home), None)
        if round_ is None:
            return None
        clock = self._clock(round_.vehicle)
        outcome, metres = clock.outcome([stop]), clock.route([stop]).metres
        minutes = math.ceil(outcome.away / 60)
        return Price(remedy=Remedy.ANOTHER_DRIVER, minutes=minutes, longer=minutes, metres=metres)


def _remedy(tried: _Tried) -> Price:
    """Return what would make a route take a stop: its hours, its window, or room."""
    if tried.outcome.broken:
        return _price(Remedy.MORE_ROOM, tried, seconds=0)
    if tried.late > 0:
        return _price(Remedy.WIDER_WINDOW, tried, seconds=tried.late)
    return _price(Remedy.LONGER_HOURS, tried, seconds=tried.over)


def _price(remedy: Remedy, tried: _Tried, *, seconds: int) -> Price:
    return Price(
        remedy=remedy,
        driver=tried.driver,
        minutes=math.ceil(seconds / 60),
        longer=math.ceil(max(0, tried.longer) / 60),
        metres=max(0, tried.metres),
    )


def _cheapest(prices: Iterable[Price]) -> Price | None:
    return min(prices, key=lambda price: (price.minutes, price.longer, price.metres, price.driver), default=None)
