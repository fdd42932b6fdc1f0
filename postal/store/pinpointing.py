"""Where the doors of a run are, as deliveries taught it. An event carries the middle of the commune and no more."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from postal.domain import doors
from postal.domain.events import PlannedStop
from postal.domain.run import DeliveryRun
from postal.store.registers import Registers, TaughtPoint


def located(registers: Registers, run: DeliveryRun) -> tuple[PlannedStop, ...]:
    """Return the stops of a run at the points of their doors, where they are known; personal, so for few eyes."""
    return of_stops(registers, run.stops)


def of_stops(registers: Registers, stops: Sequence[PlannedStop]) -> tuple[PlannedStop, ...]:
    """Return stops of whatever runs at the points of their doors, where they are known; personal, so for few eyes."""
    things = [thing for stop in stops for thing in (*stop.items, *stop.invitations)]
    items = registers.rounds.items(things)
    pickups = registers.rounds.pickups([thing for stop in stops for thing in stop.pickups])
    case_of = {item.code: item.dossier for item in items.values()}
    case_of |= {pickup.code: pickup.dossier for pickup in pickups.values()}
    people = registers.people.of(sorted(set(case_of.values())))
    doors_ = [(stop.commune, _address(stop, case_of, people)) for stop in stops]
    taught = registers.points.of(doors_)
    return tuple(_at(stop, taught.get(door)) for stop, door in zip(stops, doors_, strict=True))


def taught_point(registers: Registers, run: DeliveryRun, thing: str) -> TaughtPoint | None:
    """Return where the door of a thing on a run is, as far as deliveries taught it until now."""
    stop = next((stop for stop in run.stops if thing in (*stop.items, *stop.invitations, *stop.pickups)), None)
    if stop is None:
        return None
    (found,) = located(registers, replace(run, stops=(stop,)))
    if found is stop or found.lat is None or found.lon is None:
        return None
    return TaughtPoint(lat=found.lat, lon=found.lon, accuracy_m=found.uncertainty_m or 0)


def _address(stop: PlannedStop, case_of: Mapping[str, str], people: doors.People) -> str:
    """Return the address of a door as typed, empty when it is not known any more."""
    receivers = [doors.receiver_of(people, case_of.get(code, "")) for code in (*stop.items, *stop.invitations)]
    senders = [people.get((case_of.get(code, ""), "sender")) for code in stop.pickups]
    return next((person.address for person in (*receivers, *senders) if person is not None and person.address), "")


def _at(stop: PlannedStop, point: TaughtPoint | None) -> PlannedStop:
    if point is None:
        return stop
    return replace(stop, lat=point.lat, lon=point.lon, uncertainty_m=point.accuracy_m)
