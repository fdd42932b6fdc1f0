"""Lay out the rounds of one depot on a day: who drives what, in which order, and what stays behind and why.

A round that takes too long is split among drivers who are free. What is promised for the day and still finds no place
is put into any other round of the depot where it can be met; what is not promised gives way to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context

from routes import drives, planner, prices, split
from routes.drives import Drive
from routes.matrix import GreatCircleMatrix, Matrix, of_kind
from routes.model import Stop
from routes.split import Ground
from routes.why import Reason, Unassigned
from routes.yard import LaidOut, Round, Yard

WORTH_A_PROCESS = 400
"""Stops from which several processes share the work; starting one takes half a second."""

TOO_MUCH = frozenset({Reason.OVER_SHIFT, Reason.OVER_LOAD})
"""Reasons that one driver more could mend."""


def lay_out_all(yards: Sequence[Yard], *, ways: Sequence[Matrix], processes: int = 1) -> list[LaidOut]:
    """Lay out the day of several depots, each with its ways; where there are many stops in several processes.

    The answer is the same.
    """
    stops = sum(len(round_.stops) for yard in yards for round_ in yard.rounds)
    if processes < 2 or len(yards) < 2 or stops < WORTH_A_PROCESS:
        return [lay_out(yard, matrix=each) for yard, each in zip(yards, ways, strict=True)]
    with ProcessPoolExecutor(min(processes, len(yards)), mp_context=get_context("spawn")) as pool:
        return list(pool.map(lay_out, yards, ways))


def lay_out(yard: Yard, matrix: Matrix | None = None) -> LaidOut:
    """Lay out the day of one depot. The same yard gives the same day."""
    known = matrix or GreatCircleMatrix()
    return prices.priced(drives.laid_out(*begun(yard, matrix=known)), yard=yard, matrix=known)


def begun(yard: Yard, *, matrix: Matrix) -> tuple[list[Drive], list[Unassigned]]:
    """Return the drivers' days of one depot, still to be changed, and what stays behind."""
    found: list[Drive] = []
    left: list[Unassigned] = []
    spare = yard.spare
    for alone in sorted((_alone(round_, matrix) for round_ in yard.rounds if round_.stops), key=_need):
        made, unassigned = _drives(alone, spare=spare)
        spare = spare[sum(drive.by_spare for drive in made) :]
        found += made
        left += unassigned
    return found, drives.find_places(found, left)


@dataclass(frozen=True, slots=True)
class _Alone:
    """A round as one driver would drive it."""

    round: Round
    ground: Ground
    plan: planner.Plan

    @property
    def is_too_much(self) -> bool:
        """Tell whether one driver leaves something behind or comes too late somewhere."""
        return bool(self.plan.missed) or any(each.reason in TOO_MUCH for each in self.plan.unassigned)


def _alone(round_: Round, matrix: Matrix) -> _Alone:
    ways = of_kind(matrix, round_.vehicle.kind)
    ground = Ground(vehicle=round_.vehicle, ranking=round_.ranking, matrix=ways)
    plan = planner.plan(round_.stops, vehicle=round_.vehicle, ranking=round_.ranking, matrix=ways)
    return _Alone(round_, ground, plan)


def _need(alone: _Alone) -> tuple[bool, int, str]:
    """Sort rounds by how much they need a free driver: those nobody drives, then those that leave promises behind."""
    promised = sum(each.stop.must for each in alone.plan.unassigned) + len(alone.plan.missed)
    return (alone.round.has_driver, -promised, alone.round.key)


def _drives(alone: _Alone, *, spare: Sequence[str]) -> tuple[list[Drive], list[Unassigned]]:
    """Return who drives a round: its own driver, and free ones where it takes too long or has none."""
    round_ = alone.round
    drivers = [*([round_.vehicle.key] if round_.has_driver else []), *spare]
    if not drivers:
        return [], [Unassigned(stop=stop, reason=Reason.NO_DRIVER) for stop in round_.stops]
    if len(drivers) > 1 and alone.is_too_much:
        return _shared(alone, drivers=drivers)
    path = list(alone.plan.route.stops)
    return [_drive(alone, 0, drivers[0], path)], list(alone.plan.unassigned)


def _drive(alone: _Alone, part: int, driver: str, path: list[Stop]) -> Drive:
    ground = replace(alone.ground, vehicle=replace(alone.ground.vehicle, key=driver))
    return Drive(alone.round, part, part >= alone.round.has_driver, ground, path)


def _shared(alone: _Alone, *, drivers: Sequence[str]) -> tuple[list[Drive], list[Unassigned]]:
    """Share a round among several drivers."""
    nowhere = [each for each in alone.plan.unassigned if each.reason not in TOO_MUCH]
    lost = {each.stop.key for each in nowhere}
    stops = [stop for stop in alone.round.stops if stop.key not in lost]
    parts = split.split(stops, ground=alone.ground, drivers=len(drivers))
    served = {stop.key for part in parts for stop in part}
    shared = [_drive(alone, number, drivers[number], part) for number, part in enumerate(parts)]
    fullest = max(parts, key=lambda part: sum(stop.load for stop in part), default=[])
    over = [planner.left_out(stop, fullest, clock=alone.ground.clock) for stop in stops if stop.key not in served]
    return shared, [*nowhere, *over]
