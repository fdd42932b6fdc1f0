"""Legs that a map server told before: in memory, and in a directory where there is one.

Points of doors are somebody's home, so neither names nor contents of the files tell them: a point is kept as a keyed
fingerprint of itself, rounded to a metre.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from routes.model import Place

DECIMALS = 5
"""Decimals of a degree that tell two places apart: about a metre."""

MOST_ROWS = 4000
"""Rows kept in memory; with more of them all are let go, the directory still has them."""

_LEG = np.dtype([("to", "<i8"), ("metres", "<i4"), ("seconds", "<i4"), ("at", "<i8")])

Row = np.ndarray[tuple[int], np.dtype[np.void]]
"""The legs from one place, in the order of their keys."""


def rounded(place: Place) -> Place:
    """Return a place as it is asked for and kept."""
    return Place(round(place.lat, DECIMALS) + 0.0, round(place.lon, DECIMALS) + 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is kept of the legs between places: -1 where nothing is; `at` in seconds since 1970."""

    metres: NDArray[np.int32]
    seconds: NDArray[np.int32]
    at: NDArray[np.int64]

    def younger_than(self, age: timedelta, *, at: datetime) -> NDArray[np.bool_]:
        """Mark the legs that were told no longer ago."""
        found: NDArray[np.bool_] = (self.metres >= 0) & (self.at >= int((at - age).timestamp()))
        return found


class Cache:
    """Legs by server, profile and places. `secret` keys the fingerprints; a file that cannot be read holds nothing."""

    def __init__(self, directory: Path | None = None, *, secret: bytes = b"") -> None:
        self._directory = directory
        self._secret = hashlib.blake2b(secret).digest()
        self._rows: dict[tuple[str, int], Row] = {}

    def keys(self, places: Sequence[Place]) -> list[int]:
        """Return the fingerprints of places."""
        return [self._fingerprint(f"{each.lat:.{DECIMALS}f},{each.lon:.{DECIMALS}f}") for each in places]

    def known(self, source: str, keys: Sequence[int]) -> Known:
        """Return what is kept of the legs between places."""
        shape = (len(keys), len(keys))
        metres, seconds = np.full(shape, -1, dtype=np.int32), np.full(shape, -1, dtype=np.int32)
        told, wanted = np.zeros(shape, dtype=np.int64), np.array(keys, dtype=np.int64)
        for number, key in enumerate(keys):
            row = self._row(source, key)
            if len(row):
                spots = np.minimum(np.searchsorted(row["to"], wanted), len(row) - 1)
                there = row["to"][spots] == wanted
                metres[number, there] = row["metres"][spots[there]]
                seconds[number, there] = row["seconds"][spots[there]]
                told[number, there] = row["at"][spots[there]]
        return Known(metres=metres, seconds=seconds, at=told)

    def keep(
        self,
        source: str,
        key: int,
        *,
        to: Sequence[int],
        metres: NDArray[np.int32],
        seconds: NDArray[np.int32],
        at: datetime,
        forget_before: datetime,
    ) -> None:
        """Keep the legs from one place; newer ones take the place of older, what is too old goes."""
        new = np.zeros(len(to), dtype=_LEG)
        new["to"], new["metres"], new["seconds"], new["at"] = to, metres, seconds, int(at.timestamp())
        old = self._row(source, key)
        old = old[(old["at"] >= int(forget_before.timestamp())) & ~np.isin(old["to"], new["to"])]
        row = np.concatenate([old, new])
        row = row[np.argsort(row["to"], kind="stable")]
        if len(self._rows) >= MOST_ROWS:
            self._rows.clear()
        self._rows[source, key] = row
        self._write(source, key, row)

    def _row(self, source: str, key: int) -> Row:
        if (source, key) not in self._rows:
            found = self._read(source, key)
            if not len(found):
                return found
            self._rows[source, key] = found
        return self._rows[source, key]

    def _read(self, source: str, key: int) -> Row:
        nothing: Row = np.zeros(0, dtype=_LEG)
        if self._directory is None:
            return nothing
        try:
            found: Row = np.load(self._file(self._directory, source, key), allow_pickle=False)
        except (OSError, ValueError, EOFError):
            return nothing
        is_whole = found.dtype == _LEG and found.ndim == 1 and bool(np.all(np.diff(found["to"]) > 0))
        return found if is_whole and not np.any((found["metres"] < 0) | (found["seconds"] < 0)) else nothing

    def _write(self, source: str, key: int, row: Row) -> None:
        """Lay a row into the directory, whole or not at all; a directory that takes nothing costs a question more."""
        if self._directory is None:
            return
        path = self._file(self._directory, source, key)
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor, name = tempfile.mkstemp(dir=path.parent)
            with os.fdopen(descriptor, "wb") as file:
                np.save(file, row, allow_pickle=False)
            Path(name).replace(path)
        except OSError:
            return

    def _file(self, directory: Path, source: str, key: int) -> Path:
        return directory / f"{self._fingerprint(source):016x}" / f"{key:016x}.npy"

    def _fingerprint(self, text: str) -> int:
        """Return 63 bits that tell a text from others to whoever has the secret."""
        digest = hashlib.blake2b(text.encode(), key=self._secret, digest_size=8).digest()
        return int.from_bytes(digest) >> 1
