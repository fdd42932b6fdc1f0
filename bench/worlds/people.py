"""Who lives in every world: made-up offices, hubs, desks and the people at them, told to the product and to the judge.

Nobody lacks a right here, so that what is refused is refused for custody; rights have tests of their own.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from bench.worlds.model import Person
from postal.domain.events import Destination
from postal.domain.people import (
    Account,
    Actor,
    Custodian,
    PositionKind,
    Role,
    parse_position,
    person_custodian,
    position_custodian,
)
from postal.domain.places import OfficeType, Place, PlaceKind
from postal.domain.policies import PolicyName, WholeBag
from postal.services import accounts
from postal.store import Store

MORNING = datetime(2026, 11, 16, 0, 30, tzinfo=UTC)
"""Monday 16 November 2026, half past seven in Vietnam."""

NAMES = {
    "900100": "Bưu cục Một",
    "900200": "Bưu cục Hai",
    "900300": "Bưu cục Ba, một người",
    "900400": "Trung tâm khai thác Bắc",
    "900500": "Trung tâm khai thác Nam",
    "MC-X1": "Một cửa thứ nhất",
    "MC-X2": "Một cửa thứ hai",
    "SO-X1": "Sở thứ nhất",
}

_HELD: dict[str, tuple[str, ...]] = {
    "an": ("900100:counter",),
    "anh": ("900100:counter",),
    "bao": ("900100:sorting", "900100:transport"),
    "cuc": ("900200:counter", "900200:sorting"),
    "dat": ("900200:transport",),
    "em": ("900300:counter", "900300:sorting", "900300:transport"),
    "gam": ("900400:sorting",),
    "ha": ("900400:transport",),
    "ich": ("900500:sorting", "900500:transport"),
    "khue": ("MC-X1:desk",),
    "lam": ("MC-X1:desk",),
    "my": ("MC-X2:desk",),
    "nga": ("SO-X1:department", "MC-X2:desk"),
    "oanh": (),
    "phuc": (),
}
"""Everybody and the positions they hold; who holds none is a postman of the first office."""

_POST = frozenset({Role.COUNTER_CLERK, Role.SORTING, Role.TRANSPORT, Role.CONTROLLER})
_POSTMAN = frozenset({Role.POSTMAN, Role.COUNTER_CLERK, Role.CONTROLLER})
_AUTHORITY = frozenset({Role.DESK_OFFICER})


def custodian(key: str) -> Custodian:
    """Return the custodian of a key: a position, or a postman by the name of the account."""
    if ":" not in key:
        return person_custodian(key, place="900100", name=key.title())
    position = parse_position(key)
    return position_custodian(position, unit_name=NAMES[position.place])


def destination(place: str) -> Destination:
    """Return a place as a destination."""
    return Destination(place=place, name=NAMES[place])


def _roles(positions: Sequence[str]) -> frozenset[Role]:
    if not positions:
        return _POSTMAN
    kinds = {parse_position(key).kind for key in positions}
    return _AUTHORITY if kinds & {PositionKind.DESK, PositionKind.DEPARTMENT} else _POST


def _place(positions: Sequence[str]) -> str:
    return positions[0].partition(":")[0] if positions else "900100"


ACTORS = {
    name: Actor(account=name, name=name.title(), place=_place(held), roles=_roles(held), positions=frozenset(held))
    for name, held in _HELD.items()
}
PERSONS = {name: Person(name, frozenset(held), is_postman=not held) for name, held in _HELD.items()}
KEYS = tuple(sorted({key for held in _HELD.values() for key in held} | {n for n, held in _HELD.items() if not held}))
POST_PEOPLE = frozenset(name for name, actor in ACTORS.items() if Role.COUNTER_CLERK in actor.roles)
DESTINATIONS = ("MC-X1", "MC-X2", "900200")
HUBS = ("900400", "900500")


def settle(store: Store) -> None:
    """Write the places and the postmen down; everybody else is known by what he holds."""
    store.migrate()
    with store.begin(at=MORNING) as ledger:
        ledger.reference.add_places([_as_place(code, name) for code, name in NAMES.items()])
        for place in NAMES:
            always = WholeBag.ALWAYS.value
            ledger.policies.put(place, PolicyName.WHOLE_BAG, value=always, basis="made up", account="an")
    for name, actor in ACTORS.items():
        if Role.POSTMAN in actor.roles:
            account = Account(username=name, name=actor.name, place=actor.place, roles=actor.roles)
            accounts.create(store, account, password="a password of a made-up world", at=MORNING)  # noqa: S106 - unused


def _as_place(code: str, name: str) -> Place:
    kind = PlaceKind.DESK if code[0] == "M" else PlaceKind.DEPARTMENT if code[0] == "S" else PlaceKind.OFFICE
    return Place(
        code=code,
        kind=kind,
        name=name,
        unit=None,
        province_code=None,
        office_type=next(iter(OfficeType)) if kind is PlaceKind.OFFICE else None,
        basis="made up",
    )
