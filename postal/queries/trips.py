"""Trips: bags that travel together, from here, to here; one trip with its bags and what is to be done next."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select

from postal.domain import codes, events, permissions
from postal.domain.bag import BAG_STATE_NAMES, Bag, BagState
from postal.domain.dispatch import DISPATCH_STATE_NAMES, Dispatch, DispatchState
from postal.domain.events import Destination
from postal.domain.handover import HandoverRecord, RecordState
from postal.domain.lifecycle import UnknownCode
from postal.domain.people import Actor, Custodian
from postal.domain.permissions import Permission
from postal.queries import access, bag_lists, items, places, receivers, timeline
from postal.queries.items import NotParty
from postal.queries.receivers import Receiver
from postal.queries.timeline import Line
from postal.store import Reader, Store
from postal.store.tables import BagRow, DispatchRow, HandoverRow, table_of

MOST_ROWS = 100
MOST_FOUND = 8
SHOWN_FOR = timedelta(days=2)
"""So long after it was made a trip that has arrived is still listed."""
TONES: dict[DispatchState, str] = {
    DispatchState.LOADING: "needs_citizen",
    DispatchState.ON_THE_WAY: "moving",
    DispatchState.ARRIVED: "done",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class TripLine:
    """A trip as a line of a list. `late` says how late it is and who has it, empty while it is in time."""

    code: str
    origin: str
    destination: str
    bags: int
    state: str
    tone: str
    carrier: str
    expected_at: datetime | None
    departed_at: datetime | None
    arrived_at: datetime | None
    late: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Goal:
    """A place a trip may go to, with how many sealed bags wait for one."""

    place: str
    name: str
    bags: int


@dataclass(frozen=True, kw_only=True, slots=True)
class TripsPage:
    """The trips that come here and those that leave from here."""

    place: str
    coming: tuple[TripLine, ...]
    going: tuple[TripLine, ...]
    can_make: bool
    goals: tuple[Goal, ...]
    words: str
    found: tuple[Goal, ...]
    errors: dict[str, str]
    typed: dict[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Loaded:
    """A bag of a trip."""

    code: str
    destination: str
    seal: str
    count: int
    weight_g: int | None
    state: str
    tone: str
    holder: str


@dataclass(frozen=True, kw_only=True, slots=True)
class TripPage:
    """A trip with its bags, and what the one who looks may do with it."""

    code: str
    state: str
    tone: str
    origin: str
    destination: str
    carrier: str
    record: str
    is_signed: bool
    made_at: datetime
    expected_at: datetime | None
    departed_at: datetime | None
    arrived_at: datetime | None
    late: str
    giver: str
    bags: tuple[Loaded, ...]
    envelopes: int
    timeline: tuple[Line, ...]
    can_load: bool
    can_hand_over: bool
    can_arrive: bool
    carriers: tuple[Receiver, ...]
    errors: dict[str, str]
    typed: dict[str, str]


def trips_page(
    store: Store,
    *,
    actor: Actor,
    at: datetime,
    typed: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
) -> TripsPage:
    """Return the trips of the actor's place: on their way or being loaded, and those that arrived lately."""
    table = table_of(DispatchRow)
    here = or_(table.c.origin == actor.place, table.c.destination == actor.place)
    recent = or_(table.c.dispatch_state != DispatchState.ARRIVED.value, table.c.made_at >= at - SHOWN_FOR)
    words = (typed or {}).get("words", "")
    with store.read() as reader:
        query = select(table.c.state).where(here, recent).order_by(table.c.made_at.desc()).limit(MOST_ROWS)
        trips = reader.things(Dispatch, query)
        names = _names(reader, trips, actor.place)
        phones = _phones(reader, trips)
        lines = {trip.code: _line(trip, names, phones, at=at) for trip in trips}
        can_make = permissions.may(actor, Permission.RUN_DISPATCH)
        goals = _destinations(reader, actor) if can_make else ()
    return TripsPage(
        place=names.get(actor.place, actor.place),
        coming=tuple(lines[trip.code] for trip in trips if trip.destination.place == actor.place),
        going=tuple(lines[trip.code] for trip in trips if trip.origin == actor.place),
        can_make=can_make,
        goals=goals,
        words=words,
        found=_found(store, words) if can_make and words else (),
        errors=errors or {},
        typed=typed or {},
    )


def trip_page(store: Store, code: str, *, actor: Actor, at: datetime) -> TripPage:
    """Return a trip for whoever looks at it. Raises: UnknownCode, NotParty."""
    with store.read() as reader:
        trip = reader.thing(Dispatch, code)
        if trip is None:
            raise UnknownCode(thing=f"chuyến {codes.shown(code)}")
        concerned = {trip.origin, trip.destination.place, trip.carrier.place if trip.carrier else ""}
        if actor.place not in concerned and not access.watches_all(actor):
            raise NotParty(thing=f"Chuyến {codes.shown(code)}")
        return _page(reader, trip, actor=actor, at=at)


# --- parts ------------------------------------------------------------------------------------------------------------


def _page(reader: Reader, trip: Dispatch, *, actor: Actor, at: datetime) -> TripPage:
    found = reader.many(Bag, trip.bags)
    loaded = [found[bag] for bag in trip.bags if bag in found]
    names = _names(reader, [trip], actor.place)
    line = _line(trip, names, _phones(reader, [trip]), at=at)
    offered = _offered(reader, trip)
    runs = permissions.may(actor, Permission.RUN_DISPATCH)
    is_loading = trip.state is DispatchState.LOADING and trip.origin == actor.place and runs
    giver = next((bag.custodian for bag in loaded), None)
    gives = bool(loaded) and offered is None and all(actor.acts_for(bag.custodian) for bag in loaded)
    return TripPage(
        code=trip.code,
        state=items.capitalised(line.state),
        tone=line.tone,
        origin=line.origin,
        destination=line.destination,
        carrier=line.carrier,
        record=trip.record or (offered.code if offered else ""),
        is_signed=bool(trip.record),
        made_at=trip.made_at,
        expected_at=trip.expected_at,
        departed_at=trip.departed_at,
        arrived_at=trip.arrived_at,
        late=line.late,
        giver=str(giver or ""),
        bags=tuple(_loaded(bag, trip) for bag in loaded),
        envelopes=sum(len(bag.contents) for bag in loaded),
        timeline=timeline.lines(reader, [trip.code])[::-1],
        can_load=is_loading and offered is None,
        can_hand_over=is_loading and gives,
        can_arrive=_may_arrive(trip, actor),
        carriers=_carriers(reader, giver, loaded, actor=actor) if giver and is_loading and gives else (),
        errors={},
        typed={},
    )


def _may_arrive(trip: Dispatch, actor: Actor) -> bool:
    may = permissions.may(actor, Permission.RUN_DISPATCH) or permissions.may(actor, Permission.RECEIVE_BAG)
    is_there = actor.place == trip.destination.place or actor.acts_for(trip.carrier)
    return may and is_there and trip.may(events.Arrived)


def _carriers(reader: Reader, giver: Custodian, loaded: Sequence[Bag], *, actor: Actor) -> tuple[Receiver, ...]:
    """Return who may take the trip along, drivers first."""
    likely = receivers.likely(reader, giver=giver, items=loaded, actor=actor)
    return tuple(sorted(likely, key=lambda receiver: ":transport" not in receiver.value))


def _offered(reader: Reader, trip: Dispatch) -> HandoverRecord | None:
    """Return the record over the trip's bags that waits for its carrier's signature."""
    table = table_of(HandoverRow)
    of_bags = {bag.record for bag in reader.many(Bag, trip.bags).values() if bag.is_offered and bag.record}
    waits = table.c.code.in_(sorted(of_bags)) & (table.c.record_state == RecordState.OFFERED.value)
    found = reader.things(HandoverRecord, select(table.c.state).where(waits)) if of_bags else []
    return next((record for record in found if record.dispatch == trip.code), None)


def _loaded(bag: Bag, trip: Dispatch) -> Loaded:
    is_lost = trip.state is DispatchState.ARRIVED and bag.code not in trip.arrived
    state = "không đến cùng chuyến" if is_lost else "đang tìm" if bag.is_missing else BAG_STATE_NAMES[bag.state]
    return Loaded(
        code=bag.code,
        destination=bag.destination.name,
        seal=bag.seal,
        count=len(bag.contents),
        weight_g=bag.weight_g,
        state=state,
        tone="problem" if is_lost or bag.is_missing else bag_lists.TONES[bag.state],
        holder=str(bag.custodian) if bag.state is not BagState.EMPTIED else "",
    )


def _line(trip: Dispatch, names: dict[str, str], phones: dict[str, str], *, at: datetime) -> TripLine:
    late = ""
    if trip.expected_at is not None and trip.is_overdue(at=at):
        phone = phones.get(trip.carrier.place, "") if trip.carrier else ""
        call = f", gọi {phone}" if phone else ""
        late = f"Trễ {bag_lists.lasting(trip.expected_at, at=at)} – đang ở {trip.carrier}{call}"
    return TripLine(
        code=trip.code,
        origin=names.get(trip.origin, trip.origin),
        destination=trip.destination.name,
        bags=len(trip.bags),
        state=DISPATCH_STATE_NAMES[trip.state],
        tone=TONES[trip.state],
        carrier=str(trip.carrier or ""),
        expected_at=trip.expected_at,
        departed_at=trip.departed_at,
        arrived_at=trip.arrived_at,
        late=late,
    )


def _names(reader: Reader, trips: Sequence[Dispatch], own: str) -> dict[str, str]:
    found = reader.reference.places({own, *(trip.origin for trip in trips)})
    return {code: place.name for code, place in found.items()}


def _phones(reader: Reader, trips: Sequence[Dispatch]) -> dict[str, str]:
    found = reader.reference.places({trip.carrier.place for trip in trips if trip.carrier})
    return {code: place.phone for code, place in found.items()}


def _destinations(reader: Reader, actor: Actor) -> tuple[Goal, ...]:
    """Return where sealed bags of the place wait to go, the place with most of them first."""
    table = table_of(BagRow)
    here = (table.c.custodian_place == actor.place) & (table.c.bag_state == BagState.SEALED.value)
    held = reader.things(Bag, select(table.c.state).where(here))
    taken = bag_lists.trips_of(reader, [bag.code for bag in held])
    waiting = [bag for bag in held if bag.code not in taken and bag.destination.place != actor.place]
    counted = Counter(bag.destination.place for bag in waiting)
    names = {bag.destination.place: bag.destination.name for bag in waiting}
    return tuple(Goal(place=place, name=names[place], bags=count) for place, count in counted.most_common())


def goal(store: Store, code: str) -> Destination:
    """Return the place a trip is to go to. Raises: UnknownPlace."""
    with store.read() as reader:
        place = reader.reference.place(code)
        return Destination(place=place.code, name=place.name)


def _found(store: Store, words: str) -> tuple[Goal, ...]:
    """Return the places somebody looks for by name."""
    return tuple(Goal(place=p.code, name=p.name, bags=0) for p in places.search_places(store, words, limit=MOST_FOUND))
