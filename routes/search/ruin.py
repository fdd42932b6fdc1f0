"""Pickups and deliveries by ruin and recreate: strings of stops are taken out of neighbouring tours and put back.

After Christiaens and Vanden Berghe (Transportation Science 54, 2020). PyVRP finds the best place of a pair; what goes
out, in which order it comes back, what is accepted and how vehicles are saved is done here. First, for half of the
limit, a vehicle is taken away as soon as every pair has a place: its pairs wait until there is room again, those that
waited often before the others. Then the way is made shorter with the vehicles that were enough.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np
import pyvrp
from pyvrp.search import NeighbourhoodParams, compute_neighbours
from pyvrp.search._search import Node as _Node
from pyvrp.search._search import Route as _Route
from pyvrp.search._search import SearchSpace
from pyvrp.search._search import Solution as _Solution

from routes.instance import Instance, Node, Pair
from routes.search import climb, translate
from routes.search.clock import Clock
from routes.search.engine import Tour

NEAR = 400
"""So many of the nearest stops are looked through for tours to take strings from."""

NEIGHBOURS = 30
"""Stops after which PyVRP tries to put a pair; tours that were taken from are tried at every place."""

REMOVED, LONGEST_STRING = 10, 10
"""How many stops go out at a time on average, and how many of one tour at most."""

PRIZE, BREACH = 10**8, 10**10
"""What serving a pair is worth, and what breaking a limit costs: more than any way, so that it is never chosen."""

WARM, COLD = 0.4, 0.03
"""How much worse a plan may be that is accepted, in mean ways to a near stop, at the beginning and at the end."""

SHARE_FOR_VEHICLES = 0.5
"""Which part of the limit may be spent on doing with fewer vehicles."""

SHARE_BEFORE_CLIMB = 0.75
"""Up to which part of the limit strings go out; after that PyVRP searches on from the best plan."""


def is_enough_for(instance: Instance) -> bool:
    """Tell whether everything to do is a pair that must be served, by one kind of vehicle without reloads."""
    return (
        bool(instance.pairs)
        and not instance.singles
        and len(instance.fleet) == 1
        and instance.fleet[0].reloads == 0
        and instance.fleet[0].duration_cost == 0
        and all(node.prize is None for node in instance.nodes)
    )


def search(
    instance: Instance,
    *,
    clock: Clock,
    seed: int,
    start: Sequence[Tour] | None,
    told: Callable[[Sequence[Tour]], None],
) -> None:
    """Look for plans until the clock is over; each better one is `told`."""
    chance = random.Random(seed)  # noqa: S311 - a search wants the same chance again
    first = _Bench(instance, instance.fleet[0].count, chance)
    first.put(start or ())
    first.begin()
    _settle(first, clock)
    told(first.tours())
    if first.waiting:
        return
    fewest = _with_fewer(first, clock, told) if instance.fleet[0].fixed_cost else first.tours()
    _shorten(instance, fewest, chance, clock, told)


def _settle(bench: _Bench, clock: Clock) -> None:
    """Ruin and recreate until every pair has a place."""
    warmth = _Warmth(bench.step, until=1.0, clock=clock)
    while bench.waiting and not clock.is_over:
        bench.attempt(clock, warmth)


def _with_fewer(bench: _Bench, clock: Clock, told: Callable[[Sequence[Tour]], None]) -> Sequence[Tour]:
    """Return the plan with the fewest vehicles that was found in the time for it."""
    best = bench.tours()
    while len(best) > 1 and clock.used < SHARE_FOR_VEHICLES and not clock.is_over:
        bench = bench.without_one(best)
        warmth = _Warmth(bench.step, until=SHARE_FOR_VEHICLES, clock=clock)
        while bench.waiting and clock.used < SHARE_FOR_VEHICLES and not clock.is_over:
            bench.attempt(clock, warmth)
        if bench.waiting:
            break
        best = bench.tours()
        told(best)
    return best


def _shorten(
    instance: Instance,
    tours: Sequence[Tour],
    chance: random.Random,
    clock: Clock,
    told: Callable[[Sequence[Tour]], None],
) -> None:
    count = len(tours) if instance.fleet[0].fixed_cost else instance.fleet[0].count
    bench = _Bench(instance, count, chance)
    bench.put(tours)
    warmth, shortest, best = _Warmth(bench.step, until=SHARE_BEFORE_CLIMB, clock=clock), bench.ways(), tours
    while clock.used < SHARE_BEFORE_CLIMB and not clock.is_over:
        bench.attempt(clock, warmth)
        if not bench.waiting and bench.ways() < shortest:
            shortest, best = bench.ways(), bench.tours()
            told(best)
    _climb(instance, best, count, seed=chance.getrandbits(31), clock=clock, told=told)


def _climb(
    instance: Instance,
    tours: Sequence[Tour],
    count: int,
    *,
    seed: int,
    clock: Clock,
    told: Callable[[Sequence[Tour]], None],
) -> None:
    """Let PyVRP's own search make the way shorter, with so many vehicles."""
    problem = translate.problem(replace(instance, fleet=(replace(instance.fleet[0], count=count),)))
    climber = climb.Climber(problem.data, seed=seed)
    climber.climb(
        problem.solution(tours),
        over=lambda: clock.is_over,
        clock=clock,
        told=lambda solution: told(problem.tours(solution)),
    )


class _Warmth:
    """How much worse a plan may be that is accepted: falls from warm to cold until a part of the limit is used."""

    def __init__(self, step: float, *, until: float, clock: Clock) -> None:
        self._step, self._clock, self._from, self._until = step, clock, clock.used, until

    def now(self) -> float:
        """Return by how much a plan may be worse, on average."""
        gone = (self._clock.used - self._from) / max(1e-9, self._until - self._from)
        return self._step * WARM * math.pow(COLD / WARM, min(1.0, gone))


class _Bench:
    """A plan on PyVRP's workbench, and the pairs that wait for a place in it."""

    def __init__(
        self, instance: Instance, vehicles: int, chance: random.Random, waited: list[int] | None = None
    ) -> None:
        fleet = replace(instance.fleet[0], count=vehicles, fixed_cost=0)
        self.instance, self._chance = instance, chance
        self._problem = translate.problem(replace(instance, fleet=(fleet,), nodes=_optional(instance)))
        data = self._problem.data
        near = compute_neighbours(data, NeighbourhoodParams(num_neighbours=NEIGHBOURS))
        self._space, self._plan = SearchSpace(data, near), _Solution(data)
        self._pairs: list[tuple[_Node, _Node]] = self._plan.shipments
        self._routes: list[_Route] = self._plan.routes
        self._costs = pyvrp.CostEvaluator([BREACH], BREACH, BREACH)
        self._kept = self._plan.unload()
        self.waiting = set(range(len(instance.pairs)))
        self._waited = waited or [0] * len(instance.pairs)
        self._ends = {at: (number, end) for number, pair in enumerate(instance.pairs) for end, at in _ends(pair)}
        self._near = _near_first(instance, list(self._ends))
        self.step = float(np.mean([instance.distances[0][at, near[1:6]].mean() for at, near in self._near.items()]))
        self._keys = _sort_keys(instance)

    def put(self, tours: Iterable[Tour]) -> None:
        """Put these tours on the bench; what is on none of them waits."""
        tours = tuple(tours)
        self._kept = self._problem.solution(tours)
        self._plan.load(self._kept)
        there = {self._ends[at][0] for tour in tours for at in tour.nodes}
        self.waiting = set(range(len(self._pairs))) - there

    def begin(self) -> None:
        """Put what waits where it costs least."""
        self.recreate(self.order(self.waiting))
        self._kept = self._plan.unload()

    def tours(self) -> tuple[Tour, ...]:
        """Return the tours on the bench."""
        return self._problem.tours(self._kept)

    def ways(self) -> int:
        """Return the length of all tours."""
        return sum(route.distance_cost() for route in self._routes)

    def without_one(self, tours: Sequence[Tour]) -> _Bench:
        """Return a bench with one vehicle less: the pairs of the tour that waited least often wait again."""
        weights = [sum(self._waited[number] for number in self._numbers(tour)) for tour in tours]
        given_up = weights.index(min(weights))
        bench = _Bench(self.instance, len(tours) - 1, self._chance, self._waited)
        bench.put(tour for at, tour in enumerate(tours) if at != given_up)
        return bench

    def _numbers(self, tour: Tour) -> set[int]:
        return {self._ends[at][0] for at in tour.nodes}

    def attempt(self, clock: Clock, warmth: _Warmth) -> None:
        """Take strings of stops out and put them back, keep that if it is accepted, else leave the plan as it was."""
        clock.iterate()
        before, ways = self.waiting, self.ways()
        self.recreate(self.order(before | self._ruined()))
        for number in self.waiting:
            self._waited[number] += 1
        if self._is_accepted(before, ways, warmth.now()):
            self._kept = self._plan.unload()
        else:
            self._plan.load(self._kept)
            self.waiting = before

    def _is_accepted(self, before: set[int], ways: int, warmth: float) -> bool:
        now, then = (sum(self._waited[number] for number in each) for each in (self.waiting, before))
        if now < then:
            return True
        allowed = ways - warmth * math.log(1 - self._chance.random())
        return len(self.waiting) <= len(before) and self.ways() < allowed

    def recreate(self, order: Sequence[int]) -> None:
        """Put pairs where they cost least, one after the other; what finds no place waits."""
        self.waiting = set()
        for number in order:
            pickup, delivery = self._pairs[number]
            if self._plan.insert(pickup, delivery, self._space, self._costs, required=False):
                self._route_of(pickup).update()
            else:
                self.waiting.add(number)

    def order(self, numbers: Iterable[int]) -> list[int]:
        """Return pairs in the order in which they come back: by chance, or the difficult ones first."""
        order = sorted(numbers)
        self._chance.shuffle(order)
        if key := self._chance.choices(self._keys, weights=_WEIGHTS)[0]:
            order.sort(key=lambda number: key[number])
        return order

    def _ruined(self) -> set[int]:
        """Take strings out of tours beside each other; they and their other ends are returned."""
        self._space.unmark_all_promising()
        most = 4 * REMOVED / (1 + LONGEST_STRING) - 1
        strings = int(1 + self._chance.random() * most)
        out: set[int] = set()
        touched: list[_Route] = []
        for at in self._near[self._chance.choice(list(self._near))]:
            if len(touched) >= strings:
                break
            number, end = self._ends[at]
            route = self._pairs[number][end].route
            if number in out or route is None or any(route is each for each in touched):
                continue
            out |= self._without_string(route, self._pairs[number][end].pos)
            touched.append(route)
        for route in touched:
            if len(route) > 2:
                self._space.mark_promising(route[1])
        return out

    def _without_string(self, route: _Route, at: int) -> set[int]:
        stops = len(route) - 2
        length = self._chance.randint(1, min(LONGEST_STRING, stops))
        begins = self._chance.randint(max(1, at - length + 1), min(at, stops - length + 1))
        out = {route[place].idx for place in range(begins, begins + length)}
        for number in sorted(out):
            pickup, delivery = self._pairs[number]
            del route[delivery.pos]
            del route[pickup.pos]
        route.update()
        return out

    def _route_of(self, node: _Node) -> _Route:
        if node.route is None:
            raise AssertionError("a pair that was put somewhere is on a tour")
        return node.route


def _ends(pair: Pair) -> Iterator[tuple[int, int]]:
    yield 0, pair.pickup
    yield 1, pair.delivery


def _optional(instance: Instance) -> tuple[Node, ...]:
    """Return the nodes with a prize that is worth any way, but no breach of a limit."""
    depots = instance.depots
    return tuple(each if at in depots else replace(each, prize=PRIZE) for at, each in enumerate(instance.nodes))


def _near_first(instance: Instance, stops: Sequence[int]) -> dict[int, list[int]]:
    """Return for each stop the others, itself first, by the shorter of the two ways between them."""
    there = np.array(stops)
    table = instance.distances[0][np.ix_(there, there)]
    near = np.minimum(table, table.T)
    np.fill_diagonal(near, -1)
    return {at: there[np.argsort(row, kind="stable")[:NEAR]].tolist() for at, row in zip(stops, near, strict=True)}


def _sort_keys(instance: Instance) -> tuple[list[int] | None, ...]:
    """Return by what pairs can be put into an order; None is by chance."""
    nodes, pairs = instance.nodes, instance.pairs
    ways, depot = instance.distances[0], instance.fleet[0].start
    far = [int(ways[depot, pair.pickup] + ways[depot, pair.delivery]) for pair in pairs]
    both = [(nodes[pair.pickup], nodes[pair.delivery]) for pair in pairs]
    wide = [one.closes - one.opens + other.closes - other.opens for one, other in both]
    early = [other.closes for _, other in both]
    return None, [-pair.amount for pair in pairs], [-way for way in far], far, wide, early


_WEIGHTS = (6, 3, 3, 1, 3, 3)
"""How often pairs come back by chance, heavy first, far first, near first, short windows first, early ones first."""
