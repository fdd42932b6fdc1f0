"""A routing problem in arrays: whole numbers alone, so that any engine can take it and any checker can follow it.

Places are the rows of the matrices. What a unit of distance or duration is, the maker of the instance decides; `scale`
says how many of them make one unit of what people read (10 where a file's tenths were kept).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Table = NDArray[np.int64]

FOREVER = 2**40
"""A time that never comes: no end of a window or a shift."""

LARGEST = 2**44
"""Values above this could overflow when they are added up along a route and weighed."""


class BadInstance(ValueError):
    """The problem cannot be what somebody meant; the sentence says where."""


class NoVehicles(BadInstance):
    """There is nobody to drive."""


class NoCapacity(BadInstance):
    """A vehicle can carry nothing."""


class ClosesBeforeItOpens(BadInstance):
    """A window or a shift is over before it begins."""


class BadTable(BadInstance):
    """A matrix is not square, not of the right size, or has values that are no distances."""


class BadPair(BadInstance):
    """A pickup and its delivery do not fit together."""


class BadValue(BadInstance):
    """A number is outside what it can be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A place to serve, or a depot.

    `demand` is brought from the depot, below zero it is collected and brought back. Service begins not before `opens`
    and not after `closes`. A node without `prize` must be served; with one it may be left out, which costs the prize.
    """

    demand: int = 0
    opens: int = 0
    closes: int = FOREVER
    service: int = 0
    prize: int | None = None
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """What is taken on at one node and set down at another, later and by the same vehicle."""

    pickup: int
    delivery: int
    amount: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """So many equal vehicles: what they carry, where and when they drive, what they cost.

    `longest` bounds the time between leaving and coming back, `farthest` the way. Each of them may come back to its
    start to be loaded again `reloads` times. `table` says which of the instance's matrices it drives by.
    """

    count: int
    capacity: int | None = None
    start: int = 0
    end: int = 0
    opens: int = 0
    closes: int = FOREVER
    longest: int | None = None
    farthest: int | None = None
    fixed_cost: int = 0
    distance_cost: int = 1
    duration_cost: int = 0
    reloads: int = 0
    table: int = 0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Instance:
    """A problem that makes sense; its matrices cannot be written to.

    Raises:
        BadInstance: by a subclass that names what is wrong.
    """

    nodes: tuple[Node, ...]
    fleet: tuple[Fleet, ...]
    distances: tuple[Table, ...]
    durations: tuple[Table, ...]
    pairs: tuple[Pair, ...] = ()
    scale: int = 1
    name: str = ""
    units: str = ""
    """How distances became whole numbers, in words for somebody who compares costs."""
    points: tuple[tuple[float, float], ...] | None = None
    """Where the nodes lie on a plane, where that is known: only to draw, never to measure."""
    depots: frozenset[int] = field(init=False)
    """The nodes where vehicles begin and end."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "depots", frozenset(at for each in self.fleet for at in (each.start, each.end)))
        for table in (*self.distances, *self.durations):
            _check_table(table, size=len(self.nodes))
        _check_fleet(self)
        for at, node in enumerate(self.nodes):
            _check_node(node, at=at)
        _check_pairs(self)
        for table in (*self.distances, *self.durations):
            table.setflags(write=False)

    @property
    def customers(self) -> tuple[int, ...]:
        """Return the nodes to serve, pickups and deliveries among them."""
        depots = self.depots
        return tuple(at for at in range(len(self.nodes)) if at not in depots)

    @property
    def singles(self) -> tuple[int, ...]:
        """Return the nodes to serve that belong to no pair."""
        paired = {at for pair in self.pairs for at in (pair.pickup, pair.delivery)}
        return tuple(at for at in self.customers if at not in paired)

    @property
    def vehicles(self) -> int:
        """Return how many may drive."""
        return sum(each.count for each in self.fleet)

    def label(self, at: int) -> str:
        """Return what a node is called: its name, or its number."""
        return self.nodes[at].name or str(at)


def _check_table(table: Table, *, size: int) -> None:
    if table.shape != (size, size):
        raise BadTable(f"a matrix of {'×'.join(map(str, table.shape))} for {size} nodes")
    if table.dtype != np.int64:
        raise BadTable(f"a matrix of {table.dtype}: whole numbers of 64 bits are wanted")
    if size and (table.min() < 0 or table.max() > LARGEST):
        raise BadTable("a matrix with a value below zero or beyond all distances")
    if table.diagonal().any():
        raise BadTable("a matrix in which a node is away from itself")


def _check_fleet(instance: Instance) -> None:
    if not instance.distances or len(instance.distances) != len(instance.durations):
        raise BadTable("there must be as many matrices of durations as of distances, and at least one")
    if instance.vehicles < 1:
        raise NoVehicles("there is no vehicle")
    for each in instance.fleet:
        _check_vehicles(each, nodes=len(instance.nodes), tables=len(instance.distances))


def _check_vehicles(each: Fleet, *, nodes: int, tables: int) -> None:
    if each.count < 0 or each.reloads < 0:
        raise BadValue("a number of vehicles or of reloads below zero")
    if each.capacity is not None and each.capacity <= 0:
        raise NoCapacity(f"a vehicle with a capacity of {each.capacity}")
    if each.closes < each.opens:
        raise ClosesBeforeItOpens(f"a shift that ends at {each.closes} and begins at {each.opens}")
    if not all(0 <= place < nodes for place in (each.start, each.end)) or not 0 <= each.table < tables:
        raise BadValue("a vehicle at a node, or with a matrix, that is not there")
    if min(each.fixed_cost, each.distance_cost, each.duration_cost) < 0:
        raise BadValue("a vehicle with a cost below zero")
    if any(limit is not None and limit < 0 for limit in (each.longest, each.farthest)):
        raise BadValue("a vehicle with a limit below zero")


def _check_node(node: Node, *, at: int) -> None:
    if node.closes < node.opens:
        called = f"node {node.name or at}"
        raise ClosesBeforeItOpens(f"{called} closes at {node.closes}, before it opens at {node.opens}")
    if node.service < 0 or node.opens < 0 or (node.prize is not None and node.prize < 0):
        raise BadValue(f"node {node.name or at}: service, opening and prize are not below zero")
    if max(abs(node.demand), node.service, node.opens, node.closes, node.prize or 0) > LARGEST:
        raise BadValue(f"node {node.name or at}: a value beyond all measure")


def _check_pairs(instance: Instance) -> None:
    seen: set[int] = set()
    for pair in instance.pairs:
        for at in _ends(pair):
            if not 0 <= at < len(instance.nodes) or at in instance.depots:
                raise BadPair(f"a pair with node {at}, which is no place to serve")
            if at in seen:
                raise BadPair(f"node {instance.label(at)} belongs to two pairs")
            if instance.nodes[at].demand:
                raise BadPair(f"node {instance.label(at)} has a demand of its own besides its pair's amount")
            seen.add(at)
        if pair.amount < 0:
            raise BadPair(f"the pair of node {instance.label(pair.pickup)} carries less than nothing")
        if (instance.nodes[pair.pickup].prize is None) != (instance.nodes[pair.delivery].prize is None):
            raise BadPair(f"the pair of node {instance.label(pair.pickup)} is half optional")


def _ends(pair: Pair) -> Iterator[int]:
    yield pair.pickup
    yield pair.delivery
