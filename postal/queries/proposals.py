"""A proposed day of rounds as the coordinator's board: routes and stops, what comes too late, what stays and why."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from postal.domain import board, calendars
from postal.domain.board import Taken
from postal.domain.events import PlannedStop
from postal.domain.people import Actor, Role
from postal.domain.places import Territory
from postal.domain.proposal import WHY_NAMES, Draft, LeftBehind, Proposal, UnknownProposal
from postal.domain.run import RunElsewhere
from postal.queries import charts, maps, route_files, runs, solvings, stops
from postal.queries.charts import ChartSet
from postal.queries.maps import BoardMap
from postal.queries.route_files import FileSet
from postal.queries.solvings import SolvingPart
from postal.store import Reader, Store, waiting
from postal.store.rounds import KeptProposal

FULL = 100
ALL_AT_MOST = 150
"""Stops that are shown at once; of more, those of the first run until somebody chooses."""

HISTORY = 8
"""The last changes that are told."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DraftLine:
    """A proposed run. `late` says in words which promised hours it misses, `load` how much of its hours it takes."""

    number: int
    territory: str
    part: str
    office: str
    postman: str
    postmen: tuple[tuple[str, str], ...]
    by_spare: bool
    stops: int
    things: int
    promised: int
    kilometres: str
    duration: str
    seconds: int
    longest_minutes: int
    load: int
    is_full: bool
    communes: tuple[str, ...]
    late: tuple[str, ...]
    locked: int
    by_hand: bool
    is_shown: bool

    @property
    def order(self) -> int:
        """Return the number people see."""
        return self.number + 1

    @property
    def name(self) -> str:
        """Return what the run is called."""
        return f"{self.territory} ({self.part})" if self.part else self.territory


@dataclass(frozen=True, kw_only=True, slots=True)
class BoardStop:
    """A stop as a row of the board: where it is only by the middle of its commune and how far off that may be."""

    name: str
    route: int
    route_name: str
    number: int
    commune: str
    things: tuple[str, ...]
    due: str
    is_due: bool
    window: str
    arrives: str
    late: str
    where: str
    lat: str
    lon: str
    reach: str
    is_locked: bool

    @property
    def route_order(self) -> int:
        """Return the number of its run that people see."""
        return self.route + 1


@dataclass(frozen=True, kw_only=True, slots=True)
class StepLine:
    """A change of the proposal as a line."""

    clock: str
    who: str
    what: str
    stops: int


@dataclass(frozen=True, kw_only=True, slots=True)
class LeftLine:
    """What is for one door and would be on no run, why, and what to do."""

    name: str
    things: tuple[str, ...]
    commune: str
    territory: str
    office: str
    why: str
    next_step: str
    is_promised: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class ProposalPage:
    """A kept proposal; `runs` is what it became, empty while it waits for an answer.

    `seen` counts the changes shown, `rows` are the stops of the runs that are looked at, `undo` is what would be taken
    back.
    """

    id: str
    seen: int
    steps: tuple[StepLine, ...]
    undo: str
    rows: tuple[BoardStop, ...]
    hidden: int
    next_day: date
    place: str
    place_name: str
    day: date
    made_at: datetime
    ways: tuple[str, ...]
    drafts: tuple[DraftLine, ...]
    left: tuple[LeftLine, ...]
    outside: tuple[LeftLine, ...]
    runs: tuple[str, ...]
    stops: int
    things: int
    kilometres: str
    map: BoardMap
    charts: ChartSet
    files: FileSet
    solving: SolvingPart
    can_accept: bool


def proposal_page(
    store: Store, number: str, *, actor: Actor, at: datetime, routes: Collection[int] = ()
) -> ProposalPage:
    """Return a kept proposal with the stops of some routes, of all where nobody chose and they are not too many.

    Raises: UnknownProposal, RunElsewhere.
    """
    with store.read(at=at) as reader:
        kept = reader.rounds.proposal(number)
        if kept is None:
            raise UnknownProposal
        found = kept.proposal
        _must_see(reader, found, actor)
        shown = _shown(found, routes)
        lines = _Lines(reader, found, shown)
        rows = lines.stops(found)
        left = [lines.left(each) for each in found.left]
        return ProposalPage(
            id=number,
            seen=kept.seen,
            steps=lines.steps(kept),
            undo=_undo(kept),
            rows=rows,
            hidden=sum(len(draft.stops) for draft in found.drafts) - len(rows),
            next_day=reader.reference.calendar(waiting.POST).next_working_day(found.day),
            place=found.place,
            place_name=_place_name(reader, found),
            day=found.day,
            made_at=found.made_at,
            ways=found.ways,
            drafts=tuple(lines.draft(n, draft) for n, draft in enumerate(found.drafts)),
            left=tuple(line for line, each in zip(left, found.left, strict=True) if each.territory),
            outside=tuple(line for line, each in zip(left, found.left, strict=True) if not each.territory),
            runs=kept.runs,
            stops=sum(len(draft.stops) for draft in found.drafts),
            things=sum(len(draft.things) for draft in found.drafts),
            kilometres=runs.kilometres(sum(draft.metres for draft in found.drafts)),
            map=maps.of_proposal(reader, found),
            charts=charts.board_charts(reader, found, number=number),
            files=route_files.of_proposal(reader, found, number=number, actor=actor),
            solving=solvings.of_board(reader, kept),
            can_accept=not kept.runs and bool(found.drafts) and found.day >= calendars.local(at).date(),
        )


class _Lines:
    """Turns drafts into lines, with the names they need read once."""

    def __init__(self, reader: Reader, found: Proposal, shown: Collection[int]) -> None:
        self.day = found.day
        self.shown = shown
        self.territories: Mapping[str, Territory] = {each.code: each for each in reader.reference.territories()}
        offices = {each.office for each in (*found.drafts,)} | {each.office for each in found.left}
        self.offices = {code: place.name for code, place in reader.reference.places(offices).items()}
        self.postmen = {office: tuple(stops.postmen_of(reader, office)) for office in offices}
        self.names = reader.accounts.names()
        visited = {stop.commune for draft in found.drafts for stop in draft.stops}
        self.communes = reader.reference.units(visited | {each.commune for each in found.left}, on=found.day)
        self.parts = {draft.territory for draft in found.drafts if draft.part}

    def draft(self, number: int, draft: Draft) -> DraftLine:
        """Return a proposed run."""
        promised = sum(stop.closes_at is not None or _is_due(stop.due_on, self.day) for stop in draft.stops)
        return DraftLine(
            number=number,
            territory=self.territory(draft.territory),
            part=f"phần {draft.part + 1}" if draft.territory in self.parts else "",
            office=self.offices.get(draft.office, draft.office),
            postman=draft.postman,
            postmen=self.postmen[draft.office],
            by_spare=draft.by_spare,
            stops=len(draft.stops),
            things=len(draft.things),
            promised=promised,
            kilometres=runs.kilometres(draft.metres),
            duration=runs.duration(draft.seconds),
            seconds=draft.seconds,
            longest_minutes=draft.longest_minutes,
            load=draft.load_percent,
            is_full=draft.load_percent > FULL,
            communes=tuple(dict.fromkeys(self.commune(stop.commune) for stop in draft.stops)),
            late=tuple(f"Điểm {e.number} muộn {e.minutes} phút: {WHY_NAMES[e.why]}." for e in draft.late),
            locked=len(draft.locked),
            by_hand=draft.by_hand,
            is_shown=number in self.shown,
        )

    def stops(self, found: Proposal) -> tuple[BoardStop, ...]:
        """Return the stops of the runs that are shown, run after run."""
        return tuple(
            self.stop(stop, draft, number)
            for number, draft in enumerate(found.drafts)
            if number in self.shown
            for stop in draft.stops
        )

    def stop(self, stop: PlannedStop, draft: Draft, route: int) -> BoardStop:
        """Return a stop of a proposed run."""
        minutes = {each.number: each.minutes for each in draft.late}
        part = f" (phần {draft.part + 1})" if draft.territory in self.parts else ""
        return BoardStop(
            name=stop.name,
            route=route,
            route_name=self.territory(draft.territory) + part,
            number=stop.number,
            commune=self.commune(stop.commune),
            things=stop.things,
            due=f"{stop.due_on:%d/%m}" if stop.due_on else "",
            is_due=_is_due(stop.due_on, self.day),
            window=stops.window_of(stop),
            arrives=f"{calendars.local(stop.arrives_at):%H:%M}" if stop.arrives_at else "",
            late=f"muộn {minutes[stop.number]} phút" if stop.number in minutes else "",
            where=_where(stop),
            lat=_degrees(stop.lat),
            lon=_degrees(stop.lon),
            reach=str(stop.uncertainty_m or ""),
            is_locked=stop.name in draft.locked,
        )

    def steps(self, kept: KeptProposal) -> tuple[StepLine, ...]:
        """Return the last changes, the newest first."""
        return tuple(self.step(taken) for taken in kept.steps[: -HISTORY - 1 : -1])

    def step(self, taken: Taken) -> StepLine:
        """Return a change."""
        return StepLine(
            clock=f"{calendars.local(taken.at):%H:%M}",
            who=self.names.get(taken.by.account, taken.by.account),
            what=board.STEP_NAMES[taken.step.kind],
            stops=len(taken.step.stops),
        )

    def left(self, each: LeftBehind) -> LeftLine:
        """Return what stays behind."""
        return LeftLine(
            name=each.name,
            things=each.things,
            commune=self.commune(each.commune),
            territory=self.territory(each.territory) if each.territory else "",
            office=self.offices.get(each.office, each.office),
            why=each.reason,
            next_step=each.next_step(self.names),
            is_promised=each.is_promised,
        )

    def territory(self, code: str) -> str:
        """Return what a round is called."""
        return self.territories[code].name if code in self.territories else code

    def commune(self, code: str) -> str:
        """Return what a commune is called."""
        return self.communes[code].name if code in self.communes else code


def _shown(found: Proposal, routes: Collection[int]) -> set[int]:
    """Return the routes whose stops are shown."""
    every = {number for number, draft in enumerate(found.drafts) if draft.stops}
    if every & set(routes):
        return every & set(routes)
    return every if sum(len(draft.stops) for draft in found.drafts) <= ALL_AT_MOST else {min(every)}


def _undo(kept: KeptProposal) -> str:
    standing = board.in_force(kept.steps)
    return board.STEP_NAMES[standing[-1].step.kind] if standing and not kept.runs else ""


def _degrees(value: float | None) -> str:
    return "" if value is None else f"{value:.5f}"


def _where(stop: PlannedStop) -> str:
    if stop.lat is None:
        return "chưa biết"
    kilometres = f"{(stop.uncertainty_m or 0) / 1000:.1f}".replace(".", ",")
    return f"±{kilometres} km" if stop.uncertainty_m else ""


def _is_due(due_on: date | None, day: date) -> bool:
    return due_on is not None and due_on <= day


def _must_see(reader: Reader, found: Proposal, actor: Actor) -> None:
    if actor.place != found.place and Role.COORDINATOR not in actor.roles:
        raise RunElsewhere(thing="Phương án chia chuyến", office=_place_name(reader, found))


def _place_name(reader: Reader, found: Proposal) -> str:
    if found.place in reader.reference.places([found.place]):
        return reader.reference.place(found.place).name
    province = found.place.partition(":")[2]
    names = {unit.code: unit.name for unit in reader.reference.provinces(on=found.day)}
    return names.get(province, found.place)
