"""Positions of a unit: who answers for each, since when, with how many envelopes, and what the last count said."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import func, select

from postal.domain import money
from postal.domain.bag import Bag
from postal.domain.item import Item
from postal.domain.people import Actor, Position, PositionKind, Role, parse_position
from postal.domain.permissions import Forbidden
from postal.domain.places import UnknownPlace
from postal.domain.shift import PositionHolding
from postal.queries import bag_lists, receivers
from postal.store import Reader, Store
from postal.store.tables import ItemRow, table_of

_ALIVE = ("held", "offered")


class NotYourPosition(Forbidden):
    """Only the holder or the controller of the unit passes a position on."""

    code = "not_your_position"
    vi = "{position} không do tài khoản này phụ trách. Nhờ người đang phụ trách, hoặc kiểm soát viên của đơn vị."
    en = "{position} is not held by this account. Ask its holder, or the controller of the unit."


@dataclass(frozen=True, kw_only=True, slots=True)
class PositionLine:
    """A position of the unit, and what one may do with it."""

    key: str
    name: str
    holder: str
    since: datetime | None
    held: int
    expected: int
    counted: int
    is_mine: bool
    can_take: bool
    can_pass: bool

    @property
    def difference(self) -> int:
        """Return how many more (or fewer, negative) were counted at the last hand-over than were on record."""
        return self.counted - self.expected


@dataclass(frozen=True, kw_only=True, slots=True)
class ShiftPage:
    """The positions of somebody's unit."""

    unit: str
    mine: tuple[PositionLine, ...]
    lines: tuple[PositionLine, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class HeldItem:
    """An envelope, or a whole bag, to be counted when a position passes on; `inside` counts what is in a bag."""

    code: str
    href: str
    inside: int
    destination: str
    seal: str
    is_offered: bool
    trouble: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class PassPage:
    """A position about to pass on: what must be there, and who takes it."""

    line: PositionLine
    unit: str
    items: tuple[HeldItem, ...]
    colleagues: tuple[str, ...]
    postage: int
    fees: int
    has_till: bool
    errors: dict[str, str]
    typed: dict[str, str]

    @property
    def offered(self) -> int:
        """Return how many of them wait for somebody's signature and may be out of the house."""
        return sum(item.is_offered for item in self.items)


def shift_page(store: Store, *, actor: Actor) -> ShiftPage:
    """Return the positions of the actor's unit, his own first."""
    with store.read() as reader:
        place = reader.reference.places([actor.place]).get(actor.place)
        name = place.name if place else actor.place
        keys = {p.key: p for p in receivers.known_positions(reader, [actor.place]).get(actor.place, ())}
        keys |= {key: parse_position(key) for key in actor.positions}
        lines = _lines(reader, sorted(keys.values(), key=_order), actor=actor)
        return ShiftPage(unit=name, mine=tuple(line for line in lines if line.is_mine), lines=tuple(lines))


def pass_page(store: Store, key: str, *, actor: Actor) -> PassPage:
    """Return a position with what must be counted. Raises: NotYourPosition, UnknownPlace."""
    with store.read() as reader:
        position = _position(reader, key)
        place = reader.reference.place(position.place)
        line = _lines(reader, [position], actor=actor)[0]
        if not line.can_pass:
            raise NotYourPosition(position=f"{line.name} – {place.name}")
        held = reader.books.in_till(money.till(key))
        colleagues = sorted(s.name for s in receivers.staff(reader, [place.code]) if key in s.entitled)
        return PassPage(
            line=line,
            unit=place.name,
            items=(
                *(_held_bag(bag) for bag in bag_lists.held_by(reader, key)),
                *(_held_item(item) for item in _items(reader, key)),
            ),
            colleagues=tuple(colleagues),
            postage=held.postage,
            fees=held.fees_total,
            has_till=position.kind is PositionKind.COUNTER,
            errors={},
            typed={},
        )


def must_be_free_for(store: Store, key: str, *, actor: Actor) -> None:
    """Refuse a position that somebody holds or that the actor may not hold. Raises: NotYourPosition, UnknownPlace."""
    with store.read() as reader:
        position = _position(reader, key)
        line = _lines(reader, [position], actor=actor)[0]
        if not line.can_take:
            raise NotYourPosition(position=line.name)


def refused(page: PassPage, *, field: str, sentence: str, typed: dict[str, str]) -> PassPage:
    """Return the page with what was wrong beside the field, and what was typed still there."""
    return replace(page, errors={field: sentence}, typed=typed)


def _position(reader: Reader, key: str) -> Position:
    """Return a position that is known. Raises: UnknownPlace."""
    place = key.partition(":")[0]
    found = {position.key: position for position in receivers.known_positions(reader, [place]).get(place, ())}
    if key not in found:
        raise UnknownPlace(place=key)
    return found[key]


def _lines(reader: Reader, positions: list[Position], *, actor: Actor) -> list[PositionLine]:
    keys = [position.key for position in positions]
    holdings = reader.many(PositionHolding, keys)
    names = receivers.names_of(reader, {holding.holder for holding in holdings.values()})
    counts = _counts(reader, keys)
    account = reader.accounts.get(actor.account)
    entitled = account.entitled if account else ()
    return [
        _line(
            position,
            holdings.get(position.key),
            names=names,
            held=counts.get(position.key, 0),
            is_entitled=position.key in entitled,
            actor=actor,
        )
        for position in positions
    ]


def _line(
    position: Position,
    holding: PositionHolding | None,
    *,
    names: dict[str, str],
    held: int,
    is_entitled: bool,
    actor: Actor,
) -> PositionLine:
    is_mine = holding is not None and holding.holder == actor.account
    controls = Role.CONTROLLER in actor.roles and position.place == actor.place
    return PositionLine(
        key=position.key,
        name=position.name,
        holder=names.get(holding.holder, holding.holder) if holding else "",
        since=holding.since if holding else None,
        held=held,
        expected=holding.expected if holding else 0,
        counted=holding.counted if holding else 0,
        is_mine=is_mine,
        can_take=holding is None and is_entitled,
        can_pass=holding is not None and (is_mine or controls),
    )


def _counts(reader: Reader, keys: list[str]) -> Mapping[str, int]:
    """Return how many pieces each position holds: loose envelopes, and whole bags as one each."""
    table = table_of(ItemRow)
    alive = table.c.custodian_key.in_(keys) & table.c.custody.in_(_ALIVE)
    query = select(table.c.custodian_key, func.count().label("held")).where(alive).group_by(table.c.custodian_key)
    held = Counter({row.custodian_key: row.held for row in reader.rows(query)})
    for (key, _), many in bag_lists.counted(reader, keys).items():
        held[key] += many
    return held


def _items(reader: Reader, key: str) -> list[Item]:
    table = table_of(ItemRow)
    alive = (table.c.custodian_key == key) & table.c.custody.in_(_ALIVE)
    return reader.things(Item, select(table.c.state).where(alive).order_by(table.c.last_at, table.c.code))


def _held_bag(bag: Bag) -> HeldItem:
    return HeldItem(
        code=bag.code,
        href=f"/bags/{bag.code}",
        inside=len(bag.contents),
        destination=bag.destination.name,
        seal=bag.seal,
        is_offered=bag.is_offered,
        trouble=bag.is_missing,
    )


def _held_item(item: Item) -> HeldItem:
    return HeldItem(
        code=item.code,
        href=f"/items/{item.code}",
        inside=0,
        destination=item.destination.name,
        seal=item.seal,
        is_offered=item.offered_to is not None,
        trouble=item.trouble is not None,
    )


def _order(position: Position) -> tuple[int, int, str]:
    return (receivers.ORDER.index(position.kind), position.number, position.key)
