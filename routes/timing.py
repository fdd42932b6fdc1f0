"""When a route reaches each stop, which time windows it misses, and how far it runs over the shift."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from routes.model import Route, Stop

NOTHING = timedelta()


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A stop with its times: arrival, begin of service after any waiting, departure; `late_by` for its window."""

    stop: Stop
    arrives_at: datetime
    begins_at: datetime
    leaves_at: datetime
    late_by: timedelta

    @property
    def waits(self) -> timedelta:
        """Time spent before the window opens."""
        return self.begins_at - self.arrives_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Timetable:
    """The times of a whole route; `over_hours` is what it runs beyond the end of the shift."""

    starts_at: datetime
    visits: tuple[Visit, ...]
    returns_at: datetime
    over_hours: timedelta

    @property
    def is_over(self) -> bool:
        """Tell whether the route ends after the shift."""
        return self.over_hours > NOTHING

    @property
    def missed(self) -> tuple[Visit, ...]:
        """The visits that begin after their time window has closed."""
        return tuple(visit for visit in self.visits if visit.late_by > NOTHING)


def timetable(route: Route, *, starts_at: datetime, shift_ends_at: datetime) -> Timetable:
    """Drive the route from `starts_at` and note the times; a stop reached before its window opens is waited for."""
    visits: list[Visit] = []
    now = starts_at
    for stop, leg in zip(route.stops, route.legs, strict=False):
        visit = _visit(stop, arrives_at=now + timedelta(seconds=leg.seconds))
        visits.append(visit)
        now = visit.leaves_at
    returns_at = now + timedelta(seconds=route.legs[-1].seconds if route.legs else 0)
    over = max(NOTHING, returns_at - shift_ends_at)
    return Timetable(starts_at=starts_at, visits=tuple(visits), returns_at=returns_at, over_hours=over)


def _visit(stop: Stop, *, arrives_at: datetime) -> Visit:
    begins_at, late_by = arrives_at, NOTHING
    if stop.window:
        begins_at = max(arrives_at, stop.window.opens)
        late_by = max(NOTHING, begins_at - stop.window.closes)
    leaves_at = begins_at + stop.service
    return Visit(stop=stop, arrives_at=arrives_at, begins_at=begins_at, leaves_at=leaves_at, late_by=late_by)
