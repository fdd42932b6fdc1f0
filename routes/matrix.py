"""How far it is from one place to another: a small protocol, and an answer that needs no map."""

from __future__ import annotations

from typing import Protocol

from geopy import distance

from routes.model import Leg, Place

USUAL_DETOUR = 1.35
"""Roads are longer than the straight line by about a third; a guess to be replaced by measured rounds."""

USUAL_SPEED_KMH = 20.0
"""A motorbike between doors, with its stops for traffic; a guess like the detour."""


class Matrix(Protocol):
    """Anything that knows the way between two places; it need not be the same in both directions."""

    def leg(self, origin: Place, destination: Place) -> Leg:
        """Return the way from `origin` to `destination`."""
        ...


class GreatCircleMatrix:
    """Straight lines on the globe, lengthened by a detour factor and driven at one speed.

    The great circle is off by at most half a percent from the ellipsoid, far less than the detour is a guess, and ten
    times faster. Each pair is computed once.
    """

    def __init__(self, *, detour: float = USUAL_DETOUR, speed_kmh: float = USUAL_SPEED_KMH) -> None:
        if detour < 1 or speed_kmh <= 0:
            raise ValueError("a detour is at least 1, a speed above 0")
        self._detour = detour
        self._metres_a_second = speed_kmh / 3.6
        self._known: dict[tuple[float, float, float, float], Leg] = {}

    def leg(self, origin: Place, destination: Place) -> Leg:
        """Return the way between two places, the same in both directions."""
        first, second = sorted([(origin.lat, origin.lon), (destination.lat, destination.lon)])
        pair = (*first, *second)
        if pair not in self._known:
            self._known[pair] = self._measure(first, second)
        return self._known[pair]

    def _measure(self, first: tuple[float, float], second: tuple[float, float]) -> Leg:
        metres = float(distance.great_circle(first, second).meters) * self._detour
        return Leg(metres=round(metres), seconds=round(metres / self._metres_a_second))
