"""Large problems in parts: tours that lie beside each other, with their vehicles, are a problem of their own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from routes.instance import Instance, Pair
from routes.search.engine import Tour


@dataclass(frozen=True, slots=True)
class Part:
    """A problem made of some nodes of another one; `nodes` are their numbers there."""

    instance: Instance
    nodes: tuple[int, ...]

    def inside(self, tours: Iterable[Tour]) -> tuple[Tour, ...]:
        """Return tours of the whole in the part's numbers."""
        number = {at: here for here, at in enumerate(self.nodes)}
        return tuple(replace(tour, nodes=tuple(number[at] for at in tour.nodes)) for tour in tours)

    def outside(self, tours: Iterable[Tour]) -> tuple[Tour, ...]:
        """Return tours of the part in the numbers of the whole."""
        return tuple(replace(tour, nodes=tuple(self.nodes[at] for at in tour.nodes)) for tour in tours)


def part_of(instance: Instance, tours: Sequence[Tour], *, besides: Sequence[int], spare: Counter[int]) -> Part:
    """Return the problem of these tours and the nodes `besides`, with their vehicles and the spare ones."""
    inside = {at for tour in tours for at in tour.nodes} | set(besides)
    nodes = tuple(sorted(instance.depots)) + tuple(sorted(inside - instance.depots))
    number = {at: here for here, at in enumerate(nodes)}
    driving = Counter(tour.fleet for tour in tours) + spare
    fleet = tuple(
        replace(each, count=driving[at], start=number[each.start], end=number[each.end])
        for at, each in enumerate(instance.fleet)
    )
    within = np.ix_(nodes, nodes)
    return Part(
        Instance(
            nodes=tuple(instance.nodes[at] for at in nodes),
            fleet=fleet,
            distances=tuple(table[within] for table in instance.distances),
            durations=tuple(table[within] for table in instance.durations),
            pairs=tuple(
                Pair(pickup=number[pair.pickup], delivery=number[pair.delivery], amount=pair.amount)
                for pair in instance.pairs
                if pair.pickup in number
            ),
        ),
        nodes,
    )


class Neighbourhood:
    """Which tours lie beside each other: told by the stop in the middle of each."""

    def __init__(self, instance: Instance) -> None:
        self._table = instance.distances[0]

    def middle(self, tour: Tour) -> int:
        """Return the stop from which the others of a tour are nearest."""
        nodes = np.array(tour.nodes)
        return int(nodes[self._table[np.ix_(nodes, nodes)].sum(axis=1).argmin()])

    def nearest(self, at: int, middles: Sequence[int]) -> int:
        """Return which of the middles lies nearest to a stop."""
        there = np.array(middles)
        return int((self._table[at, there] + self._table[there, at]).argmin())

    def around(self, middles: Sequence[int], tours: Sequence[Tour], *, at: int, stops: int) -> list[int]:
        """Return the tours nearest to the one `at`, itself among them, until they have so many stops."""
        there = np.array(middles)
        ways = self._table[middles[at], there] + self._table[there, middles[at]]
        chosen: list[int] = []
        count = 0
        for near in np.argsort(ways, kind="stable"):
            if chosen and count + len(tours[near].nodes) > stops:
                break
            chosen.append(int(near))
            count += len(tours[near].nodes)
        return chosen
