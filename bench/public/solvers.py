"""One solver on one public problem, in a process of its own: `python -m bench.public.solvers NAME FILE SECONDS SEED`.

`ours` is the engine of the product, `plain` PyVRP as it is delivered. `vroom` and `ortools` are no part of the product:
`pip install --target DIR pyvroom ortools`, then BENCH_RIVALS=DIR. Each has one thread and one limit of wall clock; what
it takes to read the file is not counted. Prints the tours, the seconds and the peak of the memory as one JSON line.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import math
import os
import resource
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from routes import formats
from routes.instance import FOREVER, Instance
from routes.search.engine import Limit

WHERE = "BENCH_RIVALS"
INSTALL = f"pip install --target DIR pyvroom==1.15.2 ortools==9.15.6755, then {WHERE}=DIR python -m bench.routes"

HORIZON = 2**31 - 1
"""VROOM counts seconds in 32 bits; nothing here lasts so long."""


def make_importable() -> None:
    """Look for the rivals in the folder that BENCH_RIVALS names, after everything of our own."""
    if folder := os.environ.get(WHERE):
        sys.path.append(folder)


def missing() -> list[str]:
    """Return which of the rivals are not installed."""
    make_importable()
    return [name for name, package in (("vroom", "vroom"), ("ortools", "ortools")) if not _has(package)]


def _has(package: str) -> bool:
    return importlib.util.find_spec(package) is not None


def vehicles(instance: Instance) -> int:
    """Return how many vehicles the rivals are offered: what may drive, or a tenth more than the loads need and five.

    A file without windows and without a bound allows one for each stop; so many idle ones would only slow them down.
    """
    fleet = instance.fleet[0]
    if instance.pairs or not fleet.capacity or any(node.closes < FOREVER for node in instance.nodes):
        return fleet.count
    least = math.ceil(sum(node.demand for node in instance.nodes) / fleet.capacity)
    return min(fleet.count, math.ceil(least * 1.1) + 5)


PRICE = 10**9
"""What leaving a stop out costs OR-Tools: more than any way."""


def vroom(instance: Instance, seconds: float) -> list[list[int]]:
    """Plan with VROOM at its usual level of exploration."""
    rival: Any = importlib.import_module("vroom")

    problem, fleet = rival.Input(), instance.fleet[0]
    problem.set_durations_matrix("car", instance.durations[0].clip(max=HORIZON))
    problem.set_distances_matrix("car", instance.distances[0].clip(max=HORIZON))
    problem.set_costs_matrix("car", instance.distances[0].clip(max=HORIZON))
    for number in range(vehicles(instance)):
        problem.add_vehicle(
            rival.Vehicle(
                number,
                start=fleet.start,
                end=fleet.end,
                capacity=[fleet.capacity or HORIZON],
                time_window=rival.TimeWindow(fleet.opens, min(fleet.closes, HORIZON)),
                costs=rival.VehicleCosts(fixed=fleet.fixed_cost),
            )
        )
    for at in instance.singles:
        node = instance.nodes[at]
        window = rival.TimeWindow(node.opens, min(node.closes, HORIZON))
        amount = [node.demand]
        problem.add_job(
            rival.Job(at, location=at, delivery=amount, default_service=node.service, time_windows=[window])
        )
    for pair in instance.pairs:
        pickup, delivery = (_step(rival, instance, at) for at in (pair.pickup, pair.delivery))
        problem.add_shipment(pickup, delivery, rival.Amount([pair.amount]))
    solution = problem.solve(exploration_level=5, nb_threads=1, timeout=timedelta(seconds=seconds))
    steps = solution.routes[solution.routes["type"].isin(["job", "pickup", "delivery"])]
    return [[int(at) for at in tour["id"]] for _, tour in steps.groupby("vehicle_id")]


def _step(rival: Any, instance: Instance, at: int) -> Any:
    node = instance.nodes[at]
    window = rival.TimeWindow(node.opens, min(node.closes, HORIZON))
    return rival.ShipmentStep(at, location=at, default_service=node.service, time_windows=[window])


def ortools(instance: Instance, seconds: float) -> list[list[int]]:
    """Plan with OR-Tools: guided local search after parallel cheapest insertion.

    Where insertion ends with a stop that fits nowhere, it gives up in a moment: then every stop may be left out at a
    price above any way, so that it has a plan to go on from.
    """
    return _ortools(instance, seconds, price=None) or _ortools(instance, seconds, price=PRICE)


def _ortools(instance: Instance, seconds: float, *, price: int | None) -> list[list[int]]:
    pywrapcp: Any = importlib.import_module("ortools.constraint_solver.pywrapcp")
    routing_enums_pb2: Any = importlib.import_module("ortools.constraint_solver.routing_enums_pb2")

    fleet = instance.fleet[0]
    manager = pywrapcp.RoutingIndexManager(len(instance.nodes), vehicles(instance), fleet.start)
    routing = pywrapcp.RoutingModel(manager)
    routing.SetArcCostEvaluatorOfAllVehicles(routing.RegisterTransitMatrix(instance.distances[0].tolist()))
    routing.SetFixedCostOfAllVehicles(fleet.fixed_cost)
    _loads(routing, instance)
    if any(node.closes < FOREVER for node in instance.nodes):
        _times(routing, manager, instance)
    solver = routing.solver()
    for pair in instance.pairs:
        pickup, delivery = manager.NodeToIndex(pair.pickup), manager.NodeToIndex(pair.delivery)
        routing.AddPickupAndDelivery(pickup, delivery)
        solver.Add(routing.VehicleVar(pickup) == routing.VehicleVar(delivery))
        time_of = routing.GetDimensionOrDie("time")
        solver.Add(time_of.CumulVar(pickup) <= time_of.CumulVar(delivery))
    for at in instance.customers if price else ():
        routing.AddDisjunction([manager.NodeToIndex(at)], price)
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    parameters.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    parameters.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    parameters.time_limit.FromMilliseconds(round(seconds * 1000))
    solution = routing.SolveWithParameters(parameters)
    return [] if solution is None else _tours(routing, manager, solution)


def _loads(routing: Any, instance: Instance) -> None:
    amounts = [node.demand for node in instance.nodes]
    for pair in instance.pairs:
        amounts[pair.pickup], amounts[pair.delivery] = pair.amount, -pair.amount
    capacity = instance.fleet[0].capacity or HORIZON
    load = routing.RegisterUnaryTransitVector(amounts)
    routing.AddDimension(load, 0, capacity, True, "load")


def _times(routing: Any, manager: Any, instance: Instance) -> None:
    fleet = instance.fleet[0]
    services = [[node.service] for node in instance.nodes]
    passing = routing.RegisterTransitMatrix((instance.durations[0] + services).tolist())
    latest = max(min(fleet.closes, HORIZON), *(min(node.closes, HORIZON) for node in instance.nodes))
    routing.AddDimension(passing, latest, latest, False, "time")
    dimension = routing.GetDimensionOrDie("time")
    for at in instance.customers:
        node = instance.nodes[at]
        dimension.CumulVar(manager.NodeToIndex(at)).SetRange(node.opens, min(node.closes, latest))
    for vehicle in range(manager.GetNumberOfVehicles()):
        for end in (routing.Start(vehicle), routing.End(vehicle)):
            dimension.CumulVar(end).SetRange(fleet.opens, min(fleet.closes, latest))


def _tours(routing: Any, manager: Any, solution: Any) -> list[list[int]]:
    tours = []
    for vehicle in range(manager.GetNumberOfVehicles()):
        at, tour = solution.Value(routing.NextVar(routing.Start(vehicle))), []
        while not routing.IsEnd(at):
            tour.append(manager.IndexToNode(at))
            at = solution.Value(routing.NextVar(at))
        tours.append(tour)
    return [tour for tour in tours if tour]


def ours(instance: Instance, seconds: float, seed: int) -> list[list[int]]:
    """Plan with the engine of the product."""
    from routes.search.improved import Improved

    found = Improved().solve(instance, limit=Limit(seconds=seconds), seed=seed)
    return [list(tour.nodes) for tour in found.tours]


def plain(instance: Instance, seconds: float, seed: int) -> list[list[int]]:
    """Plan with PyVRP as it is delivered."""
    from routes.search.plain import Plain

    found = Plain().solve(instance, limit=Limit(seconds=seconds), seed=seed)
    return [list(tour.nodes) for tour in found.tours] if found.feasible else []


def main() -> None:
    """Plan one file with one solver."""
    name, file, seconds, seed = sys.argv[1:5]
    make_importable()
    instance = formats.read(Path(file))
    began = time.perf_counter()
    if name in RIVALS:
        tours = RIVALS[name](instance, float(seconds))
    else:
        tours = {"ours": ours, "plain": plain}[name](instance, float(seconds), int(seed))
    spent = round(time.perf_counter() - began, 2)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps({"tours": tours, "seconds": spent, "peak_mb": peak}))


RIVALS: dict[str, Callable[[Instance, float], list[list[int]]]] = {"vroom": vroom, "ortools": ortools}
SOLVERS = ("ours", "plain", *RIVALS)


if __name__ == "__main__":
    main()
