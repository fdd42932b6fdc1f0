"""The times of proposed runs that somebody changed by hand: the order is given, arrivals, way and hours follow."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from postal.domain import calendars
from postal.domain.events import PlannedStop
from postal.domain.proposal import Draft, Late, Proposal
from postal.services import laying_out
from postal.store import Reader, pinpointing
from routes import promises
from routes.matrix import Matrix
from routes.model import Depot, Shift, Stop, TimeWindow, Vehicle
from routes.model import Place as Point
from routes.timing import Clock


@dataclass(frozen=True, kw_only=True, slots=True)
class Grounds:
    """What times rest on: where stops are, by name, where each office's runs begin, and until when they may go on."""

    points: Mapping[str, Point]
    depots: Mapping[str, Depot]
    ends: Mapping[str, datetime]


def grounds(reader: Reader, found: Proposal, drafts: Collection[Draft]) -> Grounds:
    """Return what the times of some runs of a proposal rest on, doors at the points that deliveries taught."""
    stops = [stop for draft in drafts for stop in draft.stops]
    located = pinpointing.of_stops(reader, stops)
    offices = reader.reference.places({draft.office for draft in drafts})
    communes = reader.reference.units({stop.commune for stop in stops}, on=found.day)
    territories = {code: reader.reference.territory(code) for code in {draft.territory for draft in drafts}}
    return Grounds(
        points={stop.name: point for stop in located if (point := _point(stop)) is not None},
        depots={code: laying_out.depot_at(place, communes) for code, place in offices.items()},
        ends={
            code: datetime.combine(found.day, territory.working_time.closes, calendars.VIETNAM)
            for code, territory in territories.items()
        },
    )


def retimed(draft: Draft, known: Grounds, *, matrix: Matrix) -> Draft:
    """Return a run with its times, way, hours and late stops as its order makes them."""
    clock = _clock(draft, known, matrix=matrix)
    stops = _stops(draft, known)
    table, route = clock.timetable(stops), clock.route(stops)
    arrives = {visit.stop.key: visit.arrives_at for visit in table.visits}
    number = {stop.name: stop.number for stop in draft.stops}
    return replace(
        draft,
        stops=tuple(replace(stop, arrives_at=arrives.get(stop.name)) for stop in draft.stops),
        metres=route.metres,
        seconds=round((table.returns_at - table.starts_at).total_seconds()),
        late=tuple(
            Late(
                number=number[miss.stop.key],
                minutes=-(-miss.late_by // timedelta(minutes=1)),
                why=laying_out.WHY[miss.reason],
            )
            for miss in promises.missed(stops, clock=clock)
        ),
    )


def fitted_in(draft: Draft, names: Collection[str], known: Grounds, *, matrix: Matrix) -> Draft:
    """Return a run with some of its stops where they cost least, everything else in its order."""
    clock, all_stops = _clock(draft, known, matrix=matrix), _stops(draft, known)
    path = [stop for stop in all_stops if stop.key not in names]
    for stop in all_stops:
        if stop.key in names:
            _, at = promises.best_place(path, stop, clock=clock)
            path.insert(at, stop)
    place = {stop.key: at for at, stop in enumerate(path)}
    order = sorted(draft.stops, key=lambda stop: place.get(stop.name, len(path)))
    return replace(draft, stops=tuple(replace(stop, number=n) for n, stop in enumerate(order, start=1)))


def _clock(draft: Draft, known: Grounds, *, matrix: Matrix) -> Clock:
    depot = known.depots[draft.office]
    shift = Shift(
        starts_at=draft.starts_at,
        ends_at=max(known.ends[draft.territory], draft.starts_at + timedelta(seconds=1)),
        longest=timedelta(minutes=draft.longest_minutes),
    )
    return Clock(Vehicle(key=draft.postman or draft.territory, shift=shift, start=depot, end=depot), matrix=matrix)


def _stops(draft: Draft, known: Grounds) -> list[Stop]:
    """Return the stops of a run whose place is known; for the others the software promises no time."""
    return [_stop(stop, known.points[stop.name]) for stop in draft.stops if stop.name in known.points]


def _stop(stop: PlannedStop, place: Point) -> Stop:
    return Stop(
        key=stop.name,
        place=place,
        service=laying_out.AT_THE_DOOR + laying_out.EACH_FURTHER_THING * (len(stop.things) - 1),
        window=_window(stop.opens_at, stop.closes_at),
    )


def _window(opens: datetime | None, closes: datetime | None) -> TimeWindow | None:
    return None if opens is None or closes is None else TimeWindow(opens=opens, closes=closes)


def _point(stop: PlannedStop) -> Point | None:
    if stop.lat is None or stop.lon is None:
        return None
    return Point(stop.lat, stop.lon, uncertainty_m=stop.uncertainty_m or 0)
