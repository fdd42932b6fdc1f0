"""How much of a limit is used up, and whether somebody wants to stop: the only place that looks at the time."""

from __future__ import annotations

import time

from routes.search.engine import Limit, Progress, Watch

TELL_EVERY_SECONDS = 0.1


class Clock:
    """Counts iterations and seconds of one search against its limit, and tells a watch now and then."""

    def __init__(self, limit: Limit, watch: Watch | None = None) -> None:
        self._limit, self._watch = limit, watch
        self._began, self._told = time.monotonic(), float("-inf")
        self._cost, self._feasible = 0, False
        self._ends = False
        self.iterations = 0
        self.first_seconds: float | None = None

    @property
    def seconds(self) -> float:
        """Return the seconds since the search began."""
        return time.monotonic() - self._began

    @property
    def used(self) -> float:
        """Return which part of the limit is used up; under a limit of iterations alone no clock is asked."""
        by_time = self.seconds / self._limit.seconds if self._limit.seconds else float(self._limit.seconds is not None)
        by_count = 0.0
        if self._limit.iterations is not None:
            by_count = self.iterations / self._limit.iterations if self._limit.iterations else 1.0
        return min(1.0, max(by_time, by_count))

    @property
    def is_over(self) -> bool:
        """Tell whether the search has to end."""
        return self._ends or self.used >= 1

    def iterate(self) -> None:
        """Count one iteration, and tell the watch if it has not heard of the search for a while."""
        self.iterations += 1
        if self._watch and self.seconds - self._told >= TELL_EVERY_SECONDS:
            self._tell()

    def report(self, *, cost: int, feasible: bool) -> None:
        """Note the best so far; the first plan that can be driven is told at once."""
        self._cost, self._feasible = cost, feasible
        if feasible and self.first_seconds is None:
            self.first_seconds = self.seconds
            self._tell()

    def _tell(self) -> None:
        if self._watch is None:
            return
        self._told = self.seconds
        now = Progress(seconds=self._told, iterations=self.iterations, cost=self._cost, feasible=self._feasible)
        self._ends = self._watch(now) or self._ends
