"""A depot on a day, before and after it is laid out: rounds and who is free; who drives what, and what stays."""

from __future__ import annotations

from dataclasses import dataclass

from routes.model import Route, Stop, Vehicle
from routes.timing import Timetable
from routes.why import Missed, Unassigned


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
