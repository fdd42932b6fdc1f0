"""How well what was recorded at a door agrees with the plan: place, time and dwell. A grade of evidence, no judgement.

A says that what was recorded lies at the door even if every error counts against it, B that it lies near, C that it
lies elsewhere even if every error counts in favour. What lies between, and what was not recorded, is no grade: nobody
knows. A time or a dwell alone takes A to B and never further: clocks err, and people confirm several doors at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from routes.matrix import straight
from routes.model import Place


class Grade(Enum):
    """How well a record agrees with the plan; `NOT_ENOUGH` stands outside the scale, neither above nor below."""

    A = "A"
    B = "B"
    C = "C"
    NOT_ENOUGH = "not_enough"


class Basis(Enum):
    """What a grade rests on, or why there is none: each a fact, never a motive."""

    AT_THE_DOOR = "at_the_door"
    NEAR_THE_DOOR = "near_the_door"
    ELSEWHERE = "elsewhere"
    TOO_VAGUE = "too_vague"
    NO_PLACE = "no_place"
    NO_PLAN = "no_plan"
    STAYED = "stayed"
    SHORT_STAY = "short_stay"
    POSSIBLE_WAY = "possible_way"
    FAST_WAY = "fast_way"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Where one grade ends and the next begins: our own measure, from no law and not verified; generous on purpose.

    `door_m` leaves room for an apartment block, a lane closed to motorbikes and a guard at the gate who signs for all.
    `near_m` is a neighbour, a market stall, the hamlet's house. `slack_m` is what a phone errs beyond what it says.
    `fastest_kmh` is beyond any motorbike on these roads; `clock` is what two times may lie apart by error.
    """

    door_m: int = 250
    near_m: int = 1000
    slack_m: int = 50
    fastest_kmh: float = 90.0
    clock: timedelta = timedelta(minutes=2)
    stay: timedelta = timedelta(seconds=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What was recorded at a door. `at` is None where no clock is trusted, `place` where no phone said where it was.

    `stayed` is how long somebody was at the door as far as anybody can tell: for several things, all of them together.
    """

    place: Place | None = None
    at: datetime | None = None
    stayed: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Graded:
    """A grade with what was measured: metres to the planned point and their error, km/h from the record before.

    `kmh` is the least speed that would explain both records with all errors in favour; None where it is unknown.
    """

    grade: Grade
    bases: tuple[Basis, ...]
    metres: int | None = None
    error_m: int | None = None
    stayed: timedelta | None = None
    kmh: float | None = None


def graded(record: Record, *, planned: Place | None, before: Record | None, limits: Limits | None = None) -> Graded:
    """Grade a record by the planned point and the record before it on the same run, None where there was none."""
    by = limits or Limits()
    metres = _metres(record.place, planned)
    error = _error(record.place, planned)
    by_place, basis = _by_place(record.place, planned, metres=metres, error=error, limits=by)
    kmh = _least_speed(before, record, limits=by) if before else None
    doubts, others = _beside(record.stayed, kmh, limits=by)
    grade = Grade.B if by_place is Grade.A and doubts else by_place
    return Graded(grade=grade, bases=(basis, *others), metres=metres, error_m=error, stayed=record.stayed, kmh=kmh)


def _by_place(
    place: Place | None, planned: Place | None, *, metres: int | None, error: int | None, limits: Limits
) -> tuple[Grade, Basis]:
    """Return the grade of a place. Between near and elsewhere lies what nobody knows, so no error worsens a grade."""
    if place is None:
        return Grade.NOT_ENOUGH, Basis.NO_PLACE
    if planned is None or metres is None or error is None:
        return Grade.NOT_ENOUGH, Basis.NO_PLAN
    if metres + error <= limits.door_m:
        return Grade.A, Basis.AT_THE_DOOR
    if metres + error <= limits.near_m:
        return Grade.B, Basis.NEAR_THE_DOOR
    if metres - error - limits.slack_m > limits.near_m:
        return Grade.C, Basis.ELSEWHERE
    return Grade.NOT_ENOUGH, Basis.TOO_VAGUE


def _beside(stayed: timedelta | None, kmh: float | None, *, limits: Limits) -> tuple[bool, list[Basis]]:
    """Return whether dwell or speed leave room for doubt, and what both say; unknown says nothing."""
    said: list[Basis] = []
    if stayed is not None:
        said.append(Basis.STAYED if stayed >= limits.stay else Basis.SHORT_STAY)
    if kmh is not None:
        said.append(Basis.POSSIBLE_WAY if kmh <= limits.fastest_kmh else Basis.FAST_WAY)
    return Basis.SHORT_STAY in said or Basis.FAST_WAY in said, said


def _least_speed(before: Record, record: Record, *, limits: Limits) -> float | None:
    """Return the least speed in km/h between two records; None where a time or a place is unknown, or time ran back.

    A claimed time says nothing about the order of records, so one before the other's is an error of a clock.
    """
    if before.at is None or record.at is None or before.place is None or record.place is None:
        return None
    took = record.at - before.at
    if took < -limits.clock:
        return None
    errors = before.place.uncertainty_m + record.place.uncertainty_m + 2 * limits.slack_m
    apart = max(0.0, straight(before.place, record.place) - errors)
    return round(apart / (max(timedelta(), took) + limits.clock).total_seconds() * 3.6, 1)


def _metres(place: Place | None, planned: Place | None) -> int | None:
    return round(straight(place, planned)) if place and planned else None


def _error(place: Place | None, planned: Place | None) -> int | None:
    return place.uncertainty_m + planned.uncertainty_m if place and planned else None
