"""The times of proposed runs that somebody changed by hand: the order is given, arrivals, way and hours follow."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from postal.domain import calendars
from postal.domain.events import PlannedStop
from postal.domain.map_servers import MapServer
from postal.domain.places import Equipment
from postal.domain.proposal import Draft, Late, Proposal
from postal.services import drafting, learning, yards
from postal.store import Reader, pinpointing
from routes import promises
from routes.learning import Figures
from routes.matrix import Matrix
from routes.matrix import of_kind as matrix_of
from routes.model import Depot, Shift, Stop, TimeWindow, VehicleKind
from routes.model import Place as Point
from routes.timing import Clock


@dataclass(frozen=True, kw_only=True, slots=True)
class Grounds:
    """What times rest on: where stops are, by name, where each office's runs begin, and until when they may go on."""

    points: Mapping[str, Point]
    depots: Mapping[str, Depot]
    ends: Mapping[str, datetime]
    figures: Mapping[str, Figures]
    office_figures: Mapping[str, Mapping[VehicleKind, Figures]]
    vehicles: Mapping[str, Equipment]
    day: date


def grounds(reader: Reader, found: Proposal, drafts: Collection[Draft]) -> Grounds:
    """Return what the times of some runs of a proposal rest on, doors at the points that deliveries taught."""
    stops = [stop for draft in drafts for stop in draft.stops]
    located = pinpointing.of_stops(reader, stops)
    offices = reader.reference.places({draft.office for draft in drafts})
    communes = reader.reference.units({stop.commune for stop in stops}, on=found.day)
    territories = {code: reader.reference.territory(code) for code in {draft.territory for draft in drafts}}
    return Grounds(
        points={stop.name: point for stop in located if (point := _point(stop)) is not None},
        depots={code: yards.depot_at(place, communes) for code, place in offices.items()},
        ends={
            code: datetime.combine(found.day, territory.working_time.closes, calendars.VIETNAM)
            for code, territory in territories.items()
        },
        figures={
            code: learning.learned(reader, each.office, territory=code, kind=VehicleKind(each.equipment.kind.value))
            for code, each in territories.items()
        },
        office_figures={
            code: {kind: learning.learned(reader, code, kind=kind) for kind in VehicleKind} for code in offices
        },
        vehicles={code: territory.equipment for code, territory in territories.items()},
        day=found.day,
    )


def ways_of(draft: Draft, known: Grounds, *, server: MapServer | None, at: datetime) -> Matrix:
    """Return the ways between the stops of a run for what it is driven with; asks the map server where there is one."""
    kind = VehicleKind(known.vehicles[draft.territory].kind.value)
    figures = known.office_figures[draft.office]
    points = [known.points[stop.name] for stop in draft.stops if stop.name in known.points]
    ways = yards.ways_between(
        [known.depots[draft.office].place, *points],
        figures={each: figures[each] for each in {VehicleKind.MOTORBIKE, kind}},
        server=server,
        at=at,
    )
    return matrix_of(ways, kind)


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
                why=drafting.WHY[miss.reason],
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
    shift = Shift(
        starts_at=draft.starts_at,
        ends_at=max(known.ends[draft.territory], draft.starts_at + timedelta(seconds=1)),
        longest=timedelta(minutes=draft.longest_minutes),
    )
    vehicle = yards.vehicle_of(
        known.vehicles[draft.territory],
        key=draft.postman or draft.territory,
        shift=shift,
        depot=known.depots[draft.office],
        day=known.day,
    )
    return Clock(vehicle, matrix=matrix)


def _stops(draft: Draft, known: Grounds) -> list[Stop]:
    """Return the stops of a run whose place is known; for the others the software promises no time."""
    figures = known.figures[draft.territory]
    return [_stop(stop, known.points[stop.name], figures=figures) for stop in draft.stops if stop.name in known.points]


def _stop(stop: PlannedStop, place: Point, *, figures: Figures) -> Stop:
    return Stop(
        key=stop.name,
        place=place,
        service=yards.service_of(len(stop.things), place, figures=figures),
        load=len(stop.things),
        window=_window(stop.opens_at, stop.closes_at),
    )


def _window(opens: datetime | None, closes: datetime | None) -> TimeWindow | None:
    return None if opens is None or closes is None else TimeWindow(opens=opens, closes=closes)


def _point(stop: PlannedStop) -> Point | None:
    if stop.lat is None or stop.lon is None:
        return None
    return Point(stop.lat, stop.lon, uncertainty_m=stop.uncertainty_m or 0)
