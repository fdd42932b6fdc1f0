"""The week ahead: what waits is given days that are evenly full, worked out outside any transaction, then accepted.

Accepting says of each thing on which day it goes out; the day's rounds are laid out on their day, as always.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from postal.domain import calendars, permissions, run, week
from postal.domain.doors import Door, Errand, Waiting
from postal.domain.evenness import Evenness
from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.domain.week import Because, DayLoad, DayOff, RoundWeek, Trouble, WeekPlan, WeekStop
from postal.services import evenness, planning, week_ahead, yards
from postal.services.week_ahead import Ahead, Areas, RoundAhead
from postal.store import Reader, Store, waiting
from postal.store.weeks import KeptWeek
from routes import week as levelling
from routes.week import Levelled, Load, Task, Week

REASON = "week"
"""What stands as the reason of a day that the week gave."""

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Accepted:
    """What accepting a week came to: things with a day from now on, and things that had changed meanwhile."""

    things: int
    changed: int


def propose(
    store: Store, place: str, *, first: date, by: Actor, at: datetime, off: Collection[DayOff] = ()
) -> WeekPlan:
    """Work out the week of an office, or of every office of `province:48`, from a day on. Nothing is written.

    `off` are days on which a round is not driven, besides those nobody drives anyway.

    Raises: NothingThisWeek, NoWorkingDays, RunElsewhere, DayGone, UnknownPlace, Forbidden.
    """
    permissions.require(by, Permission.PLAN_RUN)
    run.must_lie_ahead(first, at=at)
    with store.read(at=at) as reader:
        offices = planning.offices_at(reader, place)
        planning.must_plan_for(offices, by=by)
        ahead = week_ahead.read(reader, offices, first=first, off=frozenset(off), at=at)
    rounds = tuple(_levelled(each, ahead) for each in ahead.rounds)
    if not any(each.stops for each in rounds):
        named = offices[0].name if len(offices) == 1 else f"{len(offices)} bưu cục"
        raise week.NothingThisWeek(day=calendars.written(first), place=named)
    return WeekPlan(
        place=place,
        days=ahead.days,
        made_at=at,
        by=by.as_author(),
        rounds=rounds,
        off=tuple(sorted(off, key=lambda each: (each.territory, each.day))),
        outside=ahead.outside,
        evenness=_evenness(ahead, rounds),
    )


def _evenness(ahead: Ahead, rounds: Iterable[RoundWeek]) -> Evenness:
    """Return how even the hours of the week are between those who drive."""
    worked: dict[str, timedelta] = {}
    available: dict[str, timedelta] = {}
    for round_, told in zip(ahead.rounds, rounds, strict=True):
        for load in told.loads:
            name = round_.drivers.get(load.day)
            if name:
                worked[name] = worked.get(name, timedelta()) + load.work * MINUTE
                available[name] = available.get(name, timedelta()) + load.hours * MINUTE
    return evenness.of_hours(worked, available=available)


def keep(store: Store, plan: WeekPlan, *, by: Actor, at: datetime, below: Callable[[int], int]) -> str:
    """Keep a proposed week until somebody accepts it; return its number. Raises: Forbidden."""
    permissions.require(by, Permission.PLAN_RUN)
    number = "".join(f"{below(256):02x}" for _ in range(16))
    with store.begin(at=at) as ledger:
        ledger.weeks.keep_plan(number, plan)
    return number


def accept(store: Store, number: str, *, by: Actor, at: datetime) -> Accepted:
    """Give the things of a proposed week their days; accepted once, asking again changes nothing.

    What has gone out or got an earlier date since is left as it is.

    Raises: UnknownWeek, WeekGone, RunElsewhere, Overtaken, Forbidden.
    """
    permissions.require(by, Permission.PLAN_RUN)
    with store.read(at=at) as reader:
        kept = kept_week(reader, number, by=by)
        if kept.plan.days[0] < calendars.local(at).date():
            raise week.WeekGone(day=calendars.written(kept.plan.days[0]))
        day_of = kept.plan.day_of
        offices = sorted({each.office for each in kept.plan.rounds})
        waits = waiting.whenever(reader, offices, on=kept.plan.days[-1])
    still = [each.code for each in waits if each.code in day_of and _holds(each, day_of[each.code])]
    with store.begin(at=at) as ledger:
        if ledger.weeks.accept_plan(number, by=by.account):
            for (day, until), things in _by_day(day_of, still).items():
                ledger.weeks.put_off(things, day=day, until=until, by=by.account, reason=REASON)
    return Accepted(things=len(still), changed=len(day_of) - len(still))


def kept_week(reader: Reader, number: str, *, by: Actor) -> KeptWeek:
    """Return a proposed week that somebody may see. Raises: UnknownWeek, RunElsewhere."""
    found = reader.weeks.plan(number)
    if found is None:
        raise week.UnknownWeek
    planning.must_plan_for(planning.offices_at(reader, found.plan.place), by=by)
    return found


def _holds(each: Waiting, stop: WeekStop) -> bool:
    """Tell whether the day of a stop breaks no date of a thing that it would not have to break anyway."""
    return stop.trouble is not None or each.due_on is None or stop.day is None or stop.day <= each.due_on


def _by_day(day_of: Mapping[str, WeekStop], still: Collection[str]) -> dict[tuple[date, date | None], list[str]]:
    found: dict[tuple[date, date | None], list[str]] = {}
    for thing in sorted(still):
        stop = day_of[thing]
        if stop.day:
            found.setdefault((stop.day, stop.last), []).append(thing)
    return found


# --- one round --------------------------------------------------------------------------------------------------------


def _levelled(round_: RoundAhead, ahead: Ahead) -> RoundWeek:
    areas = week_ahead.areas_of(round_, ahead)
    stops = [part for door in round_.doors for part in _parts(door, ahead)]
    tasks = tuple(_task(stop, round_, areas, ahead) for stop in stops)
    found = levelling.level(Week(tasks=tasks, hours=round_.hours, ways=areas.ways))
    return _told(round_, stops, found)


def _task(stop: WeekStop, round_: RoundAhead, areas: Areas, ahead: Ahead) -> Task:
    key = stop.things[0]
    at_the_door = yards.service_of(len(stop.things), areas.places[key], figures=round_.figures)
    return Task(
        key=key,
        area=areas.of[key],
        work=at_the_door + areas.between[areas.of[key]],
        first=stop.promised or ahead.days[0],
        last=stop.last,
        promised=stop.promised,
        before=stop.before,
    )


def _parts(door: Door, ahead: Ahead) -> list[WeekStop]:
    """Return what goes to a door together: all of it, unless promises and dates lie too far apart."""
    promises: dict[date, list[Waiting]] = {}
    free: list[Waiting] = []
    for each in door.waiting:
        day = _promised(each, ahead)
        (promises.setdefault(day, []) if day else free).append(each)
    last = min((day for each in free if (day := _last(each, ahead))), default=None)
    parts = [(day, some) for day, some in sorted(promises.items())]
    if free and parts and (last is None or parts[0][0] <= last):
        parts[0] = (parts[0][0], [*parts[0][1], *free])
        return [_stop(some, ahead, promised=day, last=last if n == 0 else None) for n, (day, some) in enumerate(parts)]
    alone = [_stop(free, ahead, promised=None, last=last)] if free else []
    return [*alone, *(_stop(some, ahead, promised=day, last=None) for day, some in parts)]


def _stop(things: Sequence[Waiting], ahead: Ahead, *, promised: date | None, last: date | None) -> WeekStop:
    in_order = sorted(things, key=lambda each: (each.since, each.code))
    return WeekStop(
        things=tuple(each.code for each in in_order),
        commune=in_order[0].commune,
        day=None,
        because=None,
        last=last,
        promised=promised,
        before=next((ahead.before[each.code] for each in in_order if each.code in ahead.before), None),
    )


def _promised(each: Waiting, ahead: Ahead) -> date | None:
    """Return the day that was agreed with somebody, None when there is none or it is over."""
    is_agreed = each.is_repeat or each.errand is Errand.FETCH
    return each.due_on if is_agreed and each.due_on and each.due_on >= ahead.days[0] else None


def _last(each: Waiting, ahead: Ahead) -> date | None:
    """Return the day by which a thing must go; an agreed day that is over is one, too."""
    return ahead.last_of.get(each.code) if each.errand is Errand.INVITE else each.due_on


def _told(round_: RoundAhead, stops: Sequence[WeekStop], found: Levelled) -> RoundWeek:
    told = [_answered(stop, found) for stop in stops]
    return RoundWeek(
        territory=round_.territory.code,
        office=round_.territory.office,
        postmen=tuple(dict.fromkeys(round_.drivers.values())),
        loads=tuple(_load(load, told) for load in found.loads),
        stops=tuple(told),
        least_over=_minutes(found.least_over),
    )


def _answered(stop: WeekStop, found: Levelled) -> WeekStop:
    """Return a stop with its day and why, and what of it cannot be kept."""
    key, known = stop.things[0], stop
    for chosen in found.chosen:
        if chosen.key == key:
            known = replace(known, day=chosen.day, because=Because(chosen.because.value))
    for unkept in found.unkept:
        if unkept.key == key:
            trouble = Trouble(unkept.trouble.value)
            known = replace(known, trouble=trouble, minutes=_minutes(unkept.price), price_on=unkept.price_on)
    return known


def _load(load: Load, stops: Iterable[WeekStop]) -> DayLoad:
    on_it = [stop for stop in stops if stop.day == load.day]
    return DayLoad(
        day=load.day,
        hours=load.hours // MINUTE,
        work=_minutes(load.work),
        ways=_minutes(load.ways),
        stops=len(on_it),
        due=sum(_is_tied(stop, load.day) for stop in on_it),
    )


def _is_tied(stop: WeekStop, day: date) -> bool:
    return stop.promised == day or (stop.last is not None and stop.last <= day)


def _minutes(length: timedelta) -> int:
    return -(-length // MINUTE)
