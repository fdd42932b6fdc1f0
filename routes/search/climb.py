"""PyVRP's local search, iterated, under a limit of ours: stops when told, repeats under a limit of iterations."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass, field

import pyvrp
import pyvrp.exceptions
import pyvrp.search

from routes.search.clock import Clock

HISTORY = 300
"""How many iterations ago the plan was that a new one must beat (late acceptance, Burke and Bykov 2017)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How PyVRP searches; what differs from its own is measured in docs/decisions/0022-search.md."""

    neighbours: int = 30
    perturbations: int = 25
    history: int = HISTORY
    patience: int = 4_000
    """After so many steps without a better plan the search goes on from the best one."""
    penalties: pyvrp.PenaltyParams = field(default_factory=pyvrp.PenaltyParams)


USUAL = Settings()


class Climber:
    """Improves plans of one PyVRP problem."""

    def __init__(self, data: pyvrp.ProblemData, *, seed: int, settings: Settings = USUAL) -> None:
        self._data, self._settings = data, settings
        self._random = pyvrp.RandomNumberGenerator(seed)
        self._search = _search(data, self._random, settings)
        self._penalties = pyvrp.PenaltyManager(settings.penalties.midpoint_penalties(data), settings.penalties)

    def first(self) -> pyvrp.Solution:
        """Return a first plan: put together by chance, then improved until no move helps."""
        chance = pyvrp.Solution.make_random(self._data, self._random)
        return self._search(chance, self._penalties.max_cost_evaluator(), exhaustive=True)

    def climb(
        self,
        start: pyvrp.Solution,
        *,
        over: Callable[[], bool],
        clock: Clock,
        told: Callable[[pyvrp.Solution], None],
    ) -> pyvrp.Solution:
        """Return the best plan found from `start` until it is `over`; each better one is `told`."""
        with warnings.catch_warnings():
            # PyVRP warns where it finds nothing that can be driven; that is an answer, told as infeasible.
            warnings.simplefilter("ignore", pyvrp.exceptions.PenaltyBoundWarning)
            return self._climbed(start, over=over, clock=clock, told=told)

    def _climbed(
        self,
        start: pyvrp.Solution,
        *,
        over: Callable[[], bool],
        clock: Clock,
        told: Callable[[pyvrp.Solution], None],
    ) -> pyvrp.Solution:
        best = current = start
        history: list[pyvrp.Solution | None] = [None] * self._settings.history
        number = since = 0
        while not over():
            number, since = number + 1, since + 1
            clock.iterate()
            if since >= self._settings.patience:
                history, current, since = [None] * len(history), best, 0
            costs = self._penalties.cost_evaluator()
            candidate = self._search(current, costs, exhaustive=False)
            self._penalties.register(candidate)
            if costs.cost(candidate) < costs.cost(best):
                best = candidate = self._polished(candidate, costs)
                since = 0
                told(best)
            at = number % len(history)
            current = _accepted(candidate, current, history[at] or start, costs)
            if _weighed(current, costs) < _weighed(history[at] or start, costs) or history[at] is None:
                history[at] = current
        return best

    def _polished(self, candidate: pyvrp.Solution, costs: pyvrp.CostEvaluator) -> pyvrp.Solution:
        """Return a new best plan after every move was tried on it, unless that breaks a limit."""
        polished = self._search(candidate, costs, exhaustive=True)
        return polished if costs.cost(polished) <= costs.cost(candidate) else candidate


def _accepted(
    candidate: pyvrp.Solution, current: pyvrp.Solution, late: pyvrp.Solution, costs: pyvrp.CostEvaluator
) -> pyvrp.Solution:
    weight = _weighed(candidate, costs)
    return candidate if weight < _weighed(late, costs) or weight < _weighed(current, costs) else current


def _weighed(solution: pyvrp.Solution, costs: pyvrp.CostEvaluator) -> int:
    return costs.penalised_cost(solution)


def _search(
    data: pyvrp.ProblemData, random: pyvrp.RandomNumberGenerator, settings: Settings
) -> pyvrp.search.LocalSearch:
    near = pyvrp.search.NeighbourhoodParams(num_neighbours=settings.neighbours)
    shaking = pyvrp.search.PerturbationParams(1, settings.perturbations)
    search = pyvrp.search.LocalSearch(
        data, random, pyvrp.search.compute_neighbours(data, near), pyvrp.search.PerturbationManager(shaking)
    )
    for operator in pyvrp.search.OPERATORS:
        if operator.supports(data):
            search.add_operator(operator(data))
    return search
