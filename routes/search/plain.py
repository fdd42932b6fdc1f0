"""PyVRP as it is delivered, behind the protocol of the engines: what the improved one is measured against."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import pyvrp
import pyvrp.exceptions

from routes.instance import Instance
from routes.search import translate
from routes.search.clock import Clock
from routes.search.engine import Found, Limit, Tour, Watch


class Plain:
    """PyVRP with its own settings and its own loop."""

    def solve(
        self,
        instance: Instance,
        *,
        limit: Limit,
        seed: int,
        start: Sequence[Tour] | None = None,
        watch: Watch | None = None,
    ) -> Found:
        """Return the best plan that PyVRP finds; a limit of seconds counts from here, translation included."""
        clock = Clock(limit, watch)
        problem = translate.problem(instance)
        told = _Told(clock)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", pyvrp.exceptions.PenaltyBoundWarning)
            result = pyvrp.solve(
                problem.data,
                stop=told,
                seed=seed,
                collect_stats=False,
                params=pyvrp.SolveParams(ils=pyvrp.IteratedLocalSearchParams(callbacks=told)),
                initial_solution=problem.solution(start) if start else None,
            )
        best = result.best
        return Found(
            tours=problem.tours(best),
            cost=pyvrp.CostEvaluator([0], 0, 0).penalised_cost(best),
            feasible=best.is_feasible(),
            unassigned=problem.unassigned(best),
            seconds=clock.seconds,
            iterations=clock.iterations,
            first_seconds=clock.first_seconds,
        )


class _Told(pyvrp.IteratedLocalSearchCallbacks):
    """Hands the clock what PyVRP tells, and PyVRP the end of the limit."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def __call__(self, best_cost: float) -> bool:  # noqa: ARG002 - the name is PyVRP's
        return self._clock.is_over

    def on_iteration(
        self,
        _current: pyvrp.Solution,
        _candidate: pyvrp.Solution,
        best: pyvrp.Solution,
        _costs: pyvrp.CostEvaluator,
    ) -> None:
        if self._clock.first_seconds is None and best.is_feasible():
            self.on_best(best)
        self._clock.iterate()

    def on_best(self, best: pyvrp.Solution) -> None:
        cost = pyvrp.CostEvaluator([0], 0, 0).penalised_cost(best)
        self._clock.report(cost=cost, feasible=best.is_feasible())
