"""What kinds of map servers have in common: they are asked for a part of a table, and tell metres and seconds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from routes.matrix_http import Question
from routes.model import Place

MOST_METRES = 20_000_000
MOST_SECONDS = 30 * 24 * 3600
"""No way on earth is longer; a number beyond is garbage."""

_NUMBERS = {int, float, type(None)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """A part of a table: metres and seconds, not a number where the server knows no way."""

    metres: NDArray[np.float64]
    seconds: NDArray[np.float64]


class Dialect(Protocol):
    """How a kind of server is asked, and how its answers are read; `side` is the most rows and columns a question."""

    name: str
    profile: str
    side: int

    def question(self, origins: Sequence[Place], destinations: Sequence[Place]) -> Question:
        """Return what to ask for the ways from rows to columns."""
        ...

    def read(self, answer: object, *, rows: int, columns: int) -> Ways:
        """Return what an answer says. Raises: ValueError when it is none."""
        ...


def member(answer: object, name: str) -> object:
    """Return a member of a JSON object, None when it has no such one. Raises: ValueError when it is no object."""
    if not isinstance(answer, dict):
        raise ValueError("the answer is no object")
    found: object = answer.get(name)
    return found


def ways(metres: object, seconds: object, *, rows: int, columns: int, metres_each: float = 1.0) -> Ways:
    """Return the ways of two JSON matrices; null is no way. `metres_each` is what one unit of length is.

    Raises: ValueError for another shape, a negative number, or one that nothing on earth can have.
    """
    lengths = _numbers(metres, rows=rows, columns=columns) * metres_each
    times = _numbers(seconds, rows=rows, columns=columns)
    if np.any(lengths < 0) or np.any(lengths > MOST_METRES) or np.any(times < 0) or np.any(times > MOST_SECONDS):
        raise ValueError("a way is negative or longer than any")
    return Ways(metres=lengths, seconds=times)


def _numbers(table: object, *, rows: int, columns: int) -> NDArray[np.float64]:
    if not isinstance(table, list) or len(table) != rows:
        raise ValueError("the answer has another number of rows")
    for row in table:
        if not isinstance(row, list) or len(row) != columns or not set(map(type, row)) <= _NUMBERS:
            raise ValueError("a row has another number of columns, or something else than numbers")
    try:
        return np.array(table, dtype=np.float64).reshape(rows, columns)
    except OverflowError as error:
        raise ValueError("a number is longer than any") from error
