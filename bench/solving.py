"""A plan that becomes better until somebody stops it, as one JSON line with `ok`: `python -m bench.solving`.

200 results wait for their doors at one office of Đà Nẵng: real communes and their middles, made-up addresses, every
third door visited before so that its point is known. Then a coordinator asks for the day as the page does, a worker
improves it in a process of its own, and after some seconds somebody stops it.

`first_plan_seconds` is the wall clock until a plan can be shown, reading and keeping included. `course` tells at which
second of the improving how many stops were left out or late and how long the way was. `stop_seconds` is the wall clock
from asking to stop until the better plan is a step of the board. `peak_mb` is the memory of the other process.
"""

import argparse
import json
import random
import resource
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from postal import worker
from postal.domain.people import Account, Person, Role
from postal.domain.places import Territory, Unit
from postal.domain.solving import Fate, Progress, Solving
from postal.services import catalogue, planning, shipped, solving
from postal.store import Store, sqlite_url
from postal.worker import Solver
from tests import arrivals, cast, databases

PROVINCE = "48"
NEAREST = 24
"""Communes around the office that its rounds go to."""

ROUNDS, SPARE = 6, 2
BEGAN = time.perf_counter()
MOST_SECONDS = 2.0
"""Until a first plan can be shown."""

coordinator = cast.actor("dieuphoi", "Điều phối", place=cast.OFFICE, roles={Role.COORDINATOR})


@dataclass(kw_only=True, slots=True)
class Outcome:
    """What was measured."""

    stops: int
    first_plan_seconds: float = 0.0
    first_told_seconds: float = 0.0
    course: list[tuple[float, int, float]] = field(default_factory=list)
    iterations: int = 0
    stop_seconds: float = 0.0
    first_km: float = 0.0
    best_km: float = 0.0
    first_left: int = 0
    best_left: int = 0
    is_step_of_board: bool = False
    peak_mb: int = 0

    @property
    def is_good(self) -> bool:
        """Tell whether a plan came in time, became better, and became a step of the board."""
        is_better = (self.best_left, self.best_km) < (self.first_left, self.first_km)
        return self.first_plan_seconds <= MOST_SECONDS and is_better and self.is_step_of_board


def main() -> None:
    """Measure, print what was found, and fail when it is not good."""
    asked = argparse.ArgumentParser(prog="bench.solving", description="A plan improved until it is stopped.")
    asked.add_argument("--stops", type=int, default=200)
    asked.add_argument("--seconds", type=float, default=20.0, help="how long until somebody stops it")
    given = asked.parse_args()
    outcome = run(stops=given.stops, seconds=given.seconds)
    print(json.dumps({**asdict(outcome), "ok": outcome.is_good}))
    raise SystemExit(0 if outcome.is_good else 1)


def run(*, stops: int, seconds: float) -> Outcome:
    """Fill a store, propose the day, let a worker improve it, and stop it after some seconds."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(sqlite_url(Path(folder) / "solving.db"), secret_key=databases.SECRET_KEY)
        try:
            store.migrate()
            catalogue.seed(store, at=cast.monday)
            fill(store, stops=stops)
            return _measured(store, Outcome(stops=stops), seconds=seconds)
        finally:
            store.close()


def _measured(store: Store, outcome: Outcome, *, seconds: float) -> Outcome:
    begun = time.perf_counter()
    made = planning.propose_day(store, cast.OFFICE, day=cast.today, by=coordinator, at=cast.monday)
    number = planning.keep_proposal(store, made, by=coordinator, at=cast.monday, below=cast.below(1))
    asked = solving.ask(store, number, by=coordinator, at=_now(), below=cast.below(2), seconds=600)
    outcome.first_plan_seconds = round(time.perf_counter() - begun, 2)
    with working(store, clock=_now):
        _follow(store, asked, outcome, seconds=seconds)
        begun = time.perf_counter()
        solving.stop(store, asked, by=coordinator, at=_now())
        ended = _ended(store, asked)
        outcome.stop_seconds = round(time.perf_counter() - begun, 2)
    outcome.is_step_of_board = ended.fate is Fate.APPENDED
    outcome.peak_mb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    return outcome


@contextmanager
def working(store: Store, *, clock: Callable[[], datetime]) -> Iterator[None]:
    """Let a worker look for work in a thread, as inside `serve`."""
    stop = threading.Event()
    given = {"clock": clock, "stop": stop}
    thread = threading.Thread(target=worker.run_solving, args=(store, Solver(name="bench")), kwargs=given)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _follow(store: Store, number: str, outcome: Outcome, *, seconds: float) -> None:
    """Note how the plan becomes better, for some seconds after it has told something for the first time."""
    begun, told = time.perf_counter(), None
    until = begun + seconds + 30
    while time.perf_counter() < until:
        progress = _found(store, number).progress
        if progress is not None and progress != told:
            if told is None:
                outcome.first_told_seconds = round(time.perf_counter() - begun, 2)
                until = time.perf_counter() + seconds
            _note(outcome, progress)
            told = progress
        time.sleep(0.1)


def _note(outcome: Outcome, progress: Progress) -> None:
    first, best = progress.first, progress.best
    outcome.first_km, outcome.best_km = round(first.metres / 1000, 1), round(best.metres / 1000, 1)
    outcome.first_left, outcome.best_left = first.left, best.left
    outcome.iterations = progress.iterations
    now = (best.left, outcome.best_km)
    if not outcome.course or outcome.course[-1][1:] != now:
        outcome.course.append((round(progress.seconds, 1), *now))


def _ended(store: Store, number: str) -> Solving:
    until = time.perf_counter() + 60
    while (found := _found(store, number)).is_open and time.perf_counter() < until:
        time.sleep(0.05)
    return found


def _found(store: Store, number: str) -> Solving:
    with store.read() as reader:
        found = reader.solvings.get(number)
    assert found is not None
    return found


def _now() -> datetime:
    """Return the morning of the day that is planned, going on as the clock on the wall does."""
    return cast.monday + timedelta(seconds=time.perf_counter() - BEGAN)


# --- the office -------------------------------------------------------------------------------------------------------


def fill(store: Store, *, stops: int) -> None:
    """Give the central office of Đà Nẵng rounds over the communes around it, postmen, and results for so many doors."""
    communes, chance = _communes(), random.Random(1)
    _keep_rounds(store, communes)
    people = [_citizen(store, number, communes, chance) for number in range(stops)]
    arrivals.arrived(store, *people, at=cast.monday - timedelta(days=3))


def _communes() -> list[Unit]:
    """Return the communes nearest to the office, by direction, so that neighbours share a round."""
    office = next(place for place in shipped.places() if place.code == cast.OFFICE)
    lat, lon = office.lat or 0.0, office.lon or 0.0
    there = [u for u in shipped.units().units if u.era.value == "2025" and u.level.value == "commune" and u.lat]
    own = [unit for unit in there if unit.province_code == PROVINCE]
    near = sorted(own, key=lambda unit: abs((unit.lat or 0) - lat) + abs((unit.lon or 0) - lon))[:NEAREST]
    return sorted(near, key=lambda unit: ((unit.lat or 0) - lat) / (abs((unit.lon or 0) - lon) + 0.01))


def _keep_rounds(store: Store, communes: Sequence[Unit]) -> None:
    each = len(communes) // ROUNDS
    with store.begin(at=cast.monday) as ledger:
        for number in range(ROUNDS):
            own = communes[number * each : (number + 1) * each]
            ledger.reference.put_territory(
                Territory(
                    code=f"{cast.OFFICE}-{number + 1:02}",
                    name=" – ".join(unit.name for unit in own),
                    office=cast.OFFICE,
                    postman=f"buuta{number + 1}",
                    communes=tuple(unit.code for unit in own),
                    basis="mẫu",
                )
            )
        for number in range(ROUNDS + SPARE):
            name = f"buuta{number + 1}"
            account = Account(username=name, name=name, place=cast.OFFICE, roles=frozenset({Role.POSTMAN}))
            ledger.accounts.put(account, password_hash="")


def _citizen(store: Store, number: int, communes: Sequence[Unit], chance: random.Random) -> Person:
    """Return somebody at a door of his own; every third door is known, of the others only the commune."""
    unit = communes[int(len(communes) // ROUNDS * ROUNDS * chance.random())]
    address = f"{number + 1} đường thử"
    if number % 3 == 0:
        reach = (unit.radius_m or 0) / 111_200 * 0.5
        lat = (unit.lat or 0.0) + chance.uniform(-reach, reach)
        lon = (unit.lon or 0.0) + chance.uniform(-reach, reach)
        with store.begin(at=cast.monday) as ledger:
            ledger.points.teach(unit.code, address, lat=lat, lon=lon, accuracy_m=12)
    return Person(
        name=f"Người thử {number}",
        identity_number=f"048{number:09d}",
        phone=f"+8490{number:07d}",
        address=address,
        commune=unit.code,
    )


if __name__ == "__main__":
    main()
