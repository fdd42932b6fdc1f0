"""Whether due dates are right, and how fast they come, as one JSON line: `python -m bench.clocks`.

A million random starts and limits are counted in bulk and again by a slow oracle that counts day by day and minute by
minute from the table alone (`tests/clock_oracle.py`); a sample is explained with its steps as well. Both calendars are
asked, both ways of counting, published and unpublished years. `due_per_second` is per second of one core; `by_the_wall`
is what a clock on the wall said, which others on the same machine slow down. Beside it stands who decides, for every
commune and fifty procedures. `--count` sets how many, `--seed` which ones.
"""

import argparse
import importlib
import importlib.util
import json
import multiprocessing
import random
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from postal.domain import calendars, clocks
from postal.domain.clocks import Counting, Limit, Unit
from postal.services import shipped
from tests.clock_oracle import Oracle

FIRST, LAST = datetime(2024, 7, 1, tzinfo=UTC), datetime(2028, 3, 1, tzinfo=UTC)
"""Between which instants limits start: published years, and unpublished ones on either side."""

LONGEST = {Unit.WORKING_DAYS: 60, Unit.CALENDAR_DAYS: 120, Unit.HOURS: 80}
REACH = timedelta(days=220)
"""After the last start, for as long as the longest limit may run."""

CHUNK = 25_000
PER_SECOND = 100_000
SAMPLE_IN = 50

Asked = tuple[str, str, int, str, datetime]
"""Calendar, way of counting, amount, unit, start: plain values, for the oracle knows nothing of ours."""


@dataclass(slots=True)
class Found:
    """What a comparison came to; the first disagreements are kept to be looked at."""

    compared: int = 0
    disagree: int = 0
    explained: int = 0
    unlike_explained: int = 0
    seconds_in_bulk: float = 0.0
    seconds_by_the_wall: float = 0.0
    first: tuple[str, ...] = ()

    @property
    def per_second(self) -> int:
        """Return how many due dates a second came in bulk."""
        return round(self.compared / self.seconds_in_bulk) if self.seconds_in_bulk else 0

    @property
    def ok(self) -> bool:
        """Tell whether all three agree, and the bulk is quick enough."""
        agree = not self.disagree and not self.unlike_explained
        return agree and self.compared > 0 < self.explained and self.per_second >= PER_SECOND


def main() -> None:
    """Compare as often as asked, measure competence beside it, print one line, and fail when something is wrong."""
    asked = argparse.ArgumentParser(prog="bench.clocks", description=__doc__)
    asked.add_argument("--count", type=int, default=1_000_000)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--processes", type=int, default=2)
    given = asked.parse_args()
    begun = time.perf_counter()
    found = compare(count=given.count, seed=given.seed, processes=given.processes)
    beside = _competence()
    ok = found.ok and (beside is None or bool(beside.get("ok")))
    figures = {
        "due_dates": found.compared,
        "disagree": found.disagree,
        "explained": found.explained,
        "unlike_explained": found.unlike_explained,
        "due_per_second": found.per_second,
        "by_the_wall": round(found.compared / found.seconds_by_the_wall) if found.compared else 0,
        "first": found.first,
        "competence": beside,
        "seconds": round(time.perf_counter() - begun, 1),
        "ok": ok,
    }
    print(json.dumps(figures, ensure_ascii=False))
    raise SystemExit(0 if ok else 1)


def compare(*, count: int, seed: int, processes: int = 1) -> Found:
    """Return how often the bulk, the explained answer and the oracle differ."""
    asked = list(drawn(count=count, seed=seed))
    found = Found(compared=len(asked))
    begun, by_the_wall = time.process_time(), time.perf_counter()
    bulk = _in_bulk(asked)
    found.seconds_in_bulk = time.process_time() - begun
    found.seconds_by_the_wall = time.perf_counter() - by_the_wall
    chunks = [asked[n : n + CHUNK] for n in range(0, len(asked), CHUNK)]
    said = [each for chunk in _by_oracle(chunks, processes=processes) for each in chunk]
    wrong = [n for n, (ours, theirs) in enumerate(zip(bulk, said, strict=True)) if ours != theirs]
    found.disagree = len(wrong)
    found.first = tuple(f"{asked[n]}: {bulk[n]} / {said[n]}" for n in wrong[:3])
    sample = range(0, len(asked), SAMPLE_IN)
    found.explained = len(sample)
    found.unlike_explained = sum(_explained(asked[n]) != bulk[n] for n in sample)
    return found


def drawn(*, count: int, seed: int) -> Iterable[Asked]:
    """Yield random questions, also at the edges of a working day, where mistakes live."""
    chance = random.Random(seed)
    seconds = int((LAST - FIRST).total_seconds())
    edges = [timedelta(hours=hour, minutes=minute) for hour, minute in ((0, 30), (4, 30), (6, 30), (8, 0), (10, 0))]
    for _ in range(count):
        unit = chance.choice(list(Unit))
        start = FIRST + timedelta(seconds=chance.randrange(seconds))
        if chance.random() < 0.2:
            midnight = start.replace(hour=0, minute=0, second=0)
            start = midnight + chance.choice(edges) + timedelta(seconds=chance.randint(-1, 1))
        counting = chance.choice(list(Counting)).value
        yield chance.choice(("state", "post")), counting, chance.randint(1, LONGEST[unit]), unit.value, start


def _in_bulk(asked: list[Asked]) -> list[tuple[datetime, bool]]:
    """Answer all questions, those of one calendar and way together, in the order in which they were asked."""
    groups: dict[tuple[str, str], list[int]] = {}
    for number, (calendar, counting, *_) in enumerate(asked):
        groups.setdefault((calendar, counting), []).append(number)
    found: list[tuple[datetime, bool]] = [(FIRST, False)] * len(asked)
    for (calendar, counting), numbers in groups.items():
        limits = ((Limit(asked[n][2], Unit(asked[n][3])), asked[n][4]) for n in numbers)
        answers = clocks.due_many(limits, calendar=_CALENDARS[calendar], counting=Counting(counting))
        for number, answer in zip(numbers, answers, strict=True):
            found[number] = answer
    return found


def _explained(asked: Asked) -> tuple[datetime, bool]:
    calendar, counting, amount, unit, start = asked
    limit = Limit(amount, Unit(unit))
    due = clocks.due(limit, started_at=start, calendar=_CALENDARS[calendar], counting=Counting(counting))
    return due.due_at, due.provisional


_TABLES = shipped.calendars()
_CALENDARS = {key: calendars.from_csv(table) for key, table in _TABLES.items()}
_oracles: dict[str, Oracle] = {}


def _by_oracle(chunks: list[list[Asked]], *, processes: int) -> Iterable[list[tuple[datetime, bool]]]:
    if processes == 1:
        return [_asked_of_oracle(chunk) for chunk in chunks]
    with multiprocessing.get_context("fork").Pool(processes) as pool:
        return pool.map(_asked_of_oracle, chunks, chunksize=1)


def _asked_of_oracle(chunk: list[Asked]) -> list[tuple[datetime, bool]]:
    return [
        _oracle(calendar).due(amount, unit, start, counting=counting)
        for calendar, counting, amount, unit, start in chunk
    ]


def _oracle(calendar: str) -> Oracle:
    if calendar not in _oracles:
        oracle = Oracle(_TABLES[calendar])
        oracle.read_minutes(FIRST, LAST + REACH)
        _oracles[calendar] = oracle
    return _oracles[calendar]


def _competence() -> dict[str, Any] | None:
    """Return the figures of who decides, for every commune and fifty procedures."""
    if importlib.util.find_spec("bench.competence") is None:
        return None
    found: dict[str, Any] = importlib.import_module("bench.competence").measure()
    return found


if __name__ == "__main__":
    main()
