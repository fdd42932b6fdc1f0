"""How evenly the hours lie between drivers, as one number and as the plain figures behind it.

The number is the Gini coefficient of the share of the own hours each driver works, each available hour counting once:
so somebody with half a shift who has half the work is treated like the others. From 0 (everybody works the same share
of the own hours) up to, never reaching, 1 (one does everything); less is fairer. Unlike the difference between most
and least it sees everybody, and moving work from who has more to who has less never makes it worse.

Source: C. Gini, "Variabilità e mutabilità" (1912), weighted by hours; on its use for drivers P. Matl, R. F. Hartl and
T. Vidal, "Workload Equity in Vehicle Routing Problems: A Survey and Analysis", Transportation Science 52 (2018).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

NOTHING = timedelta()
_TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """A driver's work on a day or over days, and the hours there are for it; absent drivers have none."""

    driver: str
    worked: timedelta
    available: timedelta

    def __post_init__(self) -> None:
        if self.worked < NOTHING or self.available < NOTHING:
            raise ValueError(f"hours of {self.driver} are not negative")
        if self.worked and not self.available:
            raise ValueError(f"{self.driver} works without having hours")

    @property
    def share(self) -> float:
        """Which part of the own hours is worked; above 1 it is overtime."""
        return self.worked / self.available if self.available else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fairness:
    """How evenly the hours lie between those who are there, by driver.

    `most` and `least` are those with the most and the fewest hours worked, None where nobody is there.
    """

    present: tuple[Hours, ...]
    gini: float
    most: Hours | None
    least: Hours | None

    @property
    def difference(self) -> timedelta:
        """The hours between who works most and who works least."""
        return self.most.worked - self.least.worked if self.most and self.least else NOTHING


def fairness(hours: Iterable[Hours]) -> Fairness:
    """Return how evenly hours lie; those who are absent are left out, one driver alone is fair."""
    present = tuple(sorted((each for each in hours if each.available), key=lambda each: each.driver))
    by_work = sorted(present, key=lambda each: (each.worked, each.driver))
    return Fairness(
        present=present,
        gini=gini(present),
        most=by_work[-1] if by_work else None,
        least=by_work[0] if by_work else None,
    )


def gini(hours: Iterable[Hours]) -> float:
    """Return the Gini coefficient of the shares of the own hours, weighted by the hours; 0 where nobody works."""
    pairs = [(each.worked // _TICK, each.available // _TICK) for each in hours if each.available]
    worked, there = sum(work for work, _ in pairs), sum(hours for _, hours in pairs)
    if not worked:
        return 0.0
    apart = sum(abs(one * theirs - other * own) for one, own in pairs for other, theirs in pairs)
    return apart / (2 * worked * there)
