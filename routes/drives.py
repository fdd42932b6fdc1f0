"""Drivers' days in the making: orders of stops that keep their hours, and room in them for what has none yet.

What is promised and has no place is put where it can be met and the fewest others give way; of those the least
important first, and never for something that is not more important than they are.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from routes import planner, promises
from routes.model import Importance, Stop
from routes.split import Ground
from routes.why import Reason, Unassigned
from routes.yard import Driven, LaidOut, Round


@dataclass(slots=True)
class Drive:
    """A driver's day in the making; `held` stops are his alone, in this order among themselves."""

    round: Round
    part: int
    by_spare: bool
    ground: Ground
    path: list[Stop]
    held: tuple[str, ...] = ()

    @property
    def driver(self) -> str:
        """Return who drives it."""
        return self.ground.vehicle.key

    def copy(self) -> Drive:
        """Return the same day, to be changed apart."""
        return replace(self, path=list(self.path))

    @property
    def bearing(self) -> float:
        """Return in which direction of the depot the stops lie, in radians; 0 where there are none."""
        here = self.ground.vehicle.start.place
        east = sum(stop.place.lon - here.lon for stop in self.path if stop.place)
        north = sum(stop.place.lat - here.lat for stop in self.path if stop.place)
        return math.atan2(north, east)

    def is_of(self, stop: Stop) -> bool:
        """Tell whether a stop belongs to the round that is driven."""
        return any(each.key == stop.key for each in self.round.stops)

    def fits(self, path: Sequence[Stop]) -> bool:
        """Tell whether an order keeps the hours, and makes nothing late that is not late now."""
        before, outcome = self.ground.clock.outcome(self.path), self.ground.clock.outcome(path)
        is_kept = outcome.missed <= before.missed and outcome.late <= before.late
        return is_kept and self.ground.clock.fits(outcome)

    def in_turn(self, path: Sequence[Stop]) -> list[Stop]:
        """Return an order with the held stops in theirs, at the same positions."""
        found = list(path)
        at = [number for number, stop in enumerate(found) if stop.key in self.held]
        in_turn = sorted((found[number] for number in at), key=lambda stop: self.held.index(stop.key))
        for number, stop in zip(at, in_turn, strict=True):
            found[number] = stop
        return found

    def fitting(self, path: Sequence[Stop]) -> list[Stop]:
        """Return an order without what does not fit into the hours; what is held gives way last."""
        return planner.fitting(path, clock=self.ground.clock, held=self.held)


def find_places(drives: list[Drive], left: list[Unassigned]) -> list[Unassigned]:
    """Put what is promised and has no place, or misses its window, where it can be met; return what stays behind."""
    _take_out_what_is_missed(drives, left)
    homeless = sorted((each for each in left if _is_homeless(each)), key=_urgency)
    staying = [each for each in left if not _is_homeless(each)]
    while homeless:
        each = homeless.pop(0)
        open_to = _open_to(each.stop, drives)
        gave_way = _put(each, open_to)
        if gave_way is None:
            staying += _put_late(each, open_to)
            continue
        out = [Unassigned(stop=stop, reason=Reason.OVER_SHIFT) for stop in gave_way]
        homeless = sorted([*homeless, *(gone for gone in out if _is_homeless(gone))], key=_urgency)
        staying += [gone for gone in out if not _is_homeless(gone)]
    return staying


def fill_gaps(drives: Sequence[Drive], left: Sequence[Unassigned]) -> list[Unassigned]:
    """Put stops where there is room and nobody gives way, the most important first; return those that have none."""
    return [each for each in sorted(left, key=_urgency) if not _put_in_a_gap(each.stop, drives)]


def _is_homeless(left: Unassigned) -> bool:
    return left.stop.must and left.stop.place is not None


def _open_to(stop: Stop, drives: Sequence[Drive]) -> list[Drive]:
    """Return who may serve a stop: whoever holds it, everybody where nobody does."""
    return [drive for drive in drives if stop.key in drive.held] or list(drives)


def _put_in_a_gap(stop: Stop, drives: Sequence[Drive]) -> bool:
    options = []
    for number, drive in enumerate(_open_to(stop, drives) if stop.place else ()):
        path = _with(stop, drive)
        if drive.fits(path):
            longer = drive.ground.clock.outcome(path).away - drive.ground.clock.outcome(drive.path).away
            options.append((not drive.is_of(stop), longer, number, drive, path))
    if not options:
        return False
    *_, drive, path = min(options, key=lambda option: option[:3])
    drive.path = path
    return True


def _with(stop: Stop, drive: Drive) -> list[Stop]:
    """Return the order of a drive with a stop at its best position."""
    _, at = promises.best_place(drive.path, stop, clock=drive.ground.clock)
    return drive.in_turn([*drive.path[:at], stop, *drive.path[at:]])


def _take_out_what_is_missed(drives: Iterable[Drive], left: list[Unassigned]) -> None:
    for drive in drives:
        for miss in promises.missed(drive.path, clock=drive.ground.clock):
            if miss.stop.key in drive.held:
                continue
            drive.path = [stop for stop in drive.path if stop.key != miss.stop.key]
            left.append(
                Unassigned(
                    stop=replace(miss.stop, importance=max(miss.stop.importance, Importance.PROMISED)),
                    reason=miss.reason,
                )
            )


def _put(each: Unassigned, drives: Sequence[Drive]) -> list[Stop] | None:
    """Put a stop where it is met and the least gives way; return that, None when it can be met nowhere.

    Many that matter less give way before one that matters more. Of equal places, one in its own round comes first,
    then the one that makes the way least longer.
    """
    options = []
    for number, drive in enumerate(drives):
        before = drive.ground.clock.outcome(drive.path).away
        for path, gone in _room_for(each.stop, drive):
            longer = drive.ground.clock.outcome(path).away - before
            options.append((_weight(gone), not drive.is_of(each.stop), longer, number, path, gone))
    if not options:
        return None
    *_, number, path, gone = min(options, key=lambda option: option[:4])
    drives[number].path = path
    return gone


def _weight(gone: Sequence[Stop]) -> tuple[int, ...]:
    """Return how many give way, those that matter most first."""
    return tuple(sum(stop.importance is each for stop in gone) for each in sorted(Importance, reverse=True))


def _room_for(stop: Stop, drive: Drive) -> Iterable[tuple[list[Stop], list[Stop]]]:
    """Yield the order of a drive with the stop in it, and what gave way for it, if there is room."""
    path, gone = list(drive.path), list[Stop]()
    while True:
        with_it = _inserted(path, stop, drive)
        if drive.fits(with_it):
            yield with_it, gone
            return
        at = planner.least_important(path, held=drive.held) if path else 0
        if not path or path[at].importance >= stop.importance or path[at].key in drive.held:
            return
        gone.append(path.pop(at))


def _inserted(path: Sequence[Stop], stop: Stop, drive: Drive) -> list[Stop]:
    _, at = promises.best_place(path, stop, clock=drive.ground.clock)
    found = drive.in_turn([*path[:at], stop, *path[at:]])
    return found if drive.fits(found) else drive.in_turn(promises.kept(found, clock=drive.ground.clock))


def _put_late(left: Unassigned, drives: Sequence[Drive]) -> list[Unassigned]:
    """Serve a stop too late rather than not at all, where it fits into the hours and makes no other late."""
    options = []
    for number, drive in enumerate(drives):
        clock, path = drive.ground.clock, _with(left.stop, drive)
        before, outcome = clock.outcome(drive.path), clock.outcome(path)
        if outcome.missed <= before.missed + 1 and clock.fits(outcome):
            options.append((outcome, number, path))
    if not options:
        return [left]
    _, number, path = min(options, key=lambda option: option[:2])
    drives[number].path = path
    return []


def _urgency(left: Unassigned) -> tuple[int, bool, str, str]:
    window = left.stop.window
    return (-left.stop.importance, window is None, window.closes.isoformat() if window else "", left.stop.key)


def laid_out(drives: Sequence[Drive], left: Sequence[Unassigned]) -> LaidOut:
    """Return the day of a depot: routes by round, those without stops left out, and what stays behind."""
    done = sorted((driven(each) for each in drives if each.path), key=lambda each: (each.round, each.part))
    return LaidOut(driven=tuple(done), unassigned=tuple(sorted(left, key=lambda each: each.stop.key)))


def driven(drive: Drive) -> Driven:
    """Return a driver's day as it will be driven."""
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
