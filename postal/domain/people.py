"""Who acts and who answers: roles, positions, custodians, actors."""

import functools
from collections.abc import Set
from dataclasses import dataclass
from enum import Enum


class Role(Enum):
    """What somebody is employed to do (domain.md 11: the legal names)."""

    COUNTER_CLERK = "counter_clerk"
    CONTROLLER = "controller"
    SORTING = "sorting"
    TRANSPORT = "transport"
    POSTMAN = "postman"
    DESK_OFFICER = "desk_officer"
    DEPARTMENT_OFFICER = "department_officer"
    COORDINATOR = "coordinator"
    ADMIN = "admin"


ROLE_NAMES: dict[Role, str] = {
    Role.COUNTER_CLERK: "Giao dịch viên",
    Role.CONTROLLER: "Kiểm soát viên, trưởng bưu cục",
    Role.SORTING: "Nhân viên khai thác",
    Role.TRANSPORT: "Nhân viên vận chuyển",
    Role.POSTMAN: "Bưu tá",
    Role.DESK_OFFICER: "Cán bộ Một cửa",
    Role.DEPARTMENT_OFFICER: "Chuyên viên",
    Role.COORDINATOR: "Điều phối",
    Role.ADMIN: "Quản trị",
}

OF_AUTHORITY = frozenset({Role.DESK_OFFICER, Role.DEPARTMENT_OFFICER})
HEAD_OF_AUTHORITY = "Người phụ trách đơn vị"


def leads(roles: Set[Role]) -> bool:
    """Tell whether these roles make the head of a desk or department: an officer who is its controller as well."""
    return Role.CONTROLLER in roles and bool(roles & OF_AUTHORITY)


def role_names(roles: Set[Role]) -> str:
    """Return what somebody is employed as; who leads a desk or department heads no post office.

    >>> role_names(frozenset({Role.CONTROLLER, Role.DESK_OFFICER}))
    'Người phụ trách đơn vị, Cán bộ Một cửa'
    """
    names = ROLE_NAMES | {Role.CONTROLLER: HEAD_OF_AUTHORITY} if leads(roles) else ROLE_NAMES
    return ", ".join(names[role] for role in Role if role in roles)


class Side(Enum):
    """On whose side a custodian stands; it decides which rules of a hand-over apply."""

    POST = "post"
    AUTHORITY = "authority"
    CITIZEN = "citizen"


class PositionKind(Enum):
    """A place of work inside a unit that can answer for items."""

    COUNTER = "counter"
    SORTING = "sorting"
    TRANSPORT = "transport"
    DESK = "desk"
    DEPARTMENT = "department"


POSITION_NAMES: dict[PositionKind, str] = {
    PositionKind.COUNTER: "Quầy giao dịch",
    PositionKind.SORTING: "Khai thác",
    PositionKind.TRANSPORT: "Vận chuyển",
    PositionKind.DESK: "Quầy tiếp nhận",
    PositionKind.DEPARTMENT: "Bộ phận chuyên môn",
}

POSITION_SIDES: dict[PositionKind, Side] = {
    PositionKind.COUNTER: Side.POST,
    PositionKind.SORTING: Side.POST,
    PositionKind.TRANSPORT: Side.POST,
    PositionKind.DESK: Side.AUTHORITY,
    PositionKind.DEPARTMENT: Side.AUTHORITY,
}


class CustodianKind(Enum):
    """A position of a unit, a person on a run, or the citizen (so that "nobody" never answers)."""

    POSITION = "position"
    PERSON = "person"
    CITIZEN = "citizen"


@dataclass(frozen=True, kw_only=True, slots=True)
class Position:
    """A position of a unit: the counter of an office, the desk of a centre. An office may number several counters."""

    place: str
    kind: PositionKind
    number: int = 1

    @property
    def key(self) -> str:
        """Return the stable key, `place:kind`, with `.number` from the second on."""
        suffix = "" if self.number == 1 else f".{self.number}"
        return f"{self.place}:{self.kind.value}{suffix}"

    @property
    def name(self) -> str:
        """Return what people call it."""
        suffix = "" if self.number == 1 else f" {self.number}"
        return f"{POSITION_NAMES[self.kind]}{suffix}"


def parse_position(key: str) -> Position:
    """Return the position of a key; keys are our own, so a wrong one is a programming error (ValueError)."""
    place, _, kind = key.partition(":")
    name, _, number = kind.partition(".")
    return Position(place=place, kind=PositionKind(name), number=int(number or 1))


@dataclass(frozen=True, kw_only=True, slots=True)
class Custodian:
    """Who answers for an item now.

    `key` is `place:position` for a position, the account for a person, the dossier code for the citizen; `place` is the
    unit it belongs to, empty for the citizen. `name` is how the custodian was called at that time.
    """

    kind: CustodianKind
    key: str
    side: Side
    place: str = ""
    name: str = ""

    def __str__(self) -> str:
        return self.name or self.key

    @property
    def is_on_the_road(self) -> bool:
        """Tell whether what it holds travels: with a postman, or at a transport position."""
        if self.kind is CustodianKind.POSITION:
            return self.key.partition(":")[2].partition(".")[0] == PositionKind.TRANSPORT.value
        return self.kind is CustodianKind.PERSON

    def is_same_as(self, other: "Custodian | None") -> bool:
        """Tell whether both are one custodian, whatever they were called."""
        return other is not None and self.key == other.key and self.kind is other.kind


def position_custodian(position: Position, *, unit_name: str) -> Custodian:
    """Return the custodian a position is."""
    return Custodian(
        kind=CustodianKind.POSITION,
        key=position.key,
        side=POSITION_SIDES[position.kind],
        place=position.place,
        name=f"{position.name} – {unit_name}",
    )


def person_custodian(account: str, *, place: str, name: str) -> Custodian:
    """Return the custodian a postman on a run is."""
    return Custodian(kind=CustodianKind.PERSON, key=account, side=Side.POST, place=place, name=f"Bưu tá {name}")


def citizen_custodian(dossier: str) -> Custodian:
    """Return the citizen of a dossier as a custodian, without naming the person."""
    return Custodian(kind=CustodianKind.CITIZEN, key=dossier, side=Side.CITIZEN, name="Người dân")


@dataclass(frozen=True, kw_only=True, slots=True)
class Author:
    """Who recorded an event, from which position and device. This is what an event keeps of an actor."""

    account: str
    place: str = ""
    device: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Actor:
    """Somebody signed in: the account, where it works, what it may do and which positions it holds now."""

    account: str
    name: str
    place: str
    roles: frozenset[Role]
    positions: frozenset[str] = frozenset()
    device: str = ""

    def acts_for(self, custodian: Custodian | None) -> bool:
        """Tell whether this actor answers for what `custodian` holds."""
        if custodian is None:
            return False
        if custodian.kind is CustodianKind.POSITION:
            return custodian.key in self.positions
        return custodian.kind is CustodianKind.PERSON and custodian.key == self.account

    def as_author(self) -> Author:
        """Return what an event keeps of this actor."""
        return _author(self.account, self.place, self.device)


@functools.lru_cache(maxsize=1024)
def _author(account: str, place: str, device: str) -> Author:
    """Return an author; who tells a hundred things is one and the same."""
    return Author(account=account, place=place, device=device)


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """Somebody on a dossier: a person (identity number or passport) or an organisation (tax code)."""

    name: str
    kind: str = "person"
    identity_number: str = ""
    passport: str = ""
    tax_code: str = ""
    birth: str = ""
    sex: str = ""
    phone: str = ""
    email: str = ""
    address: str = ""
    commune: str = ""

    @property
    def proves_by(self) -> str:
        """Return the number of the paper that identifies the person or organisation."""
        return self.identity_number or self.passport or self.tax_code


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    """Somebody who may sign in; `entitled` are the keys of the positions he may hold."""

    username: str
    name: str
    place: str
    roles: frozenset[Role]
    entitled: tuple[str, ...] = ()
    is_active: bool = True
    is_demo: bool = False
