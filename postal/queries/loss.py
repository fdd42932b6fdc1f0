"""Where an envelope that cannot be found probably lies: the journeys of what travelled with it, ranked with reasons."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import select

from postal.domain import codes, permissions, searching
from postal.domain.dispatch import Dispatch, DispatchState
from postal.domain.events import (
    Claimed,
    Disputed,
    FoundInBag,
    HandedOver,
    IncidentKind,
    Outcome,
    Packed,
    ReportedMissing,
    Sighted,
    Unpacked,
)
from postal.domain.handover import HandoverRecord
from postal.domain.incident import OUTCOME_NAMES, Incident
from postal.domain.item import CUSTODY_NAMES, Item, Trouble
from postal.domain.lifecycle import UnknownCode
from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.domain.searching import Journey, Step, Tie
from postal.queries import access, answerable, items
from postal.queries.answerable import HoldingLine
from postal.store import Reader, Store, passages
from postal.store.passages import Passage
from postal.store.tables import DispatchRow, EventRow, IncidentRow, table_of

MOST_COMPANIONS = 300
"""So many envelopes that travelled with it are read at most, the ones of its own bags and records first."""

MOST_PLACES = 8
TOGETHER = timedelta(days=1)
_AT_ONE_PLACE = ("Accepted", "SignedOnPaper", "Moved", "Registered", "Unpacked", "TakenOver", "FoundInBag")
_SCANS = (Packed, Unpacked, FoundInBag, HandedOver, Sighted)
"""What is a scan also where nobody else answers for the envelope afterwards."""

_NOT_SEEN = (Disputed, ReportedMissing, Claimed)
"""What says where an envelope is not."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A likely place: why, and whether it was asked and what it said."""

    code: str
    name: str
    reasons: tuple[str, ...]
    asked: str
    incident: str
    can_ask: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class SearchPage:
    """Where an envelope probably lies, best first, what the earlier questions brought, who held it when."""

    code: str
    destination: str
    custody: str
    is_missing: bool
    last_place: str
    last_at: datetime
    places: tuple[Place, ...]
    companions: int
    questions: tuple["Question", ...]
    holdings: tuple[HoldingLine, ...]
    errors: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """A place that was asked, and what came of it."""

    incident: str
    place: str
    asked_at: datetime
    due_at: datetime
    result: str
    is_open: bool


def search_page(store: Store, code: str, *, actor: Actor, at: datetime) -> SearchPage:
    """Return where an envelope probably lies. Raises: UnknownCode, Forbidden, NotParty."""
    permissions.require(actor, Permission.SEARCH_LOST)
    with store.read(at=at) as reader:
        item = reader.thing(Item, code)
        if item is None:
            raise UnknownCode(thing=codes.shown(code))
        if not items.takes_part(reader, item, actor):
            raise items.NotParty(thing=codes.shown(code))
        return _page(reader, item, actor=actor, at=at)


def refused(page: SearchPage, *, sentence: str) -> SearchPage:
    """Return the page with why a question was not asked."""
    return replace(page, errors={"ask": sentence})


def why(page: SearchPage, place: str) -> str:
    """Return the reasons for a place in one text, empty when it is not on the list."""
    return next((" ".join(each.reasons) for each in page.places if each.code == place), "")


def _page(reader: Reader, item: Item, *, actor: Actor, at: datetime) -> SearchPage:
    lost, others, names = _journeys(reader, item)
    asked = _asked(reader, item.code)
    looked = [each for each in asked if each.outcome is not Outcome.FOUND and (each.answers or not each.is_open)]
    not_there = frozenset(each.owner for each in looked)
    found = searching.rank(lost, others, at=at, names=names, not_there=not_there)[:MOST_PLACES]
    places = reader.reference.places(
        {*(each.place for each in found), *(each.owner for each in asked), lost.steps[-1].place}
    )
    by_place = {each.owner: each for each in asked}
    may_ask = permissions.may(actor, Permission.SEARCH_LOST) and not access.watches_all(actor)
    return SearchPage(
        code=item.code,
        destination=item.destination.name,
        custody=CUSTODY_NAMES[item.custody],
        is_missing=item.trouble is Trouble.MISSING,
        last_place=str(item.custodian),
        last_at=lost.steps[lost.last_seen].at,
        places=tuple(
            Place(
                code=guess.place,
                name=places[guess.place].name if guess.place in places else guess.place,
                reasons=tuple(reason.words for reason in guess.reasons),
                asked=_result(by_place[guess.place]) if guess.place in by_place else "",
                incident=by_place[guess.place].code if guess.place in by_place else "",
                can_ask=may_ask and not (guess.place in by_place and by_place[guess.place].is_open),
            )
            for guess in found
        ),
        companions=len(others),
        questions=tuple(
            Question(
                incident=each.code,
                place=places[each.owner].name if each.owner in places else each.owner,
                asked_at=each.opened_at,
                due_at=each.due_at,
                result=_result(each),
                is_open=each.is_open,
            )
            for each in asked
        ),
        holdings=answerable.holdings(reader, item),
    )


def _result(asked: Incident) -> str:
    if asked.outcome is not None:
        return OUTCOME_NAMES[asked.outcome].capitalize()
    return "Đã trả lời, xem biên bản" if asked.answers else "Chờ trả lời"


def _asked(reader: Reader, code: str) -> list[Incident]:
    table = table_of(IncidentRow)
    mine = (table.c.about == code) & table.c.kind.in_((IncidentKind.LOST.value, IncidentKind.SILENCE.value))
    return sorted(reader.things(Incident, select(table.c.state).where(mine)), key=lambda each: each.opened_at)


# --- journeys ---------------------------------------------------------------------------------------------------------


def _journeys(reader: Reader, item: Item) -> tuple[Journey, list[Journey], dict[str, str]]:
    """Return the journey of the lost envelope, those of its companions, and what their ties are called."""
    told = passages.of_items(reader, [item.code])[item.code]
    bags = [p.event.bag for p in told if isinstance(p.event, Packed)]
    records = [p.event.record for p in told if isinstance(p.event, HandedOver)]
    seen = [p for p in told if p.stream == item.code and not isinstance(p.event, _NOT_SEEN)]
    codes_ = _companions(reader, item, bags=bags, records=records, last=seen[-1])
    trips = _trips(reader, bags)
    found = passages.of_items(reader, codes_) if codes_ else {}
    known = reader.many(Item, codes_)
    lost = _journey(item, told, trips)
    others = [_journey(known[code], passed, trips) for code, passed in found.items() if code in known and passed]
    people = {p.item.custodian.key: str(p.item.custodian) for p in told}
    return lost, others, {code: codes.shown(code) for code in (*bags, *records, *trips.values())} | people


def _journey(item: Item, told: Sequence[Passage], trips: dict[str, str]) -> Journey:
    return Journey(
        code=item.code,
        destination=item.destination.place,
        steps=tuple(_step(each, trips) for each in _moves(told)),
    )


def _moves(told: Sequence[Passage]) -> Iterable[Passage]:
    """Yield what shows the envelope somewhere: the first step, every change of hands, every scan where it lay."""
    last = ""
    for each in told:
        is_move = each.item.custodian.key != last or isinstance(each.event, _SCANS)
        if is_move and not isinstance(each.event, _NOT_SEEN):
            yield each
        last = each.item.custodian.key


def _step(each: Passage, trips: dict[str, str]) -> Step:
    shared: set[tuple[Tie, str]] = set()
    if each.item.bag:
        shared.add((Tie.BAG, each.item.bag))
        if each.item.bag in trips:
            shared.add((Tie.TRIP, trips[each.item.bag]))
    if isinstance(each.event, HandedOver) and each.event.record:
        shared.add((Tie.RECORD, each.event.record))
    return Step(
        at=each.event.occurred_at,
        place=each.item.custodian.place,
        custodian=each.item.custodian.key,
        shared=frozenset(shared),
        was_seen=each.stream == each.item.code and not (isinstance(each.event, Unpacked) and not each.event.is_checked),
    )


def _companions(reader: Reader, item: Item, *, bags: Sequence[str], records: Sequence[str], last: Passage) -> list[str]:
    """Return the envelopes that shared a bag, a record or a place at the time, its own first."""
    table = table_of(EventRow)
    packed = [event for *_, event in reader.events(bags)] if bags else []
    found = [code for event in packed for code in getattr(event, "items", ())]
    found += [code for record in reader.many(HandoverRecord, records).values() for code in record.items]
    at, place = last.event.occurred_at, last.item.custodian.place
    near = (table.c.recorded_at >= at - TOGETHER) & (table.c.recorded_at <= at + TOGETHER)
    here = select(table.c.stream).where(
        table.c.place == place, table.c.family == "item", table.c.kind.in_(_AT_ONE_PLACE), near
    )
    found += [row.stream for row in reader.rows(here.order_by(table.c.seq.desc()).limit(MOST_COMPANIONS))]
    found += _in_the_same_trip(reader, bags)
    return [code for code in dict.fromkeys(found) if code != item.code][:MOST_COMPANIONS]


def _trips(reader: Reader, bags: Sequence[str]) -> dict[str, str]:
    """Return the trip of each bag that is or was on one."""
    if not bags:
        return {}
    table = table_of(DispatchRow)
    left = table.c.dispatch_state != DispatchState.LOADING.value
    trips = reader.things(Dispatch, select(table.c.state).where(left).order_by(table.c.made_at.desc()).limit(500))
    return {bag: trip.code for trip in trips if not set(bags).isdisjoint(trip.bags) for bag in trip.bags}


def _in_the_same_trip(reader: Reader, bags: Sequence[str]) -> list[str]:
    others = sorted(set(_trips(reader, bags)) - set(bags))
    return [code for *_, event in reader.events(others) for code in getattr(event, "items", ())] if others else []
