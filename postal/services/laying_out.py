"""Laying out the rounds of an office: what is read becomes a yard of stops, the yard's day becomes drafts of runs."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from postal.domain import calendars, doors
from postal.domain.doors import Door, Errand, Waiting
from postal.domain.events import PlannedStop
from postal.domain.people import Account, Role
from postal.domain.places import Place, Territory, Unit
from postal.domain.proposal import Draft, Late, LeftBehind, Why
from postal.services import pinning
from postal.store import Reader, waiting
from routes.model import Depot, Importance, Shift, Stop, TimeWindow, Vehicle
from routes.model import Place as Point
from routes.rounds import Driven, LaidOut, Round, Yard
from routes.why import Reason, Unassigned

AT_THE_DOOR = timedelta(minutes=4)
EACH_FURTHER_THING = timedelta(minutes=2)
"""How long a door takes: a guess, to be replaced by measured rounds."""

START_STEP = timedelta(minutes=5)
WHOLE_DAY = timedelta(hours=24)
WORTH_LEAVING = timedelta(minutes=30)
"""A driver who has less time left than this drives no further round that day."""

WHY: dict[Reason, Why] = {
    Reason.NO_POINT: Why.OVER_HOURS,
    Reason.OUTSIDE_TERRITORY: Why.OUTSIDE,
    Reason.OVER_SHIFT: Why.OVER_HOURS,
    Reason.NO_DRIVER: Why.NO_POSTMAN,
    Reason.TOO_FAR: Why.TOO_FAR,
    Reason.OTHER_PROMISES: Why.OTHER_PROMISES,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class RoundDay:
    """A territory on a day: its doors, who drives it (nobody: empty), and from when to when."""

    territory: Territory
    doors: tuple[Door, ...]
    driver: str
    shift: Shift


@dataclass(frozen=True, kw_only=True, slots=True)
class OfficeDay:
    """An office on a day. `spare` are the postmen who drive no round, `communes` the units of all doors."""

    place: Place
    rounds: tuple[RoundDay, ...]
    spare: tuple[str, ...]
    outside: tuple[Waiting, ...]
    points: Mapping[str, Point | None]
    communes: Mapping[str, Unit]

    @property
    def doors(self) -> dict[str, tuple[RoundDay, Door]]:
        """Return every door of the rounds by its key, with its round."""
        return {door.key: (round_, door) for round_ in self.rounds for door in round_.doors}


# --- reading ----------------------------------------------------------------------------------------------------------


def read_offices(reader: Reader, offices: Collection[str], *, day: date, at: datetime) -> list[OfficeDay]:
    """Return the day of several offices: what waits, where it is, and who is there to drive."""
    found = waiting.at(reader, offices, on=day)
    territories = [round_ for round_ in reader.reference.territories() if round_.office in offices]
    inside, outside = doors.by_territory(found, territories, on=day)
    at_doors = {code: doors.grouped(some) for code, some in inside.items()}
    all_doors = [door for some in at_doors.values() for door in some]
    points = pinning.points_of(reader, all_doors, on=day)
    communes = reader.reference.units([door.commune for door in all_doors], on=day)
    known = reader.reference.places(offices)
    postmen = _Postmen(reader, offices, day=day)
    return [
        _office_day(
            known[code],
            [(round_, at_doors[round_.code]) for round_ in territories if _has(round_, code, at_doors)],
            outside=[each for each in outside if each.office == code],
            postmen=postmen,
            points=points,
            communes=communes,
            day=day,
            at=at,
        )
        for code in sorted(known)
    ]


def shift_of(territory: Territory, *, day: date, at: datetime, busy: timedelta = timedelta()) -> Shift | None:
    """Return when a round can be driven on a day; today not before now. None when there is no time left.

    `busy` is what its driver drives besides, first.
    """
    begins = _begins(territory, day=day, at=at) + busy
    closes = datetime.combine(day, territory.working_time.closes, calendars.VIETNAM)
    longest = timedelta(minutes=territory.working_time.longest_minutes) - busy
    if min(longest, closes - begins) < WORTH_LEAVING:
        return None
    return Shift(starts_at=begins, ends_at=closes, longest=longest)


def alone(office: OfficeDay, territory: str, *, driver: str, day: date, at: datetime) -> OfficeDay:
    """Return an office's day with one round of it, driven to its end however long that takes."""
    made = []
    for round_ in office.rounds:
        if round_.territory.code == territory:
            begins = _begins(round_.territory, day=day, at=at)
            shift = Shift(starts_at=begins, ends_at=begins + WHOLE_DAY, longest=WHOLE_DAY)
            made.append(replace(round_, driver=driver, shift=shift))
    return replace(office, rounds=tuple(made), outside=(), spare=())


def _begins(territory: Territory, *, day: date, at: datetime) -> datetime:
    opens = datetime.combine(day, territory.working_time.opens, calendars.VIETNAM)
    return max(opens, _next_step(calendars.local(at))) if calendars.local(at).date() == day else opens


def _office_day(
    place: Place,
    territories: Sequence[tuple[Territory, list[Door]]],
    *,
    outside: Iterable[Waiting],
    postmen: "_Postmen",
    points: Mapping[str, Point | None],
    communes: Mapping[str, Unit],
    day: date,
    at: datetime,
) -> OfficeDay:
    drivers: set[str] = set()
    made = []
    for territory, its_doors in territories:
        round_ = _round_day(territory, its_doors, postmen=postmen, taken=drivers, day=day, at=at)
        drivers.add(round_.driver)
        made.append(round_)
    return OfficeDay(
        place=place,
        rounds=tuple(made),
        spare=tuple(name for name in postmen.free_at(place.code) if name not in drivers),
        outside=tuple(outside),
        points=points,
        communes=communes,
    )


def _round_day(
    territory: Territory, its_doors: list[Door], *, postmen: "_Postmen", taken: set[str], day: date, at: datetime
) -> RoundDay:
    """Return a round with its driver, unless he drives another one already or has no time left."""
    name = territory.driver(day) or ""
    driver = name if postmen.is_active(name) and name not in taken else ""
    own = shift_of(territory, day=day, at=at, busy=postmen.busy(driver)) if driver else None
    usual = own or shift_of(territory, day=day, at=at) or _no_time(territory, day=day)
    return RoundDay(territory=territory, doors=tuple(its_doors), driver=driver if own else "", shift=usual)


def _no_time(territory: Territory, *, day: date) -> Shift:
    """Return a moment at the end of the hours, in which nothing fits: the day is over for this round."""
    closes = datetime.combine(day, territory.working_time.closes, calendars.VIETNAM)
    return Shift(starts_at=closes - timedelta(seconds=1), ends_at=closes, longest=timedelta(seconds=1))


def _has(territory: Territory, office: str, at_doors: Mapping[str, list[Door]]) -> bool:
    return territory.office == office and territory.code in at_doors


def _next_step(local: datetime) -> datetime:
    """Return the next round five minutes: a run leaves then, and the same proposal comes out for a while."""
    begun = local.replace(second=0, microsecond=0)
    return begun + (START_STEP - timedelta(minutes=begun.minute % 5))


class _Postmen:
    """Who can drive on a day, and what he drives already."""

    def __init__(self, reader: Reader, offices: Collection[str], *, day: date) -> None:
        self._accounts = {account.username: account for account in reader.accounts.all() if drives(account)}
        self._busy: dict[str, timedelta] = {}
        for found in reader.rounds.runs_on(offices, day=day):
            known = self._busy.get(found.postman, timedelta())
            self._busy[found.postman] = known + timedelta(seconds=found.seconds)

    def is_active(self, name: str) -> bool:
        """Tell whether somebody can sign for items and drive."""
        return name in self._accounts

    def busy(self, name: str) -> timedelta:
        """Return how long his other runs of the day take."""
        return self._busy.get(name, timedelta())

    def free_at(self, office: str) -> list[str]:
        """Return the postmen of an office without any run that day, by account."""
        return sorted(a.username for a in self._accounts.values() if a.place == office and a.username not in self._busy)


def drives(account: Account) -> bool:
    """Tell whether an account can drive a run."""
    return account.is_active and Role.POSTMAN in account.roles


# --- a yard of stops --------------------------------------------------------------------------------------------------


def yard_of(office: OfficeDay, *, day: date) -> Yard:
    """Return an office's day as stops and drivers. A door whose place nobody knows is no stop of it."""
    depot = depot_at(office.place, office.communes)
    return Yard(
        rounds=tuple(
            Round(
                key=round_.territory.code,
                stops=tuple(stop for stop in stops_of(round_, office.points, day=day) if stop.place),
                ranking=ranking_of(round_),
                vehicle=vehicle_of(round_, depot=depot),
                has_driver=bool(round_.driver),
            )
            for round_ in office.rounds
        ),
        spare=office.spare,
    )


def vehicle_of(round_: RoundDay, *, depot: Depot) -> Vehicle:
    """Return who drives a round with what; the round's own name stands for a driver who is still to be found."""
    return Vehicle(key=round_.driver or round_.territory.code, shift=round_.shift, start=depot, end=depot)


def stops_of(round_: RoundDay, points: Mapping[str, Point | None], *, day: date) -> list[Stop]:
    """Return the doors of a round as stops."""
    return [
        Stop(
            key=door.key,
            place=points[door.key],
            area=str(doors.area_number(round_.territory, door)),
            service=AT_THE_DOOR + EACH_FURTHER_THING * (len(door.waiting) - 1),
            window=TimeWindow(opens=door.window[0], closes=door.window[1]) if door.window else None,
            importance=importance_of(door, day=day),
            load=len(door.waiting),
        )
        for door in round_.doors
    ]


def importance_of(door: Door, *, day: date) -> Importance:
    """Return what leaving a door out on a day would break: a postal leg is law, hours and visits are promises."""
    due = [each for each in door.waiting if each.due_on is not None and each.due_on <= day]
    if any(each.errand is Errand.DELIVER and not each.is_repeat for each in due):
        return Importance.LEGAL
    if any(each.is_repeat for each in due):
        return Importance.REPEAT
    return Importance.PROMISED if due or door.window is not None else Importance.USUAL


def ranking_of(round_: RoundDay) -> tuple[str, ...]:
    """Return the areas of a round in its order, as stops name them; last what lies in none."""
    return tuple(str(number) for number in range(len(round_.territory.order) + 1))


def depot_at(place: Place, communes: Mapping[str, Unit]) -> Depot:
    """Return where rounds begin: the office, or the middle of some commune where nobody knows the office's place."""
    if place.lat is not None and place.lon is not None:
        return Depot(key=place.code, place=Point(place.lat, place.lon), label=place.name)
    located = (pinning.middle_of(unit) for _, unit in sorted(communes.items()))
    return Depot(key=place.code, place=next((p for p in located if p), Point(0.0, 0.0)), label=place.name)


# --- drafts of runs ---------------------------------------------------------------------------------------------------


def drafts_of(office: OfficeDay, laid: LaidOut) -> tuple[list[Draft], list[LeftBehind]]:
    """Return an office's laid out day as drafts of runs, and what stays behind with its reason."""
    known = office.doors
    drafts = [_draft(driven, office) for driven in laid.driven]
    without_point = [door for _, door in known.values() if office.points[door.key] is None]
    lost = _taken_along(drafts, without_point, known)
    left = [_left(each, office, known) for each in laid.unassigned]
    left += [_stays(door, office, known[door.key][0].territory.code, Why.NO_POSTMAN) for door in lost]
    return drafts, left + [_outside(each) for each in office.outside]


def planned_stop(
    door: Door, number: int, *, communes: Mapping[str, Unit], arrives_at: datetime | None = None
) -> PlannedStop:
    """Return a door as an event may carry it: its commune's middle, never the point that deliveries taught."""
    middle = pinning.middle_of(communes.get(door.commune))
    opens, closes = door.window or (None, None)
    return PlannedStop(
        number=number,
        commune=door.commune,
        items=door.codes(Errand.DELIVER),
        invitations=door.codes(Errand.INVITE),
        pickups=door.codes(Errand.FETCH),
        lat=middle.lat if middle else None,
        lon=middle.lon if middle else None,
        uncertainty_m=middle.uncertainty_m if middle else None,
        due_on=door.due_on,
        opens_at=opens,
        closes_at=closes,
        arrives_at=arrives_at,
    )


def _draft(driven: Driven, office: OfficeDay) -> Draft:
    known, visits = office.doors, driven.timetable.visits
    round_ = next(each for each in office.rounds if each.territory.code == driven.round)
    number_of = {visit.stop.key: number for number, visit in enumerate(visits, start=1)}
    return Draft(
        territory=driven.round,
        office=office.place.code,
        part=driven.part,
        postman=driven.driver,
        by_spare=driven.by_spare,
        stops=tuple(
            planned_stop(known[visit.stop.key][1], number, communes=office.communes, arrives_at=visit.arrives_at)
            for number, visit in enumerate(visits, start=1)
        ),
        metres=driven.route.metres,
        seconds=round((driven.timetable.returns_at - driven.timetable.starts_at).total_seconds()),
        starts_at=driven.timetable.starts_at,
        longest_minutes=round_.territory.working_time.longest_minutes,
        late=tuple(
            Late(
                number=number_of[miss.stop.key], minutes=-(-miss.late_by // timedelta(minutes=1)), why=WHY[miss.reason]
            )
            for miss in driven.missed
        ),
    )


def _taken_along(
    drafts: list[Draft], without_point: Sequence[Door], known: Mapping[str, tuple[RoundDay, Door]]
) -> list[Door]:
    """Put doors whose place nobody knows at the end of the first run of their round; return those without a run.

    The postman knows where they are; the software does not, so it promises no time.
    """
    lost = []
    for door in without_point:
        round_, _ = known[door.key]
        at = next((n for n, draft in enumerate(drafts) if draft.territory == round_.territory.code), None)
        if at is None and not round_.driver:
            lost.append(door)
            continue
        draft = drafts.pop(at) if at is not None else _empty(round_)
        stop = planned_stop(door, len(draft.stops) + 1, communes={})
        drafts.insert(len(drafts) if at is None else at, replace(draft, stops=(*draft.stops, stop)))
    return lost


def _empty(round_: RoundDay) -> Draft:
    return Draft(
        territory=round_.territory.code,
        office=round_.territory.office,
        part=0,
        postman=round_.driver,
        by_spare=False,
        stops=(),
        metres=0,
        seconds=0,
        starts_at=round_.shift.starts_at,
        longest_minutes=round_.territory.working_time.longest_minutes,
    )


def _left(each: Unassigned, office: OfficeDay, known: Mapping[str, tuple[RoundDay, Door]]) -> LeftBehind:
    round_, door = known[each.stop.key]
    stays = _stays(door, office, round_.territory.code, WHY[each.reason])
    return replace(stays, is_promised=each.stop.must)


def _stays(door: Door, office: OfficeDay, territory: str, why: Why) -> LeftBehind:
    return LeftBehind(
        office=office.place.code,
        territory=territory,
        commune=door.commune,
        things=tuple(each.code for each in door.waiting),
        why=why,
        is_promised=door.due_on is not None,
    )


def _outside(each: Waiting) -> LeftBehind:
    return LeftBehind(
        office=each.office, territory="", commune=each.commune, things=(each.code,), why=Why.OUTSIDE, is_promised=False
    )
