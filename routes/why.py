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
    NO_DRIVER = "no_driver"
    """Nobody drives this round, and nobody is free."""
    TOO_FAR = "too_far"
    """Its window closes before anybody can be there, even straight from the depot."""
    OTHER_PROMISES = "other_promises"
    """Its window cannot be met without missing another promise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unassigned:
    """A stop on no route, and why."""

    stop: Stop
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """A stop that is served after its window has closed, by how much, and why."""

    stop: Stop
    late_by: timedelta
    reason: Reason
