"""When a route reaches each stop, which time windows it misses, when it pauses, and how far it runs over the shift.

A driver goes back to his depot when what comes next is more than he has left to carry. He takes a break between two
stops as soon as it may begin, or earlier where it could not begin in time any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum

from routes.matrix import Matrix
from routes.model import Break, Leg, Place, Route, Stop, Vehicle

NOTHING = timedelta()
ALWAYS = (-(2**40), 2**40)


class PauseKind(Enum):
    """What a driver does between two stops besides driving and waiting."""

    BREAK = "break"
    RELOAD = "reload"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """A break or a reload, after so many stops."""

    kind: PauseKind
    after: int
    begins_at: datetime
    ends_at: datetime


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
    pauses: tuple[Pause, ...] = ()

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
    """What an order of stops comes to, what matters most first: rules broken, windows missed, seconds late, away, work.

    `broken` counts breaks that begin too late and reloads that are too many. `away` is from leaving the depot until
    being back; `work` leaves out waiting and breaks.
    """

    broken: int
    missed: int
    late: int
    away: int
    work: int


@dataclass(slots=True)
class _Day:
    """A driver on his way: where he is, seconds since the start of his shift, what he has given out since loading."""

    here: Place
    now: int = 0
    idle: int = 0
    given: int = 0
    reloads: int = 0
    broken: int = 0
    breaks: list[Break] = field(default_factory=list)
    pauses: list[tuple[PauseKind, int, int]] = field(default_factory=list)


@dataclass(slots=True)
class _Call:
    """A stop on the way, in seconds since the start of the shift."""

    stop: Stop
    leg: Leg
    arrives: int
    begins: int
    leaves: int
    late: int
    pauses: int


class Clock:
    """Tells what an order of stops comes to for a driver, and whether that fits into his shift."""

    def __init__(self, vehicle: Vehicle, *, matrix: Matrix) -> None:
        self.vehicle = vehicle
        self._leg = matrix.leg
        self._start = vehicle.start.place
        self._capacity = vehicle.capacity
        self._hours = round((vehicle.shift.ends_at - vehicle.shift.starts_at).total_seconds())
        self._longest = round(vehicle.shift.longest.total_seconds())
        self._windows: dict[str, tuple[int, int]] = {}

    def outcome(self, stops: Iterable[Stop]) -> Outcome:
        """Drive the stops in their order; those without a place cost their service alone."""
        day, missed, late = self._begin(), 0, 0
        for call in self._calls(stops, day):
            if call.late:
                missed, late = missed + 1, late + call.late
        away = day.now + self._home(day).seconds
        return Outcome(day.broken, missed, late, away, away - day.idle)

    def fits(self, outcome: Outcome) -> bool:
        """Tell whether it keeps breaks and loads, ends within the shift and asks for no more work than there may be."""
        return not outcome.broken and outcome.away <= self._hours and outcome.work <= self._longest

    def over(self, outcome: Outcome) -> int:
        """Return by how many seconds it is longer than the shift or the work there may be."""
        return max(0, outcome.away - self._hours, outcome.work - self._longest)

    def is_too_heavy(self, stop: Stop) -> bool:
        """Tell whether it is more than the vehicle carries at a time."""
        return self._capacity is not None and stop.load > self._capacity

    def is_too_far(self, stop: Stop) -> bool:
        """Tell whether its window has closed before anybody can be there, even straight from the depot."""
        if stop.window is None:
            return False
        (call,) = self._calls([stop], self._begin())
        return call.late > 0

    def route(self, stops: Iterable[Stop]) -> Route:
        """Return the way through stops in their order, with the ways back to the depot in between."""
        day = self._begin()
        calls = list(self._calls((stop for stop in stops if stop.place), day))
        legs = (*(call.leg for call in calls), self._home(day)) if calls else ()
        vehicle = self.vehicle
        return Route(depot=vehicle.start, end=vehicle.end, stops=tuple(call.stop for call in calls), legs=legs)

    def timetable(self, stops: Iterable[Stop]) -> Timetable:
        """Drive the stops from the start of the shift and note the times."""
        day = self._begin()
        calls = list(self._calls(stops, day))
        returns_at = self._at(day.now + self._home(day).seconds if calls else 0)
        after = [sum(call.pauses <= number for call in calls) for number in range(len(day.pauses))]
        return Timetable(
            starts_at=self.vehicle.shift.starts_at,
            visits=tuple(self._visit(call) for call in calls),
            returns_at=returns_at,
            over_hours=max(NOTHING, returns_at - self.vehicle.shift.ends_at),
            pauses=tuple(
                Pause(kind=kind, after=after[number], begins_at=self._at(begins), ends_at=self._at(ends))
                for number, (kind, begins, ends) in enumerate(day.pauses)
            ),
        )

    def _begin(self) -> _Day:
        return _Day(self._start, breaks=sorted(self.vehicle.breaks, key=lambda each: each.opens))

    def _calls(self, stops: Iterable[Stop], day: _Day) -> Iterator[_Call]:
        """Drive from stop to stop; `pauses` of a call counts those before it."""
        for stop in stops:
            metres, seconds = self._reload(stop, day) if self._capacity is not None and stop.load else (0, 0)
            leg = self._leg(day.here, stop.place) if stop.place else Leg(0, 0)
            service = round(stop.service.total_seconds())
            opens, closes = self._window(stop) if stop.window is not None else ALWAYS
            if day.breaks:
                self._pause(day, way=leg.seconds, opens=opens, service=service)
            arrives = day.now + leg.seconds
            begins, late = max(arrives, opens), max(0, arrives - closes)
            day.idle, day.now, day.here = day.idle + begins - arrives, begins + service, stop.place or day.here
            way = Leg(leg.metres + metres, leg.seconds + seconds)
            yield _Call(stop, way, arrives, begins, day.now, late, len(day.pauses))

    def _home(self, day: _Day) -> Leg:
        return self._leg(day.here, self.vehicle.end.place) if self.vehicle.end else Leg(0, 0)

    def _reload(self, stop: Stop, day: _Day) -> tuple[int, int]:
        """Go back for more where the next stop needs more than is left; return metres and seconds of that way."""
        day.given += stop.load
        if self._capacity is None or day.given <= self._capacity:
            return 0, 0
        back = self._leg(day.here, self._start)
        begins = day.now + back.seconds
        day.now = begins + round(self.vehicle.reloading.total_seconds())
        day.here, day.given, day.reloads = self._start, stop.load, day.reloads + 1
        day.broken += (day.reloads > self.vehicle.reloads) + (stop.load > self._capacity)
        day.pauses.append((PauseKind.RELOAD, begins, day.now))
        return back.metres, back.seconds

    def _pause(self, day: _Day, *, way: int, opens: int, service: int) -> None:
        """Take the breaks that may begin now, and those that could not begin in time after the next stop.

        The next stop is so many seconds of `way` off, and not served before it `opens`.
        """
        while day.breaks:
            earliest, latest = (self._seconds(at) for at in (day.breaks[0].opens, day.breaks[0].closes))
            if day.now < earliest and max(day.now + way, opens) + service <= latest:
                return
            begins = max(day.now, earliest)
            ends = begins + round(day.breaks.pop(0).duration.total_seconds())
            day.broken += begins > latest
            day.idle, day.now = day.idle + ends - day.now, ends
            day.pauses.append((PauseKind.BREAK, begins, ends))

    def _visit(self, call: _Call) -> Visit:
        return Visit(
            stop=call.stop,
            arrives_at=self._at(call.arrives),
            begins_at=self._at(call.begins),
            leaves_at=self._at(call.leaves),
            late_by=timedelta(seconds=call.late),
        )

    def _window(self, stop: Stop) -> tuple[int, int]:
        """Return a stop's window in seconds after the start."""
        if stop.key not in self._windows:
            assert stop.window is not None
            self._windows[stop.key] = (self._seconds(stop.window.opens), self._seconds(stop.window.closes))
        return self._windows[stop.key]

    def _seconds(self, at: datetime) -> int:
        return round((at - self.vehicle.shift.starts_at).total_seconds())

    def _at(self, seconds: int) -> datetime:
        return self.vehicle.shift.starts_at + timedelta(seconds=seconds)
