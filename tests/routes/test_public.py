"""Public problems and their published solutions: our readers and the checker agree with what is published."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.public import optima
from routes import formats
from routes.search import measuring
from routes.search.engine import Limit, Tour
from routes.search.improved import Improved
from tests.conftest import ROOT
from tests.routes import checker


@pytest.fixture(scope="module")
def public() -> Path:
    """Return the folder of the public problems, which are not shipped and not on every machine."""
    folder = ROOT.parent / "shared" / "data" / "vrp"
    if not folder.is_dir():
        pytest.skip(f"the public problems are not beside this checkout ({folder.relative_to(ROOT.parent)})")
    return folder


def published(path: Path) -> tuple[list[list[int]], float]:
    """Return the routes and the cost of a published solution."""
    lines = path.read_text().splitlines()
    routes = [[int(at) for at in line.split(":")[1].split()] for line in lines if line.startswith("Route")]
    return routes, float(next(line for line in lines if line.startswith("Cost")).split()[1])


@pytest.mark.parametrize("name", ["C101.txt", "E-n13-k4.vrp", "A-n32-k5.vrp", "ORTEC-n242-k12.vrp"])
def test_a_published_solution_costs_what_is_published(public: Path, name: str) -> None:
    path = public / "small" / name
    routes, cost = published(path.with_suffix(".sol"))
    verdict = checker.judge(path, routes)
    assert verdict.is_sound
    assert verdict.cost == cost
    instance = formats.read(path)
    measured = [measuring.measure(instance, Tour(fleet=0, nodes=tuple(route))) for route in routes]
    assert all(each.feasible for each in measured)
    assert sum(each.cost for each in measured) / instance.scale == cost


def test_a_large_published_solution_costs_what_is_published(public: Path) -> None:
    path = public / "belgium" / "Leuven1.vrp"
    routes, cost = published(path.with_suffix(".sol"))
    verdict = checker.judge(path, routes)
    assert (verdict.is_sound, verdict.cost) == (True, cost)


def test_every_problem_of_solomon_and_of_sartori_and_buriol_is_read(public: Path) -> None:
    for path in sorted((public / "solomon").glob("*.txt")):
        assert len(formats.read(path).customers) == 100
        assert path.stem in optima.SOLOMON
    for path in sorted((public / "sartori").glob("*-n*.txt")):
        instance = formats.read(path)
        assert len(instance.pairs) * 2 == len(instance.customers) == int(path.stem.split("-n")[1].split("-")[0])


@pytest.mark.parametrize("name", ["C101", "C201"])
def test_an_easy_problem_is_planned_to_its_proven_optimum(public: Path, name: str) -> None:
    path = public / "solomon" / f"{name}.txt"
    found = Improved().solve(formats.read(path), limit=Limit(iterations=600), seed=1)
    verdict = checker.judge(path, [tour.nodes for tour in found.tours])
    assert (verdict.is_sound, verdict.cost) == (True, optima.SOLOMON[name])


def test_pairs_on_real_roads_are_planned_with_few_vehicles(public: Path) -> None:
    path = public / "sartori" / "bar-n100-1.txt"
    found = Improved().solve(formats.read(path), limit=Limit(iterations=1500), seed=1)
    assert checker.judge(path, [tour.nodes for tour in found.tours]).is_sound
    assert len(found.tours) <= 7
