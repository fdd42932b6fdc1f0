"""How far it is from one place to another: a small protocol, and an answer that needs no map.

A `Table` is what one plan works with: every leg between its places, read once and unchanged from then on. It says where
its legs come from, and which of them are a guess because a map server had no usable answer.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Protocol, overload

import numpy as np
from numpy.typing import NDArray

from routes.model import Leg, Place, VehicleKind

USUAL_DETOUR = 1.35
"""Roads are longer than the straight line by about a third; a guess to be replaced by measured rounds."""

USUAL_SPEED_KMH = 20.0
"""A motorbike between doors, with its stops for traffic; a guess like the detour."""

EARTH_RADIUS_M = 6_371_009.0
"""The mean radius of the earth (IUGG), in metres."""

_ROWS = 256
"""Rows that are computed together, so that a large table needs little memory besides itself."""

Whole = NDArray[np.int32]
"""A matrix of whole metres or seconds, from (row) to (column)."""


class Matrix(Protocol):
    """Anything that knows the way between two places; it need not be the same in both directions."""

    def leg(self, origin: Place, destination: Place) -> Leg:
        """Return the way from `origin` to `destination`."""
        ...


class Tabulating(Matrix, Protocol):
    """A matrix that knows many ways at once, faster than one by one."""

    def table(self, places: Sequence[Place]) -> Table:
        """Return every way between places."""
        ...


class Fault(Enum):
    """Why a map server's answer could not be used."""

    HANGS = "hangs"
    """No whole answer in the time there is."""
    AWAY = "away"
    """No connection, or it broke off."""
    REFUSES = "refuses"
    """It says no: a key that is not taken, too many places, an error of its own."""
    GARBAGE = "garbage"
    """No JSON, another shape, a negative number, a number that is none."""
    TOO_LARGE = "too_large"
    """More than a table of that size can be."""
    MOVED = "moved"
    """It sends us to another address; places of doors go to the configured one alone."""
    UNREACHABLE = "unreachable"
    """It knows no way between two places."""
    IMPLAUSIBLE = "implausible"
    """Shorter than the straight line, or faster than any vehicle: its map does not have these places."""
    NOT_ASKED = "not_asked"
    """It failed several times in a row, so it is left alone for a while."""
    NO_TIME = "no_time"
    """The time for a whole table was over before all of it was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Legs of a table that are a guess: why, how many, and since when the server has been failing (None: just now)."""

    fault: Fault
    legs: int
    since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """A server that says something else than before: how many of the legs asked again, and the largest change in %."""

    legs: int
    asked_again: int
    largest_percent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where the legs of a table come from.

    `version` tells one content from another. `legs` counts all of them, `kept` those that were known from before and
    not asked again, the oldest from `oldest`; `gaps` are those that are a guess instead.
    """

    source: str
    version: str
    legs: int
    kept: int = 0
    oldest: datetime | None = None
    gaps: tuple[Gap, ...] = ()
    drift: Drift | None = None

    @property
    def guessed(self) -> int:
        """Return how many legs are a guess because the source had no answer."""
        return sum(gap.legs for gap in self.gaps)


GREAT_CIRCLE = "great circle"


class Table(Sequence[Sequence[Leg]]):
    """Every leg between some places, from row to column: one snapshot, which never changes.

    It is a `Matrix` as well: a leg between two of its places is looked up, any other is what `beyond` says.
    `guessed` marks the legs that are `beyond`'s although the source was asked.
    """

    def __init__(
        self,
        places: Sequence[Place],
        *,
        metres: Whole,
        seconds: Whole,
        provenance: Provenance,
        beyond: Matrix,
        guessed: NDArray[np.bool_] | None = None,
    ) -> None:
        if metres.shape != (len(places), len(places)) or seconds.shape != metres.shape:
            raise ValueError("a table has a row and a column for each place")
        self.places = tuple(places)
        self.metres = metres
        self.seconds = seconds
        self.provenance = provenance
        self.guessed = np.zeros(metres.shape, dtype=bool) if guessed is None else guessed
        self._beyond = beyond
        self._number_of = {(place.lat, place.lon): number for number, place in enumerate(places)}

    def leg(self, origin: Place, destination: Place) -> Leg:
        """Return the way from `origin` to `destination`."""
        here = self._number_of.get((origin.lat, origin.lon))
        there = self._number_of.get((destination.lat, destination.lon))
        if here is None or there is None:
            return self._beyond.leg(origin, destination)
        return Leg(metres=int(self.metres[here, there]), seconds=int(self.seconds[here, there]))

    def table(self, places: Sequence[Place]) -> Table:
        """Return the ways between some of its places, as this snapshot has them."""
        numbers = [self._number_of.get((place.lat, place.lon)) for place in places]
        if None in numbers:
            return _leg_by_leg(self, places, provenance=self.provenance)
        chosen = np.ix_([number or 0 for number in numbers], [number or 0 for number in numbers])
        return Table(
            places,
            metres=self.metres[chosen],
            seconds=self.seconds[chosen],
            provenance=self.provenance,
            beyond=self._beyond,
            guessed=self.guessed[chosen],
        )

    def is_guess(self, origin: Place, destination: Place) -> bool:
        """Tell whether a leg is a guess although a map server was asked; what was never asked is none."""
        here = self._number_of.get((origin.lat, origin.lon))
        there = self._number_of.get((destination.lat, destination.lon))
        return here is not None and there is not None and bool(self.guessed[here, there])

    def __len__(self) -> int:
        return len(self.places)

    @overload
    def __getitem__(self, row: int) -> Sequence[Leg]: ...

    @overload
    def __getitem__(self, row: slice) -> Sequence[Sequence[Leg]]: ...

    def __getitem__(self, row: int | slice) -> Sequence[Leg] | Sequence[Sequence[Leg]]:
        if isinstance(row, slice):
            return [self[number] for number in range(*row.indices(len(self)))]
        pairs = zip(self.metres[row].tolist(), self.seconds[row].tolist(), strict=True)
        return [Leg(metres=metres, seconds=seconds) for metres, seconds in pairs]


class GreatCircleMatrix:
    """Straight lines on the globe, lengthened by a detour factor and driven at one speed.

    The great circle is off by at most half a percent from the ellipsoid, far less than the detour is a guess, and ten
    times faster. Each pair is computed once.
    """

    def __init__(self, *, detour: float = USUAL_DETOUR, speed_kmh: float = USUAL_SPEED_KMH) -> None:
        if not (math.isfinite(detour) and math.isfinite(speed_kmh)) or detour < 1 or speed_kmh <= 0:
            raise ValueError("a detour is at least 1, a speed above 0")
        self._detour = detour
        self._metres_a_second = speed_kmh / 3.6
        self._known: dict[tuple[float, float, float, float], Leg] = {}

    def leg(self, origin: Place, destination: Place) -> Leg:
        """Return the way between two places, the same in both directions."""
        first, second = sorted([(origin.lat, origin.lon), (destination.lat, destination.lon)])
        pair = (*first, *second)
        if pair not in self._known:
            self._known[pair] = self._measure(*pair)
        return self._known[pair]

    def table(self, places: Sequence[Place]) -> Table:
        """Return every way between places; a thousand of them take a small part of a second."""
        metres = straight_metres(places) * self._detour
        seconds = metres / self._metres_a_second
        return Table(
            places,
            metres=np.rint(metres).astype(np.int32),
            seconds=np.rint(seconds).astype(np.int32),
            provenance=Provenance(
                source=GREAT_CIRCLE,
                version=f"{self._detour:g} x {self._metres_a_second * 3.6:g} km/h",
                legs=len(places) ** 2,
            ),
            beyond=self,
        )

    def _measure(self, *pair: float) -> Leg:
        metres = _straight(*pair) * self._detour
        return Leg(metres=round(metres), seconds=round(metres / self._metres_a_second))


class ByKind:
    """Ways that are not the same for everybody: a matrix for each kind of vehicle, the `usual` one for all others."""

    def __init__(self, usual: Matrix, others: Mapping[VehicleKind, Matrix]) -> None:
        self.usual, self.others = usual, dict(others)

    def leg(self, origin: Place, destination: Place) -> Leg:
        """Return the usual way from `origin` to `destination`."""
        return self.usual.leg(origin, destination)


def of_kind(matrix: Matrix, kind: VehicleKind) -> Matrix:
    """Return the ways of a kind of vehicle."""
    return matrix.others.get(kind, matrix.usual) if isinstance(matrix, ByKind) else matrix


def table_of(matrix: Matrix, places: Sequence[Place]) -> Table:
    """Return every way between places: at once where the matrix can, else leg by leg."""
    at_once = getattr(matrix, "table", None)
    if at_once is not None:
        found = at_once(places)
        assert isinstance(found, Table)
        return found
    unnamed = Provenance(source=type(matrix).__name__, version="", legs=len(places) ** 2)
    return _leg_by_leg(matrix, places, provenance=unnamed)


def _leg_by_leg(matrix: Matrix, places: Sequence[Place], *, provenance: Provenance) -> Table:
    legs = [[matrix.leg(origin, destination) for destination in places] for origin in places]
    shape = (len(places), len(places))
    return Table(
        places,
        metres=np.array([[leg.metres for leg in row] for row in legs], dtype=np.int32).reshape(shape),
        seconds=np.array([[leg.seconds for leg in row] for row in legs], dtype=np.int32).reshape(shape),
        provenance=provenance,
        beyond=matrix,
    )


def straight_metres(places: Sequence[Place]) -> NDArray[np.float64]:
    """Return the great circles between places in metres."""
    lats = np.radians(np.array([place.lat for place in places], dtype=np.float64))
    lons = np.radians(np.array([place.lon for place in places], dtype=np.float64))
    found = np.empty((len(places), len(places)))
    for first in range(0, len(places), _ROWS):
        rows = slice(first, first + _ROWS)
        north = np.sin((lats[rows, None] - lats[None, :]) / 2)
        east = np.sin((lons[rows, None] - lons[None, :]) / 2)
        half = north**2 + np.cos(lats[rows, None]) * np.cos(lats[None, :]) * east**2
        found[rows] = 2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.minimum(half, 1.0)))
    return found


def straight(origin: Place, destination: Place) -> float:
    """Return the great circle between two places in metres."""
    return _straight(origin.lat, origin.lon, destination.lat, destination.lon)


def _straight(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """Return the great circle between two points in metres (haversine)."""
    north = math.sin(math.radians(other_lat - lat) / 2)
    east = math.sin(math.radians(other_lon - lon) / 2)
    half = north**2 + math.cos(math.radians(lat)) * math.cos(math.radians(other_lat)) * east**2
    return 2 * EARTH_RADIUS_M * math.asin(math.sqrt(min(half, 1.0)))
