"""An office's day as the planner takes it: doors become stops, rounds become drivers, and the ways between them.

Doors that share a building or a corner are one parking stop; the driver walks between them. A stop whose place is only
roughly known takes longer, for somebody has to look for the door.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta

from postal.domain import calendars, doors
from postal.domain.doors import Door, Errand
from postal.domain.map_servers import MapServer
from postal.domain.places import Equipment, Place, Unit
from postal.services import distances, pinning
from postal.services.laying_out import OfficeDay, RoundDay
from routes import matrix, parking, uncertainty
from routes.learning import Figures
from routes.matrix import ByKind, Matrix, Table
from routes.model import Break, Depot, Importance, Shift, Stop, TimeWindow, Vehicle, VehicleKind
from routes.model import Place as Point
from routes.parking import ParkingStop
from routes.yard import Round, Yard

LONGEST_LOOKING = timedelta(minutes=1)
"""What a postman who knows his round needs at most to find a door whose place is roughly known: our own measure."""


def yard_of(office: OfficeDay) -> Yard:
    """Return an office's day as stops and drivers. A door whose place nobody knows is no stop of it."""
    depot = depot_at(office.place, office.communes)
    return Yard(
        rounds=tuple(
            Round(
                key=round_.territory.code,
                stops=tuple(parked.stop for parked in parked_of(round_, office)),
                ranking=ranking_of(round_),
                vehicle=vehicle_of(
                    round_.territory.equipment,
                    key=round_.driver or round_.territory.code,
                    shift=round_.shift,
                    depot=depot,
                    day=office.day,
                ),
                has_driver=bool(round_.driver),
            )
            for round_ in office.rounds
        ),
        spare=office.spare,
    )


def parked_of(round_: RoundDay, office: OfficeDay) -> tuple[ParkingStop, ...]:
    """Return where somebody stops on a round, each with the doors he walks to; those whose place is known."""
    stops = [stop_of(door, round_, office) for door in round_.doors]
    sites = {door.key: door.site for door in round_.doors if door.site}
    return parking.gathered([stop for stop in stops if stop.place], sites=sites, apart=dict(office.apart))


def stop_of(door: Door, round_: RoundDay, office: OfficeDay) -> Stop:
    """Return a door as a stop of its round."""
    place = office.points[door.key]
    tried = dict(office.minutes).get(door.key)
    return Stop(
        key=door.key,
        place=place,
        area=str(doors.area_number(round_.territory, door)),
        service=tried or service_of(len(door.waiting), place, figures=round_.figures),
        window=TimeWindow(opens=door.window[0], closes=door.window[1]) if door.window else None,
        importance=importance_of(door, day=office.day),
        load=len(door.waiting),
    )


def service_of(things: int, place: Point | None, *, figures: Figures) -> timedelta:
    """Return how long a door takes: what was learned for its things, and looking for it."""
    return figures.service(things) + uncertainty.slack(place, longest=LONGEST_LOOKING)


def importance_of(door: Door, *, day: date) -> Importance:
    """Return what leaving a door out on a day would break: a postal leg is law, hours and visits are promises."""
    due = [each for each in door.waiting if each.due_on is not None and each.due_on <= day]
    if any(each.errand is Errand.DELIVER and not each.is_repeat for each in due):
        return Importance.LEGAL
    if any(each.is_repeat for each in due):
        return Importance.REPEAT
    return Importance.PROMISED if due or door.window is not None else Importance.USUAL


def ranking_of(round_: RoundDay) -> tuple[str, ...]:
    """Return the areas of a round in its order, as stops name them; last what lies in none."""
    return tuple(str(number) for number in range(len(round_.territory.order) + 1))


def vehicle_of(equipment: Equipment, *, key: str, shift: Shift, depot: Depot, day: date) -> Vehicle:
    """Return who drives a round with what; `key` is the round's own where its driver is still to be found."""
    return Vehicle(
        key=key,
        kind=VehicleKind(equipment.kind.value),
        shift=shift,
        start=depot,
        end=depot,
        capacity=equipment.capacity,
        reloads=equipment.reloads,
        breaks=_breaks_of(equipment, day=day),
    )


def _breaks_of(equipment: Equipment, *, day: date) -> tuple[Break, ...]:
    """Return the breaks of a driver on a day."""
    pause = equipment.pause
    if pause is None:
        return ()
    opens, closes = _on(day, pause.opens), _on(day, pause.closes)
    return (Break(opens=opens, closes=closes, duration=timedelta(minutes=pause.minutes)),)


def depot_at(place: Place, communes: Mapping[str, Unit]) -> Depot:
    """Return where rounds begin: the office, or the middle of some commune where nobody knows the office's place."""
    if place.lat is not None and place.lon is not None:
        return Depot(key=place.code, place=Point(place.lat, place.lon), label=place.name)
    located = (pinning.middle_of(unit) for _, unit in sorted(communes.items()))
    return Depot(key=place.code, place=next((p for p in located if p), Point(0.0, 0.0)), label=place.name)


def ways_between(
    places: Sequence[Point], *, figures: Mapping[VehicleKind, Figures], server: MapServer | None, at: datetime
) -> Matrix:
    """Return the ways between places for each kind of vehicle: one snapshot, from the map server where there is one.

    It asks over the network, so outside of every transaction.
    """
    known = list(dict.fromkeys(places))
    tables = {
        kind: matrix.table_of(
            distances.matrix_for(server, kind, at=at, detour=each.detour, speed_kmh=each.speed_kmh), known
        )
        for kind, each in figures.items()
    }
    usual = tables.pop(VehicleKind.MOTORBIKE)
    return ByKind(usual, tables) if tables else usual


def ways_of(office: OfficeDay, *, server: MapServer | None, at: datetime) -> Matrix:
    """Return the ways of an office's day, see `ways_between`."""
    depot = depot_at(office.place, office.communes).place
    points = [place for _, place in sorted(office.points.items()) if place is not None]
    kinds = {VehicleKind.MOTORBIKE, *(VehicleKind(each.territory.equipment.kind.value) for each in office.rounds)}
    figures = {kind: figure for kind, figure in office.figures.items() if kind in kinds}
    return ways_between([depot, *points], figures=figures, server=server, at=at)


def told(ways: Sequence[Matrix]) -> tuple[str, ...]:
    """Return in sentences where the ways of a plan come from, each once."""
    tables = [each.usual if isinstance(each, ByKind) else each for each in ways]
    said = (text for each in tables if isinstance(each, Table) for text in distances.told(each.provenance))
    return tuple(dict.fromkeys(said))


def doubts(offices: Sequence[OfficeDay]) -> tuple[str, ...]:
    """Return in a sentence how many doors are not planned where they were said to be, nothing where there is none."""
    many = sum(office.doubted for office in offices)
    if not many:
        return ()
    return (f"{many} địa chỉ có điểm không thể đúng, không dùng điểm đó: xem lại ở trang Vị trí địa chỉ.",)


def _on(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, calendars.VIETNAM)
