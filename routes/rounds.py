"""Lay out the rounds of one depot on a day: who drives what, in which order, and what stays behind and why.

A round that takes too long is split among drivers who are free. What is promised for the day and still finds no place
is put into any other round of the depot where it can be met; what is not promised gives way to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context

from routes import planner, promises, split
from routes.matrix import GreatCircleMatrix, Matrix
from routes.model import Importance, Route, Stop, Vehicle
from routes.split import Ground
from routes.timing import Timetable
from routes.why import Missed, Reason, Unassigned

WORTH_A_PROCESS = 400
"""Stops from which several processes share the work; starting one takes half a second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """A standing round on a day: its stops, its areas in their order, and who drives it.

    Without a driver the vehicle still says in which hours and with what somebody else would drive it.
    """

    key: str
    stops: tuple[Stop, ...]
    ranking: tuple[str, ...]
    vehicle: Vehicle
    has_driver: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Yard:
    """A depot on a day: its rounds, and who is free besides."""

    rounds: tuple[Round, ...]
    spare: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Driven:
    """One driver's day: a part of a round. `part` counts from 0; `by_spare` tells that somebody else drives it."""

    round: str
    part: int
    driver: str
    by_spare: bool
    route: Route
    timetable: Timetable
    missed: tuple[Missed, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LaidOut:
    """The day of a depot."""

    driven: tuple[Driven, ...]
    unassigned: tuple[Unassigned, ...]


@dataclass(slots=True)
class _Drive:
    """A driver's day in the making."""

    round: Round
    part: int
    by_spare: bool
    ground: Ground
    path: list[Stop]

    @property
    def driver(self) -> str:
        """Return who drives it."""
        return self.ground.vehicle.key

    def fits(self, path: Sequence[Stop]) -> bool:
        """Tell whether an order keeps the hours and every window."""
        outcome = self.ground.clock.outcome(path)
        return not outcome.missed and self.ground.clock.fits(outcome)


def lay_out_all(yards: Sequence[Yard], *, processes: int = 1) -> list[LaidOut]:
    """Lay out the day of several depots, those with many stops in processes of their own; the answer is the same."""
    stops = sum(len(round_.stops) for yard in yards for round_ in yard.rounds)
    if processes < 2 or len(yards) < 2 or stops < WORTH_A_PROCESS:
        return [lay_out(yard) for yard in yards]
    with ProcessPoolExecutor(min(processes, len(yards)), mp_context=get_context("spawn")) as pool:
        return list(pool.map(lay_out, yards))


def lay_out(yard: Yard, *, matrix: Matrix | None = None) -> LaidOut:
    """Lay out the day of one depot. The same yard gives the same day."""
    known = matrix or GreatCircleMatrix()
    drives: list[_Drive] = []
    left: list[Unassigned] = []
    spare = yard.spare
    for alone in sorted((_alone(round_, known) for round_ in yard.rounds if round_.stops), key=_need):
        made, unassigned = _drives(alone, spare=spare)
        spare = spare[sum(drive.by_spare for drive in made) :]
        drives += made
        left += unassigned
    left = _find_places(drives, left)
    done = sorted((_driven(drive) for drive in drives if drive.path), key=lambda each: (each.round, each.part))
    return LaidOut(driven=tuple(done), unassigned=tuple(sorted(left, key=lambda each: each.stop.key)))


@dataclass(frozen=True, slots=True)
class _Alone:
    """A round as one driver would drive it."""

    round: Round
    ground: Ground
    plan: planner.Plan

    @property
    def is_too_much(self) -> bool:
        """Tell whether one driver leaves something behind or comes too late somewhere."""
        return bool(self.plan.missed) or any(each.reason is Reason.OVER_SHIFT for each in self.plan.unassigned)


def _alone(round_: Round, matrix: Matrix) -> _Alone:
    ground = Ground(vehicle=round_.vehicle, ranking=round_.ranking, matrix=matrix)
    plan = planner.plan(round_.stops, vehicle=round_.vehicle, ranking=round_.ranking, matrix=matrix)
    return _Alone(round_, ground, plan)


def _need(alone: _Alone) -> tuple[bool, int, str]:
    """Sort rounds by how much they need a free driver: those nobody drives, then those that leave promises behind."""
    promised = sum(each.stop.must for each in alone.plan.unassigned) + len(alone.plan.missed)
    return (alone.round.has_driver, -promised, alone.round.key)


def _drives(alone: _Alone, *, spare: Sequence[str]) -> tuple[list[_Drive], list[Unassigned]]:
    """Return who drives a round: its own driver, and free ones where it takes too long or has none."""
    round_ = alone.round
    drivers = [*([round_.vehicle.key] if round_.has_driver else []), *spare]
    if not drivers:
        return [], [Unassigned(stop=stop, reason=Reason.NO_DRIVER) for stop in round_.stops]
    if len(drivers) > 1 and alone.is_too_much:
        return _shared(alone, drivers=drivers)
    path = list(alone.plan.route.stops)
    return [_drive(alone, 0, drivers[0], path)], list(alone.plan.unassigned)


def _drive(alone: _Alone, part: int, driver: str, path: list[Stop]) -> _Drive:
    ground = replace(alone.ground, vehicle=replace(alone.ground.vehicle, key=driver))
    return _Drive(alone.round, part, part >= alone.round.has_driver, ground, path)


def _shared(alone: _Alone, *, drivers: Sequence[str]) -> tuple[list[_Drive], list[Unassigned]]:
    """Share a round among several drivers."""
    nowhere = [each for each in alone.plan.unassigned if each.reason is not Reason.OVER_SHIFT]
    lost = {each.stop.key for each in nowhere}
    stops = [stop for stop in alone.round.stops if stop.key not in lost]
    parts = split.split(stops, ground=alone.ground, drivers=len(drivers))
    served = {stop.key for part in parts for stop in part}
    drives = [_drive(alone, number, drivers[number], part) for number, part in enumerate(parts)]
    over = [Unassigned(stop=stop, reason=Reason.OVER_SHIFT) for stop in stops if stop.key not in served]
    return drives, [*nowhere, *over]


# --- places for what is promised --------------------------------------------------------------------------------------


def _find_places(drives: list[_Drive], left: list[Unassigned]) -> list[Unassigned]:
    """Put what is promised and has no place, or misses its window, where it can be met; return what stays behind."""
    _take_out_what_is_missed(drives, left)
    homeless = sorted((each for each in left if each.stop.must and each.stop.place), key=_urgency)
    staying = [each for each in left if not (each.stop.must and each.stop.place)]
    for each in homeless:
        gave_way = _put(each.stop, drives)
        if gave_way is None:
            staying += _put_late(each, drives)
        else:
            staying += [Unassigned(stop=stop, reason=Reason.OVER_SHIFT) for stop in gave_way]
    return staying


def _take_out_what_is_missed(drives: Iterable[_Drive], left: list[Unassigned]) -> None:
    for drive in drives:
        for miss in promises.missed(drive.path, clock=drive.ground.clock):
            drive.path = [stop for stop in drive.path if stop.key != miss.stop.key]
            left.append(
                Unassigned(
                    stop=replace(miss.stop, importance=max(miss.stop.importance, Importance.PROMISED)),
                    reason=miss.reason,
                )
            )


def _put(stop: Stop, drives: Sequence[_Drive]) -> list[Stop] | None:
    """Put a stop where it is met and the fewest others give way; return those, None when it can be met nowhere."""
    options = [(len(gone), drive.ground.clock.outcome(path), number, path, gone)
               for number, drive in enumerate(drives) for path, gone in _room_for(stop, drive)]  # fmt: skip
    if not options:
        return None
    _, _, number, path, gone = min(options, key=lambda option: option[:3])
    drives[number].path = path
    return gone


def _room_for(stop: Stop, drive: _Drive) -> Iterable[tuple[list[Stop], list[Stop]]]:
    """Yield the order of a drive with the stop in it, and what gave way for it, if there is room."""
    path, gone = list(drive.path), list[Stop]()
    while True:
        with_it = _inserted(path, stop, drive)
        if drive.fits(with_it):
            yield with_it, gone
            return
        at = planner.least_important(path) if path else 0
        if not path or path[at].importance >= stop.importance:
            return
        gone.append(path.pop(at))


def _inserted(path: Sequence[Stop], stop: Stop, drive: _Drive) -> list[Stop]:
    _, at = promises.best_place(path, stop, clock=drive.ground.clock)
    found = [*path[:at], stop, *path[at:]]
    return found if drive.fits(found) else promises.kept(found, clock=drive.ground.clock)


def _put_late(left: Unassigned, drives: Sequence[_Drive]) -> list[Unassigned]:
    """Serve a stop too late rather than not at all, where it fits into the hours and makes no other late."""
    options = []
    for number, drive in enumerate(drives):
        outcome, at = promises.best_place(drive.path, left.stop, clock=drive.ground.clock)
        if outcome.missed == 1 and drive.ground.clock.fits(outcome):
            options.append((outcome, number, at))
    if not options:
        return [left]
    _, number, at = min(options)
    drives[number].path.insert(at, left.stop)
    return []


def _urgency(left: Unassigned) -> tuple[int, bool, str, str]:
    window = left.stop.window
    return (-left.stop.importance, window is None, window.closes.isoformat() if window else "", left.stop.key)


def _driven(drive: _Drive) -> Driven:
    clock = drive.ground.clock
    return Driven(
        round=drive.round.key,
        part=drive.part,
        driver=drive.driver,
        by_spare=drive.by_spare,
        route=clock.route(drive.path),
        timetable=clock.timetable(drive.path),
        missed=promises.missed(drive.path, clock=clock),
    )
