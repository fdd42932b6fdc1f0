"""What nobody has heard of for longer than usual, and which questions something has answered meanwhile."""

import itertools
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from postal.domain import bag as bags
from postal.domain import calendars, dwell, events, incident
from postal.domain import item as items
from postal.domain.bag import Bag
from postal.domain.calendars import WorkCalendar
from postal.domain.dispatch import Dispatch, DispatchState
from postal.domain.dossier import Dossier
from postal.domain.dwell import Dwell, Stage
from postal.domain.events import Event, IncidentKind, Outcome
from postal.domain.incident import Incident
from postal.domain.item import Item, Trouble
from postal.domain.people import Custodian, Side
from postal.domain.places import UnknownPlace
from postal.queries.clocks import POST, STATE
from postal.store import Reader, Store
from postal.store.tables import BagRow, DispatchRow, DossierRow, EventRow, IncidentRow, ItemRow, table_of

SAMPLE = 300
"""Envelopes and bags that ended last, from which the usual dwell is measured."""

_SHORTEST = timedelta(minutes=dwell.SHORTEST)
_HAS_IT = (
    events.Accepted,
    events.SignedOnPaper,
    events.TakenOver,
    events.Found,
    events.FoundInBag,
    events.Unpacked,
    events.Sighted,
    events.Delivered,
)
"""What shows that somebody had an envelope before him."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """Something that ought to have been heard of: whose question it is, and what is said to be usual."""

    kind: IncidentKind
    about: str
    version: int
    owner: str
    other: str
    holder: Custodian | None
    expected: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Silent:
    """A part of what is silent; `last` is the code to go on after, empty once everything was looked at."""

    questions: tuple[Question, ...]
    last: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Over:
    """An open record that something has ended, and how."""

    incident: str
    outcome: Outcome


def overdue_trips(store: Store, *, at: datetime) -> tuple[Question, ...]:
    """Return the trips that should have arrived by now and about which nobody has been asked yet."""
    table = table_of(DispatchRow)
    under_way = select(table.c.state).where(table.c.dispatch_state == DispatchState.ON_THE_WAY.value)
    with store.read(at=at) as reader:
        late = [trip for trip in reader.things(Dispatch, under_way) if trip.is_overdue(at=at)]
        asked = _about(reader, [trip.code for trip in late], kinds=(IncidentKind.BAG_OVERDUE,))
        return tuple(_of_trip(trip) for trip in late if trip.code not in asked)


def silent_after(store: Store, last: str, *, limits: Mapping[Stage, Dwell], at: datetime, limit: int) -> Silent:
    """Return what is silent among the next envelopes and bags by their codes, and what is missing without a record."""
    with store.read(at=at) as reader:
        calendars_ = _calendars(reader)
        if calendars_ is None:
            return Silent(questions=(), last="")
        things = _next(reader, last, at=at, limit=limit)
        heard = _heard(reader, [thing.code for thing in things])
        asked = _about(reader, [thing.code for thing in things], kinds=(IncidentKind.SILENCE,))
        looked_for = _about(reader, [thing.code for thing in things], kinds=incident.LOOKED_FOR)
        on_trips = _under_way_with_time(reader)
        statuses = _statuses(reader, things)
        questions = []
        for thing in things:
            known = looked_for.get(thing.code, ())
            if _is_missing(thing) and not any(_is_asked(i, heard[thing.code]) for i in known):
                questions.append(_of_thing(thing, IncidentKind.LOST))
            if thing.code in on_trips or any(_is_asked(i, heard[thing.code]) for i in asked.get(thing.code, ())):
                continue
            stage = _stage(thing, statuses, at=at)
            calendar = calendars_[thing.custodian.side is Side.AUTHORITY]
            if stage and at > dwell.silent_from(heard[thing.code], limits[stage], calendar):
                questions.append(_of_thing(thing, IncidentKind.SILENCE, expected=limits[stage].basis))
        return Silent(questions=tuple(questions), last=things[-1].code if len(things) == limit else "")


def answered(store: Store, *, at: datetime) -> tuple[Over, ...]:
    """Return the open questions that something has ended: any news, an arrival, somebody who had it before him."""
    table = table_of(IncidentRow)
    kinds = [kind.value for kind in (*incident.SILENT, *incident.LOOKED_FOR)]
    is_open = (table.c.incident_state == "open") & table.c.kind.in_(kinds)
    with store.read(at=at) as reader:
        open_ones = reader.things(Incident, select(table.c.state).where(is_open))
        news = _News(reader, [each.about for each in open_ones], at=at)
        return tuple(Over(incident=each.code, outcome=end) for each in open_ones if (end := news.end_of(each)))


def past(store: Store, *, at: datetime, sample: int = SAMPLE) -> dict[Stage, list[int]]:
    """Return how many working minutes the envelopes and bags that ended last lay at each stage."""
    found: dict[Stage, list[int]] = {}
    with store.read(at=at) as reader:
        calendars_ = _calendars(reader)
        if calendars_ is None:
            return found
        for happened in _streams_that_ended(reader, sample):
            for stage, minutes in _stays(happened, calendars_):
                found.setdefault(stage, []).append(minutes)
    return found


# --- what is asked about ----------------------------------------------------------------------------------------------


def _next(reader: Reader, last: str, *, at: datetime, limit: int) -> list[Item | Bag]:
    """Return the next living envelopes and bags by code that nothing has happened to for a while."""
    item, bag = table_of(ItemRow), table_of(BagRow)
    old = at - _SHORTEST
    living = item.c.custody.in_((items.Custody.HELD.value, items.Custody.OFFERED.value))
    alive = bag.c.bag_state.not_in((bags.BagState.EMPTIED.value, bags.BagState.VOIDED.value))
    of_items = select(item.c.state).where(living, item.c.last_at < old, item.c.code > last).order_by(item.c.code)
    of_bags = select(bag.c.state).where(alive, bag.c.last_at < old, bag.c.code > last).order_by(bag.c.code)
    found: list[Item | Bag] = [*reader.things(Item, of_items.limit(limit)), *reader.things(Bag, of_bags.limit(limit))]
    return sorted(found, key=lambda thing: thing.code)[:limit]


def _heard(reader: Reader, things: Sequence[str]) -> dict[str, datetime]:
    """Return when we heard of each thing last, whenever that had happened."""
    table = table_of(EventRow)
    newest = select(table.c.stream, func.max(table.c.recorded_at).label("heard_at"))
    rows = reader.rows(newest.where(table.c.stream.in_(things)).group_by(table.c.stream))
    return {row.stream: row.heard_at for row in rows}


def _about(reader: Reader, things: Sequence[str], *, kinds: Collection[IncidentKind]) -> dict[str, list[Incident]]:
    table = table_of(IncidentRow)
    wanted = table.c.about.in_(things) & table.c.kind.in_([kind.value for kind in kinds])
    found: dict[str, list[Incident]] = {}
    for each in reader.things(Incident, select(table.c.state).where(wanted)):
        found.setdefault(each.about, []).append(each)
    return found


def _is_asked(question: Incident, heard_at: datetime) -> bool:
    """Tell whether a question of this silence was asked already: one silence, one question."""
    return question.is_open or question.opened_at >= heard_at


def _under_way_with_time(reader: Reader) -> frozenset[str]:
    """Return the bags on trips that have an expected time: the trip is asked about, not each bag."""
    table = table_of(DispatchRow)
    trips = reader.things(
        Dispatch, select(table.c.state).where(table.c.dispatch_state == DispatchState.ON_THE_WAY.value)
    )
    return frozenset(bag for trip in trips if trip.expected_at for bag in trip.bags)


def _statuses(reader: Reader, things: Iterable[Item | Bag]) -> dict[str, Dossier]:
    table = table_of(DossierRow)
    wanted = {thing.dossier for thing in things if isinstance(thing, Item) and thing.custodian.side is Side.AUTHORITY}
    found = reader.things(Dossier, select(table.c.state).where(table.c.code.in_(sorted(wanted))))
    return {dossier.code: dossier for dossier in found}


def _stage(thing: Item | Bag, dossiers: Mapping[str, Dossier], *, at: datetime) -> Stage | None:
    if isinstance(thing, Bag):
        return dwell.stage_of_bag(thing)
    dossier = dossiers.get(thing.dossier)
    return dwell.stage_of_item(thing, dossier.status if dossier else None, on=calendars.local(at).date())


def _of_thing(thing: Item | Bag, kind: IncidentKind, *, expected: str = "") -> Question:
    owner = thing.custodian.place
    others = (thing.offered_to.place if thing.offered_to else "", thing.destination.place, thing.origin)
    return Question(
        kind=kind,
        about=thing.code,
        version=thing.version,
        owner=owner,
        other=next((place for place in others if place and place != owner), ""),
        holder=thing.custodian,
        expected=expected,
    )


def _of_trip(trip: Dispatch) -> Question:
    assert trip.expected_at is not None
    return Question(
        kind=IncidentKind.BAG_OVERDUE,
        about=trip.code,
        version=trip.version,
        owner=trip.carrier.place if trip.carrier else trip.origin,
        other=trip.destination.place,
        holder=trip.carrier,
        expected=f"{calendars.local(trip.expected_at):%H:%M %d/%m/%Y}",
    )


def _calendars(reader: Reader) -> dict[bool, WorkCalendar] | None:
    """Return the calendars of the post and, under True, of the authorities; None before they are loaded."""
    try:
        return {False: reader.reference.calendar(POST), True: reader.reference.calendar(STATE)}
    except UnknownPlace:
        return None


# --- what has ended ---------------------------------------------------------------------------------------------------


class _News:
    """What became of the things that questions are about, read once for all of them."""

    def __init__(self, reader: Reader, things: Sequence[str], *, at: datetime) -> None:
        self._things: dict[str, Item | Bag | Dispatch] = {
            **reader.many(Item, things),
            **reader.many(Bag, things),
            **reader.many(Dispatch, things),
        }
        self._told: dict[str, list[tuple[datetime, Event]]] = {}
        for stream, _, recorded_at, event in reader.events([*self._things]):
            self._told.setdefault(stream, []).append((recorded_at, event))
        alive = [thing for thing in self._things.values() if isinstance(thing, Item | Bag)]
        self._dossiers = _statuses(reader, alive)
        self._at = at

    def end_of(self, question: Incident) -> Outcome | None:
        """Return how an open record has ended by itself, None while it has not."""
        thing = self._things.get(question.about)
        if thing is None:
            return None
        if isinstance(thing, Dispatch):
            return Outcome.FITS_NOW if thing.state is DispatchState.ARRIVED else None
        since = [event for recorded_at, event in self._told[question.about] if recorded_at > question.opened_at]
        if question.kind in incident.LOOKED_FOR:
            return Outcome.FOUND if not _is_missing(thing) and any(isinstance(e, _HAS_IT) for e in since) else None
        is_expected = _stage(thing, self._dossiers, at=self._at) is not None
        return None if is_expected and not since else Outcome.FITS_NOW


def _is_missing(thing: Item | Bag) -> bool:
    return thing.trouble is Trouble.MISSING if isinstance(thing, Item) else thing.is_missing


# --- the past ---------------------------------------------------------------------------------------------------------


def _streams_that_ended(reader: Reader, sample: int) -> Iterator[list[tuple[Item | Bag, datetime]]]:
    """Yield the states and times of what ended last, an envelope or bag each."""
    item, bag = table_of(ItemRow), table_of(BagRow)
    done = item.c.custody == items.Custody.DELIVERED.value
    ended = select(item.c.code).where(done).order_by(item.c.last_at.desc()).limit(sample)
    emptied = bag.c.bag_state == bags.BagState.EMPTIED.value
    counted = select(bag.c.code).where(emptied).order_by(bag.c.last_at.desc()).limit(sample)
    streams = [row.code for query in (ended, counted) for row in reader.rows(query)]
    found: dict[str, list[tuple[Item | Bag, datetime]]] = {}
    for stream, _, _, event in reader.events(streams):
        states = found.setdefault(stream, [])
        begin = bags.begin if isinstance(event, events.BagStarted) else items.begin
        thing = states[-1][0].evolve(event) if states else begin(stream, event)
        states.append((thing, event.occurred_at))
    yield from found.values()


def _stays(
    happened: Sequence[tuple[Item | Bag, datetime]], calendars_: Mapping[bool, WorkCalendar]
) -> Iterator[tuple[Stage, int]]:
    """Yield each stage a thing lay at and for how many working minutes."""
    for (thing, since), (_, until) in itertools.pairwise(happened):
        stage = _stage(thing, {}, at=until)
        if stage is not None:
            yield stage, calendars_[thing.custodian.side is Side.AUTHORITY].working_minutes(since, until)
