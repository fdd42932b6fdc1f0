"""Where doors are: those of a run, and that of one thing. An event carries the middle of the commune and no more."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from postal.domain import codes, doors
from postal.domain.events import PlannedStop, ReturnWay
from postal.domain.home_pickup import HomePickup
from postal.domain.item import Item
from postal.domain.lifecycle import UnknownCode
from postal.domain.points import DoorElsewhere, DoorPoint, NoAddress
from postal.domain.run import DeliveryRun
from postal.store.door_points import Door
from postal.store.registers import Registers


def located(registers: Registers, run: DeliveryRun) -> tuple[PlannedStop, ...]:
    """Return the stops of a run at the points of their doors, where they are known; personal, so for few eyes."""
    return of_stops(registers, run.stops)


def of_stops(registers: Registers, stops: Sequence[PlannedStop]) -> tuple[PlannedStop, ...]:
    """Return stops of whatever runs at the points of their doors, where they are known; personal, so for few eyes."""
    doors_ = _doors_of(registers, stops)
    known = registers.points.of(doors_)
    return tuple(_at(stop, known.get(door)) for stop, door in zip(stops, doors_, strict=True))


def taught_point(registers: Registers, run: DeliveryRun, thing: str) -> DoorPoint | None:
    """Return where the door of a thing on a run is believed to be now, None when only its commune is known."""
    stop = next((stop for stop in run.stops if thing in (*stop.items, *stop.invitations, *stop.pickups)), None)
    if stop is None:
        return None
    (door,) = _doors_of(registers, [stop])
    return registers.points.of([door]).get(door)


def door_of(registers: Registers, thing: Item | HomePickup) -> Door:
    """Return the door of an item or a home pickup: commune and address as typed, empty where nobody knows."""
    people = registers.people.of([thing.dossier])
    if isinstance(thing, HomePickup):
        sender = people.get((thing.dossier, "sender"))
        return thing.commune, sender.address if sender else ""
    person, dossier = (
        doors.receiver_of(people, thing.dossier),
        registers.rounds.dossiers([thing.dossier])[thing.dossier],
    )
    own = person.commune if person else ""
    commune = dossier.return_commune if dossier.return_way is ReturnWay.HOME else own
    return commune, person.address if person else ""


def own_door(registers: Registers, code: str, *, place: str) -> Door:
    """Return the door of an item or home pickup that is at a place. Raises: DoorElsewhere, NoAddress, UnknownCode."""
    thing = registers.rounds.items([code]).get(code) or registers.rounds.pickups([code]).get(code)
    if thing is None:
        raise UnknownCode(thing=codes.shown(code))
    if place != (thing.office if isinstance(thing, HomePickup) else thing.custodian.place):
        raise DoorElsewhere(thing=codes.shown(code))
    door = door_of(registers, thing)
    if not all(door):
        raise NoAddress(thing=codes.shown(code))
    return door


def _doors_of(registers: Registers, stops: Sequence[PlannedStop]) -> list[Door]:
    things = [thing for stop in stops for thing in (*stop.items, *stop.invitations)]
    items = registers.rounds.items(things)
    pickups = registers.rounds.pickups([thing for stop in stops for thing in stop.pickups])
    case_of = {item.code: item.dossier for item in items.values()}
    case_of |= {pickup.code: pickup.dossier for pickup in pickups.values()}
    people = registers.people.of(sorted(set(case_of.values())))
    return [(stop.commune, _address(stop, case_of, people)) for stop in stops]


def _address(stop: PlannedStop, case_of: Mapping[str, str], people: doors.People) -> str:
    """Return the address of a door as typed, empty when it is not known any more."""
    receivers = [doors.receiver_of(people, case_of.get(code, "")) for code in (*stop.items, *stop.invitations)]
    senders = [people.get((case_of.get(code, ""), "sender")) for code in stop.pickups]
    return next((person.address for person in (*receivers, *senders) if person is not None and person.address), "")


def _at(stop: PlannedStop, point: DoorPoint | None) -> PlannedStop:
    if point is None:
        return stop
    return replace(stop, lat=point.lat, lon=point.lon, uncertainty_m=point.accuracy_m)
