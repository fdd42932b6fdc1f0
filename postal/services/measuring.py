"""What was recorded on a run, measured: its way in straight lines, and how well each door agrees with the plan."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby, pairwise

from postal.domain.events import PlannedStop
from postal.domain.places import Place
from postal.domain.proofs import Spot
from postal.domain.run import DeliveryRun
from postal.store import driven
from postal.store.driven import Mark
from routes import grades, matrix
from routes.grades import Graded, Record
from routes.model import Place as Point


@dataclass(frozen=True, kw_only=True, slots=True)
class Way:
    """The recorded way of a run: its stops in that order, and the straight lines between them with the office.

    `metres` is None where fewer than two places are known.
    """

    stops: tuple[int, ...]
    metres: int | None


def way_of(marks: Sequence[Mark], *, office: Place) -> Way:
    """Return the way through every recorded place in the order of its time, from the office and back if it is known."""
    placed = [mark for mark in sorted(marks, key=lambda mark: (mark.at, mark.turn)) if mark.spot]
    spots = [mark.spot for mark in placed if mark.spot]
    if office.lat is not None and office.lon is not None and spots:
        depot = Spot(lat=office.lat, lon=office.lon, accuracy_m=0)
        spots = [depot, *spots, depot]
    metres = round(sum(straight(first, second) for first, second in pairwise(spots)))
    return Way(stops=tuple(dict.fromkeys(mark.stop for mark in placed)), metres=metres if len(spots) > 1 else None)


def by_door(marks: Sequence[Mark]) -> list[list[Mark]]:
    """Return records with those of one door together as long as no other door comes between."""
    return [list(group) for _, group in groupby(marks, key=lambda mark: mark.stop)]


def straight(first: Spot, second: Spot) -> float:
    """Return how many metres lie between two places."""
    return matrix.straight(_point(first), _point(second))


def grades_of(run: DeliveryRun, marks: Sequence[Mark]) -> dict[tuple[str, int], Graded]:
    """Return how well each record of a run agrees with the plan, by thing and version.

    The record before is the one told before it at another door, whatever a clock said.
    """
    stops = {stop.number: stop for stop in run.stops}
    found: dict[tuple[str, int], Graded] = {}
    before: Record | None = None
    for door in by_door(sorted(marks, key=lambda mark: mark.turn)):
        stayed = _stayed(door)
        for mark in door:
            record = _record(mark, stayed=stayed)
            planned = _planned(mark, stops[mark.stop])
            found[mark.thing, mark.version] = grades.graded(record, planned=planned, before=before)
        before = _record(door[-1], stayed=stayed)
    return found


def _record(mark: Mark, *, stayed: timedelta | None) -> Record:
    """Return a record as grades take it; the time of a phone without network is no time to reckon a speed with."""
    place = _point(mark.spot) if mark.spot else None
    return Record(place=place, at=mark.at if mark.has_time and not mark.was_offline else None, stayed=stayed)


def _planned(mark: Mark, stop: PlannedStop) -> Point | None:
    spot = driven.planned_spot(mark, stop)
    return _point(spot) if spot else None


def _stayed(door: Sequence[Mark]) -> timedelta | None:
    """Return how long somebody was at a door: what the phone counted, or from the first record there to the last."""
    told = [timedelta(seconds=mark.spot.stayed_s) for mark in door if mark.spot and mark.spot.stayed_s is not None]
    timed = [mark.at for mark in door if mark.has_time and not mark.was_offline]
    if not told:
        return None
    return max([*told, max(timed) - min(timed)]) if timed else max(told)


def _point(spot: Spot) -> Point:
    return Point(spot.lat, spot.lon, uncertainty_m=spot.accuracy_m)
