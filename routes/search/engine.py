"""What every engine promises: an instance in, within a limit and from a seed, the best plan found out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from routes.instance import Instance


class NoLimit(ValueError):
    """Neither seconds nor iterations: the search would never end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """When to stop: after so many seconds of wall clock, or so many iterations; whichever comes first.

    Only a limit of iterations alone makes the same answer come out again.
    """

    seconds: float | None = None
    iterations: int | None = None

    def __post_init__(self) -> None:
        if self.seconds is None and self.iterations is None:
            raise NoLimit("a search needs a limit of seconds or of iterations")
        if (self.seconds or 0) < 0 or (self.iterations or 0) < 0:
            raise ValueError("a limit is not below zero")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tour:
    """What one vehicle of a fleet does: the nodes in their order; a depot between them is a reload."""

    fleet: int
    nodes: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a search is: `cost` is that of the best plan so far, `feasible` whether it can be driven."""

    seconds: float
    iterations: int
    cost: int
    feasible: bool


Watch = Callable[[Progress], bool]
"""Told now and then how far the search is; True stops it with the best so far."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The best plan a search has found; `unassigned` are the nodes that are on no tour, in their order."""

    tours: tuple[Tour, ...]
    cost: int
    feasible: bool
    unassigned: tuple[int, ...]
    seconds: float
    iterations: int
    first_seconds: float | None = None
    """When the first plan that can be driven was there."""


class Engine(Protocol):
    """Plans an instance."""

    def solve(
        self,
        instance: Instance,
        *,
        limit: Limit,
        seed: int,
        start: Sequence[Tour] | None = None,
        watch: Watch | None = None,
    ) -> Found:
        """Return the best plan found within the limit, beginning with `start` where there is one."""
        ...
