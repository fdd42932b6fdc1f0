"""A problem of many hundred stops or more: a quick first plan, then one part of it after the other made better.

A part is some tours that lie beside each other, with their stops and vehicles; it is a problem of its own, small
enough for PyVRP to search thousands of times a second.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pyvrp

from routes.instance import Instance
from routes.search import climb, parts, savings, translate
from routes.search.clock import Clock
from routes.search.engine import Tour

STOPS = 200
"""Stops of a part."""

ITERATIONS = 300
"""How long a part is searched before the next one."""

SPARE = 2
"""Kinds of vehicles of which a part may take one that stands idle."""

SETTINGS = climb.Settings(neighbours=20, perturbations=10)


def search(
    instance: Instance,
    *,
    clock: Clock,
    seed: int,
    start: Sequence[Tour] | None,
    told: Callable[[Sequence[Tour]], None],
) -> None:
    """Look for plans until the clock is over; each better one is `told`."""
    chance = random.Random(seed)  # noqa: S311 - a search wants the same chance again
    tours = list(start or _first(instance, seed=seed, clock=clock))
    told(tours)
    patches = _Patches(instance, tours)
    while not clock.is_over and patches.tours:
        chosen = patches.choose(chance)
        better = _improved(instance, patches, chosen, chance=chance, clock=clock)
        patches.replace(chosen, better)
        if better is not None:
            told(patches.tours)


def _first(instance: Instance, *, seed: int, clock: Clock) -> Sequence[Tour]:
    if savings.is_enough_for(instance):
        tours = savings.tours(instance)
        if len(tours) <= instance.fleet[0].count:
            return tours
    problem = translate.problem(instance)
    climber = climb.Climber(problem.data, seed=seed, settings=SETTINGS)
    first = climber.first()
    if not first.is_feasible():
        first = climber.climb(first, over=lambda: clock.used >= 0.5, clock=clock, told=lambda _: None)
    return problem.tours(first)


def _improved(
    instance: Instance, patches: _Patches, chosen: Sequence[int], *, chance: random.Random, clock: Clock
) -> tuple[Tour, ...] | None:
    """Return better tours for the part of those chosen, None where none are found."""
    before = [patches.tours[at] for at in chosen]
    part = parts.part_of(instance, before, besides=patches.waiting(chosen), spare=patches.spare(chance))
    problem = translate.problem(part.instance)
    climber = climb.Climber(problem.data, seed=chance.getrandbits(31), settings=SETTINGS)
    first = problem.solution(part.inside(before))
    until = clock.iterations + ITERATIONS
    best = climber.climb(
        first, over=lambda: clock.is_over or clock.iterations >= until, clock=clock, told=lambda _: None
    )
    costs = pyvrp.CostEvaluator([0], 0, 0)
    return part.outside(problem.tours(best)) if costs.cost(best) < costs.cost(first) else None


@dataclass
class _Patch:
    tour: Tour
    middle: int
    turns: int


class _Patches:
    """The tours of a plan, and how often each was part of what was searched."""

    def __init__(self, instance: Instance, tours: Sequence[Tour]) -> None:
        self._instance, self._beside = instance, parts.Neighbourhood(instance)
        self._patches = [self._patch(tour, turns=0) for tour in tours if tour.nodes]
        served = {at for tour in tours for at in tour.nodes}
        self._waiting = [at for at in instance.customers if at not in served]

    def _patch(self, tour: Tour, *, turns: int) -> _Patch:
        return _Patch(tour, self._beside.middle(tour), turns)

    @property
    def tours(self) -> list[Tour]:
        """Return the plan."""
        return [each.tour for each in self._patches]

    def choose(self, chance: random.Random) -> list[int]:
        """Return tours that lie beside each other, around one whose turn it is."""
        least = min(each.turns for each in self._patches)
        at = chance.choice([at for at, each in enumerate(self._patches) if each.turns == least])
        middles = [each.middle for each in self._patches]
        return self._beside.around(middles, self.tours, at=at, stops=STOPS)

    def waiting(self, chosen: Sequence[int]) -> list[int]:
        """Return the stops on no tour that lie nearest to one of the chosen."""
        inside = set(chosen)
        middles = [each.middle for each in self._patches]
        return [at for at in self._waiting if self._beside.nearest(at, middles) in inside]

    def spare(self, chance: random.Random) -> Counter[int]:
        """Return one vehicle that stands idle of some fleets."""
        driving = Counter(tour.fleet for tour in self.tours)
        idle = [at for at, each in enumerate(self._instance.fleet) if driving[at] < each.count]
        return Counter(chance.sample(idle, min(SPARE, len(idle))))

    def replace(self, chosen: Sequence[int], tours: Sequence[Tour] | None) -> None:
        """Put tours in the place of the chosen ones, or only note that it was their turn."""
        inside = set(chosen)
        turns = 1 + min(self._patches[at].turns for at in chosen)
        if tours is None:
            for at in chosen:
                self._patches[at].turns = turns
            return
        before = {at for one in chosen for at in self._patches[one].tour.nodes}
        after = {at for tour in tours for at in tour.nodes}
        self._waiting = sorted((set(self._waiting) | before) - after - self._instance.depots)
        self._patches = [each for at, each in enumerate(self._patches) if at not in inside]
        self._patches += [self._patch(tour, turns=turns) for tour in tours if tour.nodes]
