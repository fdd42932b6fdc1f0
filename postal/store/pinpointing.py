"""Where the doors of a run are, as deliveries taught it. An event carries the middle of the commune and no more."""

from collections.abc import Mapping
from dataclasses import replace

from postal.domain import doors
from postal.domain.events import PlannedStop
from postal.domain.run import DeliveryRun
from postal.store.registers import Registers, TaughtPoint


def located(registers: Registers, run: DeliveryRun) -> tuple[PlannedStop, ...]:
    """Return the stops of a run at the points of their doors, where they are known; personal, so for few eyes."""
    things = [thing for stop in run.stops for thing in (*stop.items, *stop.invitations)]
    items, pickups = registers.rounds.items(things), registers.rounds.pickups(run.pickups)
    case_of = {item.code: item.dossier for item in items.values()}
    case_of |= {pickup.code: pickup.dossier for pickup in pickups.values()}
    people = registers.people.of(sorted(set(case_of.values())))
    addresses = {stop.number: _address(stop, case_of, people) for stop in run.stops}
    taught = registers.points.of([(stop.commune, addresses[stop.number]) for stop in run.stops])
    return tuple(_at(stop, taught.get((stop.commune, addresses[stop.number]))) for stop in run.stops)


def _address(stop: PlannedStop, case_of: Mapping[str, str], people: doors.People) -> str:
    """Return the address of a door as typed, empty when it is not known any more."""
    receivers = [doors.receiver_of(people, case_of.get(code, "")) for code in (*stop.items, *stop.invitations)]
    senders = [people.get((case_of.get(code, ""), "sender")) for code in stop.pickups]
    return next((person.address for person in (*receivers, *senders) if person is not None and person.address), "")


def _at(stop: PlannedStop, point: TaughtPoint | None) -> PlannedStop:
    if point is None:
        return stop
    return replace(stop, lat=point.lat, lon=point.lon, uncertainty_m=point.accuracy_m)
