"""Whether a point can be true: a named doubt for a place in another country, in the sea, swapped, or too far away.

The check knows no map. Land is what lies within reach of places that are known to be on it, such as the middles of
communes with their radius; the country is a box round all of it, islands included.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np

from routes import matrix
from routes.model import Place


class Misplaced(Enum):
    """Why a stop cannot be where its point says."""

    NO_POINT = "no_point"
    """Nobody knows where it is."""
    NO_NUMBERS = "no_numbers"
    """The numbers are no latitude and longitude in any order."""
    NOWHERE = "nowhere"
    """Zero and zero: what devices say that do not know."""
    SWAPPED = "swapped"
    """Latitude and longitude stand in each other's place."""
    ABROAD = "abroad"
    """Outside the country."""
    AT_SEA = "at_sea"
    """In the country's box, but far from all of its land."""
    TOO_FAR = "too_far"
    """Farther from the depot than anything it serves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """A box on the earth in degrees, that crosses no date line."""

    south: float
    west: float
    north: float
    east: float

    def has(self, lat: float, lon: float) -> bool:
        """Tell whether a point lies in the box."""
        return self.south <= lat <= self.north and self.west <= lon <= self.east


VIETNAM = Bounds(south=6.5, west=102.1, north=23.45, east=118.0)
"""Everything of Vietnam, Hoàng Sa and Trường Sa included."""

ISLANDS = (
    Bounds(south=15.6, west=111.1, north=17.2, east=112.8),
    Bounds(south=6.9, west=109.4, north=11.6, east=117.9),
)
"""Hoàng Sa and Trường Sa: land so scattered that no circle round a middle says where it is."""

_NOWHERE_DEGREES = 0.01


class Land:
    """What lies within reach of places: `times` their uncertainty and `margin_m` metres around each."""

    def __init__(
        self,
        places: Sequence[Place],
        *,
        times: float = 3.0,
        margin_m: float = 3000.0,
        islands: Sequence[Bounds] = ISLANDS,
    ) -> None:
        self._lats = np.radians(np.array([place.lat for place in places], dtype=np.float64))
        self._lons = np.radians(np.array([place.lon for place in places], dtype=np.float64))
        self._reach = np.array([place.uncertainty_m for place in places], dtype=np.float64) * times + margin_m
        self._islands = tuple(islands)

    def has(self, place: Place) -> bool:
        """Tell whether a place is within reach of one of them; without any nothing can be told, so everything is."""
        if not len(self._reach) or any(box.has(place.lat, place.lon) for box in self._islands):
            return True
        lat, lon = math.radians(place.lat), math.radians(place.lon)
        half = np.sin((self._lats - lat) / 2) ** 2
        half += np.cos(self._lats) * math.cos(lat) * np.sin((self._lons - lon) / 2) ** 2
        away = 2 * matrix.EARTH_RADIUS_M * np.arcsin(np.sqrt(np.minimum(half, 1.0)))
        return bool(np.any(away <= self._reach))


def misplaced(
    place: Place | None,
    depot: Place,
    *,
    furthest_m: float,
    country: Bounds = VIETNAM,
    land: Land | None = None,
) -> Misplaced | None:
    """Return why a stop cannot be there, None when it can.

    `furthest_m` is as far from the depot, in a straight line, as anything it serves; the uncertainty of the place is on
    its side. Without `land` nothing is said about the sea.
    """
    if place is None:
        return Misplaced.NO_POINT
    doubt = misread(place.lat, place.lon, country=country)
    if doubt is not None:
        return doubt
    if land is not None and not land.has(place):
        return Misplaced.AT_SEA
    is_near = matrix.straight(depot, place) <= furthest_m + place.uncertainty_m
    return None if is_near else Misplaced.TOO_FAR


def misread(lat: float, lon: float, *, country: Bounds = VIETNAM) -> Misplaced | None:
    """Return what is wrong with two numbers that should be a point in a country; None when they can be one.

    They may be anything, also what no `Place` can hold, such as a latitude of 108.
    """
    if not (math.isfinite(lat) and math.isfinite(lon)):
        return Misplaced.NO_NUMBERS
    if abs(lat) < _NOWHERE_DEGREES and abs(lon) < _NOWHERE_DEGREES:
        return Misplaced.NOWHERE
    if country.has(lat, lon):
        return None
    if country.has(lon, lat):
        return Misplaced.SWAPPED
    is_on_earth = abs(lat) <= 90 and abs(lon) <= 180
    return Misplaced.ABROAD if is_on_earth else Misplaced.NO_NUMBERS
