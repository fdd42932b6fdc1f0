"""What a delivery route is made of, named as in vehicle routing. Metres and seconds, whole numbers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, IntEnum

USUAL_SERVICE = timedelta(minutes=4)
USUAL_RELOADING = timedelta(minutes=10)


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


class VehicleKind(Enum):
    """What somebody drives; a matrix may know other ways for each."""

    MOTORBIKE = "motorbike"
    VAN = "van"
    ON_FOOT = "on_foot"


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """A pause of the driver that begins between `opens` and `closes`; it is no work."""

    opens: datetime
    closes: datetime
    duration: timedelta

    def __post_init__(self) -> None:
        if self.opens > self.closes or self.duration <= timedelta():
            raise ValueError("a break has a length, and cannot begin after its last moment")


@dataclass(frozen=True, slots=True, kw_only=True)
class Vehicle:
    """Somebody with something to drive: his hours, where he begins and ends, what he can carry at a time.

    `capacity` counts as `Stop.load` does, None when nothing fills it. He may go back to `start` for more `reloads`
    times. A route without an `end` is over at its last stop.
    """

    key: str
    shift: Shift
    start: Depot
    end: Depot | None
    kind: VehicleKind = VehicleKind.MOTORBIKE
    capacity: int | None = None
    breaks: tuple[Break, ...] = ()
    reloads: int = 0
    reloading: timedelta = USUAL_RELOADING

    def __post_init__(self) -> None:
        if self.capacity is not None and self.capacity < 1:
            raise ValueError(f"vehicle {self.key} can carry nothing")
        if self.reloads < 0:
            raise ValueError(f"vehicle {self.key} cannot reload less than never")


class Importance(IntEnum):
    """What leaving a stop out would break: the higher gives way to nothing below it."""

    USUAL = 0
    PROMISED = 1
    """Hours or a day promised to somebody."""
    REPEAT = 2
    """A visit agreed after a failed one: leaving it out makes somebody wait for nothing once more."""
    LEGAL = 3
    """The last lawful day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """A place to serve; `area` is the part of a territory it lies in, None when nobody knows.

    `load` is what is carried there, in pieces. Where time is short, the less important gives way.
    """

    key: str
    place: Place | None
    area: str | None = None
    label: str = ""
    service: timedelta = USUAL_SERVICE
    window: TimeWindow | None = None
    importance: Importance = Importance.USUAL
    load: int = 0

    def __post_init__(self) -> None:
        if self.load < 0 or self.service < timedelta():
            raise ValueError(f"stop {self.key}: load and service are not negative")

    @property
    def must(self) -> bool:
        """Tell whether the law or a promise ties it to this day."""
        return self.importance > Importance.USUAL


@dataclass(frozen=True, slots=True)
class Leg:
    """The way from one place to the next."""

    metres: int
    seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Stops in the order they are served; one leg to each of them and one to the `end`.

    The last leg has no length where there is no end; a route without stops has no legs. A leg holds the way back for
    more where that is needed.
    """

    depot: Depot
    end: Depot | None
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
