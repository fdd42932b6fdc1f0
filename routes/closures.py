"""Roads that are closed: a circle nobody drives through, so that ways lead around it.

Nothing here knows the roads. A way through the circle is as much longer as the straight line around the circle is
longer than the straight line through it; what lies inside cannot be reached at all.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from routes.matrix import Matrix
from routes.model import Leg, Place

METRES_A_DEGREE = 111_195.0
"""Of latitude; a degree of longitude is shorter by the cosine of the latitude."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Closure:
    """A circle around a place, in metres."""

    place: Place
    radius_m: int

    def __post_init__(self) -> None:
        if self.radius_m <= 0:
            raise ValueError("what is closed has a size")

    def holds(self, place: Place) -> bool:
        """Tell whether a place lies inside."""
        return math.hypot(*self._from_here(place)) < self.radius_m

    def detour(self, origin: Place, destination: Place) -> float:
        """Return by how many times the way around is longer; 1 where the straight line does not touch the circle."""
        a, b = self._from_here(origin), self._from_here(destination)
        straight = math.dist(a, b)
        if not straight or self.holds(origin) or self.holds(destination) or _nearest(a, b) >= self.radius_m:
            return 1.0
        return self._around(a, b) / straight

    def _around(self, a: tuple[float, float], b: tuple[float, float]) -> float:
        """Return the length of the way along both tangents and the arc between them."""
        far = [math.hypot(*a), math.hypot(*b)]
        tangents = sum(math.sqrt(max(0.0, each**2 - self.radius_m**2)) for each in far)
        between = math.acos(max(-1.0, min(1.0, (a[0] * b[0] + a[1] * b[1]) / (far[0] * far[1]))))
        arc = between - sum(math.acos(min(1.0, self.radius_m / each)) for each in far)
        return tangents + self.radius_m * max(0.0, arc)

    def _from_here(self, place: Place) -> tuple[float, float]:
        shorter = math.cos(math.radians(self.place.lat))
        east = (place.lon - self.place.lon) * METRES_A_DEGREE * shorter
        return east, (place.lat - self.place.lat) * METRES_A_DEGREE


class ClosedMatrix:
    """Ways as another matrix knows them, led around what is closed."""

    def __init__(self, inner: Matrix, closures: Sequence[Closure]) -> None:
        self._inner = inner
        self._closures = tuple(closures)

    def leg(self, origin: Place, destination: Place) -> Leg:
        """Return the way between two places; of several closures the one that costs most counts."""
        leg = self._inner.leg(origin, destination)
        longer = max((each.detour(origin, destination) for each in self._closures), default=1.0)
        return Leg(metres=round(leg.metres * longer), seconds=round(leg.seconds * longer))


def _nearest(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Return how near the straight line from a to b comes to the middle."""
    along = (b[0] - a[0], b[1] - a[1])
    length = along[0] ** 2 + along[1] ** 2
    part = max(0.0, min(1.0, -(a[0] * along[0] + a[1] * along[1]) / length))
    return math.hypot(a[0] + part * along[0], a[1] + part * along[1])
