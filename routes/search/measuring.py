"""What a plan costs and whether it can be driven, worked out from the instance alone; the best plan so far is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from routes.instance import LARGEST, Fleet, Instance
from routes.search.clock import Clock
from routes.search.engine import Found, Tour

REMEMBERED = 100_000
"""So many tours are measured once only; after that they are forgotten and measured anew."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What a tour costs, and whether it keeps to every limit."""

    cost: int
    feasible: bool


def measure(instance: Instance, tour: Tour) -> Measured:
    """Measure one tour; its time is the shortest it can take, leaving as late as that allows."""
    fleet = instance.fleet[tour.fleet]
    way = (fleet.start, *tour.nodes, fleet.end)
    ways, times = instance.distances[fleet.table], instance.durations[fleet.table]
    metres = sum(int(ways[one, other]) for one, other in pairwise(way))
    spent = _Spent.of(instance, fleet, fleet.start)
    for one, other in pairwise(way):
        spent = spent.then(int(times[one, other]), _Spent.of(instance, fleet, other))
    feasible = (
        spent.late == 0
        and spent.duration <= (LARGEST if fleet.longest is None else fleet.longest)
        and metres <= (LARGEST if fleet.farthest is None else fleet.farthest)
        and _fits(instance, fleet, tour.nodes)
    )
    cost = fleet.fixed_cost + fleet.distance_cost * metres + fleet.duration_cost * spent.duration
    return Measured(cost, feasible)


@dataclass(frozen=True, slots=True)
class _Spent:
    """Time on a stretch: how long, how late in sum, and between which starts (Vidal et al. 2013)."""

    duration: int
    late: int
    earliest: int
    latest: int

    @staticmethod
    def of(instance: Instance, fleet: Fleet, at: int) -> _Spent:
        node = instance.nodes[at]
        if at in {fleet.start, fleet.end}:
            opens, closes = max(node.opens, fleet.opens), min(node.closes, fleet.closes)
            return _Spent(node.service, 0, opens, closes)
        return _Spent(node.service, 0, node.opens, node.closes)

    def then(self, way: int, other: _Spent) -> _Spent:
        gone = self.duration - self.late + way
        waits = max(0, other.earliest - gone - self.latest)
        late = max(0, self.earliest + gone - other.latest)
        return _Spent(
            self.duration + other.duration + way + waits,
            self.late + other.late + late,
            max(other.earliest - gone, self.earliest) - waits,
            min(other.latest - gone, self.latest) + late,
        )


def _fits(instance: Instance, fleet: Fleet, nodes: Sequence[int]) -> bool:
    """Tell whether each trip keeps to the capacity, and pairs to their order and to one trip."""
    trips: list[list[int]] = [[]]
    for at in nodes:
        if at in instance.depots:
            trips.append([])
        else:
            trips[-1].append(at)
    return len(trips) <= fleet.reloads + 1 and all(_trip_fits(instance, fleet, trip) for trip in trips)


def _trip_fits(instance: Instance, fleet: Fleet, trip: Sequence[int]) -> bool:
    pickups = {pair.pickup: pair for pair in instance.pairs} if instance.pairs else {}
    deliveries = {pair.delivery: pair for pair in instance.pairs} if instance.pairs else {}
    aboard: set[int] = set()
    load = sum(max(0, instance.nodes[at].demand) for at in trip)
    most = load
    for at in trip:
        load -= instance.nodes[at].demand
        if at in pickups:
            aboard.add(at)
            load += pickups[at].amount
        elif at in deliveries:
            if deliveries[at].pickup not in aboard:
                return False
            aboard.discard(deliveries[at].pickup)
            load -= deliveries[at].amount
        most = max(most, load)
    return not aboard and most <= (LARGEST if fleet.capacity is None else fleet.capacity)


class Plan:
    """The best plan of an instance so far: what serves all wins, then what is cheap; no tour in it breaks a limit."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._known: dict[Tour, Measured] = {}
        self._required = frozenset(at for at in instance.customers if instance.nodes[at].prize is None)
        self._best: tuple[Tour, ...] = ()
        self._worth = self._weighed(())

    def keeper(self, clock: Clock) -> Callable[[Iterable[Tour]], None]:
        """Return what takes each plan that is found, keeps it if it is the best, and tells the clock."""

        def keep(tours: Iterable[Tour]) -> None:
            plan = tuple(tour for tour in tours if tour.nodes and self._measured(tour).feasible)
            worth = self._weighed(plan)
            if worth <= self._worth:
                self._best, self._worth = plan, worth
            clock.report(cost=self._worth[-1], feasible=not any(self._worth[:-1]))

        return keep

    def found(self, clock: Clock) -> Found:
        """Return the best plan, with what the search took."""
        served = {at for tour in self._best for at in tour.nodes}
        return Found(
            tours=self._best,
            cost=self._worth[-1],
            feasible=not any(self._worth[:-1]),
            unassigned=tuple(at for at in self._instance.customers if at not in served),
            seconds=clock.seconds,
            iterations=clock.iterations,
            first_seconds=clock.first_seconds,
        )

    def _weighed(self, tours: Sequence[Tour]) -> tuple[int, int, int]:
        """Return how many nodes must be served and are not, how many vehicles are too many, and the cost."""
        served = {at for tour in tours for at in tour.nodes}
        left = sum(node.prize or 0 for at, node in enumerate(self._instance.nodes) if at not in served)
        numbers = [0] * len(self._instance.fleet)
        for tour in tours:
            numbers[tour.fleet] += 1
        over = sum(max(0, driving - each.count) for driving, each in zip(numbers, self._instance.fleet, strict=True))
        return len(self._required - served), over, left + sum(self._measured(tour).cost for tour in tours)

    def _measured(self, tour: Tour) -> Measured:
        if tour not in self._known:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            self._known[tour] = measure(self._instance, tour)
        return self._known[tour]
