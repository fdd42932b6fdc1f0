"""What a delivery route is made of, named as in vehicle routing. Metres and seconds, whole numbers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

USUAL_SERVICE = timedelta(minutes=4)


@dataclass(frozen=True, slots=True)
class Place:
    """A point on the earth in degrees (WGS 84), and how far off it may be, in metres."""

    lat: float
    lon: float
    uncertainty_m: int = 0

    def __post_init__(self) -> None:
        if not (-90 <= self.lat <= 90 and -180 <= self.lon <= 180):
            raise ValueError("latitude or longitude out of range")
        if self.uncertainty_m < 0:
            raise ValueError("uncertainty is not negative")


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeWindow:
    """When a stop may be served: service begins not before `opens` and not after `closes`."""

    opens: datetime
    closes: datetime

    def __post_init__(self) -> None:
        if self.opens > self.closes:
            raise ValueError("a time window cannot close before it opens")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """From when to when somebody drives, and how long he may work in it: on the way and at the stops, not waiting."""

    starts_at: datetime
    ends_at: datetime
    longest: timedelta

    def __post_init__(self) -> None:
        if self.ends_at <= self.starts_at or self.longest <= timedelta():
            raise ValueError("a shift ends after it has begun, and there is work in it")


@dataclass(frozen=True, slots=True, kw_only=True)
class Depot:
    """Where a route begins and ends."""

    key: str
    place: Place
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """A place to serve; `area` is the part of a territory it lies in, None when nobody knows.

    A stop with `must` is promised for this day: where time is short, others give way to it.
    """

    key: str
    place: Place | None
    area: str | None = None
    label: str = ""
    service: timedelta = USUAL_SERVICE
    window: TimeWindow | None = None
    must: bool = False


@dataclass(frozen=True, slots=True)
class Leg:
    """The way from one place to the next."""

    metres: int
    seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Stops in the order they are served; one leg to each of them and one back to the depot.

    A route without stops has no legs.
    """

    depot: Depot
    stops: tuple[Stop, ...]
    legs: tuple[Leg, ...]

    def __post_init__(self) -> None:
        if len(self.legs) != (len(self.stops) + 1 if self.stops else 0):
            raise ValueError("a route has one leg more than stops, none without stops")

    @property
    def metres(self) -> int:
        """Length of the whole way, back to the depot."""
        return sum(leg.metres for leg in self.legs)

    @property
    def driving(self) -> timedelta:
        """Time on the way, without service."""
        return timedelta(seconds=sum(leg.seconds for leg in self.legs))

    @property
    def service(self) -> timedelta:
        """Time at the stops."""
        return sum((stop.service for stop in self.stops), timedelta())

    @property
    def duration(self) -> timedelta:
        """Time on the way and at the stops; waiting for a time window comes on top, see `timing`."""
        return self.driving + self.service
