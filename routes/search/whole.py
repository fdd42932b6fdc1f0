"""A problem of usual size, searched as a whole by PyVRP's local search."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pyvrp

from routes.instance import Instance
from routes.search import climb, translate
from routes.search.clock import Clock
from routes.search.engine import Tour


def search(
    instance: Instance,
    *,
    clock: Clock,
    seed: int,
    start: Sequence[Tour] | None,
    told: Callable[[Sequence[Tour]], None],
) -> None:
    """Look for plans until the clock is over; each better one is `told`."""
    problem = translate.problem(instance)
    climber = climb.Climber(problem.data, seed=seed)

    def tell(solution: pyvrp.Solution) -> None:
        told(problem.tours(solution))

    first = problem.solution(start) if start else climber.first()
    tell(first)
    climber.climb(first, over=lambda: clock.is_over, clock=clock, told=tell)
