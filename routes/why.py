"""Why a stop is on no route, or is served outside its window: one of a few reasons, never a silent gap."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum

from routes.model import Stop


class Reason(Enum):
    """Why a stop could not be assigned."""

    NO_POINT = "no_point"
    """Nobody knows where it is."""
    OUTSIDE_TERRITORY = "outside_territory"
    """Its area is not one of the territory's."""
    OVER_SHIFT = "over_shift"
    """It comes too late in the order for the time there is, or gave way to what was promised."""
    OVER_LOAD = "over_load"
    """It is more than a vehicle carries, or than is left in it with the reloads there may be."""
    NO_DRIVER = "no_driver"
    """Nobody drives this round, and nobody is free."""
    TOO_FAR = "too_far"
    """Its window closes before anybody can be there, even straight from the depot."""
    OTHER_PROMISES = "other_promises"
    """Its window cannot be met without missing another promise."""


class Remedy(Enum):
    """What would have to change for a stop to be served."""

    LONGER_HOURS = "longer_hours"
    """The driver works longer by so many minutes."""
    ANOTHER_DRIVER = "another_driver"
    """Somebody more drives, for so many minutes if for this stop alone."""
    WIDER_WINDOW = "wider_window"
    """The window closes later by so many minutes."""
    MORE_ROOM = "more_room"
    """The vehicle carries more, or goes back once more."""
    INTO_ROUND = "into_round"
    """A round takes in its area: it has the time."""
    A_POINT = "a_point"
    """Somebody says where it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """The cheapest thing that would have to change, and what the stop costs then.

    `minutes` are those of the remedy, `longer` and `metres` what serving it adds to the route of `driver`.
    """

    remedy: Remedy
    driver: str = ""
    minutes: int = 0
    longer: int = 0
    metres: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Unassigned:
    """A stop on no route, why, and what would have to change, where somebody has worked that out."""

    stop: Stop
    reason: Reason
    price: Price | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """A stop that is served after its window has closed, by how much, and why."""

    stop: Stop
    late_by: timedelta
    reason: Reason
