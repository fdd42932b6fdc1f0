"""The engines: what they find keeps every limit, comes out again, gets better, and stops when it is told to."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from routes import formats
from routes.instance import (
    BadPair,
    BadTable,
    BadValue,
    ClosesBeforeItOpens,
    Fleet,
    Instance,
    NoCapacity,
    Node,
    NoVehicles,
    Pair,
)
from routes.search import improved, large, measuring, ruin, savings
from routes.search.engine import Engine, Limit, NoLimit, Progress, Tour
from routes.search.improved import Improved
from routes.search.plain import Plain
from tests.routes import checker, problems

LARGE = 120

ENGINES = [Improved(), Plain()]


def line(*nodes: Node, fleet: tuple[Fleet, ...] = (Fleet(count=2),), pairs: tuple[Pair, ...] = ()) -> Instance:
    """Return nodes on a line, ten apart; the first is the depot."""
    at = np.arange(len(nodes) + 1, dtype=np.int64) * 10
    table = np.abs(at[:, None] - at[None, :])
    return Instance(nodes=(Node(), *nodes), fleet=fleet, distances=(table,), durations=(table,), pairs=pairs)


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    texts = {
        "windows": problems.solomon(30, seed=1),
        "pairs": problems.lilim(15, seed=2),
        "large": problems.vrplib(LARGE, seed=3),
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    return {name: tmp_path / name for name in texts}


@pytest.fixture(autouse=True)
def _large_is_smaller(monkeypatch: pytest.MonkeyPatch) -> None:
    """Work on less in parts than is worth it, so that the tests are quick."""
    monkeypatch.setattr(improved, "LARGE", LARGE)
    monkeypatch.setattr(large, "STOPS", LARGE // 3)


@pytest.mark.parametrize("engine", ENGINES, ids=["improved", "plain"])
@pytest.mark.parametrize("kind", ["windows", "pairs", "large"])
def test_what_is_found_keeps_every_limit_and_costs_what_it_says(
    files: dict[str, Path], kind: str, engine: Engine
) -> None:
    instance = formats.read(files[kind])
    found = engine.solve(instance, limit=Limit(iterations=60 if kind != "pairs" else 400), seed=1)
    verdict = checker.judge(files[kind], [tour.nodes for tour in found.tours])
    assert verdict.is_sound, verdict
    vehicles = len(found.tours) * instance.fleet[0].fixed_cost
    assert found.feasible
    assert (found.cost - vehicles) / instance.scale == pytest.approx(verdict.cost)


@pytest.mark.parametrize("kind", ["windows", "pairs", "large"])
def test_the_same_plan_comes_out_again_under_a_limit_of_iterations(files: dict[str, Path], kind: str) -> None:
    instance = formats.read(files[kind])
    one, other = (Improved().solve(instance, limit=Limit(iterations=150), seed=7) for _ in range(2))
    assert (one.tours, one.cost, one.iterations) == (other.tours, other.cost, other.iterations)


@pytest.mark.parametrize("kind", ["windows", "pairs", "large"])
def test_a_search_that_goes_on_from_a_plan_is_never_worse(files: dict[str, Path], kind: str) -> None:
    instance = formats.read(files[kind])
    first = Improved().solve(instance, limit=Limit(iterations=20), seed=1)
    then = Improved().solve(instance, limit=Limit(iterations=40), seed=2, start=first.tours)
    assert then.feasible
    assert then.cost <= first.cost


@pytest.mark.parametrize("engine", ENGINES, ids=["improved", "plain"])
@pytest.mark.parametrize("kind", ["windows", "pairs", "large"])
def test_a_search_stops_with_the_best_so_far_when_it_is_told_to(
    files: dict[str, Path], kind: str, engine: Engine
) -> None:
    told: list[Progress] = []

    def enough(progress: Progress) -> bool:
        told.append(progress)
        return progress.feasible

    found = engine.solve(formats.read(files[kind]), limit=Limit(seconds=60), seed=1, watch=enough)
    assert found.feasible
    assert found.seconds < 10
    assert told[-1].cost >= found.cost
    assert found.first_seconds is not None


def test_progress_never_gets_worse(files: dict[str, Path]) -> None:
    told: list[Progress] = []

    def note(progress: Progress) -> bool:
        told.append(progress)
        return False

    Improved().solve(formats.read(files["windows"]), limit=Limit(seconds=0.5), seed=1, watch=note)
    assert len(told) > 2
    assert all(one.cost >= other.cost for one, other in itertools.pairwise(each for each in told if each.feasible))


def test_a_limit_of_nothing_still_gives_a_plan(files: dict[str, Path]) -> None:
    for kind in ("windows", "pairs", "large"):
        found = Improved().solve(formats.read(files[kind]), limit=Limit(iterations=0), seed=1)
        assert found.feasible, kind
    with pytest.raises(NoLimit):
        Limit()


def test_a_depot_without_stops_has_an_empty_plan() -> None:
    found = Improved().solve(line(), limit=Limit(iterations=5), seed=1)
    assert (found.tours, found.cost, found.feasible) == ((), 0, True)


def test_a_stop_is_left_out_where_its_prize_is_smaller_than_the_way() -> None:
    instance = line(Node(prize=1), Node(prize=1000))
    found = Improved().solve(instance, limit=Limit(iterations=50), seed=1)
    assert [tour.nodes for tour in found.tours] in ([(1, 2)], [(2, 1)], [(2,)])
    assert found.cost in {40, 41}


def test_a_vehicle_that_comes_back_for_more_carries_twice_its_capacity() -> None:
    instance = line(Node(demand=5), Node(demand=5), fleet=(Fleet(count=1, capacity=5, reloads=1),))
    found = Improved().solve(instance, limit=Limit(iterations=200), seed=1)
    assert found.feasible
    assert found.cost == 60
    assert 0 in found.tours[0].nodes


def test_without_the_reload_the_second_stop_has_no_room() -> None:
    instance = line(Node(demand=5), Node(demand=5), fleet=(Fleet(count=1, capacity=5),))
    found = Improved().solve(instance, limit=Limit(iterations=50), seed=1)
    assert not found.feasible


def test_each_fleet_drives_by_its_own_matrix_and_costs() -> None:
    one = line(Node(), fleet=(Fleet(count=1, fixed_cost=7),))
    slow, both = one.distances[0] * 3, (Fleet(count=1, fixed_cost=7), Fleet(count=1, table=1, duration_cost=1))
    two = replace(one, fleet=both, distances=(one.distances[0], slow), durations=(slow, slow))
    found = Improved().solve(two, limit=Limit(iterations=30), seed=1)
    assert found.tours == (Tour(fleet=0, nodes=(1,)),)
    assert found.cost == 27


def test_the_time_of_a_tour_is_the_shortest_it_can_take() -> None:
    fleet = (Fleet(count=1, duration_cost=1, distance_cost=0, longest=45),)
    instance = line(Node(opens=100, closes=200, service=5), Node(), fleet=fleet)
    measured = measuring.measure(instance, Tour(fleet=0, nodes=(1, 2)))
    assert (measured.cost, measured.feasible) == (45, True)
    late = measuring.measure(instance, Tour(fleet=0, nodes=(2, 1)))
    assert late.feasible
    tight = replace(instance, fleet=(replace(fleet[0], longest=44),))
    assert not measuring.measure(tight, Tour(fleet=0, nodes=(1, 2))).feasible


def test_a_delivery_before_its_pickup_cannot_be_driven() -> None:
    instance = line(Node(), Node(), pairs=(Pair(pickup=2, delivery=1, amount=3),))
    assert measuring.measure(instance, Tour(fleet=0, nodes=(2, 1))).feasible
    assert not measuring.measure(instance, Tour(fleet=0, nodes=(1, 2))).feasible
    assert not measuring.measure(instance, Tour(fleet=0, nodes=(2,))).feasible


def test_pairs_need_fewer_vehicles_by_ruin_and_recreate_than_by_chance(files: dict[str, Path]) -> None:
    instance = formats.read(files["pairs"])
    assert ruin.is_enough_for(instance)
    first, then = (Improved().solve(instance, limit=Limit(iterations=number), seed=1) for number in (0, 800))
    assert len(then.tours) < len(first.tours)


def test_savings_begin_a_large_plan_that_keeps_to_the_capacity(files: dict[str, Path]) -> None:
    instance = formats.read(files["large"])
    assert savings.is_enough_for(instance)
    tours = savings.tours(instance)
    assert checker.judge(files["large"], [tour.nodes for tour in tours]).is_sound
    assert len(tours) < len(instance.customers) / 5


def test_stops_that_no_tour_of_a_large_plan_serves_find_a_place_in_a_part(files: dict[str, Path]) -> None:
    instance = formats.read(files["large"])
    depot, *stops = instance.nodes
    dear = replace(instance, nodes=(depot, *(replace(each, prize=10**6) for each in stops)))
    start = savings.tours(instance)[1:]
    found = Improved().solve(dear, limit=Limit(iterations=3 * large.ITERATIONS), seed=1, start=start)
    assert not found.unassigned


def test_what_cannot_be_driven_is_an_answer_and_no_warning() -> None:
    """Enough steps for PyVRP's penalties to reach their bound."""
    instance = line(Node(opens=5, closes=6), Node(closes=400), fleet=(Fleet(count=1),))
    found = Improved().solve(instance, limit=Limit(iterations=1500), seed=1)
    assert not found.feasible
    assert 1 in found.unassigned


def test_a_large_plan_of_many_fleets_leaves_out_what_is_worth_least() -> None:
    chance = random.Random(1)
    points = np.array([[chance.randrange(9000), chance.randrange(9000)] for _ in range(LARGE + 2)])
    table = np.hypot(*(points[:, None] - points[None, :]).transpose(2, 0, 1)).astype(np.int64)
    stops = [Node(demand=1, prize=chance.choice((10**5, 10**6))) for _ in range(LARGE)]
    fleet = tuple(Fleet(count=at % 4, capacity=20, start=at % 2, end=at % 2, reloads=1) for at in range(8))
    instance = Instance(nodes=(Node(), Node(), *stops), fleet=fleet, distances=(table,), durations=(table,))
    first, then = (Improved().solve(instance, limit=Limit(iterations=number), seed=1) for number in (0, 900))
    assert then.feasible
    assert then.cost < first.cost
    assert all(instance.nodes[at].prize == 10**5 for at in then.unassigned)
    driving = Counter(tour.fleet for tour in then.tours)
    assert all(driving[at] <= each.count for at, each in enumerate(fleet))


NAMES = {
    "no vehicle": (NoVehicles, {"fleet": (Fleet(count=0),)}),
    "no capacity": (NoCapacity, {"fleet": (Fleet(count=1, capacity=0),)}),
    "a shift that ends first": (ClosesBeforeItOpens, {"fleet": (Fleet(count=1, opens=5, closes=4),)}),
    "a window that ends first": (ClosesBeforeItOpens, {"nodes": (Node(), Node(opens=5, closes=4), Node())}),
    "a vehicle nowhere": (BadValue, {"fleet": (Fleet(count=1, start=9),)}),
    "a service below zero": (BadValue, {"nodes": (Node(), Node(service=-1), Node())}),
    "a pair with the depot": (BadPair, {"pairs": (Pair(pickup=0, delivery=1),)}),
    "a pair with itself": (BadPair, {"pairs": (Pair(pickup=1, delivery=1),)}),
    "a small matrix": (BadTable, {"distances": (np.zeros((2, 2), dtype=np.int64),)}),
    "a way below zero": (BadTable, {"distances": (np.full((3, 3), -1, dtype=np.int64),)}),
    "halves": (BadTable, {"distances": (np.zeros((3, 3)),)}),
}


@pytest.mark.parametrize("case", NAMES)
def test_what_cannot_be_a_problem_is_refused_by_name(case: str) -> None:
    error, change = NAMES[case]
    with pytest.raises(error):
        replace(line(Node(), Node()), **change)  # type: ignore[arg-type]


def test_the_matrices_of_a_problem_cannot_be_written_to() -> None:
    with pytest.raises(ValueError, match="read-only"):
        line(Node()).distances[0][0, 1] = 3
