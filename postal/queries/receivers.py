"""Who may receive next: the likely ones first and few; everybody else by name."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select

from postal.domain.bag import Bag
from postal.domain.dossier import Dossier
from postal.domain.handover import HandoverRecord
from postal.domain.item import Item
from postal.domain.people import (
    Actor,
    Custodian,
    CustodianKind,
    Position,
    PositionKind,
    Role,
    Side,
    parse_position,
    person_custodian,
    position_custodian,
)
from postal.domain.places import Place, PlaceKind
from postal.domain.refusals import Refused
from postal.queries import places as place_queries
from postal.store import Reader, Store
from postal.store.tables import AccountRow, HandoverRow, PositionRow, table_of

MOST_LIKELY = 10
MOST_FOUND = 8
_RECENT_RECORDS = 40
_MOST_RECENT = 4


class NoReceiver(Refused):
    """A hand-over needs a receiver."""

    code = "no_receiver_chosen"
    vi = "Chưa chọn nơi nhận. Chọn một nơi trong danh sách, hoặc gõ tên rồi bấm “Tìm nơi nhận”."
    en = "No receiver was chosen. Choose one, or type a name and search."


class UnknownReceiver(Refused):
    """The form named a receiver that is not there."""

    code = "unknown_receiver"
    vi = "Không tìm thấy nơi nhận “{receiver}”. Chọn lại trong danh sách."
    en = "There is no receiver “{receiver}”. Choose one from the list."


@dataclass(frozen=True, kw_only=True, slots=True)
class Receiver:
    """Somebody who may receive: the value a form sends, the name, and why it is suggested."""

    value: str
    name: str
    why: str
    is_own: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Staff:
    """Somebody who works somewhere: what he is employed to do and which positions he may hold."""

    username: str
    name: str
    place: str
    roles: frozenset[str]
    entitled: tuple[str, ...]


FLOW: dict[PositionKind, tuple[PositionKind, ...]] = {
    PositionKind.COUNTER: (PositionKind.SORTING, PositionKind.TRANSPORT, PositionKind.COUNTER),
    PositionKind.SORTING: (PositionKind.TRANSPORT, PositionKind.COUNTER, PositionKind.SORTING),
    PositionKind.TRANSPORT: (PositionKind.SORTING, PositionKind.COUNTER, PositionKind.TRANSPORT),
    PositionKind.DESK: (PositionKind.DEPARTMENT, PositionKind.DESK),
    PositionKind.DEPARTMENT: (PositionKind.DESK, PositionKind.DEPARTMENT),
}
"""Where items of a position usually go inside the same unit."""

ORDER = (
    PositionKind.SORTING,
    PositionKind.TRANSPORT,
    PositionKind.COUNTER,
    PositionKind.DESK,
    PositionKind.DEPARTMENT,
)

_FIRST: dict[PlaceKind, PositionKind] = {
    PlaceKind.OFFICE: PositionKind.SORTING,
    PlaceKind.DESK: PositionKind.DESK,
    PlaceKind.DEPARTMENT: PositionKind.DEPARTMENT,
}
"""The position that receives for a place nobody of which has an account."""


def value_of(custodian: Custodian) -> str:
    """Return what a form sends for a custodian."""
    return f"{custodian.kind.value}:{custodian.key}"


def custodian_of(store: Store, value: str) -> Custodian:
    """Return the custodian a form names. Raises: NoReceiver, UnknownReceiver."""
    with store.read() as reader:
        return custodian_in(reader, value)


def custodian_in(reader: Reader, value: str) -> Custodian:
    """Return the custodian a form names. Raises: NoReceiver, UnknownReceiver."""
    if not value:
        raise NoReceiver
    kind, _, key = value.partition(":")
    found = _postman(reader, key) if kind == CustodianKind.PERSON.value else _position(reader, key)
    if found is None:
        raise UnknownReceiver(receiver=key)
    return found


def custodians_of(reader: Reader, actor: Actor) -> list[Custodian]:
    """Return what an actor answers for: the positions held, and a postman himself."""
    held = [parse_position(key) for key in sorted(actor.positions)]
    names = reader.reference.places({position.place for position in held})
    found = [position_custodian(p, unit_name=names[p.place].name) for p in held if p.place in names]
    if Role.POSTMAN in actor.roles:
        found.append(person_custodian(actor.account, place=actor.place, name=actor.name))
    return found


def likely(reader: Reader, *, giver: Custodian, items: Sequence[Item | Bag], actor: Actor) -> tuple[Receiver, ...]:
    """Return who probably receives these items next, best first, each once."""
    finder = _Finder(reader, giver=giver, items=items)
    found: dict[str, Receiver] = {}
    for custodian, why in finder.all():
        if not custodian.is_same_as(giver):
            found.setdefault(custodian.key, _receiver(custodian, why, actor=actor))
    return tuple(found.values())[:MOST_LIKELY]


def named(
    store: Store, words: str, *, giver: Custodian, actor: Actor, side: Side | None = None
) -> tuple[Receiver, ...]:
    """Return the positions of places somebody looks for by name, all or those of one side."""
    found = place_queries.search_places(store, words, limit=MOST_FOUND)
    with store.read() as reader:
        positions = positions_of(reader, found)
    everyone = [custodian for place in found for custodian in positions[place.code]]
    wanted = [c for c in everyone if not c.is_same_as(giver) and side in (None, c.side)]
    return tuple(_receiver(custodian, "", actor=actor) for custodian in wanted)


def names_of(reader: Reader, accounts: Iterable[str]) -> dict[str, str]:
    """Return what the people behind some accounts are called."""
    table = table_of(AccountRow)
    query = select(table.c.username, table.c.name).where(table.c.username.in_(sorted(set(accounts))))
    return {row.username: row.name for row in reader.rows(query)}


class _Finder:
    """Looks for the likely receivers of some items, each with its reason."""

    def __init__(self, reader: Reader, *, giver: Custodian, items: Sequence[Item | Bag]) -> None:
        self.reader = reader
        self.giver = giver
        self.items = items
        self.home = reader.reference.places([giver.place]).get(giver.place)

    def all(self) -> Iterator[tuple[Custodian, str]]:
        """Yield custodians, the likeliest first; some more than once."""
        if self.giver.side is Side.AUTHORITY:
            yield from self._destinations()
            yield from self._own_unit()
            yield from self._of_the_cases()
        else:
            yield from self._onward_from_the_post()
        yield from self._recent()
        yield from self._above()

    def _onward_from_the_post(self) -> Iterator[tuple[Custodian, str]]:
        if self.giver.is_on_the_road:
            yield from self._destinations()
            yield from self._own_unit()
        else:
            yield from self._rounds()
            yield from self._own_unit()
            yield from self._destinations()

    def _destinations(self) -> Iterator[tuple[Custodian, str]]:
        """Where the items must end, the place with most of them first."""
        counted = Counter(i.destination.place for i in self.items if i.destination.place != self.giver.place)
        found = self.reader.reference.places(counted)
        known = [found[code] for code, _ in counted.most_common() if code in found]
        noun = "túi" if all(isinstance(each, Bag) for each in self.items) else "bưu gửi"
        for place, custodians in zip(known, positions_of(self.reader, known).values(), strict=True):
            why = f"{counted[place.code]} {noun} phải đến đây"
            yield from ((custodian, why) for custodian in custodians[:2])

    def _rounds(self) -> Iterator[tuple[Custodian, str]]:
        """The postmen of this office, when something here must go to a door."""
        if any(i.destination.to_citizen and i.destination.place == self.giver.place for i in self.items):
            for somebody in staff(self.reader, [self.giver.place]):
                if Role.POSTMAN.value in somebody.roles:
                    postman = person_custodian(somebody.username, place=somebody.place, name=somebody.name)
                    yield postman, "đi phát"

    def _own_unit(self) -> Iterator[tuple[Custodian, str]]:
        if self.home is None:
            return
        order = FLOW[parse_position(self.giver.key).kind] if self.giver.kind is CustodianKind.POSITION else ()
        here = positions_of(self.reader, [self.home])[self.home.code]
        for custodian in sorted(here, key=lambda c: _rank(c, order)):
            yield custodian, "cùng đơn vị"

    def _of_the_cases(self) -> Iterator[tuple[Custodian, str]]:
        """The desk, the department and the carrying office of the dossiers inside."""
        dossiers = self.reader.many(Dossier, [item.dossier for item in self.items if isinstance(item, Item)]).values()
        ends = Counter(end for d in dossiers for end in (d.department, d.desk, d.office) if end)
        found = self.reader.reference.places(ends)
        known = [found[code] for code, _ in ends.most_common() if code in found and code != self.giver.place]
        for custodians in positions_of(self.reader, known).values():
            yield from ((c, "tham gia hồ sơ") for c in custodians if c.side is Side.AUTHORITY or c.is_on_the_road)

    def _recent(self) -> Iterator[tuple[Custodian, str]]:
        table = table_of(HandoverRow)
        mine = select(table.c.state).where(table.c.giver_key == self.giver.key)
        last = self.reader.things(HandoverRecord, mine.order_by(table.c.offered_at.desc()).limit(_RECENT_RECORDS))
        counted = Counter(value_of(record.receiver) for record in last)
        by_value = {value_of(record.receiver): record.receiver for record in last}
        yield from ((by_value[value], "thường giao") for value, _ in counted.most_common(_MOST_RECENT))

    def _above(self) -> Iterator[tuple[Custodian, str]]:
        if self.home is None or not self.home.parent:
            return
        above = list(self.reader.reference.places([self.home.parent]).values())
        for custodians in positions_of(self.reader, above).values():
            yield from ((c, "đơn vị cấp trên") for c in custodians[:1])


def _receiver(custodian: Custodian, why: str, *, actor: Actor) -> Receiver:
    is_own = actor.acts_for(custodian)
    reason = "vị trí của tôi, chuyển ngay không cần ký" if is_own else why
    return Receiver(value=value_of(custodian), name=custodian.name, why=reason, is_own=is_own)


def _rank(custodian: Custodian, order: tuple[PositionKind, ...]) -> tuple[int, str]:
    kind = parse_position(custodian.key).kind
    return (order.index(kind) if kind in order else len(order), custodian.key)


def positions_of(reader: Reader, found: Sequence[Place]) -> dict[str, list[Custodian]]:
    """Return the positions of places in the order of their kinds; of a place without accounts the first one."""
    known = known_positions(reader, [place.code for place in found])
    result: dict[str, list[Custodian]] = {}
    for place in found:
        here = sorted(known.get(place.code, ()), key=lambda p: (ORDER.index(p.kind), p.number))
        positions = here or [Position(place=place.code, kind=_FIRST[place.kind])]
        result[place.code] = [position_custodian(p, unit_name=place.name) for p in positions]
    return result


def known_positions(reader: Reader, places: Sequence[str]) -> dict[str, set[Position]]:
    """Return the positions somebody holds or may hold, by place."""
    if not places:
        return {}
    table = table_of(PositionRow)
    wanted = or_(*(table.c.code.startswith(f"{place}:", autoescape=True) for place in places))
    held = [row.code for row in reader.rows(select(table.c.code).where(wanted))]
    entitled = [key for somebody in staff(reader, places) for key in somebody.entitled]
    found: dict[str, set[Position]] = {}
    for position in map(parse_position, {*held, *entitled}):
        found.setdefault(position.place, set()).add(position)
    return found


def staff(reader: Reader, places: Iterable[str]) -> list[Staff]:
    """Return who works at some places, by user name."""
    table = table_of(AccountRow)
    columns = (table.c.username, table.c.name, table.c.place, table.c.roles, table.c.entitled)
    query = select(*columns).where(table.c.place.in_(list(places)), table.c.is_active).order_by(table.c.username)
    return [
        Staff(
            username=row.username,
            name=row.name,
            place=row.place,
            roles=frozenset(row.roles.split(",")),
            entitled=tuple(key for key in row.entitled.split(",") if key),
        )
        for row in reader.rows(query)
    ]


def _position(reader: Reader, key: str) -> Custodian | None:
    try:
        position = parse_position(key)
    except ValueError:  # a form can send anything
        return None
    place = reader.reference.places([position.place]).get(position.place)
    everyone = positions_of(reader, [place])[place.code] if place else []
    return next((custodian for custodian in everyone if custodian.key == position.key), None)


def _postman(reader: Reader, username: str) -> Custodian | None:
    account = reader.accounts.get(username)
    if account is None or not account.is_active or Role.POSTMAN not in account.roles:
        return None
    return person_custodian(username, place=account.place, name=account.name)
