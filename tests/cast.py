"""The cast: the same people, places, codes and Monday in every test.

Lan registers at the counter of the central office of Đà Nẵng, Hùng sorts and Tài drives there, Nam is its postman and
Minh its head. Hoa and Bình receive at the one-stop centre, Quân decides at the department of justice. Sen works alone
in a small office and holds every position of it.
"""

import itertools
import random
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from postal.domain import bag, calendars, codes, item
from postal.domain.bag import Bag
from postal.domain.codes import CodeKind
from postal.domain.dossier import Dossier
from postal.domain.dossier import begin as begin_dossier
from postal.domain.events import (
    Destination,
    DossierOpened,
    Event,
    ItemKind,
    PaperCount,
    PickupAsked,
    ReceptionMode,
    Registered,
    ReturnWay,
    Service,
)
from postal.domain.item import Item
from postal.domain.people import (
    Account,
    Actor,
    Custodian,
    Person,
    Position,
    PositionKind,
    Role,
    person_custodian,
    position_custodian,
)

monday = datetime(2026, 11, 16, 2, 0, tzinfo=UTC)
"""Monday 16 November 2026, nine in the morning in Vietnam."""

today = date(2026, 11, 16)

post_calendar = calendars.from_csv(
    (Path(calendars.__file__).parents[1] / "data" / "calendars" / "post.csv").read_text(encoding="utf-8")
)
"""The working days of the post."""


def after(*, minutes: int = 0, hours: int = 0, days: int = 0) -> datetime:
    """Return a time after nine o'clock on that Monday."""
    return monday + timedelta(minutes=minutes, hours=hours, days=days)


# --- places -----------------------------------------------------------------------------------------------------------

OFFICE = "551000"
SMALL_OFFICE = "555700"
DESK = "MC-T48"
DEPARTMENT = "SO-48-TP"
COMMUNE_DESK = "MC-20242"
PROCEDURE = "2.000635"

UNIT_NAMES = {
    OFFICE: "Bưu cục Trung tâm Đà Nẵng",
    SMALL_OFFICE: "Bưu cục Hòa Khánh",
    DESK: "Trung tâm Phục vụ hành chính công thành phố Đà Nẵng",
    DEPARTMENT: "Sở Tư pháp thành phố Đà Nẵng",
    COMMUNE_DESK: "Trung tâm Phục vụ hành chính công phường Hải Châu",
}


def at(place: str, kind: PositionKind, number: int = 1) -> Custodian:
    """Return a position of a unit as a custodian."""
    return position_custodian(Position(place=place, kind=kind, number=number), unit_name=UNIT_NAMES[place])


counter = at(OFFICE, PositionKind.COUNTER)
second_counter = at(OFFICE, PositionKind.COUNTER, 2)
sorting = at(OFFICE, PositionKind.SORTING)
transport = at(OFFICE, PositionKind.TRANSPORT)
desk = at(DESK, PositionKind.DESK)
department = at(DEPARTMENT, PositionKind.DEPARTMENT)
commune_desk = at(COMMUNE_DESK, PositionKind.DESK)
small_counter = at(SMALL_OFFICE, PositionKind.COUNTER)
small_sorting = at(SMALL_OFFICE, PositionKind.SORTING)
small_transport = at(SMALL_OFFICE, PositionKind.TRANSPORT)

to_the_desk = Destination(place=DESK, name=UNIT_NAMES[DESK])
to_the_citizen = Destination(place=OFFICE, name=UNIT_NAMES[OFFICE], to_citizen=True)


# --- people -----------------------------------------------------------------------------------------------------------


def actor(account: str, name: str, *held: Custodian, place: str, roles: set[Role]) -> Actor:
    """Return somebody signed in who answers for some positions."""
    return Actor(
        account=account,
        name=name,
        place=place,
        roles=frozenset(roles),
        positions=frozenset(custodian.key for custodian in held),
    )


lan = actor("lan", "Trần Thị Lan", counter, place=OFFICE, roles={Role.COUNTER_CLERK})
minh = actor("minh", "Lê Quang Minh", second_counter, place=OFFICE, roles={Role.CONTROLLER})
hung = actor("hung", "Phan Văn Hùng", sorting, place=OFFICE, roles={Role.SORTING})
tai = actor("tai", "Võ Đức Tài", transport, place=OFFICE, roles={Role.TRANSPORT})
nam = actor("nam", "Hồ Hoài Nam", place=OFFICE, roles={Role.POSTMAN})
hoa = actor("hoa", "Đặng Thị Hoa", desk, place=DESK, roles={Role.DESK_OFFICER})
binh = actor("binh", "Ngô An Bình", desk, place=DESK, roles={Role.DESK_OFFICER})
xuan = actor("xuan", "Lý Thanh Xuân", commune_desk, place=COMMUNE_DESK, roles={Role.DESK_OFFICER})
quan = actor("quan", "Đỗ Minh Quân", department, place=DEPARTMENT, roles={Role.DEPARTMENT_OFFICER})
sen = actor(
    "sen",
    "Bùi Thị Sen",
    small_counter,
    small_sorting,
    small_transport,
    place=SMALL_OFFICE,
    roles={Role.COUNTER_CLERK, Role.SORTING, Role.TRANSPORT},
)
thu = actor("thu", "Mai Anh Thư", place=OFFICE, roles={Role.ADMIN})
everybody = (lan, minh, hung, tai, nam, hoa, binh, xuan, quan, sen, thu)

nam_on_his_run = person_custodian("nam", place=OFFICE, name="Hồ Hoài Nam")

khanh = Person(
    name="Nguyễn Văn Khánh",
    identity_number="049205000137",
    phone="+84912345678",
    address="12 Trần Phú, tổ 7",
    commune="20242",
)
"""A citizen. Nobody of this name, number and phone exists; a store that shows any of it has leaked."""


def account_of(somebody: Actor, *, entitled: tuple[str, ...] | None = None) -> Account:
    """Return the account behind an actor, entitled to the positions it holds."""
    return Account(
        username=somebody.account,
        name=somebody.name,
        place=somebody.place,
        roles=somebody.roles,
        entitled=tuple(sorted(somebody.positions)) if entitled is None else entitled,
    )


# --- codes ------------------------------------------------------------------------------------------------------------

DOSSIER = "7K2M49RTBQ"
ITEM = "P3FHJ8QXV9"
RECORD = "G5R2X6VTHC"
RUN = "R8G3K5PQJT"
BAG = "T9C4N7MBKP"
TRIP = "C23456782Q"
INCIDENT = "N23456782M"


def below(seed: int = 0) -> Callable[[int], int]:
    """Return a source of random numbers that repeats itself."""
    return random.Random(seed).randrange


def codes_of(kind: CodeKind, *, seed: int = 0) -> Iterator[str]:
    """Yield ever new codes of a kind, the same ones for the same seed."""
    draw = below(seed)
    return (codes.mint(kind, below=draw).text for _ in itertools.count())


# --- things -----------------------------------------------------------------------------------------------------------


def registered(
    *,
    code: str = ITEM,
    kind: ItemKind = ItemKind.OUTBOUND,
    destination: Destination = to_the_desk,
    custodian: Custodian = counter,
    by: Actor = lan,
    when: datetime = monday,
    dossier: str = DOSSIER,
) -> Registered:
    """Return the registration of an envelope with one original and two copies."""
    return item.register(
        code=code,
        kind=kind,
        dossier=dossier,
        destination=destination,
        custodian=custodian,
        papers=(PaperCount(line=1, originals=1, to_return=True), PaperCount(line=2, copies=2)),
        weight_g=120,
        by=by,
        at=when,
    )


def envelope(*happened: Event) -> Item:
    """Return a sealed envelope at Lan's counter, after what else happened to it."""
    new = item.begin(ITEM, registered())
    return _after(new.evolve(new.close_seal(seal="881245", by=lan, at=monday)), *happened)


def result(*happened: Event) -> Item:
    """Return a result at the desk, on its way to the citizen, after what else happened to it."""
    event = registered(kind=ItemKind.RESULT, destination=to_the_citizen, custodian=desk, by=hoa)
    return _after(item.begin(ITEM, event), *happened)


def empty_bag(
    *, destination: Destination = to_the_desk, custodian: Custodian = counter, by: Actor = lan, is_transit: bool = False
) -> Bag:
    """Return a bag that Lan has begun for the desk."""
    event = bag.start(code=BAG, destination=destination, custodian=custodian, is_transit=is_transit, by=by, at=monday)
    return bag.begin(BAG, event)


def sealed_bag(*items: str, seal: str = "701234") -> Bag:
    """Return a bag that Lan packed for the desk and closed with a seal."""
    packed = empty_bag()
    packed = packed.evolve(packed.pack(items or (ITEM,), by=lan, at=monday))
    return packed.evolve(packed.close_seal(seal=seal, by=lan, at=monday))


def pickup_asked(*, day: date = today) -> PickupAsked:
    """Return a citizen's wish that papers of the case be fetched at home."""
    return PickupAsked(
        dossier=DOSSIER,
        office=OFFICE,
        commune="20242",
        kind=ItemKind.SUPPLEMENT,
        day=day,
        by=lan.as_author(),
        occurred_at=monday,
    )


def _after(thing: Item, *happened: Event) -> Item:
    for event in happened:
        thing = thing.evolve(event)
    return thing


def opened(*, service: Service = Service.BOTH, mode: ReceptionMode = ReceptionMode.A) -> DossierOpened:
    """Return the opening of a case at Lan's counter for the department of justice."""
    return DossierOpened(
        service=service,
        mode=mode,
        procedure=PROCEDURE,
        procedure_version=1,
        office=OFFICE,
        desk=DESK,
        department=DEPARTMENT,
        competence_reason="Thẩm quyền của sở",
        lane="48-48",
        expected_at_desk_on=date(2026, 11, 18),
        return_way=ReturnWay.HOME,
        return_commune="20242",
        return_place="",
        paper_lines=2,
        by=lan.as_author(),
        occurred_at=monday,
    )


def case(*happened: Event, service: Service = Service.BOTH) -> Dossier:
    """Return a case after what happened to it."""
    dossier = begin_dossier(DOSSIER, opened(service=service))
    for event in happened:
        dossier = dossier.evolve(event)
    return dossier
