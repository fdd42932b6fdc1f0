"""Plus Codes (Open Location Codes): a place in ten or more symbols, whole or short beside a place that is known.

A code names a cell, not a point: the point is the middle of the cell, its uncertainty reaches to the cell's corner.
Source: Open Location Code specification 1.0.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from routes import matrix
from routes.model import Place

ALPHABET = "23456789CFGHJMPQRVWX"
SEPARATOR = "+"
_BEFORE_SEPARATOR = 8
_PAIRS = 10
"""Symbols that come in pairs, latitude and longitude; those after them divide a cell in a grid of 4 x 5."""
_MOST = 15
_GRID_COLUMNS, _GRID_ROWS = 4, 5
_FINEST_ROW, _FINEST_COLUMN = 8000 * _GRID_ROWS**5, 8000 * _GRID_COLUMNS**5
"""The finest cells of a degree of latitude and of longitude: whole numbers, so that no rounding moves a place."""

_SYMBOLS = f"[{ALPHABET}]"
_SHAPE = re.compile(rf"(?:{_SYMBOLS}{{2}}){{0,4}}(?:00){{0,3}}\+(?:{_SYMBOLS}{{2,7}})?")
_FULL_AT_MOST_LAT, _FULL_AT_MOST_LON = ALPHABET.index("C"), ALPHABET.index("V")
"""The first symbols go no further: 180 degrees from south to north are 9 steps of 20, and 360 round the earth 18."""


class NoPlusCode(ValueError):
    """The text is no Plus Code, or a short one without a place it is short for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What a code names: a box in degrees (WGS 84)."""

    south: float
    west: float
    north: float
    east: float

    @property
    def place(self) -> Place:
        """Return the middle of the cell; its uncertainty is the way to a corner."""
        lat, lon = (self.south + self.north) / 2, (self.west + self.east) / 2
        corner = Place(self.south, self.west)
        return Place(lat, lon, uncertainty_m=math.ceil(matrix.straight(Place(lat, lon), corner)))


def is_full(text: str) -> bool:
    """Tell whether a text is a whole code.

    >>> is_full("7P8R3C92+4W"), is_full("3C92+4W"), is_full("Đà Nẵng")
    (True, False, False)
    """
    code = _tidy(text)
    return bool(
        _SHAPE.fullmatch(code)
        and code.index(SEPARATOR) == _BEFORE_SEPARATOR
        and ALPHABET.find(code[0]) <= _FULL_AT_MOST_LAT
        and ALPHABET.find(code[1]) <= _FULL_AT_MOST_LON
        and not code.startswith("0")
        and not ("0" in code and code[-1] != SEPARATOR)
    )


def is_short(text: str) -> bool:
    """Tell whether a text is a code that leaves out its beginning.

    >>> is_short("3C92+4W"), is_short("7P8R3C92+4W")
    (True, False)
    """
    code = _tidy(text)
    return bool(
        _SHAPE.fullmatch(code) and code.index(SEPARATOR) < _BEFORE_SEPARATOR and "0" not in code and code != SEPARATOR
    )


def decode(text: str, *, near: Place | None = None) -> Cell:
    """Return the cell of a code; a short one is the nearest such cell to `near`.

    Raises: NoPlusCode.
    """
    code = _tidy(text)
    if is_full(code):
        return _cell(code)
    if is_short(code) and near is not None:
        return _nearest(code, near)
    raise NoPlusCode("no Plus Code" if near is not None or not is_short(code) else "a short code needs a place nearby")


def encode(place: Place, *, symbols: int = _PAIRS) -> str:
    """Return the code of a place: 2, 4, 6, 8, 10 symbols (10: a cell of about 14 m), or up to 15.

    >>> encode(Place(47.0000625, 8.0000625))
    '8FVC2222+22'
    """
    if not (2 <= symbols <= _MOST) or (symbols < _PAIRS and symbols % 2):
        raise ValueError("a code has 2, 4, 6, 8 or 10 to 15 symbols")
    rows = min(max(math.floor(round((place.lat + 90) * _FINEST_ROW, 6)), 0), 180 * _FINEST_ROW - 1)
    columns = math.floor(round((place.lon + 180) * _FINEST_COLUMN, 6)) % (360 * _FINEST_COLUMN)
    code = (_paired(rows // _GRID_ROWS**5, columns // _GRID_COLUMNS**5) + _gridded(rows, columns))[:symbols]
    padded = code.ljust(_BEFORE_SEPARATOR, "0")
    return padded[:_BEFORE_SEPARATOR] + SEPARATOR + padded[_BEFORE_SEPARATOR:]


def _paired(row: int, column: int) -> str:
    """Return the ten symbols of a cell of 1/8000 degree."""
    pairs = []
    for _ in range(_PAIRS // 2):
        row, lat = divmod(row, len(ALPHABET))
        column, lon = divmod(column, len(ALPHABET))
        pairs.append(ALPHABET[lat] + ALPHABET[lon])
    return "".join(reversed(pairs))


def _gridded(row: int, column: int) -> str:
    """Return the five symbols that divide such a cell further."""
    symbols = []
    for _ in range(_MOST - _PAIRS):
        row, down = divmod(row, _GRID_ROWS)
        column, right = divmod(column, _GRID_COLUMNS)
        symbols.append(ALPHABET[down * _GRID_COLUMNS + right])
    return "".join(reversed(symbols))


def _cell(code: str) -> Cell:
    """Return the cell of a whole code."""
    symbols = code.replace(SEPARATOR, "").rstrip("0")[:_MOST]
    south, west = -90 * _FINEST_ROW, -180 * _FINEST_COLUMN
    high, wide = 400 * _FINEST_ROW, 400 * _FINEST_COLUMN
    for lat, lon in zip(symbols[:_PAIRS:2], symbols[1:_PAIRS:2], strict=True):
        high, wide = high // len(ALPHABET), wide // len(ALPHABET)
        south, west = south + ALPHABET.index(lat) * high, west + ALPHABET.index(lon) * wide
    for symbol in symbols[_PAIRS:]:
        high, wide = high // _GRID_ROWS, wide // _GRID_COLUMNS
        down, right = divmod(ALPHABET.index(symbol), _GRID_COLUMNS)
        south, west = south + down * high, west + right * wide
    return Cell(
        south=south / _FINEST_ROW,
        west=west / _FINEST_COLUMN,
        north=min((south + high) / _FINEST_ROW, 90.0),
        east=(west + wide) / _FINEST_COLUMN,
    )


def _nearest(code: str, near: Place) -> Cell:
    """Return the cell of a short code that lies nearest to a place."""
    missing = _BEFORE_SEPARATOR - code.index(SEPARATOR)
    step = float(len(ALPHABET)) ** (2 - missing / 2)
    found = _cell(encode(near).replace(SEPARATOR, "")[:missing] + code)
    lat, lon = (found.south + found.north) / 2, (found.west + found.east) / 2
    lat += _shift(lat, near.lat, step=step, lowest=-90, highest=90)
    lon += _shift(lon, _round_the_earth(near.lon), step=step, lowest=-540, highest=540)
    symbols = min(missing + len(code) - len(SEPARATOR), _MOST)
    return _cell(encode(Place(lat, _round_the_earth(lon)), symbols=symbols))


def _round_the_earth(lon: float) -> float:
    """Return a longitude from -180 to less than 180."""
    return lon if -180 <= lon < 180 else (lon + 180) % 360 - 180


def _shift(middle: float, near: float, *, step: float, lowest: float, highest: float) -> float:
    """Return by how much a cell is moved so that it lies within half a step of where it is looked for."""
    if near + step / 2 < middle and middle - step >= lowest:
        return -step
    if near - step / 2 > middle and middle + step <= highest:
        return step
    return 0.0


def _tidy(text: str) -> str:
    return text.strip().upper()
