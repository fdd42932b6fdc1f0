"""When a route reaches each stop, which time windows it misses, and how far it runs over the shift."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from routes.matrix import Matrix
from routes.model import Depot, Place, Route, Shift, Stop

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


@dataclass(frozen=True, slots=True, order=True)
class Outcome:
    """What an order of stops comes to, what matters most first: windows missed, seconds late, seconds away, of work.

    `away` is from leaving the depot until being back; `work` leaves out the waiting.
    """

    missed: int
    late: int
    away: int
    work: int


class Clock:
    """Tells what an order of stops comes to, and whether that fits into a shift; without one windows do not count."""

    def __init__(self, *, depot: Depot, matrix: Matrix, shift: Shift | None = None) -> None:
        self._depot = depot.place
        self._leg = matrix.leg
        self._shift = shift
        self._windows: dict[str, tuple[int, int]] = {}

    def outcome(self, stops: Iterable[Stop]) -> Outcome:
        """Drive the stops in their order; those without a place cost their service alone."""
        here, now, waited, missed, late = self._depot, 0, 0, 0, 0
        for stop in stops:
            here, now = self._reach(stop, here, now)
            if stop.window is not None and self._shift is not None:
                opens, closes = self._window(stop, self._shift)
                waited, now = waited + max(0, opens - now), max(now, opens)
                missed, late = missed + (now > closes), late + max(0, now - closes)
            now += round(stop.service.total_seconds())
        away = now + self._leg(here, self._depot).seconds
        return Outcome(missed, late, away, away - waited)

    def fits(self, outcome: Outcome) -> bool:
        """Tell whether it ends within the shift and asks for no more work than there may be."""
        if self._shift is None:
            return True
        hours = (self._shift.ends_at - self._shift.starts_at).total_seconds()
        return outcome.away <= hours and outcome.work <= self._shift.longest.total_seconds()

    def is_too_far(self, stop: Stop) -> bool:
        """Tell whether its window has closed before anybody can be there, even straight from the depot."""
        if stop.window is None or self._shift is None:
            return False
        _, now = self._reach(stop, self._depot, 0)
        return now > self._window(stop, self._shift)[1]

    def _reach(self, stop: Stop, here: Place, now: int) -> tuple[Place, int]:
        if stop.place is None:
            return here, now
        return stop.place, now + self._leg(here, stop.place).seconds

    def _window(self, stop: Stop, shift: Shift) -> tuple[int, int]:
        """Return a stop's window in seconds after the start."""
        if stop.key not in self._windows:
            assert stop.window is not None
            opens, closes = stop.window.opens - shift.starts_at, stop.window.closes - shift.starts_at
            self._windows[stop.key] = (round(opens.total_seconds()), round(closes.total_seconds()))
        return self._windows[stop.key]


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
