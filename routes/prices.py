"""What would have to change so that a stop that stays behind is served, and what that costs: the cheapest remedy.

A stop is tried on the routes of its own round first, then on all others, each at the place where it makes the way
least longer, everything else in its order.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import pairwise

from routes import promises
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
    """A stop put on a route at a position, and what the route comes to before and then."""

    stop: Stop
    path: Sequence[Stop]
    at: int
    clock: Clock
    before: Outcome
    after: Outcome

    @property
    def driver(self) -> str:
        """Return who drives the route."""
        return self.clock.vehicle.key

    @property
    def late(self) -> int:
        """Return by how many seconds more its stops come too late, all together."""
        return self.after.late - self.before.late

    @property
    def metres(self) -> int:
        """Return by how much the way is longer."""
        return self.clock.route(self.with_it(self.stop)).metres - self.clock.route(self.path).metres

    def with_it(self, stop: Stop) -> list[Stop]:
        """Return the route with a stop in its position."""
        return [*self.path[: self.at], stop, *self.path[self.at :]]

    def is_kept(self, stop: Stop, clock: Clock) -> bool:
        """Tell whether the route can be driven so: with this stop, by this clock, and nothing later than before."""
        outcome = clock.outcome(self.with_it(stop))
        return clock.fits(outcome) and outcome.missed <= self.before.missed and outcome.late <= self.before.late


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
        found = _cheapest(self._remedy(each) for each in tried)
        if found is not None and left.reason is not Reason.NO_DRIVER:
            return found
        return self._alone(left.stop) or found

    def _tried(self, stop: Stop, *, everywhere: bool) -> list[_Tried]:
        home = self._home.get(stop.key)
        own = [(route, clock) for route, clock in self._routes if route.round == home]
        open_to = self._routes if everywhere or not own else own
        return [each for route, clock in open_to for each in self._put(stop, route.route.stops, clock)]

    def _put(self, stop: Stop, path: Sequence[Stop], clock: Clock) -> Iterable[_Tried]:
        """Yield a stop on a route where the way is least longer and, if it is late there, where the least is late."""
        before = clock.outcome(path)

        def put(at: int) -> _Tried:
            return _Tried(stop, path, at, clock, before, clock.outcome([*path[:at], stop, *path[at:]]))

        nearest = put(self._nearest_gap(stop, path, clock))
        yield nearest
        if nearest.late > 0 or nearest.after.broken:
            yield put(promises.best_place(path, stop, clock=clock)[1])

    def _nearest_gap(self, stop: Stop, path: Sequence[Stop], clock: Clock) -> int:
        """Return the position at which a stop makes the way least longer."""
        vehicle, leg = clock.vehicle, of_kind(self._matrix, clock.vehicle.kind).leg
        places = [vehicle.start.place, *(each.place for each in path if each.place)]
        assert stop.place is not None
        here = stop.place
        extra = [leg(a, here).metres + leg(here, b).metres - leg(a, b).metres for a, b in pairwise(places)]
        last, end = places[-1], vehicle.end.place if vehicle.end else None
        beyond = leg(here, end).metres - leg(last, end).metres if end else 0
        extra.append(leg(last, here).metres + beyond)
        return extra.index(min(extra))

    def _into(self, tried: _Tried) -> Price | None:
        """Return what a round pays for a stop of another area: nothing but the way where it has the time."""
        found = self._remedy(tried)
        if found is None or found.remedy is not Remedy.LONGER_HOURS:
            return None
        return found if found.minutes else replace(found, remedy=Remedy.INTO_ROUND)

    def _remedy(self, tried: _Tried) -> Price | None:
        """Return the one change that makes a route take a stop: its hours, its window, or room; None if none does."""
        stop, clock = tried.stop, tried.clock
        if not tried.after.broken and tried.late <= 0 and tried.after.missed <= tried.before.missed:
            return _price(Remedy.LONGER_HOURS, tried, seconds=clock.over(tried.after))
        if stop.window is not None:
            longer = timedelta(minutes=math.ceil(tried.late / 60))
            wider = replace(stop, window=replace(stop.window, closes=stop.window.closes + longer))
            if tried.late > 0 and tried.is_kept(wider, self._clock(clock.vehicle)):
                return _price(Remedy.WIDER_WINDOW, tried, seconds=tried.late)
        if tried.is_kept(stop, self._clock(replace(clock.vehicle, capacity=None))):
            return _price(Remedy.MORE_ROOM, tried, seconds=0)
        return None

    def _alone(self, stop: Stop) -> Price | None:
        """Return what somebody more would take, for this stop alone; None where he could not serve it either."""
        home = self._home.get(stop.key)
        round_ = next((each for each in self._yard.rounds if each.key == home), None)
        if round_ is None:
            return None
        clock = self._clock(round_.vehicle)
        outcome, metres = clock.outcome([stop]), clock.route([stop]).metres
        if outcome.missed or not clock.fits(outcome):
            return None
        minutes = math.ceil(outcome.away / 60)
        return Price(remedy=Remedy.ANOTHER_DRIVER, minutes=minutes, longer=minutes, metres=metres)


def _price(remedy: Remedy, tried: _Tried, *, seconds: int) -> Price:
    return Price(
        remedy=remedy,
        driver=tried.driver,
        minutes=math.ceil(seconds / 60),
        longer=math.ceil(max(0, tried.after.away - tried.before.away) / 60),
        metres=max(0, tried.metres),
    )


def _cheapest(prices: Iterable[Price | None]) -> Price | None:
    known = [price for price in prices if price is not None]
    return min(known, key=lambda price: (price.minutes, price.longer, price.metres, price.driver), default=None)
