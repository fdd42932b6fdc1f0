"""The days of several depots, one after the other in the time there is: one task for a process of its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields

from routes import day
from routes.day import DayPlan, Prior, Progress, Score
from routes.matrix import Matrix
from routes.search.engine import Limit
from routes.yard import Yard

Tell = Callable[[Progress], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Depot:
    """The day of one depot: what it begins with, and how far it is from place to place."""

    yard: Yard
    prior: Prior | None = None
    matrix: Matrix | None = None

    @property
    def stops(self) -> int:
        """Return how many stops there are."""
        return sum(len(round_.stops) for round_ in self.yard.rounds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Some depots, for how long all of them together are worked on, and where chance begins."""

    depots: tuple[Depot, ...]
    limit: Limit
    seed: int = 1


def plan_all(task: Task, tell: Tell) -> tuple[DayPlan, ...]:
    """Plan every depot: all of them at first, then each better, the larger ones longer.

    `tell` hears what all of them come to together; told to stop, those that had no turn yet keep their first plan.
    """
    course = _Course(task, tell)
    if len(task.depots) == 1:
        return (course.planned(task.depots[0], task.limit, number=0),)
    course.plans += [course.planned(each, Limit(iterations=0)) for each in task.depots]
    for number, each in enumerate(task.depots):
        if each.stops and not course.is_stopped:
            course.plans[number] = course.planned(each, course.share(each), number=number)
    return tuple(course.plans)


class _Course:
    """How far the work on some depots is."""

    def __init__(self, task: Task, tell: Tell) -> None:
        self._task, self._tell = task, tell
        self._began = time.monotonic()
        self._stops_left = sum(each.stops for each in task.depots)
        self._iterations = 0
        self.plans: list[DayPlan] = []
        self.is_stopped = False

    def share(self, depot: Depot) -> Limit:
        """Return what of the time that is left belongs to a depot, by its stops."""
        limit, part = self._task.limit, depot.stops / self._stops_left
        self._stops_left -= depot.stops
        left = None if limit.seconds is None else max(0.0, limit.seconds - (time.monotonic() - self._began))
        return Limit(
            seconds=None if left is None else left * part,
            iterations=None if limit.iterations is None else round(limit.iterations * part),
        )

    def planned(self, depot: Depot, limit: Limit, *, number: int | None = None) -> DayPlan:
        """Return the plan of one depot within a limit."""

        def watch(progress: Progress) -> bool:
            return self._told(progress, number) if number is not None else False

        made = day.plan(
            depot.yard, limit=limit, matrix=depot.matrix, prior=depot.prior, seed=self._task.seed, watch=watch
        )
        self._iterations += made.iterations
        return made

    def _told(self, progress: Progress, number: int) -> bool:
        """Tell what all depots come to, one of them as far as it is; return whether to stop."""
        others = [plan for n, plan in enumerate(self.plans) if n != number]
        self.is_stopped = self._tell(
            Progress(
                seconds=time.monotonic() - self._began,
                iterations=self._iterations + progress.iterations,
                first=total([progress.first, *(plan.first for plan in others)]),
                best=total([progress.best, *(plan.score for plan in others)]),
            )
        )
        return self.is_stopped


def total(scores: Sequence[Score]) -> Score:
    """Return what several plans come to together."""
    return Score(**{each.name: sum(getattr(score, each.name) for score in scores) for each in fields(Score)})
