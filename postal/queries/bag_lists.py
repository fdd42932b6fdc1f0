"""Bags in lists: those that come today and who has them, those a place holds, those it sent."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, func, or_, select

from postal.domain import calendars, permissions
from postal.domain.bag import BAG_STATE_NAMES, Bag, BagState
from postal.domain.dispatch import Dispatch, DispatchState
from postal.domain.people import Actor, Custodian
from postal.domain.permissions import Permission
from postal.store import Reader, Store
from postal.store.tables import BagRow, DispatchRow, table_of

MOST_ROWS = 200
FINAL = (BagState.EMPTIED.value, BagState.VOIDED.value)
TONES: dict[BagState, str] = {
    BagState.PACKING: "moving",
    BagState.SEALED: "moving",
    BagState.OFFERED: "needs_citizen",
    BagState.OPENED: "needs_citizen",
    BagState.EMPTIED: "done",
    BagState.VOIDED: "problem",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class BagLine:
    """A bag as a line of a list. `late` says in words how late it is and who has it, empty while it is in time."""

    code: str
    origin: str
    destination: str
    count: int
    seal: str
    state: str
    tone: str
    holder: str
    trip: str
    expected_at: datetime | None
    since: datetime
    late: str
    is_missing: bool
    is_for_me: bool
    has_left: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Coming:
    """The bags due today, and when the next one after them is expected."""

    lines: tuple[BagLine, ...]
    next_at: datetime | None

    @property
    def late(self) -> int:
        """Return how many bags should be here by now."""
        return sum(bool(line.late) for line in self.lines)


@dataclass(frozen=True, kw_only=True, slots=True)
class BagsPage:
    """What comes to the place today, what it holds, and what it sent and nobody has opened yet."""

    place: str
    coming: Coming
    held: tuple[BagLine, ...]
    on_the_road: tuple[BagLine, ...]
    can_pack: bool
    can_receive: bool
    sets_policy: bool


# --- what others need -------------------------------------------------------------------------------------------------


def counted(reader: Reader, keys: Collection[str]) -> dict[tuple[str, BagState], int]:
    """Return how many bags of each state the custodians of these keys answer for."""
    table = table_of(BagRow)
    columns = (table.c.custodian_key, table.c.bag_state, func.count().label("many"))
    mine = table.c.custodian_key.in_(sorted(keys)) & table.c.bag_state.not_in(FINAL)
    rows = reader.rows(select(*columns).where(mine).group_by(table.c.custodian_key, table.c.bag_state))
    return {(row.custodian_key, BagState(row.bag_state)): row.many for row in rows}


def sealed_at(reader: Reader, custodian: Custodian) -> list[Bag]:
    """Return the sealed bags a custodian may hand on, oldest first."""
    table = table_of(BagRow)
    held = (table.c.custodian_key == custodian.key) & (table.c.bag_state == BagState.SEALED.value)
    found = reader.things(Bag, select(table.c.state).where(held).order_by(table.c.last_at, table.c.code))
    return [bag for bag in found if bag.custodian.is_same_as(custodian)]


def held_by(reader: Reader, key: str) -> list[Bag]:
    """Return the bags that the custodian of a key answers for and that are not done with, oldest first."""
    table = table_of(BagRow)
    held = (table.c.custodian_key == key) & table.c.bag_state.not_in(FINAL)
    return reader.things(Bag, select(table.c.state).where(held).order_by(table.c.last_at, table.c.code))


def coming(reader: Reader, *, actor: Actor, at: datetime) -> Coming:
    """Return the bags that reach the actor's place today: the late ones first, then by when they are expected.

    What has not left its sender, or is expected on another day, is not due yet.
    """
    table = table_of(BagRow)
    keys = [*actor.positions, actor.account]
    offered = table.c.offered_to.in_(keys) & (table.c.bag_state == BagState.OFFERED.value)
    on_its_way = (
        (table.c.destination == actor.place)
        & (table.c.custodian_place != actor.place)
        & table.c.bag_state.in_([BagState.SEALED.value, BagState.OFFERED.value])
    )
    found = _lines(reader, or_(offered, on_its_way), actor=actor, at=at)
    today = calendars.local(at).date()
    due = [line for line in found if line.is_for_me or (line.has_left and _is_due(line, today))]
    later = [line.expected_at for line in found if line not in due and line.expected_at]
    in_order = sorted(due, key=lambda line: (not line.late, _order(line), line.code))
    return Coming(lines=tuple(in_order), next_at=min(later, default=None))


# --- lists ------------------------------------------------------------------------------------------------------------


def bags_page(store: Store, *, actor: Actor, at: datetime) -> BagsPage:
    """Return the bags of the actor's place."""
    table = table_of(BagRow)
    alive = table.c.bag_state.not_in(FINAL)
    own = alive & (table.c.custodian_place == actor.place)
    sent = alive & (table.c.origin == actor.place) & (table.c.custodian_place != actor.place)
    with store.read() as reader:
        due = coming(reader, actor=actor, at=at)
        here = {line.code for line in due.lines}
        places = reader.reference.places([actor.place])
        return BagsPage(
            place=places[actor.place].name if actor.place in places else actor.place,
            coming=due,
            held=tuple(line for line in _lines(reader, own, actor=actor, at=at) if line.code not in here),
            on_the_road=tuple(_lines(reader, sent, actor=actor, at=at)),
            can_pack=permissions.may(actor, Permission.PACK_BAG),
            can_receive=permissions.may(actor, Permission.RECEIVE_BAG),
            sets_policy=permissions.may(actor, Permission.SET_POLICY),
        )


def _lines(reader: Reader, which: ColumnElement[bool], *, actor: Actor, at: datetime) -> list[BagLine]:
    table = table_of(BagRow)
    query = select(table.c.state).where(which).order_by(table.c.last_at, table.c.code).limit(MOST_ROWS)
    found = reader.things(Bag, query)
    trips = trips_of(reader, [bag.code for bag in found])
    places = reader.reference.places({each for bag in found for each in (bag.origin, bag.custodian.place)})
    phones = {code: place.phone for code, place in places.items()}
    names = {code: place.name for code, place in places.items()}
    return [_line(bag, trips.get(bag.code), names=names, phones=phones, actor=actor, at=at) for bag in found]


def trips_of(reader: Reader, bags: Sequence[str]) -> dict[str, Dispatch]:
    """Return the trip each bag is on that has not arrived; most bags are on none."""
    table = table_of(DispatchRow)
    alive = table.c.dispatch_state != DispatchState.ARRIVED.value
    under_way = reader.things(Dispatch, select(table.c.state).where(alive)) if bags else []
    return {bag: trip for trip in under_way for bag in trip.bags if bag in bags}


def _line(
    bag: Bag,
    trip: Dispatch | None,
    *,
    names: dict[str, str],
    phones: dict[str, str],
    actor: Actor,
    at: datetime,
) -> BagLine:
    return BagLine(
        code=bag.code,
        origin=names.get(bag.origin, bag.origin),
        destination=bag.destination.name,
        count=len(bag.contents),
        seal=bag.seal,
        state="Không thấy, đang tìm" if bag.is_missing else _said(bag, trip),
        tone="problem" if bag.is_missing else TONES[bag.state],
        holder=str(bag.custodian),
        trip=trip.code if trip else "",
        expected_at=trip.expected_at if trip else None,
        since=bag.last_at,
        late=_late(bag, trip, phone=phones.get(bag.custodian.place, ""), at=at),
        is_missing=bag.is_missing,
        is_for_me=_is_for(bag, actor),
        has_left=bag.has_left,
    )


def _said(bag: Bag, trip: Dispatch | None) -> str:
    is_on_the_road = trip is not None and trip.state is DispatchState.ON_THE_WAY and bag.state is BagState.SEALED
    return "đang trên đường" if is_on_the_road else BAG_STATE_NAMES[bag.state]


def _is_for(bag: Bag, actor: Actor) -> bool:
    """Tell whether somebody may open a bag now: it was offered to him, or he has it where it goes."""
    if bag.is_offered:
        return actor.acts_for(bag.offered_to)
    return bag.is_at_destination and actor.acts_for(bag.custodian) and bag.state is not BagState.PACKING


def _late(bag: Bag, trip: Dispatch | None, *, phone: str, at: datetime) -> str:
    """Say how late a bag is and who has it; a trip that nobody promised a time for is never late."""
    if trip is None or trip.expected_at is None or not trip.is_overdue(at=at) or bag.is_at_destination:
        return ""
    call = f", gọi {phone}" if phone else ""
    return f"Trễ {lasting(trip.expected_at, at=at)} – đang ở {bag.custodian}{call}"


def lasting(since: datetime, *, at: datetime) -> str:
    """Return how long ago something was, as people say it.

    >>> from datetime import timedelta
    >>> noon = datetime(2026, 11, 16, 12)
    >>> [lasting(noon, at=noon + timedelta(minutes=m)) for m in (45, 130, 3000)]
    ['45 phút', '2 giờ 10 phút', '2 ngày']
    """
    minutes = int((at - since).total_seconds()) // 60
    if minutes < 60:
        return f"{minutes} phút"
    hours, rest = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} giờ {rest} phút" if rest else f"{hours} giờ"
    return f"{hours // 24} ngày"


def _is_due(line: BagLine, today: date) -> bool:
    return line.expected_at is None or calendars.local(line.expected_at).date() <= today


def _order(line: BagLine) -> float:
    return line.expected_at.timestamp() if line.expected_at else float("inf")
