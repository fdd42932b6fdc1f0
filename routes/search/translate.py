"""Between an `Instance` and PyVRP: its problem, its solutions, and back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pyvrp
from pyvrp import Activity, ActivityType

from routes.instance import LARGEST, Fleet, Instance, Node
from routes.search.engine import Tour


@dataclass(frozen=True, slots=True)
class Problem:
    """PyVRP's problem of an instance, and which of its nodes are whose."""

    instance: Instance
    data: pyvrp.ProblemData
    singles: tuple[int, ...]
    depots: tuple[int, ...]
    fleets: tuple[int, ...]
    """Those that have a vehicle: PyVRP knows no others."""

    def node(self, activity: Activity) -> int:
        """Return the node of an activity."""
        if activity.is_client():
            return self.singles[activity.idx]
        if activity.is_depot():
            return self.depots[activity.idx]
        pair = self.instance.pairs[activity.idx]
        return pair.pickup if activity.is_pickup() else pair.delivery

    def tours(self, solution: pyvrp.Solution) -> tuple[Tour, ...]:
        """Return the tours of a solution, without the depots at their ends."""
        return tuple(
            Tour(
                fleet=self.fleets[route.vehicle_type()],
                nodes=tuple(self.node(activity) for activity in list(route)[1:-1]),
            )
            for route in solution.routes()
        )

    def solution(self, tours: Iterable[Tour]) -> pyvrp.Solution:
        """Return the solution of these tours; they may break limits."""
        activities = self._activities()
        routes = [
            pyvrp.Route(self.data, [activities[at] for at in tour.nodes], self.fleets.index(tour.fleet))
            for tour in tours
            if tour.nodes
        ]
        return pyvrp.Solution(self.data, routes)

    def unassigned(self, solution: pyvrp.Solution) -> tuple[int, ...]:
        """Return the nodes that no tour serves."""
        served = {at for tour in self.tours(solution) for at in tour.nodes}
        return tuple(at for at in self.instance.customers if at not in served)

    def _activities(self) -> dict[int, Activity]:
        known = {at: Activity(ActivityType.CLIENT, number) for number, at in enumerate(self.singles)}
        known |= {at: Activity(ActivityType.DEPOT, number) for number, at in enumerate(self.depots)}
        for number, pair in enumerate(self.instance.pairs):
            known[pair.pickup] = Activity(ActivityType.PICKUP, number)
            known[pair.delivery] = Activity(ActivityType.DELIVERY, number)
        return known


def problem(instance: Instance) -> Problem:
    """Return PyVRP's problem of an instance."""
    depots = tuple(sorted(instance.depots))
    singles = instance.singles
    fleets = tuple(at for at, each in enumerate(instance.fleet) if each.count)
    points = instance.points or ((0.0, 0.0),) * len(instance.nodes)
    data = pyvrp.ProblemData(
        locations=[pyvrp.Location(x, y) for x, y in points],
        clients=[_client(instance.nodes[at], at) for at in singles],
        depots=[_depot(instance.nodes[at], at) for at in depots],
        vehicle_types=[_vehicles(instance.fleet[at], depots) for at in fleets],
        distance_matrices=list(instance.distances),  # type: ignore[arg-type]  # their stub takes `ndarray[int]`, which numpy has not
        duration_matrices=list(instance.durations),  # type: ignore[arg-type]  # as above
        shipments=[_shipment(instance, number) for number in range(len(instance.pairs))],
    )
    return Problem(instance, data, singles, depots, fleets)


def _client(node: Node, at: int) -> pyvrp.Client:
    return pyvrp.Client(
        at,
        delivery=[max(0, node.demand)],
        pickup=[max(0, -node.demand)],
        service_duration=node.service,
        tw_early=node.opens,
        tw_late=node.closes,
        prize=node.prize or 0,
        required=node.prize is None,
    )


def _depot(node: Node, at: int) -> pyvrp.Depot:
    return pyvrp.Depot(at, tw_early=node.opens, tw_late=node.closes, service_duration=node.service)


def _shipment(instance: Instance, number: int) -> pyvrp.Shipment:
    pair = instance.pairs[number]
    pickup, delivery = instance.nodes[pair.pickup], instance.nodes[pair.delivery]
    return pyvrp.Shipment(
        pair.pickup,
        pair.delivery,
        pickup.opens,
        pickup.closes,
        pickup.service,
        delivery.opens,
        delivery.closes,
        delivery.service,
        [pair.amount],
        prize=(pickup.prize or 0) + (delivery.prize or 0),
        required=pickup.prize is None,
    )


def _vehicles(each: Fleet, depots: Sequence[int]) -> pyvrp.VehicleType:
    return pyvrp.VehicleType(
        num_available=each.count,
        capacity=[LARGEST if each.capacity is None else each.capacity],
        start_depot=depots.index(each.start),
        end_depot=depots.index(each.end),
        fixed_cost=each.fixed_cost,
        tw_early=each.opens,
        tw_late=each.closes,
        shift_duration=LARGEST if each.longest is None else each.longest,
        max_distance=LARGEST if each.farthest is None else each.farthest,
        unit_distance_cost=each.distance_cost,
        unit_duration_cost=each.duration_cost,
        profile=each.table,
        reload_depots=[depots.index(each.start)] if each.reloads else [],
        max_reloads=each.reloads,
    )
