"""The week of an office as pages: how full each day of a round is, what has another day and why, what does not fit."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from postal.domain import calendars
from postal.domain.people import Actor, Role
from postal.domain.places import Place
from postal.domain.run import RunElsewhere
from postal.domain.week import (
    BECAUSE_NAMES,
    TROUBLE_NAMES,
    Because,
    DayLoad,
    DayOff,
    RoundWeek,
    UnknownWeek,
    WeekPlan,
    WeekStop,
)
from postal.queries import evenness, runs
from postal.queries.evenness import EvennessView
from postal.store import Reader, Store
from postal.store.weeks import KeptWeek

MINUTE = 60
PROVINCE = "province:"


# --- what pages show --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class WeekPage:
    """Where a week is asked for: the offices and provinces somebody plans for, and the last week of the chosen one."""

    place: str
    place_name: str
    places: tuple[tuple[str, str], ...]
    today: date
    first: date
    last: str
    last_made_at: datetime | None
    last_accepted_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class DayCell:
    """A day of a round. `work` and `hours` are minutes for a bar, the texts say the same; `over` is what is missing."""

    day: date
    off_value: str
    is_off: bool
    was_ticked: bool
    work: int
    hours: int
    full: int
    load: str
    percent: str
    stops: int
    due: int
    over: str
    label: str


@dataclass(frozen=True, kw_only=True, slots=True)
class RoundRow:
    """A round of the week."""

    territory: str
    postmen: str
    cells: tuple[DayCell, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class MovedLine:
    """Things of a round that go out on a later day than they could, or another than before: how many doors, and why."""

    territory: str
    day: date
    before: date | None
    why: str
    doors: int
    things: tuple[str, ...]
    communes: str
    last: date | None


@dataclass(frozen=True, kw_only=True, slots=True)
class TroubleLine:
    """A door whose date cannot be kept, or that is left for later: why, when it goes instead, and what would help."""

    territory: str
    commune: str
    things: tuple[str, ...]
    last: date | None
    promised: date | None
    day: date | None
    why: str
    help: str


@dataclass(frozen=True, kw_only=True, slots=True)
class OverLine:
    """A day with more work than hours: what is missing and what would help."""

    territory: str
    day: date
    says: str
    help: str


@dataclass(frozen=True, kw_only=True, slots=True)
class WeekPlanPage:
    """A proposed week."""

    id: str
    place: str
    place_name: str
    days: tuple[date, ...]
    made_at: datetime
    rounds: tuple[RoundRow, ...]
    over: tuple[OverLine, ...]
    proven: tuple[str, ...]
    trouble: tuple[TroubleLine, ...]
    moved: tuple[MovedLine, ...]
    doors: int
    things: int
    tied: int
    outside: int
    evenness: EvennessView | None
    accepted_at: datetime | None
    accepted_by: str
    is_over: bool
    can_accept: bool


# --- queries ----------------------------------------------------------------------------------------------------------


def week_page(store: Store, *, actor: Actor, at: datetime, place: str = "") -> WeekPage:
    """Return where a week is asked for; only a coordinator chooses another office, or a province."""
    today = calendars.local(at).date()
    with store.read(at=at) as reader:
        choices = _choices(reader, actor, on=today)
        chosen = place if place in choices else (actor.place if actor.place in choices else next(iter(choices), ""))
        last = reader.weeks.last_plan(chosen)
        return WeekPage(
            place=chosen,
            place_name=choices.get(chosen, ""),
            places=tuple(choices.items()),
            today=today,
            first=reader.reference.calendar("post").first_working_day(today + timedelta(days=1)),
            last=last.id if last else "",
            last_made_at=last.plan.made_at if last else None,
            last_accepted_at=last.accepted_at if last else None,
        )


def plan_page(store: Store, number: str, *, actor: Actor, at: datetime) -> WeekPlanPage:
    """Return a proposed week. Raises: UnknownWeek, RunElsewhere."""
    with store.read(at=at) as reader:
        kept = reader.weeks.plan(number)
        if kept is None:
            raise UnknownWeek
        place_name = _choices(reader, actor, on=kept.plan.days[0]).get(kept.plan.place)
        if place_name is None:
            raise RunElsewhere(thing="Kế hoạch tuần", office=kept.plan.place)
        return _page(reader, kept, place_name=place_name, at=at)


def _page(reader: Reader, kept: KeptWeek, *, place_name: str, at: datetime) -> WeekPlanPage:
    plan, lines = kept.plan, _Lines(reader, kept.plan)
    stops = [stop for each in plan.rounds for stop in each.stops]
    is_over = plan.days[0] < calendars.local(at).date()
    return WeekPlanPage(
        id=kept.id,
        place=plan.place,
        place_name=place_name,
        days=plan.days,
        made_at=plan.made_at,
        rounds=tuple(lines.row(each) for each in plan.rounds),
        over=tuple(line for each in plan.rounds for line in lines.over(each)),
        proven=tuple(line for each in plan.rounds for line in lines.proven(each)),
        trouble=tuple(lines.trouble(each, stop) for each in plan.rounds for stop in each.stops if stop.trouble),
        moved=tuple(line for each in plan.rounds for line in lines.moved(each)),
        doors=len(stops),
        things=sum(len(stop.things) for stop in stops),
        tied=sum(stop.last is not None or stop.promised is not None for stop in stops),
        outside=plan.outside,
        evenness=evenness.in_words(plan.evenness, names=lines.names),
        accepted_at=kept.accepted_at,
        accepted_by=lines.names.get(kept.accepted_by, kept.accepted_by),
        is_over=is_over,
        can_accept=kept.accepted_at is None and not is_over,
    )


class _Lines:
    """Turns rounds into lines, with the names they need read once."""

    def __init__(self, reader: Reader, plan: WeekPlan) -> None:
        self.plan = plan
        self.names: Mapping[str, str] = reader.accounts.names()
        self.territories = {each.code: each.name for each in reader.reference.territories()}
        visited = {stop.commune for each in plan.rounds for stop in each.stops}
        self.communes = {code: unit.name for code, unit in reader.reference.units(visited, on=plan.days[0]).items()}
        self.fullest = max((max(load.hours, load.work) for each in plan.rounds for load in each.loads), default=1)

    def row(self, each: RoundWeek) -> RoundRow:
        """Return a round with its days."""
        postmen = ", ".join(self.names.get(name, name) for name in each.postmen)
        name = self.territory(each)
        return RoundRow(
            territory=name,
            postmen=postmen or "chưa có bưu tá",
            cells=tuple(self._cell(each, load, name) for load in each.loads),
        )

    def over(self, each: RoundWeek) -> Iterable[OverLine]:
        """Yield the days of a round that have more work than hours."""
        for load in each.loads:
            if load.over:
                missing = _hours(load.over)
                dates = [stop.promised or stop.last for stop in each.stops if stop.day == load.day]
                due = min((day for day in dates if day), default=load.day)
                yield OverLine(
                    territory=self.territory(each),
                    day=load.day,
                    says=f"thiếu {missing} cho {load.stops} điểm, hạn sớm nhất {calendars.written(due)}",
                    help=f"Kéo dài giờ làm {missing}, hoặc cử thêm một bưu tá ngày đó.",
                )

    def proven(self, each: RoundWeek) -> Iterable[str]:
        """Yield what a round lacks whatever the days."""
        if each.least_over:
            yield f"{self.territory(each)}: chia ngày cách nào cũng thiếu ít nhất {_hours(each.least_over)}."

    def trouble(self, each: RoundWeek, stop: WeekStop) -> TroubleLine:
        """Return a door whose date cannot be kept, or that is left."""
        assert stop.trouble is not None
        return TroubleLine(
            territory=self.territory(each),
            commune=self.commune(stop.commune),
            things=stop.things,
            last=stop.last,
            promised=stop.promised,
            day=stop.day,
            why=TROUBLE_NAMES[stop.trouble],
            help=_help(stop),
        )

    def moved(self, each: RoundWeek) -> Iterable[MovedLine]:
        """Yield what has a later day than it could have, or another than before, by day and reason."""
        found: dict[tuple[date, date | None, Because], list[WeekStop]] = {}
        first = next((load.day for load in each.loads if load.hours), None)
        for stop in each.stops:
            if stop.day and stop.because and (stop.is_moved or (stop.before is None and stop.day != first)):
                found.setdefault((stop.day, stop.before, stop.because), []).append(stop)
        for (day, before, because), stops in sorted(found.items(), key=lambda pair: (pair[0][0], pair[0][2].value)):
            yield self._moved(each, stops, day=day, before=before, because=because)

    def _moved(
        self, each: RoundWeek, stops: Sequence[WeekStop], *, day: date, before: date | None, because: Because
    ) -> MovedLine:
        return MovedLine(
            territory=self.territory(each),
            day=day,
            before=before,
            why=BECAUSE_NAMES[because],
            doors=len(stops),
            things=tuple(thing for stop in stops for thing in stop.things),
            communes=", ".join(dict.fromkeys(self.commune(stop.commune) for stop in stops)),
            last=min((stop.last for stop in stops if stop.last), default=None),
        )

    def _cell(self, each: RoundWeek, load: DayLoad, name: str) -> DayCell:
        is_off = not load.hours
        text = f"{_hours(load.work)} / {_hours(load.hours)}" if not is_off else "không đi"
        return DayCell(
            day=load.day,
            off_value=f"{each.territory} {load.day}",
            is_off=is_off,
            was_ticked=DayOff(territory=each.territory, day=load.day) in self.plan.off,
            work=load.work,
            hours=load.hours,
            full=self.fullest,
            load=text,
            percent=f"{load.percent}%",
            stops=load.stops,
            due=load.due,
            over=_hours(load.over) if load.over else "",
            label=f"{name}, {calendars.written(load.day)}: {text}",
        )

    def territory(self, each: RoundWeek) -> str:
        """Return what a round is called."""
        return self.territories.get(each.territory, each.territory)

    def commune(self, code: str) -> str:
        """Return what a commune is called."""
        return self.communes.get(code, code)


def _hours(minutes: int) -> str:
    return runs.duration(MINUTE * minutes)


def _help(stop: WeekStop) -> str:
    """Return what would keep the date, with its price."""
    if stop.price_on and stop.minutes:
        on = calendars.written(stop.price_on)
        return f"Cần thêm {_hours(stop.minutes)} làm việc {on}: kéo dài giờ hoặc cử người đi."
    return "Đi sớm nhất có thể và báo người nhận." if stop.day else "Hẹn lại với người nhận."


def _choices(reader: Reader, actor: Actor, *, on: date) -> dict[str, str]:
    """Return what somebody plans a week for: the own office, or for a coordinator every one and whole provinces."""
    with_rounds = sorted({territory.office for territory in reader.reference.territories()})
    everywhere = Role.COORDINATOR in actor.roles
    known = reader.reference.places(with_rounds if everywhere else [actor.place])
    found = {code: known[code].name for code in with_rounds if code in known}
    return found | (_provinces(reader, known.values(), on=on) if everywhere else {})


def _provinces(reader: Reader, offices: Iterable[Place], *, on: date) -> dict[str, str]:
    names = {unit.code: unit.name for unit in reader.reference.provinces(on=on)}
    codes = [office.province_code or "" for office in offices]
    return {f"{PROVINCE}{code}": names[code] for code in sorted(set(codes)) if codes.count(code) > 1 and code in names}
