"""The engine the product plans with: PyVRP, and what is added to it for large problems and for pairs.

What each addition gains is measured in docs/decisions/0022-search.md.
"""

from __future__ import annotations

from collections.abc import Sequence

from routes.instance import Instance
from routes.search import large, ruin, whole
from routes.search.clock import Clock
from routes.search.engine import Found, Limit, Tour, Watch
from routes.search.measuring import Plan

LARGE = 400
"""From so many stops on a problem is worked on in parts."""


class Improved:
    """Chooses how to search by what the instance is."""

    def solve(
        self,
        instance: Instance,
        *,
        limit: Limit,
        seed: int,
        start: Sequence[Tour] | None = None,
        watch: Watch | None = None,
    ) -> Found:
        """Return the best plan found; the same one again for the same seed under a limit of iterations alone."""
        clock, plan = Clock(limit, watch), Plan(instance)
        keep = plan.keeper(clock)
        if start:
            keep(start)
        if not instance.customers:
            keep(())
        elif ruin.is_enough_for(instance):
            ruin.search(instance, clock=clock, seed=seed, start=start, told=keep)
        elif len(instance.customers) >= LARGE:
            large.search(instance, clock=clock, seed=seed, start=start, told=keep)
        else:
            whole.search(instance, clock=clock, seed=seed, start=start, told=keep)
        return plan.found(clock)
