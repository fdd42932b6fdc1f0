"""Split a round that takes too long among several drivers: PyVRP, bounded by iterations, so that it repeats.

The order of areas is kept as far as it can be: going on to another area, and back in their order, costs a detour.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from routes import planner
from routes.matrix import Matrix
from routes.model import Stop, Vehicle
from routes.search.engine import Limit
from routes.search.plain import Plain
from routes.team import Burden, Member, team
from routes.timing import Clock

ITERATIONS = 500
SEED = 1

DRIVER_COSTS = 20_000
"""Metres that one more driver is worth: nobody is sent out for less."""

CHANGE_OF_AREA = 4_000
"""Metres added for going on to another area."""

WAY_BACK_IN_ORDER = 8_000
"""Metres added for each area that is gone back in their order."""


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

    def out_of_order(self, stops: Sequence[Stop]) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
        """Tell for each two stops whether going on changes the area, and how many areas it goes back in their order."""
        areas = np.array([stop.area or "" for stop in stops])
        ranks = np.array([self.rank(stop) for stop in stops], dtype=np.int64)
        return areas[:, None] != areas, np.maximum(0, ranks[:, None] - ranks)

    def as_known(self, part: list[Stop]) -> list[Stop]:
        """Return a part in the order the postman knows, unless only its own order keeps the hours."""
        known = planner.plan(part, vehicle=self.vehicle, ranking=self.ranking, matrix=self.matrix)
        is_whole = len(known.route.stops) == len(part) and not known.missed
        own = self.clock.outcome(part)
        return part if not is_whole and self.clock.fits(own) and not own.missed else list(known.route.stops)


def split(stops: Sequence[Stop], *, ground: Ground, drivers: int, iterations: int = ITERATIONS) -> list[list[Stop]]:
    """Return the stops of each of at most so many drivers, in their order; what fits nowhere is in none.

    The part that lies first in the order of areas comes first. Every stop must have a place.
    """
    if not stops:
        return []
    in_order = sorted(stops, key=lambda stop: stop.key)
    parts = [ground.as_known(part) for part in _solved(in_order, ground, drivers=drivers, iterations=iterations)]
    return sorted((part for part in parts if part), key=lambda part: (_middle(part, ground), part[0].key))


def _middle(part: Sequence[Stop], ground: Ground) -> float:
    return sum(ground.rank(stop) for stop in part) / len(part)


def _solved(stops: Sequence[Stop], ground: Ground, *, drivers: int, iterations: int) -> list[list[Stop]]:
    """Return what the solver gives each driver."""
    member = Member(
        vehicle=ground.vehicle,
        matrix=ground.matrix,
        burden=lambda some: _burden(ground, some),
        fixed_cost=DRIVER_COSTS,
    )
    group = team([member] * drivers, stops)
    found = Plain().solve(group.instance, limit=Limit(iterations=iterations), seed=SEED)
    return [path for path in group.paths(found.tours) if path]


def _burden(ground: Ground, stops: Sequence[Stop]) -> Burden:
    """Return the metres that make the solver keep areas together and in their order."""
    changes, back = ground.out_of_order(stops)
    between = CHANGE_OF_AREA * changes + WAY_BACK_IN_ORDER * back
    return Burden(np.zeros(len(stops), dtype=np.int64), between.astype(np.int64))
