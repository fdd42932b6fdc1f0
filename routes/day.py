"""The day of a depot, better the longer one waits: a first plan at once, then the best so far until told to stop.

The order of what matters: what the law ties to the day, visits that were agreed after one in vain, promised hours, all
the rest, and only then distance and time. A stop stays in its standing round, and with whoever had it in the last plan,
unless leaving it there breaks something that matters more, or costs more metres than `Habits` allows. What is locked
stays on its route in its order; what is loaded is not touched at all.
"""

from __future__ import annotations

import bisect
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from routes import drives, prices, rounds
from routes.drives import Drive
from routes.matrix import GreatCircleMatrix, Matrix, of_kind
from routes.model import Importance, Stop
from routes.search.engine import Engine, Limit
from routes.search.plain import Plain
from routes.split import Ground
from routes.team import NEVER, Burden, Member, Team, team
from routes.why import Reason, Unassigned
from routes.yard import LaidOut, Round, Yard


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """How many metres it is worth to leave a habit: guesses of our own, to be set by who plans.

    `change_of_area` and `way_back_in_order` keep areas together and in the order the driver knows, `other_round` a stop
    in its standing round, `staying` with whoever has it now, `reordering` in its turn. `together` are the routes that
    are worked on at once, `iterations` the steps between two looks at the clock.
    """

    change_of_area: int = 4_000
    way_back_in_order: int = 8_000
    other_round: int = 6_000
    staying: int = 5_000
    reordering: int = 1_000
    together: int = 8
    iterations: int = 300


USUAL = Habits()

WANDERS = 0.015
"""How much worse a plan may be to be worked on further, so that the search leaves the valley it is in."""

PATIENCE = 8
"""How many times longer a piece of work becomes while nothing is won."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What a plan comes to, what matters most first: what it leaves out or misses, then metres with seconds.

    `moved` stops are with another driver than in the last plan.
    """

    legal: int
    repeats: int
    promised: int
    usual: int
    metres: int
    seconds: int
    moved: int = 0
    cost: int = 0

    @property
    def rank(self) -> tuple[int, ...]:
        """Return what plans are compared by: the smaller is the better one."""
        return (self.legal, self.repeats, self.promised, self.usual, self.cost)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far the work is: the first plan and the best so far."""

    seconds: float
    iterations: int
    first: Score
    best: Score


Watch = Callable[[Progress], bool]
"""Told about the first plan and after each piece of work; True stops it with the best so far."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A route of the last plan: the stops in their order, those somebody locked, and whether it is loaded already."""

    round: str
    part: int
    driver: str
    stops: tuple[str, ...]
    locked: frozenset[str] = frozenset()
    is_loaded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Prior:
    """The last plan, which the next one changes as little as possible."""

    routes: tuple[Known, ...]

    @property
    def driver_of(self) -> Mapping[str, str]:
        """Return who had each stop; of several the first."""
        return {stop: known.driver for known in reversed(self.routes) for stop in known.stops}


@dataclass(frozen=True, slots=True, kw_only=True)
class DayPlan:
    """A planned day with what it comes to; `is_stopped` tells that somebody did not want to wait longer."""

    laid: LaidOut
    first: Score
    score: Score
    iterations: int
    seconds: float
    is_stopped: bool


def plan(
    yard: Yard,
    *,
    limit: Limit,
    matrix: Matrix | None = None,
    prior: Prior | None = None,
    habits: Habits = USUAL,
    seed: int = 1,
    watch: Watch | None = None,
    engine: Engine | None = None,
) -> DayPlan:
    """Plan a depot's day: lay it out, or keep the last plan where there is one, then make it better within the limit.

    The same yard, prior and seed under a limit of iterations alone give the same plan. No iterations: the first plan.
    """
    task = _Task(yard=yard, matrix=matrix or GreatCircleMatrix(), prior=prior, habits=habits)
    began, steps, turn, fruitless = time.monotonic(), 0, 0, 0
    best, left = task.first()
    first = score = task.score(best, left)
    here = (best, left)
    now = Progress(seconds=time.monotonic() - began, iterations=0, first=first, best=first)
    stopped = watch is not None and watch(now)
    while not stopped and not _is_over(limit, steps, began):
        piece = _piece(limit, steps, began, iterations=habits.iterations * min(1 + fruitless, PATIENCE))
        tried = task.improved(*here, seed=seed + turn, engine=engine or Plain(), limit=piece)
        turn, steps, fruitless = turn + 1, steps + (piece.iterations or 0), fruitless + 1
        found = task.score(*tried)
        if found.rank < score.rank:
            (best, left), score, fruitless = tried, found, 0
        here = tried if _is_near(found, score) else (best, left)
        now = Progress(seconds=time.monotonic() - began, iterations=steps, first=first, best=score)
        stopped = watch is not None and watch(now)
    return DayPlan(
        laid=prices.priced(drives.laid_out(best, left), yard=yard, matrix=task.matrix),
        first=first,
        score=score,
        iterations=steps,
        seconds=time.monotonic() - began,
        is_stopped=stopped,
    )


def _is_near(found: Score, best: Score) -> bool:
    """Tell whether it is worth going on from a plan: it breaks nothing more than the best, and costs little more."""
    return found.rank[:-1] <= best.rank[:-1] and found.cost <= best.cost * (1 + WANDERS)


def _piece(limit: Limit, steps: int, began: float, *, iterations: int) -> Limit:
    """Return the limit of the next piece of work: some iterations, and no more than is left of the whole."""
    left = iterations if limit.iterations is None else min(iterations, limit.iterations - steps)
    seconds = None if limit.seconds is None else max(0.0, limit.seconds - (time.monotonic() - began))
    return Limit(iterations=left, seconds=seconds)


def _is_over(limit: Limit, steps: int, began: float) -> bool:
    return (limit.iterations is not None and steps >= limit.iterations) or (
        limit.seconds is not None and time.monotonic() - began >= limit.seconds
    )


@dataclass(slots=True)
class _Task:
    """A yard and what its plans are judged by."""

    yard: Yard
    matrix: Matrix
    prior: Prior | None
    habits: Habits
    round_of: dict[str, Round] = field(init=False)
    driver_before: Mapping[str, str] = field(init=False)
    locked: Mapping[str, str] = field(init=False)
    order_before: dict[str, int] = field(init=False)
    loaded: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        known = self.prior.routes if self.prior else ()
        self.round_of = {stop.key: round_ for round_ in self.yard.rounds for stop in round_.stops}
        self.driver_before = self.prior.driver_of if self.prior else {}
        self.locked = {}
        self.order_before = {stop: at for each in reversed(known) for at, stop in enumerate(each.stops)}
        self.loaded = frozenset(each.driver for each in known if each.is_loaded)

    def first(self) -> tuple[list[Drive], list[Unassigned]]:
        """Return the plan to begin with: laid out, or the last one kept."""
        if self.prior is None:
            return rounds.begun(self.yard, matrix=self.matrix)
        found, left = _kept(self.yard, self.prior, matrix=self.matrix)
        self.locked = {key: drive.driver for drive in found for key in drive.held}
        return found, left

    def improved(
        self, best: Sequence[Drive], left: Sequence[Unassigned], *, seed: int, engine: Engine, limit: Limit
    ) -> tuple[list[Drive], list[Unassigned]]:
        """Return the plan after one piece of work on some routes; it may be worse, the given one is unchanged."""
        every = [drive.copy() for drive in best]
        some = self._neighbours(every, turn=seed)
        if not some:
            return every, list(left)
        homes = {drive.round.key for drive in some}
        open_to = [each for each in left if each.stop.place and (each.stop.must or self._round(each.stop) in homes)]
        rest = [each for each in left if each not in open_to]
        group = team(
            [self._member(drive) for drive in some],
            [*(stop for drive in some for stop in drive.path), *(each.stop for each in open_to)],
        )
        if not group.stops:
            return every, list(left)
        start = group.tours(_thinned(some, turn=seed))
        found = engine.solve(group.instance, limit=limit, seed=seed, start=start)
        rest += self._settled(some, group, group.paths(found.tours), reasons={e.stop.key: e.reason for e in open_to})
        open_to_change = [drive for drive in every if drive.driver not in self.loaded]
        return every, drives.find_places(open_to_change, rest)

    def score(self, found: Sequence[Drive], left: Sequence[Unassigned]) -> Score:
        """Return what a plan comes to."""
        out = [0] * len(Importance)
        for each in left:
            out[each.stop.importance] += 1
        metres = seconds = moved = extra = 0
        for drive in found:
            outcome = drive.ground.clock.outcome(drive.path)
            out[Importance.PROMISED] += outcome.missed
            metres, seconds = metres + drive.ground.clock.route(drive.path).metres, seconds + outcome.away
            moved += sum(self.driver_before.get(stop.key, drive.driver) != drive.driver for stop in drive.path)
            extra += self._on_top(drive) + self.habits.reordering * _out_of_order(self._places_before(drive))
        return Score(
            legal=out[Importance.LEGAL],
            repeats=out[Importance.REPEAT],
            promised=out[Importance.PROMISED],
            usual=out[Importance.USUAL],
            metres=metres,
            seconds=seconds,
            moved=moved,
            cost=metres + seconds + extra,
        )

    def _round(self, stop: Stop) -> str:
        return self.round_of[stop.key].key if stop.key in self.round_of else ""

    def _neighbours(self, every: Sequence[Drive], *, turn: int) -> list[Drive]:
        """Return the routes to work on now: all of them, or by turns some that lie side by side around the depot."""
        free = sorted((drive for drive in every if drive.driver not in self.loaded), key=lambda drive: drive.bearing)
        if len(free) <= self.habits.together:
            return free
        begin = turn * (self.habits.together // 2) % len(free)
        return [*free, *free][begin : begin + self.habits.together]

    def _member(self, drive: Drive) -> Member:
        ground = drive.ground
        return Member(vehicle=ground.vehicle, matrix=ground.matrix, burden=lambda stops: self._burden(drive, stops))

    def _on_top(self, drive: Drive) -> int:
        """Return what the habits that a route leaves are worth."""
        if not drive.path:
            return 0
        burden = self._burden(drive, drive.path)
        return int(burden.first[0] + burden.between.diagonal(offset=1).sum())

    def _burden(self, drive: Drive, stops: Sequence[Stop]) -> Burden:
        """Return the metres that leaving habits costs a driver: who else has a stop, areas and their order."""
        homes = np.array([self._round(stop) for stop in stops])
        other_area, back = drive.ground.out_of_order(stops)
        own = homes == drive.round.key
        both = own[:, None] & own
        first = self.habits.other_round * ~own + np.array([self._held_elsewhere(drive, stop) for stop in stops])
        changes = (homes[:, None] != homes) | (both & other_area)
        between = first + self.habits.change_of_area * changes + self.habits.way_back_in_order * both * back
        return Burden(first.astype(np.int64), between.astype(np.int64))

    def _held_elsewhere(self, drive: Drive, stop: Stop) -> int:
        if self.locked.get(stop.key, drive.driver) != drive.driver:
            return NEVER
        return self.habits.staying * (self.driver_before.get(stop.key, drive.driver) != drive.driver)

    def _places_before(self, drive: Drive) -> list[int]:
        """Return where the stops a driver keeps stood in his last plan, in their order now."""
        mine = (stop.key for stop in drive.path if self.driver_before.get(stop.key) == drive.driver)
        return [self.order_before[key] for key in mine]

    def _settled(
        self, some: Sequence[Drive], group: Team, paths: Sequence[list[Stop]], *, reasons: Mapping[str, Reason]
    ) -> list[Unassigned]:
        """Give drivers their orders as far as the exact clock allows; return what is on none."""
        for drive, path in zip(some, paths, strict=True):
            drive.path = drive.fitting(self._as_usual(path, drive))
        served = {stop.key for drive in some for stop in drive.path}
        return [
            Unassigned(stop=stop, reason=reasons.get(stop.key, Reason.OVER_SHIFT))
            for stop in group.stops
            if stop.key not in served
        ]

    def _as_usual(self, path: list[Stop], drive: Drive) -> list[Stop]:
        """Return an order with the areas as the driver knows them where that works, and locked stops in their order."""
        ranks = [drive.ground.rank(stop) for stop in path if self._round(stop) == drive.round.key]
        found = path if ranks == sorted(ranks) or self.prior else drive.ground.as_known(path)
        return drive.in_turn(found)


def _thinned(some: Sequence[Drive], *, turn: int) -> list[list[Stop]]:
    """Return the orders to begin with: as they are, or every other turn without a third of the stops of one corner.

    What was taken out comes back where it is cheapest then, so that the search leaves the valley it is in.
    """
    paths = [list(drive.path) for drive in some]
    placed = [stop for path in paths for stop in path if stop.place]
    if turn % 2 or not placed:
        return paths
    corner = placed[turn * 7919 % len(placed)]
    far = sorted(placed, key=lambda stop: (_apart(stop, corner), stop.key))
    out = {stop.key for stop in far[: len(far) // 3]}
    return [[stop for stop in path if stop.key not in out] for path in paths]


def _apart(one: Stop, other: Stop) -> float:
    if one.place is None or other.place is None:
        return math.inf
    return math.hypot(one.place.lat - other.place.lat, one.place.lon - other.place.lon)


def _out_of_order(places: Sequence[int]) -> int:
    """Return how many of some places must leave their order so that the others stand in theirs."""
    tails: list[int] = []
    for place in places:
        at = bisect.bisect_left(tails, place)
        tails[at : at + 1] = [place]
    return len(places) - len(tails)


# --- keeping the last plan --------------------------------------------------------------------------------------------


def _kept(yard: Yard, prior: Prior, *, matrix: Matrix) -> tuple[list[Drive], list[Unassigned]]:
    """Return the last plan with as few changes as what is different today asks for."""
    stops = {stop.key: stop for round_ in yard.rounds for stop in round_.stops}
    found, left, there = _continued(yard, prior, stops, matrix=matrix)
    for drive in found:
        path = drive.fitting(drive.path) if drive.driver not in there.loaded else drive.path
        on_it = {stop.key for stop in path}
        left += [Unassigned(stop=stop, reason=Reason.OVER_SHIFT) for stop in drive.path if stop.key not in on_it]
        drive.path = path
    fresh = [stop for key, stop in sorted(stops.items()) if key not in there.known]
    left += [Unassigned(stop=stop, reason=there.reason(stop, yard)) for stop in fresh]
    open_to = [drive for drive in found if drive.driver not in there.loaded]
    left = drives.fill_gaps(open_to, left)
    return found, drives.find_places(open_to, left)


@dataclass(slots=True)
class _There:
    """What of the last plan is still there: which stops it knew, who drives, whose vehicle is loaded."""

    known: set[str]
    loaded: frozenset[str]
    driven: set[str]

    def reason(self, stop: Stop, yard: Yard) -> Reason:
        """Return why a stop that nobody had would be on no route."""
        if stop.place is None:
            return Reason.NO_POINT
        home = next(round_ for round_ in yard.rounds if any(each.key == stop.key for each in round_.stops))
        return Reason.OVER_SHIFT if home.key in self.driven else Reason.NO_DRIVER


def _continued(
    yard: Yard, prior: Prior, stops: Mapping[str, Stop], *, matrix: Matrix
) -> tuple[list[Drive], list[Unassigned], _There]:
    """Take over the routes of the last plan by whoever drives today: the same driver, else somebody who is free."""
    rounds_of = {round_.key: round_ for round_ in yard.rounds}
    here = {round_.vehicle.key for round_ in yard.rounds if round_.has_driver} | set(yard.spare)
    free = [name for name in yard.spare if name not in {known.driver for known in prior.routes}]
    located = {key for key, stop in stops.items() if stop.place}
    found: list[Drive] = []
    left: list[Unassigned] = []
    seen: set[str] = set()
    for known in prior.routes:
        path = [stops[key] for key in dict.fromkeys(known.stops) if key in located - seen]
        seen.update(known.stops)
        if known.round in rounds_of and (known.driver in here or free):
            driver = known.driver if known.driver in here else free.pop(0)
            _hand_over(known, path, driver, found, round_=rounds_of[known.round], matrix=matrix)
        else:
            left += [Unassigned(stop=stop, reason=Reason.NO_DRIVER) for stop in path]
    driving = {drive.driver for drive in found}
    found += [
        _drive_of(round_, 0, round_.vehicle.key, [], matrix=matrix)
        for round_ in yard.rounds
        if round_.has_driver and round_.vehicle.key not in driving
    ]
    loaded = frozenset(each.driver for each in prior.routes if each.is_loaded)
    return found, left, _There(seen & located, loaded, {drive.round.key for drive in found})


def _hand_over(
    known: Known, path: list[Stop], driver: str, found: list[Drive], *, round_: Round, matrix: Matrix
) -> None:
    """Give a route of the last plan to a driver; who has one already drives it after that, in the same hours."""
    own = next((drive for drive in found if drive.driver == driver), None)
    if own is None:
        own = _drive_of(round_, known.part, driver, [], matrix=matrix)
        found.append(own)
    own.path += path
    own.held += tuple(stop.key for stop in path if stop.key in known.locked)


def _drive_of(round_: Round, part: int, driver: str, path: list[Stop], *, matrix: Matrix) -> Drive:
    ways = of_kind(matrix, round_.vehicle.kind)
    ground = Ground(vehicle=replace(round_.vehicle, key=driver), ranking=round_.ranking, matrix=ways)
    is_own = round_.has_driver and driver == round_.vehicle.key
    return Drive(round=round_, part=part, by_spare=not is_own, ground=ground, path=path)
