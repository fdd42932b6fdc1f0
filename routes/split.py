"""Split a round that takes too long among several drivers: PyVRP, bounded by iterations, so that it repeats.

The order of areas is kept as far as it can be: going on to another area, and back in their order, costs a detour.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import permutations

from routes import planner
from routes.matrix import Matrix
from routes.model import Shift, Stop, Vehicle
from routes.timing import Clock

ITERATIONS = 500
SEED = 1

DRIVER_COSTS = 20_000
"""Metres that one more driver is worth: nobody is sent out for less."""

CHANGE_OF_AREA = 4_000
"""Metres added for going on to another area."""

WAY_BACK_IN_ORDER = 8_000
"""Metres added for each area that is gone back in their order."""

PROMISED, USUAL = 10_000_000, 1_000_000
"""Metres that serving a stop is worth, promised or not: more than any way, so that none is left out to save it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What a round is driven on: by whom, through which areas in their order, and how far it is."""

    vehicle: Vehicle
    ranking: tuple[str, ...]
    matrix: Matrix

    @property
    def clock(self) -> Clock:
        """Return what tells how long an order takes."""
        return Clock(self.vehicle, matrix=self.matrix)

    def rank(self, stop: Stop) -> int:
        """Return the place of a stop's area in the order of areas."""
        return self.ranking.index(stop.area) if stop.area in self.ranking else len(self.ranking)


def split(stops: Sequence[Stop], *, ground: Ground, drivers: int, iterations: int = ITERATIONS) -> list[list[Stop]]:
    """Return the stops of each of at most so many drivers, in their order; what fits nowhere is in none.

    The part that lies first in the order of areas comes first. Every stop must have a place.
    """
    if not stops:
        return []
    in_order = sorted(stops, key=lambda stop: stop.key)
    parts = [_as_known(part, ground) for part in _solved(in_order, ground, drivers=drivers, iterations=iterations)]
    return sorted((part for part in parts if part), key=lambda part: (_middle(part, ground), part[0].key))


def _as_known(part: list[Stop], ground: Ground) -> list[Stop]:
    """Return a part in the order the postman knows, unless only the solver's own order keeps the hours."""
    known = planner.plan(part, vehicle=ground.vehicle, ranking=ground.ranking, matrix=ground.matrix)
    is_whole = len(known.route.stops) == len(part) and not known.missed
    own = ground.clock.outcome(part)
    return part if not is_whole and ground.clock.fits(own) and not own.missed else list(known.route.stops)


def _middle(part: Sequence[Stop], ground: Ground) -> float:
    return sum(ground.rank(stop) for stop in part) / len(part)


def _solved(stops: Sequence[Stop], ground: Ground, *, drivers: int, iterations: int) -> list[list[Stop]]:
    """Return what the solver gives each driver; windows are in seconds after the start of the shift."""
    import pyvrp  # noqa: PLC0415 - it takes a third of a second, and only a split needs it

    model, shift, longest = pyvrp.Model(), ground.vehicle.shift, round(ground.vehicle.shift.longest.total_seconds())
    start = model.add_depot(model.add_location(0, 0))
    for stop in stops:
        opens, closes = _window(stop, shift)
        model.add_client(
            model.add_location(0, 0),
            service_duration=round(stop.service.total_seconds()),
            tw_early=opens,
            tw_late=closes,
            prize=PROMISED if stop.must else USUAL,
            required=False,
        )
    model.add_vehicle_type(
        drivers,
        start_depot=start,
        end_depot=start,
        fixed_cost=DRIVER_COSTS,
        tw_late=_seconds(shift.ends_at, shift),
        shift_duration=longest,
    )
    for (origin, a), (destination, b) in permutations(zip(model.locations, [None, *stops], strict=True), 2):
        leg = ground.matrix.leg(*(each.place if each and each.place else ground.vehicle.start.place for each in (a, b)))
        model.add_edge(origin, destination, distance=leg.metres + _detour(a, b, ground), duration=leg.seconds)
    result = model.solve(pyvrp.stop.MaxIterations(iterations), seed=SEED, collect_stats=False, display=False)
    return [[stops[each.idx] for each in route if each.is_client()] for route in result.best.routes()]


def _detour(origin: Stop | None, destination: Stop | None, ground: Ground) -> int:
    """Return the metres that make the solver keep areas together and in their order."""
    if origin is None or destination is None or origin.area == destination.area:
        return 0
    return CHANGE_OF_AREA + WAY_BACK_IN_ORDER * max(0, ground.rank(origin) - ground.rank(destination))


def _window(stop: Stop, shift: Shift) -> tuple[int, int]:
    end = _seconds(shift.ends_at, shift)
    if stop.window is None:
        return 0, end
    opens, closes = (min(end, max(0, _seconds(at, shift))) for at in (stop.window.opens, stop.window.closes))
    return opens, closes


def _seconds(at: datetime, shift: Shift) -> int:
    return round((at - shift.starts_at).total_seconds())
