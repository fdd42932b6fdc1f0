"""Judges plans of public routing problems: reads the file itself and drives every route.

It is written apart from `routes` on purpose: own readers, own distances, own clock. Loads, windows, the depot's hours,
the bound on a route, pairs and each stop once are checked; the cost is the way alone, in the units of the file.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

Way = Callable[[int, int], int]


@dataclass
class Task:
    """A line of a problem, in whole numbers of its scale."""

    demand: int = 0
    opens: int = 0
    closes: float = math.inf
    service: int = 0
    pickup: int = 0
    delivery: int = 0


@dataclass
class Public:
    """A public problem; task 0 is the depot."""

    tasks: list[Task]
    way: Way
    capacity: int
    vehicles: float = math.inf
    longest: float = math.inf
    scale: int = 1


@dataclass
class Verdict:
    """What is wrong with a plan, what it costs and which stops it leaves out."""

    cost: float
    faults: list[str] = field(default_factory=list)
    missing: list[int] = field(default_factory=list)

    @property
    def is_sound(self) -> bool:
        """Tell whether every stop is served and nothing is broken."""
        return not self.faults and not self.missing


def judge(path: Path, routes: Sequence[Sequence[int]], *, rounding: str | None = None) -> Verdict:
    """Drive the routes of a plan of the problem in this file."""
    problem = read(path, rounding=rounding)
    verdict, total = Verdict(cost=0), 0
    seen: list[int] = []
    if len(routes) > problem.vehicles:
        verdict.faults.append(f"{len(routes)} vehicles, there are {problem.vehicles}")
    for number, route in enumerate(routes, start=1):
        seen += list(route)
        total += _driven(problem, route, f"route {number}", verdict.faults)
    verdict.cost = total / problem.scale if problem.scale > 1 else total
    verdict.faults += [f"stop {at} is served {times} times" for at, times in Counter(seen).items() if times > 1]
    verdict.faults += [f"stop {at} is not in the file" for at in seen if not 0 < at < len(problem.tasks)]
    verdict.missing = sorted(set(range(1, len(problem.tasks))) - set(seen))
    return verdict


def _driven(problem: Public, route: Sequence[int], called: str, faults: list[str]) -> int:
    depot, length, here = problem.tasks[0], 0, 0
    load = sum(max(0, problem.tasks[at].demand) for at in route if not _is_paired(problem.tasks[at]))
    clock, begun, aboard = depot.opens, depot.opens, set[int]()
    if load > problem.capacity:
        faults.append(f"{called} leaves with {load} of {problem.capacity}")
    for at in route:
        task = problem.tasks[at]
        length += problem.way(here, at)
        clock = max(clock + problem.way(here, at), task.opens)
        if clock > task.closes:
            faults.append(f"{called} is at {at} at {clock}, after {task.closes}")
        clock, here = clock + task.service, at
        load += task.demand if _is_paired(task) else -task.demand
        if load > problem.capacity:
            faults.append(f"{called} carries {load} of {problem.capacity} from {at} on")
        if task.delivery:
            aboard.add(at)
        elif task.pickup:
            if task.pickup not in aboard:
                faults.append(f"{called} delivers at {at} what it has not taken on")
            aboard.discard(task.pickup)
    length += problem.way(here, 0)
    clock += problem.way(here, 0)
    if clock > depot.closes:
        faults.append(f"{called} is back at {clock}, after {depot.closes}")
    if math.isfinite(problem.longest) and clock - begun > problem.longest:
        faults.append(f"{called} takes {clock - begun}, longer than {problem.longest}")
    faults.extend(f"{called} never delivers what it took on at {at}" for at in sorted(aboard))
    return length


def _is_paired(task: Task) -> bool:
    return bool(task.pickup or task.delivery)


def read(path: Path, *, rounding: str | None = None) -> Public:
    """Read a file of one of the four formats."""
    lines = [line.strip() for line in path.read_text().splitlines() if line.strip()]
    if "VEHICLE" in lines[1:5]:
        return _solomon(lines, rounding or "tenths")
    if any(line.startswith("EDGES") for line in lines):
        return _sartori(lines)
    if any(line.startswith("DIMENSION") for line in lines):
        return _vrplib(lines, rounding)
    return _lilim(lines, rounding or "thousandths")


_SCALES = {"tenths": 10, "thousandths": 1000}


def _plane(points: Sequence[tuple[float, float]], rounding: str) -> Way:
    def way(one: int, other: int) -> int:
        exact = math.dist(points[one], points[other]) * _SCALES.get(rounding, 1)
        if rounding in {"tenths", "down"}:
            return math.floor(exact + 1e-9)
        if rounding == "up":
            return math.ceil(exact - 1e-9)
        return math.floor(exact + 0.5)

    return way


def _solomon(lines: list[str], rounding: str) -> Public:
    scale = _SCALES.get(rounding, 1)
    at = lines.index("VEHICLE")
    vehicles, capacity = map(int, lines[at + 2].split())
    rows = [[float(each) for each in line.split()] for line in lines[at + 5 :]]
    tasks = [Task(int(row[3]), round(row[4] * scale), round(row[5] * scale), round(row[6] * scale)) for row in rows]
    return Public(tasks, _plane([(row[1], row[2]) for row in rows], rounding), capacity, vehicles, scale=scale)


def _paired(rows: list[list[float]], scale: int) -> list[Task]:
    tasks = []
    for row in rows:
        opens, closes, service = (round(value * scale) for value in row[4:7])
        tasks.append(Task(int(row[3]), opens, closes, service, int(row[7]), int(row[8])))
    return tasks


def _lilim(lines: list[str], rounding: str) -> Public:
    vehicles, capacity = (int(each) for each in lines[0].split()[:2])
    rows = [[float(each) for each in line.split()] for line in lines[1:]]
    scale = _SCALES.get(rounding, 1)
    way = _plane([(row[1], row[2]) for row in rows], rounding)
    return Public(_paired(rows, scale), way, capacity, vehicles, scale=scale)


def _sartori(lines: list[str]) -> Public:
    nodes, edges = lines.index("NODES"), lines.index("EDGES")
    head = dict(line.split(":", 1) for line in lines[:nodes])
    size = int(head["SIZE"])
    rows = [[float(each) for each in line.split()] for line in lines[nodes + 1 : nodes + 1 + size]]
    ways = [[int(each) for each in line.split()] for line in lines[edges + 1 : edges + 1 + size]]
    return Public(_paired(rows, 1), lambda one, other: ways[one][other], int(head["CAPACITY"]))


def _vrplib(lines: list[str], rounding: str | None) -> Public:
    head = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines) if value}
    sections: dict[str, list[list[str]]] = {}
    for line in lines:
        name = line.replace(":", " ").split()[0]
        if name.endswith("_SECTION"):
            sections[name] = []
        elif sections and name != "EOF":
            sections[list(sections)[-1]].append(line.split())
    assert sections["DEPOT_SECTION"][0][0] == "1"
    tasks = [Task(int(row[1])) for row in sections["DEMAND_SECTION"]]
    return Public(tasks, _vrplib_way(head, sections, rounding), int(head["CAPACITY"].split()[0]))


def _vrplib_way(head: dict[str, str], sections: dict[str, list[list[str]]], rounding: str | None) -> Way:
    if head["EDGE_WEIGHT_TYPE"] == "EUC_2D":
        points = [(float(row[1]), float(row[2])) for row in sections["NODE_COORD_SECTION"]]
        return _plane(points, rounding or "nearest")
    numbers = [int(each) for row in sections["EDGE_WEIGHT_SECTION"] for each in row]
    size = int(head["DIMENSION"])
    if head["EDGE_WEIGHT_FORMAT"] == "FULL_MATRIX":
        return lambda one, other: numbers[one * size + other]
    assert head["EDGE_WEIGHT_FORMAT"] == "LOWER_ROW"

    def way(one: int, other: int) -> int:
        low, high = sorted((one, other))
        return numbers[high * (high - 1) // 2 + low] if high != low else 0

    return way
