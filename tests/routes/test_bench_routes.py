"""The figures of the planner: how gaps are counted, and a short form of the measurement itself."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from bench import routes as figures
from bench.public import growth, optima, solvers
from bench.routes import Best, Outcome, Problem
from tests.routes import checker, problems


def outcome(name: str, solver: str, gap: float | None, *, family: str = "solomon") -> Outcome:
    """Return what a solver came to on a problem."""
    return Outcome(Problem(family, Path(name), Best(100)), solver, gap=gap, fault="" if gap is not None else "no plan")


def test_a_vehicle_more_counts_as_one_costs_on_average() -> None:
    best = Best(way=1000, vehicles=10)
    assert best.gap(1000, 11) == pytest.approx(10)
    assert best.gap(950, 11) == pytest.approx(5)
    assert Best(way=1000).gap(1010, 99) == pytest.approx(1)


def test_ours_is_compared_with_a_rival_on_what_the_rival_finished() -> None:
    outcomes = [outcome("a", "ours", 1.0), outcome("b", "ours", 9.0), outcome("a", "vroom", 2.0)]
    outcomes.append(outcome("b", "vroom", None))
    told = figures.compare(outcomes, ["vroom"])
    assert told["gap_percent"]["all"] == {"ours": 5.0, "vroom": 2.0}
    assert told["lower_than"]["all"]["vroom"] is True


def test_ours_is_not_lower_where_it_has_no_plan_or_an_equal_one() -> None:
    rival = [outcome("a", "vroom", 2.0)]
    for gap in (None, 2.0, 3.0):
        assert figures.compare([outcome("a", "ours", gap), *rival], ["vroom"])["lower_than"]["all"]["vroom"] is False


def test_a_family_in_which_ours_is_not_lower_is_not_good() -> None:
    both = [outcome("a", "ours", 1.0), outcome("a", "vroom", 9.0)]
    other = [outcome("b", "ours", 2.0, family="belgium"), outcome("b", "vroom", 1.0, family="belgium")]
    told = figures.compare([*both, *other], ["vroom"])["lower_than"]
    assert (told["all"]["vroom"], told["belgium"]["vroom"]) == (True, False)


def test_the_table_of_optima_has_all_56_problems_of_solomon() -> None:
    assert len(optima.SOLOMON) == 56
    assert {name.rstrip("0123456789") for name in optima.SOLOMON} == {"C", "R", "RC"}


def test_growth_is_told_by_its_power(tmp_path: Path) -> None:
    assert figures._power([(10, 5), (100, 500)]) == 2
    assert figures._power([(10, 5)]) is None
    told = growth.measure(30, 0.2)
    assert told["first_seconds"] <= told["near_seconds"] + 0.2
    path = tmp_path / "day.txt"
    path.write_text(growth.day(30, seed=1))
    assert checker.read(path).vehicles == 3


def test_a_short_form_judges_ours_and_says_which_rivals_are_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "solomon").mkdir()
    (tmp_path / "solomon" / "TINY.txt").write_text(problems.solomon(12, seed=3))
    monkeypatch.setattr(optima, "SOLOMON", {"TINY": 100.0})
    monkeypatch.setattr(solvers, "missing", lambda: ["vroom", "ortools"])
    told = figures.run(
        argparse.Namespace(
            problems=tmp_path, seconds=0.2, only="", sample=0, solvers=["ours", "vroom", "ortools"], sizes=[], seed=1
        )
    )
    assert (told["ok"], told["missing"], told["problems"]) == (False, ["vroom", "ortools"], 1)
    assert "pip install" in told["install"]
    assert told["gap_percent"]["all"]["ours"] > 0
    assert told["unfinished"] == {}
