"""Why a stop is on no route: one of a few reasons, never a silent gap."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from routes.model import Stop


class Reason(Enum):
    """Why a stop could not be assigned."""

    NO_POINT = "no_point"
    """Nobody knows where it is."""
    OUTSIDE_TERRITORY = "outside_territory"
    """Its area is not one of the territory's."""
    OVER_SHIFT = "over_shift"
    """It comes too late in the order for the time there is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unassigned:
    """A stop on no route, and why."""

    stop: Stop
    reason: Reason
