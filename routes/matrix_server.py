"""Tables of a map server: asked in parts, checked, remembered, and completed by straight lines that say so.

A table is one snapshot. What a server cannot answer becomes the great circle, and the table's provenance tells how many
legs, why, and since when. A server that changes its mind while it is asked is asked once more for everything.
"""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from routes import matrix, matrix_cache
from routes.matrix import Drift, Fault, Gap, GreatCircleMatrix, Provenance, Table
from routes.matrix_cache import Cache
from routes.matrix_dialect import Dialect, Ways
from routes.matrix_http import Breaker, Server, Unusable
from routes.model import Leg, Place

_SNAP_M = 2000.0
"""Both ends of a way may be moved to the next road, a kilometre each."""

_FASTEST = 60.0
"""Metres a second: no vehicle of the post is faster."""

_BYTES_BESIDES, _BYTES_A_LEG = 262_144, 640
"""How long an answer can be: the longest form of Valhalla takes about 300 bytes a leg."""

_NOTICEABLE = 30
"""Metres or seconds: less is no change of mind."""

_FAULTS = tuple(Fault)
_NUMBER = {fault: number for number, fault in enumerate(_FAULTS)}
_KNOWN = -1

_SURE_TO_COME_AGAIN = {Fault.HANGS, Fault.AWAY, Fault.MOVED}
_NOT_THE_SERVERS = {Fault.UNREACHABLE, Fault.IMPLAUSIBLE, Fault.NO_TIME}
"""What says nothing about whether a server works."""

Part = tuple[NDArray[np.intp], ...]
Marks = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long a table may take in all, how old a kept leg may be, and which change of a leg (%) is told."""

    whole_seconds: float = 60.0
    oldest: timedelta = timedelta(days=30)
    told_percent: int = 10


class ServerMatrix:
    """The ways a map server knows, at one moment `at`; the great circle of `fallback` where it has no usable answer.

    Ask for the `table` of a plan once and plan with that: each single `leg` is a question of its own. `breaker` and
    `cache` may be kept from one moment to the next, so that a server that fails is left alone for a while.
    """

    def __init__(
        self,
        dialect: Dialect,
        *,
        server: Server,
        at: datetime,
        fallback: GreatCircleMatrix,
        cache: Cache | None = None,
        breaker: Breaker | None = None,
        patience: Patience | None = None,
    ) -> None:
        self._dialect = dialect
        self._server = server
        self._at = at
        self._fallback = fallback
        self._cache = cache or Cache()
        self._breaker = breaker or Breaker()
        self._patience = patience or Patience()

    def leg(self, origin: Place, destination: Place) -> Leg:
        """Return the way from `origin` to `destination`."""
        return self.table([origin, destination]).leg(origin, destination)

    def table(self, places: Sequence[Place]) -> Table:
        """Return every way between places as the server says it now, or said it not too long ago."""
        spots, where = _different(places)
        asking = self._asked(spots)
        lacks, own = asking.fault != _KNOWN, self._fallback.table(spots)
        spread = np.ix_(where, where)
        metres = np.where(lacks, own.metres, np.rint(asking.metres)).astype(np.int32)[spread]
        seconds = np.where(lacks, own.seconds, np.rint(asking.seconds)).astype(np.int32)[spread]
        return Table(
            places,
            metres=metres,
            seconds=seconds,
            provenance=self._provenance(
                asking, spread, version=hashlib.sha256(metres.tobytes() + seconds.tobytes()).hexdigest()[:12]
            ),
            beyond=self._fallback,
            guessed=lacks[spread],
        )

    @property
    def _source(self) -> str:
        return f"{self._dialect.name} {self._dialect.profile} {self._server.url}"

    def _asked(self, spots: Sequence[Place]) -> _Asking:
        """Ask for a table, and once more for all of it when the server changed its mind meanwhile."""
        keys = self._cache.keys(spots)
        known = self._cache.known(self._source, keys)
        asking = self._begin(spots, known, known.younger_than(self._patience.oldest, at=self._at))
        try:
            asking.ask_all()
            if asking.parts > 1 and (drift := asking.change_of_mind()):
                asking = self._begin(spots, known, np.zeros_like(asking.is_kept))
                asking.ask_all()
                asking.drift = _larger(asking.drift, drift)
        finally:
            self._server.close()
        self._remember(asking, keys)
        return asking

    def _begin(self, spots: Sequence[Place], known: matrix_cache.Known, is_kept: Marks) -> _Asking:
        return _Asking(
            dialect=self._dialect,
            server=self._server,
            breaker=self._breaker,
            at=self._at,
            until=time.monotonic() + self._patience.whole_seconds,
            told_percent=self._patience.told_percent,
            spots=spots,
            known=known,
            is_kept=is_kept & ~np.eye(len(spots), dtype=bool),
        )

    def _remember(self, asking: _Asking, keys: Sequence[int]) -> None:
        """Keep what was told now, row by row."""
        numbers = np.array(keys, dtype=np.int64)
        for row, new in enumerate(asking.is_new):
            if not new.any():
                continue
            self._cache.keep(
                self._source,
                keys[row],
                to=numbers[new].tolist(),
                metres=np.rint(asking.metres[row, new]).astype(np.int32),
                seconds=np.rint(asking.seconds[row, new]).astype(np.int32),
                at=self._at,
                forget_before=self._at - self._patience.oldest,
            )

    def _provenance(self, asking: _Asking, spread: Part, *, version: str) -> Provenance:
        fault, kept = asking.fault[spread], asking.is_kept[spread]
        told = asking.known.at[spread][kept]
        counted = Counter(fault[fault != _KNOWN].tolist())
        return Provenance(
            source=f"{self._dialect.name} ({self._dialect.profile})",
            version=version,
            legs=fault.size,
            kept=int(kept.sum()),
            oldest=datetime.fromtimestamp(int(told.min()), tz=self._at.tzinfo) if told.size else None,
            gaps=tuple(self._gap(_FAULTS[number], legs) for number, legs in sorted(counted.items())),
            drift=asking.drift,
        )

    def _gap(self, fault: Fault, legs: int) -> Gap:
        return Gap(fault=fault, legs=legs, since=None if fault in _NOT_THE_SERVERS else self._breaker.since)


@dataclass(slots=True, kw_only=True)
class _Asking:
    """One table while it is asked for. `fault` is the number of a fault where a leg has none, -1 where it is known.

    `is_kept` marks the legs that are known from before, `is_new` those that were told now, `is_on_map` the places that
    were asked for alone.
    """

    dialect: Dialect
    server: Server
    breaker: Breaker
    at: datetime
    until: float
    told_percent: int
    spots: Sequence[Place]
    known: matrix_cache.Known
    is_kept: Marks
    straight: NDArray[np.float64] = field(init=False)
    metres: NDArray[np.float64] = field(init=False)
    seconds: NDArray[np.float64] = field(init=False)
    fault: NDArray[np.int8] = field(init=False)
    is_new: Marks = field(init=False)
    is_on_map: dict[int, bool] = field(default_factory=dict)
    first: tuple[list[int], list[int]] | None = None
    parts: int = 0
    drift: Drift | None = None

    def __post_init__(self) -> None:
        own = np.eye(len(self.spots), dtype=bool)
        self.straight = matrix.straight_metres(self.spots)
        self.metres = np.where(self.is_kept, self.known.metres, 0).astype(np.float64)
        self.seconds = np.where(self.is_kept, self.known.seconds, 0).astype(np.float64)
        self.fault = np.where(self.is_kept | own, _KNOWN, _NUMBER[Fault.NOT_ASKED]).astype(np.int8)
        self.is_new = np.zeros(own.shape, dtype=bool)

    def ask_all(self) -> None:
        """Ask for every part that is not known, until a failing server is left alone or the time is over."""
        for rows, columns in self._parts():
            if not np.any(self.fault[np.ix_(rows, columns)] != _KNOWN):
                continue
            if not self.breaker.lets_ask(at=self.at):
                return
            if time.monotonic() >= self.until:
                self._note(np.ix_(rows, columns), Fault.NO_TIME)
                continue
            self._ask(rows, columns)

    def change_of_mind(self) -> Drift | None:
        """Ask for the first part again and return how it differs from what it was; a failure tells nothing."""
        if self.first is None or time.monotonic() >= self.until:
            return None
        part = np.ix_(*self.first)
        try:
            again = self._answer(*self.first)
        except Unusable:
            return None
        return self._drift(self.metres[part], self.seconds[part], again, self.is_new[part])

    def _parts(self) -> Iterator[tuple[list[int], list[int]]]:
        side, count = self.dialect.side, len(self.spots)
        for row in range(0, count, side):
            for column in range(0, count, side):
                yield list(range(row, min(row + side, count))), list(range(column, min(column + side, count)))

    def _ask(self, rows: list[int], columns: list[int]) -> None:
        try:
            told = self._answer(rows, columns)
        except Unusable as unusable:
            if unusable.is_about_places and self._ask_without_the_lost(rows, columns):
                return
            self.breaker.failed(at=self.at, at_once=unusable.fault in _SURE_TO_COME_AGAIN)
            self._note(np.ix_(rows, columns), unusable.fault)
            return
        self.breaker.worked()
        self._take(rows, columns, told)

    def _ask_without_the_lost(self, rows: list[int], columns: list[int]) -> bool:
        """Ask for a part again without the places the map does not have; False when it has all of them."""
        origins, destinations = [n for n in rows if self._has(n)], [n for n in columns if self._has(n)]
        if len(origins) + len(destinations) == len(rows) + len(columns):
            return False
        self._note(np.ix_(rows, columns), Fault.UNREACHABLE)
        if origins and destinations:
            try:
                self._take(origins, destinations, self._answer(origins, destinations))
            except Unusable as unusable:
                self._note(np.ix_(origins, destinations), unusable.fault)
        return True

    def _has(self, number: int) -> bool:
        """Tell whether the server's map has a place: asked once, alone."""
        if number not in self.is_on_map:
            try:
                self._answer([number], [number])
            except Unusable as unusable:
                self.is_on_map[number] = not unusable.is_about_places
            else:
                self.is_on_map[number] = True
        return self.is_on_map[number]

    def _answer(self, rows: list[int], columns: list[int]) -> Ways:
        """Return what the server says to one question. Raises: Unusable."""
        question = self.dialect.question([self.spots[n] for n in rows], [self.spots[n] for n in columns])
        most = _BYTES_BESIDES + _BYTES_A_LEG * len(rows) * len(columns)
        answer = self.server.ask(question, most_bytes=most, until=self.until)
        try:
            return self.dialect.read(answer, rows=len(rows), columns=len(columns))
        except ValueError as error:
            raise Unusable(Fault.GARBAGE) from error

    def _take(self, rows: list[int], columns: list[int], told: Ways) -> None:
        """Take an answer in; legs that cannot be true stay a guess."""
        part, own = np.ix_(rows, columns), np.equal.outer(rows, columns)
        lacks = np.isnan(told.metres) | np.isnan(told.seconds)
        is_false = ~lacks & _cannot_be_true(told, self.straight[part])
        good = ~(lacks | is_false | own)
        known = self.known.metres[part], self.known.seconds[part]
        self.drift = _larger(self.drift, self._drift(*known, told, good & (known[0] >= 0)))
        self.metres[part], self.seconds[part] = np.where(good, told.metres, 0), np.where(good, told.seconds, 0)
        self.is_new[part], self.is_kept[part] = good, False
        fault = np.where(lacks, _NUMBER[Fault.UNREACHABLE], _NUMBER[Fault.IMPLAUSIBLE])
        self.fault[part] = np.where(good | own, _KNOWN, fault)
        self.first, self.parts = self.first or (rows, columns), self.parts + 1

    def _drift(
        self,
        metres: NDArray[np.floating | np.integer],
        seconds: NDArray[np.floating | np.integer],
        told: Ways,
        asked: Marks,
    ) -> Drift | None:
        """Return how an answer differs from what was told before, None when it does not by much."""
        change = np.maximum(_percent(metres, told.metres), _percent(seconds, told.seconds))[asked]
        differ = change[change > self.told_percent]
        if not differ.size:
            return None
        return Drift(legs=differ.size, asked_again=change.size, largest_percent=round(float(differ.max())))

    def _note(self, part: Part, fault: Fault) -> None:
        """Write a fault to the legs of a part that are not known."""
        self.fault[part] = np.where(self.fault[part] == _KNOWN, _KNOWN, _NUMBER[fault])


def _different(places: Sequence[Place]) -> tuple[list[Place], NDArray[np.intp]]:
    """Return the places that differ when they are rounded, and for each place which of them it is."""
    numbers: dict[Place, int] = {}
    where = [numbers.setdefault(matrix_cache.rounded(place), len(numbers)) for place in places]
    return list(numbers), np.array(where, dtype=np.intp)


def _cannot_be_true(told: Ways, straight: NDArray[np.float64]) -> Marks:
    """Mark ways that are shorter than the straight line, or faster than any vehicle."""
    is_short: Marks = told.metres + _SNAP_M < straight
    is_fast: Marks = told.seconds * _FASTEST + _SNAP_M < told.metres
    return is_short | is_fast


def _percent(before: NDArray[np.floating | np.integer], now: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return by how many percent numbers changed, 0 where the change is not worth a word."""
    change = np.abs(np.nan_to_num(now) - before)
    found: NDArray[np.float64] = np.where(change < _NOTICEABLE, 0.0, 100 * change / np.maximum(before, 1))
    return found


def _larger(one: Drift | None, other: Drift | None) -> Drift | None:
    """Return both changes together."""
    if one is None or other is None:
        return one or other
    return Drift(
        legs=one.legs + other.legs,
        asked_again=one.asked_again + other.asked_again,
        largest_percent=max(one.largest_percent, other.largest_percent),
    )
