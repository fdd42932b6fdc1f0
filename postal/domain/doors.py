"""What waits for which door on a day: results, returned papers, slips, invitations to leave, papers to fetch.

Several for one door are one stop, whoever they are for. What the law or a promise ties to this day comes before the
rest.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum

from postal.domain import door_names, places, run, search
from postal.domain.dossier import Dossier
from postal.domain.events import ReturnWay
from postal.domain.home_pickup import HomePickup
from postal.domain.item import Custody, Item
from postal.domain.people import Person
from postal.domain.places import Territory

People = Mapping[tuple[str, str], Person]
"""The people of dossiers, by dossier and part."""


class Errand(Enum):
    """What is done at a door."""

    DELIVER = "deliver"
    INVITE = "invite"
    FETCH = "fetch"


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiting:
    """A thing that waits for a door; `code` is the item's or the home pickup's. `due_on` is the day it must be done.

    `address` is as typed, `who` gets or gives it; both are personal and never go into an event. `is_repeat` tells that
    somebody was there in vain.
    """

    code: str
    version: int
    errand: Errand
    office: str
    dossier: str
    dossier_version: int
    commune: str
    address: str
    since: datetime
    who: str = ""
    due_on: date | None = None
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    is_repeat: bool = False

    @property
    def door(self) -> tuple[str, str]:
        """Return commune and the name of the door; what leads to no one house is a door for each person.

        Without an address each thing is a door of its own.
        """
        name = door_names.door_name(self.address)
        if name and not door_names.names_a_house(self.address):
            name = f"{name}, {search.fold(self.who) or self.code}"
        return self.commune, name or self.code


@dataclass(frozen=True, kw_only=True, slots=True)
class Door:
    """Everything for one door on a day, the oldest first."""

    waiting: tuple[Waiting, ...]

    @property
    def key(self) -> str:
        """Return the code of the oldest thing: what the door is called while a round is laid out."""
        return self.waiting[0].code

    @property
    def commune(self) -> str:
        """Return the commune the door is in."""
        return self.waiting[0].commune

    @property
    def address(self) -> str:
        """Return the address as typed for the oldest thing."""
        return self.waiting[0].address

    @property
    def site(self) -> str | None:
        """Return the building the address says the door is in, with its commune; None where it names none."""
        found = door_names.site(self.address)
        return f"{self.commune} {found}" if found else None

    @property
    def due_on(self) -> date | None:
        """Return the earliest day on which something must be done here."""
        return min((each.due_on for each in self.waiting if each.due_on), default=None)

    @property
    def window(self) -> tuple[datetime, datetime] | None:
        """Return the hours promised here: from the last opening to the first closing, if there is time between."""
        opens = max((each.opens_at for each in self.waiting if each.opens_at), default=None)
        closes = min((each.closes_at for each in self.waiting if each.closes_at), default=None)
        if opens is None or closes is None:
            return None
        return min(opens, closes), closes

    def is_promised(self, on: date) -> bool:
        """Tell whether the law or a promise ties it to that day, or already tied it to an earlier one."""
        return self.window is not None or (self.due_on is not None and self.due_on <= on)

    def codes(self, errand: Errand) -> tuple[str, ...]:
        """Return what is to be done of one kind."""
        return tuple(each.code for each in self.waiting if each.errand is errand)


def deliveries(
    items: Iterable[Item], dossiers: Mapping[str, Dossier], people: People, *, due: Mapping[str, date], on: date
) -> Iterator[Waiting]:
    """Yield the items that could be put on a run of that day; `due` are the days on which postal legs end.

    After a first visit the day that was agreed counts.
    """
    for item in items:
        dossier = dossiers[item.dossier]
        if run.waits_for_its_door(item, dossier, on=on):
            person = receiver_of(people, dossier.code)
            yield Waiting(
                code=item.code,
                version=item.version,
                errand=Errand.DELIVER,
                office=item.custodian.place,
                dossier=dossier.code,
                dossier_version=dossier.version,
                commune=dossier.return_commune,
                address=person.address if person else "",
                who=person.name if person else "",
                since=item.registered_at,
                due_on=item.next_attempt_on if item.attempts else due.get(item.code),
                is_repeat=item.attempts > 0,
            )


def invitations(
    items: Iterable[Item], dossiers: Mapping[str, Dossier], people: People, *, on: date
) -> Iterator[Waiting]:
    """Yield the items whose printed invitation is still to be left at a door that is known, while there is time."""
    for item in items:
        dossier, person = dossiers[item.dossier], receiver_of(people, item.dossier)
        if person is None or not person.address or not owes_an_invitation(item, on=on):
            continue
        commune = dossier.return_commune if dossier.return_way is ReturnWay.HOME else person.commune
        if commune:
            yield Waiting(
                code=item.code,
                version=item.version,
                errand=Errand.INVITE,
                office=item.custodian.place,
                dossier=dossier.code,
                dossier_version=dossier.version,
                commune=commune,
                address=person.address,
                who=person.name,
                since=item.registered_at,
            )


def fetches(
    pickups: Iterable[HomePickup], dossiers: Mapping[str, Dossier], people: People, *, on: date
) -> Iterator[Waiting]:
    """Yield the promised visits that are due; the hours count on the day they were promised for."""
    for pickup in pickups:
        sender, is_today = people.get((pickup.dossier, "sender")), pickup.day == on
        yield Waiting(
            code=pickup.code,
            version=pickup.version,
            errand=Errand.FETCH,
            office=pickup.office,
            dossier=pickup.dossier,
            dossier_version=dossiers[pickup.dossier].version,
            commune=pickup.commune,
            address=sender.address if sender else "",
            who=sender.name if sender else "",
            since=pickup.asked_at,
            due_on=pickup.day,
            opens_at=pickup.opens_at if is_today else None,
            closes_at=pickup.closes_at if is_today else None,
        )


def owes_an_invitation(item: Item, *, on: date) -> bool:
    """Tell whether an item is held for its citizen and a printed invitation has not been left yet."""
    return (
        item.custody is Custody.HELD
        and not item.goes_back
        and run.rests_at_its_office(item)
        and item.trouble is None
        and item.pickup_until is not None
        and item.pickup_until >= on
        and len(item.invited_on) > item.invitations_left
    )


def receiver_of(people: People, dossier: str) -> Person | None:
    """Return who gets what comes back: the receiver that was named, else the sender."""
    return people.get((dossier, "receiver")) or people.get((dossier, "sender"))


def by_territory(
    waiting: Iterable[Waiting], territories: Iterable[Territory], *, on: date
) -> tuple[dict[str, list[Waiting]], list[Waiting]]:
    """Return what waits by the round of its office that visits the door, and what lies outside all of them."""
    own: dict[str, list[Territory]] = {}
    for territory in territories:
        own.setdefault(territory.office, []).append(territory)
    inside: dict[str, list[Waiting]] = {}
    outside: list[Waiting] = []
    for each in waiting:
        found = places.territory_for_address(own.get(each.office, ()), each.commune, each.address, on=on)
        if found is None:
            outside.append(each)
        else:
            inside.setdefault(found.code, []).append(each)
    return inside, outside


def grouped(waiting: Iterable[Waiting]) -> list[Door]:
    """Return the doors of what waits, in the order of the oldest thing at each."""
    found: dict[tuple[str, str], list[Waiting]] = {}
    for each in sorted(waiting, key=lambda each: (each.since, each.code)):
        found.setdefault(each.door, []).append(each)
    return [Door(waiting=tuple(together)) for together in found.values()]


def area_number(territory: Territory, door: Door) -> int:
    """Return the place of a door's stretch in the order of the round; what lies in none comes last."""
    area = territory.area_at(door.commune, door.address)
    return territory.order.index(area) if area is not None else len(territory.order)
