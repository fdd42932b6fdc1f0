"""What driven runs teach the next plan: how much longer than the straight line, how fast, how long at a door.

All that is known of a run is where and when something was recorded at its doors, and perhaps what the odometer said.
Between two doors one after the other lies a hop; what it took is the way and the time at the second door. How fast the
straight line is covered and how long a door takes are fitted to all hops together, by least absolute deviations: a
clock that is off or a long lunch moves them little. The detour can be learned only where an odometer was read.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from routes.matrix import USUAL_DETOUR
from routes.model import USUAL_SERVICE, VehicleKind

MINUTE = timedelta(minutes=1)

USUAL_EACH_FURTHER = timedelta(minutes=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What a plan reckons with: the road over the straight line, km/h on the road, the time at a door.

    `at_the_door` is for the first thing of a door, `each_further` for every other one.
    """

    detour: float
    speed_kmh: float
    at_the_door: timedelta
    each_further: timedelta

    def service(self, things: int) -> timedelta:
        """Return how long a door with so many things takes."""
        return self.at_the_door + self.each_further * max(0, things - 1)


USUAL: dict[VehicleKind, Figures] = {
    kind: Figures(detour=USUAL_DETOUR, speed_kmh=speed_kmh, at_the_door=USUAL_SERVICE, each_further=USUAL_EACH_FURTHER)
    for kind, speed_kmh in ((VehicleKind.MOTORBIKE, 20.0), (VehicleKind.VAN, 22.0), (VehicleKind.ON_FOOT, 4.5))
}
"""What is reckoned with until runs have taught better: guesses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """No figure leaves these, whatever was recorded: least and most."""

    detour: tuple[float, float] = (1.0, 2.5)
    speed_kmh: tuple[float, float] = (5.0, 60.0)
    at_the_door: tuple[timedelta, timedelta] = (MINUTE, 20 * MINUTE)
    each_further: tuple[timedelta, timedelta] = (timedelta(0), 10 * MINUTE)


BOUNDS: dict[VehicleKind, Bounds] = {
    VehicleKind.MOTORBIKE: Bounds(),
    VehicleKind.VAN: Bounds(),
    VehicleKind.ON_FOOT: Bounds(speed_kmh=(2.0, 9.0)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Which hops count, and how many it takes until they outweigh the usual figures.

    A hop longer than `longest` was a lunch or worse; one faster than `fastest_kmh` over the straight line is an error
    of a clock or a place, or several doors confirmed at once. The usual figures count as much as `hops_of_usual` hops,
    or `runs_of_usual` runs with an odometer. A detour outside `likely_detour` is a misread odometer.
    """

    longest: timedelta = timedelta(minutes=45)
    fastest_kmh: float = 80.0
    hops_of_usual: int = 40
    runs_of_usual: int = 5
    likely_detour: tuple[float, float] = (0.9, 4.0)
    shortest_way_m: int = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """From the last record at a door to the last record at the next: the straight line, the time, the things there."""

    metres: float
    seconds: float
    things: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Driven:
    """A run that is over. `straight_m` is the whole way in straight lines, None when too few places were recorded.

    `odometer_m` is what the driver read, None when he did not.
    """

    hops: tuple[Hop, ...]
    straight_m: float | None = None
    odometer_m: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """What runs taught: the figures, and from how many runs, hops (of them with several things) and odometers.

    `left_out` are the hops that could not be true.
    """

    figures: Figures
    runs: int
    hops: int
    hops_of_several: int
    odometers: int
    left_out: int


def learn(
    driven: Sequence[Driven], *, usual: Figures, bounds: Bounds | None = None, rules: Rules | None = None
) -> Lesson:
    """Return what runs teach, kept near the `usual` figures while there are few, and inside the bounds always."""
    within, by = bounds or Bounds(), rules or Rules()
    told = [hop for run in driven for hop in run.hops]
    hops = [hop for hop in told if _can_be_true(hop, by)]
    ratios = [ratio for run in driven if (ratio := _detour_of(run, by)) is not None]
    detour = _clamped(_shrunk(ratios, usual.detour, by.runs_of_usual), within.detour)
    return Lesson(
        figures=_figures(hops, detour, usual=usual, bounds=within, rules=by),
        runs=sum(any(_can_be_true(hop, by) for hop in run.hops) for run in driven),
        hops=len(hops),
        hops_of_several=sum(hop.things > 1 for hop in hops),
        odometers=len(ratios),
        left_out=len(told) - len(hops),
    )


def _can_be_true(hop: Hop, rules: Rules) -> bool:
    """Tell whether a hop may be what happened; false for what is no number, too."""
    if not (hop.metres >= 0 and 0 < hop.seconds <= rules.longest.total_seconds() and hop.things >= 1):
        return False
    return hop.metres / hop.seconds * 3.6 <= rules.fastest_kmh


def _detour_of(run: Driven, rules: Rules) -> float | None:
    """Return how much longer a run was than its straight lines, None where nobody can tell."""
    if run.odometer_m is None or run.straight_m is None or not run.straight_m >= rules.shortest_way_m:
        return None
    least, most = rules.likely_detour
    ratio = run.odometer_m / run.straight_m
    return ratio if least <= ratio <= most else None


def _figures(hops: Sequence[Hop], detour: float, *, usual: Figures, bounds: Bounds, rules: Rules) -> Figures:
    """Return the figures of hops; what they teach weighs as much as they are many."""
    guess = _as_minutes(usual)
    fitted = _fitted(hops, guess)
    pace, door, _ = _mixed(fitted, guess, share=_share(len(hops), rules))
    _, _, further = _mixed(fitted, guess, share=_share(sum(hop.things > 1 for hop in hops), rules))
    return Figures(
        detour=detour,
        speed_kmh=_clamped(60 * detour / pace if pace > 0 else bounds.speed_kmh[1], bounds.speed_kmh),
        at_the_door=_clamped_time(door, bounds.at_the_door),
        each_further=_clamped_time(further, bounds.each_further),
    )


def _share(count: int, rules: Rules) -> float:
    return count / (count + rules.hops_of_usual)


# --- fitting ----------------------------------------------------------------------------------------------------------

Three = tuple[float, float, float]
"""Minutes for a kilometre of straight line, for a door, and for each further thing."""

_ROUNDS = 25
_STILL = 1e-4
"""It is found when a round moves nothing by more than this many minutes."""

_SURE_MIN = 0.25
"""Deviations below this many minutes count alike."""

_WEIGHT_OF_GUESS = 0.5
"""So much weight holds a direction to the guess in which hops tell nothing, such as doors all equally far apart."""


def _as_minutes(figures: Figures) -> Three:
    pace = 60 * figures.detour / figures.speed_kmh
    return pace, figures.at_the_door / MINUTE, figures.each_further / MINUTE


def _fitted(hops: Sequence[Hop], guess: Three) -> Three:
    """Return what makes the sum of absolute deviations least, by least squares weighted again and again."""
    rows = [((hop.metres / 1000, 1.0, hop.things - 1.0), hop.seconds / 60) for hop in hops]
    found = guess
    for _ in range(_ROUNDS if rows else 0):
        weights = [1 / max(_SURE_MIN, abs(minutes - _dot(row, found))) for row, minutes in rows]
        before, found = found, _least_squares(rows, weights, guess)
        if max(abs(a - b) for a, b in zip(before, found, strict=True)) < _STILL:
            break
    return found


def _least_squares(rows: Sequence[tuple[Three, float]], weights: Sequence[float], guess: Three) -> Three:
    left = [[_WEIGHT_OF_GUESS * (i == j) for j in range(3)] for i in range(3)]
    right = [_WEIGHT_OF_GUESS * value for value in guess]
    for (row, minutes), weight in zip(rows, weights, strict=True):
        for i in range(3):
            right[i] += weight * row[i] * minutes
            for j in range(3):
                left[i][j] += weight * row[i] * row[j]
    return _solved(left, right)


def _solved(left: list[list[float]], right: list[float]) -> Three:
    """Solve three equations by elimination; `left` is positive definite, so no pivot is zero."""
    for i in range(3):
        for j in range(i + 1, 3):
            factor = left[j][i] / left[i][i]
            left[j] = [a - factor * b for a, b in zip(left[j], left[i], strict=True)]
            right[j] -= factor * right[i]
    third = right[2] / left[2][2]
    second = (right[1] - left[1][2] * third) / left[1][1]
    return (right[0] - left[0][1] * second - left[0][2] * third) / left[0][0], second, third


def _dot(row: Three, figures: Three) -> float:
    return sum(a * b for a, b in zip(row, figures, strict=True))


def _mixed(fitted: Three, guess: Three, *, share: float) -> Three:
    pace, door, further = (share * a + (1 - share) * b for a, b in zip(fitted, guess, strict=True))
    return pace, door, further


def _shrunk(values: Sequence[float], usual: float, weight: int) -> float:
    """Return the middle of values, drawn to the usual one as if that had been seen `weight` times."""
    if not values:
        return usual
    return (len(values) * statistics.median(values) + weight * usual) / (len(values) + weight)


def _clamped(value: float, bounds: tuple[float, float]) -> float:
    return min(max(value, bounds[0]), bounds[1])


def _clamped_time(minutes: float, bounds: tuple[timedelta, timedelta]) -> timedelta:
    """Return minutes as a time in whole seconds, inside the bounds."""
    return min(max(timedelta(seconds=round(minutes * 60)), bounds[0]), bounds[1])
