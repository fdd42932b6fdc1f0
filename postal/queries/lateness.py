"""Who is late now, by how much, and by when the citizen is told: derived from clocks and calendars, never stored."""

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import Enum

from sqlalchemy import ColumnElement, and_, or_, select

from postal.domain import calendars, clocks, status, supplements
from postal.domain.calendars import WorkCalendar
from postal.domain.dossier import ENDED_WITHOUT_RESULT, AgencyStatus, Dossier
from postal.domain.events import ItemKind
from postal.domain.item import Custody, Item
from postal.domain.people import Side
from postal.domain.places import Lane, NoLane, UnknownPlace
from postal.queries.clocks import POST, STATE, DueView
from postal.store import Reader, passages
from postal.store.passages import Passage
from postal.store.tables import DossierRow, ItemRow, table_of

ANSWER_HOUR = time(17, 0)
"""Until when on a working day the citizen is told what has become of a late dossier."""

SILENT_DAYS = 2
"""Whole working days without an event after which an item in the hands of the post counts as silent."""


_OPEN = (
    AgencyStatus.NEW,
    AgencyStatus.RECEIVED,
    AgencyStatus.IN_WORK,
    AgencyStatus.SUPPLEMENT,
    AgencyStatus.PAYMENT,
    AgencyStatus.RESOLVED,
)


class Clock(Enum):
    """Which of the clocks is meant; they never touch each other."""

    POST_OUT = "post_out"
    SUPPLEMENT = "supplement"
    AUTHORITY = "authority"
    POST_BACK = "post_back"
    PAPERS_BACK = "papers_back"


@dataclass(frozen=True, kw_only=True, slots=True)
class Leg:
    """A way in the hands of the post that is under way: the day it must end, and whether that day is provisional."""

    clock: Clock
    due_on: date
    provisional: bool
    tier_days: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Lateness:
    """Something is late: on which clock, since which day, by how many working days, and who answers for it.

    `new_on` is the day that follows from the last scan and the lane; without one, `answer_by` says when the citizen is
    told. `place` is the code of the organisation.
    """

    clock: Clock
    due_on: date
    days: int
    place: str
    new_on: date | None
    answer_by: date


class Ways:
    """What the ways of some dossiers are counted by, read once for all of them."""

    def __init__(self, reader: Reader) -> None:
        self._reference = reader.reference
        self._lanes: dict[str, Lane | None] = {}

    @functools.cached_property
    def post(self) -> WorkCalendar:
        """The calendar of the post. Raises: UnknownPlace when nobody has loaded it."""
        return self._reference.calendar(POST)

    @functools.cached_property
    def state(self) -> WorkCalendar:
        """The calendar of the authorities. Raises: UnknownPlace when nobody has loaded it."""
        return self._reference.calendar(STATE)

    def lane(self, code: str) -> Lane | None:
        """Return a lane by its code, None when nobody knows it."""
        if code not in self._lanes:
            self._lanes[code] = self._reference.lane_named(code)
        return self._lanes[code]

    def lane_of(self, leading: Item, *, on: date) -> Lane | None:
        """Return the lane from where an envelope began to where it must end, None when there is none."""
        places = self._reference.places([leading.origin, leading.destination.place])
        try:
            return self._reference.lane(places[leading.origin], places[leading.destination.place], on=on)
        except (KeyError, NoLane, UnknownPlace):
            return None


def is_open() -> ColumnElement[bool]:
    """Return the condition that a clock of a dossier may still run: it is not over, or its papers are coming home."""
    dossiers, items = table_of(DossierRow), table_of(ItemRow).alias()
    is_away = items.c.custodian_place.not_in([dossiers.c.desk, dossiers.c.department])
    comes_home = or_(
        items.c.kind == ItemKind.RETURNED.value,
        and_(items.c.kind == ItemKind.OUTBOUND.value, is_away),
    )
    is_alive = items.c.custody.not_in([Custody.DELIVERED.value, Custody.VOIDED.value])
    some = select(items.c.code).where(items.c.dossier == dossiers.c.code, is_alive, comes_home)
    has_ended = dossiers.c.status.in_([int(each) for each in ENDED_WITHOUT_RESULT])
    return or_(dossiers.c.status.in_([int(each) for each in _OPEN]), and_(has_ended, some.exists()))


def under_way(dossier: Dossier, items: Iterable[Item]) -> Item | None:
    """Return the envelope whose way counts now: papers that were asked for, while the post brings them, else the
    leading one."""
    known = list(items)
    brought = (item for item in known if item.kind is ItemKind.SUPPLEMENT and _is_carried(item))
    first = min(brought, key=lambda item: (item.registered_at, item.code), default=None)
    return first if first is not None and supplements.is_awaited(dossier) else status.leading(known)


def leg(ways: Ways, dossier: Dossier, moving: Item | None, *, with_post_since: datetime | None) -> Leg | None:
    """Return the postal leg under way, None when the envelope is not in the hands of the post.

    `with_post_since` is when the post took what goes to the citizen.
    """
    if moving is None or not _is_carried(moving):
        return None
    if moving.kind is ItemKind.SUPPLEMENT:
        return _leg_from(ways, moving, since=moving.registered_at, clock=Clock.SUPPLEMENT)
    if not status.comes_back(moving):
        return _leg_out(ways, dossier, moving) if moving.kind is ItemKind.OUTBOUND else None
    is_waiting = moving.pickup_until is not None or moving.attempts > 0
    if with_post_since is None or is_waiting:
        return None
    clock = Clock.POST_BACK if moving.kind is ItemKind.RESULT else Clock.PAPERS_BACK
    return _leg_from(ways, moving, since=with_post_since, clock=clock)


def with_post_since(reader: Reader, moving: Item | None) -> datetime | None:
    """Return when the post took what goes to the citizen, None for anything else."""
    if moving is None or not is_carried_back(moving):
        return None
    return began_back(moving, passages.of_items(reader, [moving.code])[moving.code])


def is_carried_back(item: Item) -> bool:
    """Tell whether the post has a result or papers for the citizen."""
    return _is_carried(item) and status.comes_back(item)


def began_back(item: Item, happened: Sequence[Passage]) -> datetime | None:
    """Return when the way to the citizen began: the post took it, or papers turned round on their way out."""
    if item.kind is not ItemKind.OUTBOUND:
        return passages.first_with_post(happened)
    turned = (each for each in happened if each.item.destination.to_citizen)
    return next((each.event.occurred_at for each in turned if each.item.custodian.side is Side.POST), None)


def _is_carried(item: Item) -> bool:
    return not item.is_final and item.custodian.side is Side.POST


def of(
    ways: Ways, dossier: Dossier, moving: Item | None, *, due: DueView, way: Leg | None, at: datetime
) -> Lateness | None:
    """Return what is late now: the way it is on, else the authority's limit; None when all is in time."""
    today = calendars.local(at).date()
    if way is not None and moving is not None and today > way.due_on:
        return Lateness(
            clock=way.clock,
            due_on=way.due_on,
            days=max(1, ways.post.working_days_between(way.due_on, today)),
            place=moving.custodian.place,
            new_on=_from_last_scan(ways.post, moving, tier_days=way.tier_days, today=today),
            answer_by=_answer_by(ways.post, way.due_on, at=at),
        )
    if due.late_days and due.shown_at is not None and not dossier.is_over:
        due_on = calendars.local(due.shown_at).date()
        return Lateness(
            clock=Clock.AUTHORITY,
            due_on=due_on,
            days=due.late_days,
            place=dossier.department or dossier.desk,
            new_on=None,
            answer_by=_answer_by(ways.state, due_on, at=at),
        )
    return None


def is_silent(ways: Ways, leading: Item | None, *, at: datetime) -> bool:
    """Tell whether an item moving in the hands of the post has had no event for two whole working days."""
    if leading is None or leading.is_final or leading.custodian.side is not Side.POST or leading.pickup_until:
        return False
    last, today = calendars.local(leading.last_at).date(), calendars.local(at).date()
    return ways.post.working_days_between(last, today) > SILENT_DAYS


def has_not_left(leading: Item | None, way: Leg | None, *, at: datetime) -> bool:
    """Tell whether the papers still lie at the counter on the very day on which they should arrive."""
    if leading is None or way is None or way.clock is not Clock.POST_OUT:
        return False
    return not leading.has_left and calendars.local(at).date() == way.due_on


def is_near(ways: Ways, way: Leg | None, *, at: datetime) -> bool:
    """Tell whether a postal leg is due within one working day."""
    if way is None:
        return False
    today = calendars.local(at).date()
    return ways.post.previous_working_day(way.due_on) <= today <= way.due_on


def expected_at_desk(ways: Ways, dossier: Dossier, items: Iterable[Item]) -> date | None:
    """Return the day the papers arrive at the desk; it is counted from when a postman fetched them at home."""
    if dossier.expected_at_desk_on is not None:
        return dossier.expected_at_desk_on
    fetched = next((each for each in items if each.kind is ItemKind.OUTBOUND and not each.is_final), None)
    way = _leg_out(ways, dossier, fetched) if fetched else None
    return way.due_on if way else None


def _leg_out(ways: Ways, dossier: Dossier, leading: Item) -> Leg | None:
    """Return the way to the desk as promised at the counter; what was fetched at a door begins there."""
    if dossier.expected_at_desk_on is None:
        return _leg_from(ways, leading, since=leading.registered_at, clock=Clock.POST_OUT)
    lane = ways.lane(dossier.lane)
    calendar = ways.post
    accepted_on = calendars.local(dossier.opened_at).date()
    return Leg(
        clock=Clock.POST_OUT,
        due_on=dossier.expected_at_desk_on,
        provisional=bool(calendar.unpublished_years(accepted_on, dossier.expected_at_desk_on)),
        tier_days=lane.tier_days if lane else 0,
    )


def _leg_from(ways: Ways, leading: Item, *, since: datetime, clock: Clock) -> Leg | None:
    lane = ways.lane_of(leading, on=calendars.local(since).date())
    if lane is None:
        return None
    calendar = ways.post
    due = clocks.postal_leg(lane.tier_days, accepted_at=since, cutoff=lane.cutoff, calendar=calendar, basis=lane.basis)
    return Leg(clock=clock, due_on=due.due_on, provisional=due.provisional, tier_days=lane.tier_days)


def _from_last_scan(calendar: WorkCalendar, leading: Item, *, tier_days: int, today: date) -> date | None:
    """Return the day on which the item arrives if the lane's time is counted again from its last scan."""
    if not tier_days:
        return None
    new_on = calendar.add_working_days(calendars.local(leading.last_at).date(), tier_days)
    return new_on if new_on >= today else None


def _answer_by(calendar: WorkCalendar, due_on: date, *, at: datetime) -> date:
    """Return the first working day after the due day whose hour of answer has not passed."""
    now = calendars.local(at)
    today = now.date()
    soonest = calendar.first_working_day(today) if now.time() < ANSWER_HOUR else calendar.next_working_day(today)
    return max(soonest, calendar.next_working_day(due_on))
