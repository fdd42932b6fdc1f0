"""Who works where: one account for every role, at places the product ships; one small office with one employee."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from postal.domain.people import (
    Account,
    Actor,
    Custodian,
    Position,
    PositionKind,
    Role,
    parse_position,
    person_custodian,
    position_custodian,
)
from postal.domain.places import Place, Territory
from postal.services import accounts, shift
from postal.store import Store

PASSWORD = "buudien-chaythu"  # noqa: S105 - of the made-up accounts; printed when they may sign in, refused in production

CENTRE = "551000"
CITY_OFFICE = "551020"
WEST = "555700"
SOUTH = "556920"
VILLAGE = "556630"
HOI_AN = "563800"
DIEN_BAN = "564200"
HANOI = "115000"

CITY_DESK = "MC-T48"
HANOI_DESK = "MC-T01"
HEAD = "truongmc"
"""Who leads a desk, and alone may name a new day there."""

DESK_WITHOUT_ACCOUNT = "MC-20410"

VAN = f"{CENTRE}:transport"
TRUCK = f"{CENTRE}:transport.2"
HANOI_VAN = f"{HANOI}:transport"

_COUNTER, _SORTING, _TRANSPORT = PositionKind.COUNTER, PositionKind.SORTING, PositionKind.TRANSPORT
_DESK, _DEPARTMENT = PositionKind.DESK, PositionKind.DEPARTMENT


@dataclass(frozen=True, kw_only=True, slots=True)
class Worker:
    """A made-up employee with the positions he holds."""

    username: str
    name: str
    place: str
    roles: frozenset[Role]
    positions: tuple[Position, ...] = ()

    @property
    def entitled(self) -> tuple[str, ...]:
        """Return the keys of the positions."""
        return tuple(position.key for position in self.positions)


def _worker(username: str, name: str, place: str, role: Role, *kinds: PositionKind, number: int = 1) -> Worker:
    positions = tuple(Position(place=place, kind=kind, number=number) for kind in kinds)
    return Worker(username=username, name=name, place=place, roles=frozenset({role}), positions=positions)


WORKERS: tuple[Worker, ...] = (
    _worker("quay1", "Trần Thu Lan", CENTRE, Role.COUNTER_CLERK, _COUNTER),
    _worker("quay2", "Lê Ngọc Hạnh", CENTRE, Role.COUNTER_CLERK, _COUNTER, number=2),
    _worker("quay3", "Phạm Kim Yến", CITY_OFFICE, Role.COUNTER_CLERK, _COUNTER),
    _worker("quay4", "Võ Thanh Thảo", WEST, Role.COUNTER_CLERK, _COUNTER),
    _worker("quay5", "Mai Hoài Vân", HOI_AN, Role.COUNTER_CLERK, _COUNTER),
    _worker("quay6", "Tạ Bích Loan", HANOI, Role.COUNTER_CLERK, _COUNTER),
    _worker("quay7", "Cao Thị Nga", SOUTH, Role.COUNTER_CLERK, _COUNTER),
    Worker(
        username="tuyloan1",
        name="Bùi Thị Sen",
        place=VILLAGE,
        roles=frozenset({Role.COUNTER_CLERK, Role.SORTING, Role.TRANSPORT}),
        positions=tuple(Position(place=VILLAGE, kind=kind) for kind in (_COUNTER, _SORTING, _TRANSPORT)),
    ),
    _worker("truongbc", "Ngô Quang Minh", CENTRE, Role.CONTROLLER),
    _worker("khaithac1", "Phan Văn Hùng", CENTRE, Role.SORTING, _SORTING),
    _worker("khaithac2", "Dương Đức Lợi", WEST, Role.SORTING, _SORTING),
    _worker("khaithac3", "Lý Hữu Phúc", SOUTH, Role.SORTING, _SORTING),
    _worker("khaithac4", "Đinh Xuân Khang", HOI_AN, Role.SORTING, _SORTING),
    _worker("khaithac5", "Trương Công Bình", HANOI, Role.SORTING, _SORTING),
    _worker("khaithac6", "Lương Đình Sơn", DIEN_BAN, Role.SORTING, _SORTING),
    _worker("vanchuyen1", "Võ Đức Tài", CENTRE, Role.TRANSPORT, _TRANSPORT),
    _worker("vanchuyen2", "Hồ Minh Long", CENTRE, Role.TRANSPORT, _TRANSPORT, number=2),
    _worker("vanchuyen3", "Kiều Văn Đạt", HANOI, Role.TRANSPORT, _TRANSPORT),
    _worker("buuta1", "Hồ Hoài Nam", CENTRE, Role.POSTMAN),
    _worker("buuta2", "Đặng Văn Toàn", CENTRE, Role.POSTMAN),
    _worker("buuta3", "Huỳnh Đức Thành", CENTRE, Role.POSTMAN),
    _worker("buuta4", "Vũ Quang Hải", WEST, Role.POSTMAN),
    _worker("buuta5", "Đỗ Hữu Việt", SOUTH, Role.POSTMAN),
    _worker("buuta6", "Đoàn Minh Dũng", HOI_AN, Role.POSTMAN),
    _worker("buuta8", "Lâm Văn Khang", HANOI, Role.POSTMAN),
    _worker("motcua1", "Đặng Thị Hoa", CITY_DESK, Role.DESK_OFFICER, _DESK),
    _worker("motcua2", "Châu Ngọc Diệu", "MC-20242", Role.DESK_OFFICER, _DESK),
    _worker("motcua3", "Thái Thu Trang", "MC-20197", Role.DESK_OFFICER, _DESK),
    _worker("motcua4", "Tô Kim Phượng", HANOI_DESK, Role.DESK_OFFICER, _DESK),
    _worker("motcua5", "Quách Thanh Hương", "MC-00235", Role.DESK_OFFICER, _DESK),
    Worker(
        username=HEAD,
        name="Nguyễn Thị Kim Oanh",
        place="MC-20242",
        roles=frozenset({Role.DESK_OFFICER, Role.CONTROLLER}),
    ),
    _worker("chuyenvien1", "Đỗ Minh Quân", "SO-48-TP", Role.DEPARTMENT_OFFICER, _DEPARTMENT),
    _worker("chuyenvien2", "Trần Công Việt", "CA-48", Role.DEPARTMENT_OFFICER, _DEPARTMENT),
    _worker("chuyenvien3", "Lê Xuân Thành", "VPDK-48", Role.DEPARTMENT_OFFICER, _DEPARTMENT),
    _worker("dieuphoi", "Hoàng Đức Long", CENTRE, Role.COORDINATOR),
    _worker("quantri", "Mai Anh Thư", CENTRE, Role.ADMIN),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Staff:
    """Everybody at work, by account and by position, and the places they work at."""

    actors: Mapping[str, Actor]
    holders: Mapping[str, Actor]
    places: Mapping[str, Place]

    def custodian(self, key: str) -> Custodian:
        """Return a position as a custodian."""
        position = parse_position(key)
        return position_custodian(position, unit_name=self.places[position.place].name)

    def postman(self, username: str) -> Custodian:
        """Return a postman on his run as a custodian."""
        somebody = self.actors[username]
        return person_custodian(username, place=somebody.place, name=somebody.name)

    def works(self, territory: Territory) -> bool:
        """Tell whether the postman of a round is one of us."""
        return territory.postman in self.actors


def hire(store: Store, *, at: datetime) -> Staff:
    """Make the accounts, marked as made up, and let each take its positions."""
    _make_accounts(store, at=at)
    for worker in WORKERS:
        by = Actor(account=worker.username, name=worker.name, place=worker.place, roles=worker.roles)
        shift.take_free_positions(store, entitled=worker.entitled, by=by, at=at)
    actors = {worker.username: accounts.actor(store, worker.username, device="chay-thu") for worker in WORKERS}
    with store.read() as reader:
        wanted = {worker.place for worker in WORKERS} | {DESK_WITHOUT_ACCOUNT}
        places = reader.reference.places(sorted(wanted))
    holders = {key: actor for actor in actors.values() for key in sorted(actor.positions)}
    return Staff(actors=actors, holders=holders, places=places)


def _make_accounts(store: Store, *, at: datetime) -> None:
    """Keep every account; one password, so one hash: computing it is slow on purpose."""
    hashed = accounts.hash_password(PASSWORD)
    with store.begin(at=at) as ledger:
        for worker in WORKERS:
            account = Account(
                username=worker.username,
                name=worker.name,
                place=worker.place,
                roles=worker.roles,
                entitled=worker.entitled,
                is_demo=True,
            )
            ledger.accounts.put(account, password_hash=hashed)
            ledger.audit.note(account="demo", place="", what="account_saved", subject=worker.username)
