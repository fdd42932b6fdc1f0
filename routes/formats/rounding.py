"""How a distance on a plane becomes a whole number: the conventions under which best known values are told."""

from __future__ import annotations

from enum import Enum

import numpy as np

from routes.instance import Table


class Rounding(Enum):
    """A convention, by the name it is asked for."""

    TENTHS = "tenths"
    """One decimal, the rest cut off (Solomon's problems in the literature of exact methods and of DIMACS)."""
    NEAREST = "nearest"
    """The nearest whole number (VRPLIB's EUC_2D)."""
    UP = "up"
    """The next whole number (VRPLIB's CEIL_2D)."""
    DOWN = "down"
    """The whole number, the rest cut off."""
    THOUSANDTHS = "thousandths"
    """Three decimals, rounded: near to real distances, in which the tables that count vehicles first are told."""

    @property
    def scale(self) -> int:
        """Return how many whole numbers make one unit of the file."""
        return {Rounding.TENTHS: 10, Rounding.THOUSANDTHS: 1000}.get(self, 1)

    @property
    def words(self) -> str:
        """Say the convention to somebody who compares costs."""
        return _WORDS[self]


AS_GIVEN = "ways as the file gives them"

_WORDS = {
    Rounding.TENTHS: "distances cut off after one decimal",
    Rounding.NEAREST: "distances rounded to whole numbers",
    Rounding.UP: "distances rounded up to whole numbers",
    Rounding.DOWN: "distances cut off to whole numbers",
    Rounding.THOUSANDTHS: "distances rounded to three decimals",
}


def distances(points: tuple[tuple[float, float], ...], *, rounding: Rounding) -> Table:
    """Return the distances between points on a plane, in whole numbers of a convention."""
    there = np.asarray(points, dtype=float)
    table = np.empty((len(there), len(there)), dtype=np.int64)
    for at, row in enumerate(there):
        table[at] = _rounded(np.hypot(there[:, 0] - row[0], there[:, 1] - row[1]) * rounding.scale, rounding)
    return table


def _rounded(exact: np.ndarray[tuple[int], np.dtype[np.float64]], rounding: Rounding) -> Table:
    match rounding:
        case Rounding.NEAREST | Rounding.THOUSANDTHS:
            return np.floor(exact + 0.5).astype(np.int64)
        case Rounding.UP:
            return np.ceil(exact - 1e-9).astype(np.int64)
        case Rounding.TENTHS | Rounding.DOWN:
            return np.floor(exact + 1e-9).astype(np.int64)
