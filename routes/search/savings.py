"""A first plan of thousands of stops within a second: tours are joined where that saves most.

Clarke and Wright (1964), for problems with one depot and nothing but a capacity; only near neighbours are looked at.
"""

from __future__ import annotations

import numpy as np

from routes.instance import FOREVER, LARGEST, Instance, Table
from routes.search.engine import Tour

NEIGHBOURS = 40
"""Nearest stops with which each stop may be joined."""


def is_enough_for(instance: Instance) -> bool:
    """Tell whether the problem is one of capacities alone, from one depot and back."""
    fleet = instance.fleet[0]
    return (
        len(instance.fleet) == 1
        and fleet.start == fleet.end
        and fleet.reloads == 0
        and fleet.longest is None
        and fleet.farthest is None
        and not instance.pairs
        and all(
            node.prize is None and node.demand >= 0 and node.opens == 0 and node.closes >= FOREVER
            for node in instance.nodes
        )
        and max(instance.nodes[at].demand for at in instance.customers) <= (fleet.capacity or LARGEST)
    )


def tours(instance: Instance) -> list[Tour]:
    """Return tours that keep to the capacity; they may be more than there are vehicles."""
    fleet, customers = instance.fleet[0], instance.customers
    joined = _Joined(instance, fleet.capacity or LARGEST)
    for one, other in _best_first(instance.distances[fleet.table], np.array(customers), fleet.start):
        joined.join(int(one), int(other))
    return [Tour(fleet=0, nodes=tuple(nodes)) for nodes in joined.tours.values()]


def _best_first(table: Table, customers: Table, depot: int) -> Table:
    """Return the pairs of near stops by what joining them saves, the most first; ties by number."""
    near = min(NEIGHBOURS, len(customers) - 1)
    if near < 1:
        return np.empty((0, 2), dtype=np.int64)
    rows, others = [], []
    for at in customers:
        ways = table[at, customers]
        nearest = customers[np.argpartition(ways, near)[: near + 1]]
        rows.append(np.full(len(nearest), at))
        others.append(nearest)
    one, other = np.concatenate(rows), np.concatenate(others)
    one, other = one[one != other], other[one != other]
    saved = table[one, depot] + table[depot, other] - table[one, other]
    return np.stack([one, other], axis=1)[np.lexsort((other, one, -saved))]


class _Joined:
    """Tours that grow together at their ends."""

    def __init__(self, instance: Instance, capacity: int) -> None:
        self._capacity = capacity
        self._symmetric = bool((instance.distances[0] == instance.distances[0].T).all())
        self._load = {at: instance.nodes[at].demand for at in instance.customers}
        self.tours = {at: [at] for at in instance.customers}
        self._of = {at: at for at in instance.customers}

    def join(self, one: int, other: int) -> None:
        """Drive from `one` on to `other`, if they are ends of two tours that fit into one vehicle."""
        first, second = self._of[one], self._of[other]
        if first == second or self._load[first] + self._load[second] > self._capacity:
            return
        head, tail = self.tours[first], self.tours[second]
        if head[-1] != one and self._symmetric and head[0] == one:
            head.reverse()
        if tail[0] != other and self._symmetric and tail[-1] == other:
            tail.reverse()
        if head[-1] != one or tail[0] != other:
            return
        head.extend(tail)
        for at in tail:
            self._of[at] = first
        self._load[first] += self._load[second]
        del self.tours[second], self._load[second]
