"""The ways in the hands of the post, as the journal tells them: begun, due by the lane, ended."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import select

from postal.domain import calendars, clocks, late_post
from postal.domain.calendars import WorkCalendar
from postal.domain.dossier import Dossier
from postal.domain.events import ItemKind
from postal.domain.item import Custody, Item
from postal.domain.late_post import LateLeg, Leg, LegKind
from postal.domain.people import Side
from postal.domain.places import Lane, NoLane, UnknownPlace
from postal.store import passages
from postal.store.ledger import FAMILIES
from postal.store.passages import Passage
from postal.store.reader import Reader

POST = "post"
MOST_AT_ONCE = 400

_KINDS: dict[ItemKind, LegKind] = {
    ItemKind.OUTBOUND: LegKind.OUT,
    ItemKind.SUPPLEMENT: LegKind.OUT,
    ItemKind.RESULT: LegKind.BACK,
}
"""The envelopes whose way has a published time; a slip, papers sent home and recovered papers have none."""


def late_of(reader: Reader, dossiers: Sequence[Dossier], *, at: datetime) -> dict[str, tuple[LateLeg, ...]]:
    """Return the late legs of dossiers by their codes; one in time, or without any lane, has none."""
    try:
        calendar = reader.reference.calendar(POST)
    except UnknownPlace:
        return {}
    found: dict[str, tuple[LateLeg, ...]] = {}
    for start in range(0, len(dossiers), MOST_AT_ONCE):
        some = {dossier.code: dossier for dossier in dossiers[start : start + MOST_AT_ONCE]}
        found |= _late(reader, some, calendar=calendar, at=at)
    return found


def of(reader: Reader, dossier: Dossier, items: Sequence[Item]) -> list[Leg]:
    """Return the ways of some envelopes that have begun and have a published time."""
    if not items:
        return []
    calendar, lanes = reader.reference.calendar(POST), _Lanes(reader)
    told = passages.of_items(reader, [item.code for item in items])
    carried = [item for item in items if item.kind in _KINDS and item.custody is not Custody.VOIDED]
    found = [_leg(item, dossier, told[item.code], lanes=lanes, calendar=calendar) for item in carried]
    return [leg for leg in found if leg is not None]


def _late(
    reader: Reader, dossiers: Mapping[str, Dossier], *, calendar: WorkCalendar, at: datetime
) -> dict[str, tuple[LateLeg, ...]]:
    lanes = _Lanes(reader)
    suspects = [item for item in _carried(reader, dossiers) if _may_be_late(item, dossiers, lanes, calendar, at=at)]
    told = passages.of_items(reader, [item.code for item in suspects]) if suspects else {}
    legs: dict[str, list[Leg]] = {}
    for item in suspects:
        leg = _leg(item, dossiers[item.dossier], told[item.code], lanes=lanes, calendar=calendar)
        if leg is not None:
            legs.setdefault(item.dossier, []).append(leg)
    late = {code: late_post.late_legs(own, calendar=calendar, at=at) for code, own in legs.items()}
    return {code: own for code, own in late.items() if own}


def _carried(reader: Reader, dossiers: Mapping[str, Dossier]) -> list[Item]:
    table = FAMILIES[Item].table
    wanted = table.c.dossier.in_(sorted(dossiers)) & table.c.kind.in_([kind.value for kind in _KINDS])
    alive = table.c.custody != Custody.VOIDED.value
    found = reader.things(Item, select(table.c.state).where(wanted, alive))
    return sorted(found, key=lambda item: (item.registered_at, item.code))


def _may_be_late(
    item: Item, dossiers: Mapping[str, Dossier], lanes: "_Lanes", calendar: WorkCalendar, *, at: datetime
) -> bool:
    """Tell whether an envelope was on its way, or is, after the last day that its journey could have begun for.

    Its way began when it was registered or later, so whoever came to an end before that J+n is in time.
    """
    lane = lanes.of(item, dossiers[item.dossier], since=item.registered_at)
    if lane is None:
        return False
    earliest = calendars.local(item.registered_at).date()
    due_on = calendar.add_working_days(earliest, lane.tier_days) if lane.tier_days else earliest
    promised = dossiers[item.dossier].expected_at_desk_on or due_on
    last = item.last_at if item.is_final else at
    return calendars.local(last).date() > min(due_on, promised)


def _leg(
    item: Item, dossier: Dossier, told: Sequence[Passage], *, lanes: "_Lanes", calendar: WorkCalendar
) -> Leg | None:
    kind = _KINDS[item.kind]
    accepted_at = _accepted(item, dossier, told)
    lane = lanes.of(item, dossier, since=accepted_at) if accepted_at else None
    if accepted_at is None or lane is None:
        return None
    due = clocks.postal_leg(
        lane.tier_days, accepted_at=accepted_at, cutoff=lane.cutoff, calendar=calendar, basis=lane.basis
    )
    is_first = item.kind is ItemKind.OUTBOUND and dossier.expected_at_desk_on is not None
    ended_at = _ended(kind, told, since=accepted_at)
    if ended_at is None and (item.is_final or (item.destination.to_citizen and kind is LegKind.OUT)):
        return None
    return Leg(
        kind=kind,
        item=item.code,
        accepted_at=accepted_at,
        due_on=dossier.expected_at_desk_on if is_first and dossier.expected_at_desk_on else due.due_on,
        due=due,
        ended_at=ended_at,
    )


def _accepted(item: Item, dossier: Dossier, told: Sequence[Passage]) -> datetime | None:
    """Return when J was: at the counter, at the door, or when the post took a result from the authority."""
    if item.kind is ItemKind.RESULT:
        return passages.first_with_post(told)
    is_first = item.kind is ItemKind.OUTBOUND and dossier.expected_at_desk_on is not None
    return dossier.opened_at if is_first else item.registered_at


def _ended(kind: LegKind, told: Sequence[Passage], *, since: datetime) -> datetime | None:
    return next((at for at in _ends(kind, told) if at >= since), None)


def _ends(kind: LegKind, told: Sequence[Passage]) -> Iterator[datetime]:
    """Yield when an envelope stood where its leg ends: with the authority; tried at the door, announced or given."""
    for each in told:
        item = each.item
        is_there = item.custodian.side is Side.AUTHORITY or item.signed_over_at is not None
        is_home = item.attempts > 0 or item.pickup_until is not None or item.custody is Custody.DELIVERED
        if is_there if kind is LegKind.OUT else is_home:
            yield item.signed_over_at if kind is LegKind.OUT and item.signed_over_at else each.event.occurred_at


class _Lanes:
    """The lanes of some envelopes, each looked up once."""

    def __init__(self, reader: Reader) -> None:
        self._reference = reader.reference
        self._named: dict[str, Lane | None] = {}
        self._between: dict[tuple[str, str, object], Lane | None] = {}

    def of(self, item: Item, dossier: Dossier, *, since: datetime) -> Lane | None:
        """Return the lane that an envelope was sent on, None where none is known."""
        if item.kind is ItemKind.OUTBOUND and dossier.lane:
            if dossier.lane not in self._named:
                self._named[dossier.lane] = self._reference.lane_named(dossier.lane)
            return self._named[dossier.lane]
        key = (item.origin, item.destination.place, calendars.local(since).date())
        if key not in self._between:
            self._between[key] = self._found(item.origin, item.destination.place, since=since)
        return self._between[key]

    def _found(self, origin: str, destination: str, *, since: datetime) -> Lane | None:
        places = self._reference.places([origin, destination])
        try:
            return self._reference.lane(places[origin], places[destination], on=calendars.local(since).date())
        except (KeyError, NoLane, UnknownPlace):
            return None
