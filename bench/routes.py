"""Our planner beside VROOM, OR-Tools and plain PyVRP on public problems, as one JSON line: `python -m bench.routes`.

56 problems of Solomon, 5 of Sartori and Buriol, 3 of Arnold, Gendreau and Sörensen (Belgium, 3,000 to 10,000 stops).
Every solver has one thread and the same wall clock on the same machine, a process of its own, and they take turns at
each problem. What each prints is judged by one checker that reads the file itself.

**The gap** is how much longer the way is than in the best known plan, in per cent. Where vehicles count first, each
vehicle more counts as a vehicle of the best known plan costs on average: (v/v* - 1) + (way/way* - 1); `vehicles` and
`ways` are printed besides. A solver that cannot express a problem, gives no whole plan, or is not done after six times
the limit has no gap there: it is told under `unfinished`, and ours is compared with it on the problems it did finish.

`ok`: our mean gap is lower than that of both rivals on the problems each of them finished, in all and in each family;
every plan of ours is sound; none is below a proven optimum. Without the rivals `ok` is false, and `install` says how
to get them.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import Any

from bench.public import optima, solvers
from tests.routes import checker

ROOT = Path(__file__).resolve().parent.parent
PROBLEMS = ROOT.parent / "shared" / "data" / "vrp"
FAMILIES = ("solomon", "sartori", "belgium")
PATIENCE = 6
SIZES = (100, 300, 1000, 3000)


@dataclass(frozen=True, slots=True)
class Best:
    """The best known plan of a problem: its way, and its vehicles where they count first."""

    way: float
    vehicles: int | None = None

    def gap(self, way: float, vehicles: int) -> float:
        """Return how much worse a plan is, in per cent."""
        more = vehicles / self.vehicles - 1 if self.vehicles else 0.0
        return 100 * (more + way / self.way - 1)


@dataclass(frozen=True, slots=True)
class Problem:
    """A public problem and its best known plan."""

    family: str
    path: Path
    best: Best

    @property
    def name(self) -> str:
        """Return what it is called."""
        return self.path.stem


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a solver came to on a problem; without a gap there is a `fault`."""

    problem: Problem
    solver: str
    seconds: float = 0.0
    peak_mb: int = 0
    way: float = 0.0
    vehicles: int = 0
    gap: float | None = None
    fault: str = ""


def problems(folder: Path) -> Iterator[Problem]:
    """Give the public problems in this folder."""
    for name, way in optima.SOLOMON.items():
        yield Problem("solomon", folder / "solomon" / f"{name}.txt", Best(way))
    sartori = {row[0]: row for row in (line.split(";") for line in _lines(folder / "sartori" / "bks.dat")[1:])}
    for path in sorted((folder / "sartori").glob("*-n*.txt")):
        yield Problem("sartori", path, Best(float(sartori[path.stem][3]), int(sartori[path.stem][2])))
    for path in sorted((folder / "belgium").glob("*.vrp")):
        cost = next(line for line in reversed(_lines(path.with_suffix(".sol"))) if line.startswith("Cost"))
        yield Problem("belgium", path, Best(float(cost.split()[1])))


def _lines(path: Path) -> list[str]:
    return [line for line in path.read_text().splitlines() if line.strip()] if path.exists() else []


def attempt(problem: Problem, solver: str, *, seconds: float, seed: int) -> Outcome:
    """Let a solver plan a problem in a process of its own, and judge what it gives."""
    command = [sys.executable, "-m", "bench.public.solvers", solver, str(problem.path), str(seconds), str(seed)]
    try:
        done = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=60 + PATIENCE * seconds, check=False
        )
    except subprocess.TimeoutExpired:
        return Outcome(problem, solver, fault=f"not done after {60 + PATIENCE * seconds:g} s")
    if done.returncode != 0:
        return Outcome(problem, solver, fault=(done.stderr.strip().splitlines() or ["died"])[-1][:200])
    told = json.loads(done.stdout.splitlines()[-1])
    return _judged(problem, solver, told, seconds=seconds)


def _judged(problem: Problem, solver: str, told: dict[str, Any], *, seconds: float) -> Outcome:
    verdict = checker.judge(problem.path, told["tours"])
    faults = [*verdict.faults, *([f"{len(verdict.missing)} stops left out"] if verdict.missing else [])]
    if told["seconds"] > PATIENCE * seconds:
        faults.append(f"took {told['seconds']} s")
    vehicles = len(told["tours"])
    return Outcome(
        problem,
        solver,
        seconds=told["seconds"],
        peak_mb=told["peak_mb"],
        way=verdict.cost,
        vehicles=vehicles,
        gap=None if faults else problem.best.gap(verdict.cost, vehicles),
        fault=faults[0] if faults else "",
    )


def compare(outcomes: Sequence[Outcome], rivals: Sequence[str]) -> dict[str, Any]:
    """Return the mean gaps, in all and for each family, and whether ours are lower."""
    families = [family for family in FAMILIES if any(each.problem.family == family for each in outcomes)]
    table = {
        scope: _row([each for each in outcomes if scope in {"all", each.problem.family}])
        for scope in ["all", *families]
    }
    lower = {scope: {rival: _is_lower(outcomes, scope, rival) for rival in rivals} for scope in table}
    return {"gap_percent": table, "lower_than": lower}


def _row(outcomes: Sequence[Outcome]) -> dict[str, float]:
    row = {}
    for solver in solvers.SOLVERS:
        gaps = [each.gap for each in outcomes if each.solver == solver and each.gap is not None]
        if gaps:
            row[solver] = round(mean(gaps), 3)
    return row


def _is_lower(outcomes: Sequence[Outcome], scope: str, rival: str) -> bool | None:
    """Tell whether our mean is lower on the problems that the rival finished; None where it finished none."""
    within = [each for each in outcomes if scope in {"all", each.problem.family}]
    theirs = {each.problem.name: each.gap for each in within if each.solver == rival and each.gap is not None}
    ours = {each.problem.name: each.gap for each in within if each.solver == "ours"}
    if not theirs:
        return None
    gaps = [ours.get(name) for name in theirs]
    return all(gap is not None for gap in gaps) and mean(gap or 0.0 for gap in gaps) < mean(theirs.values())


def growth(sizes: Sequence[int], *, seconds: float) -> dict[str, Any]:
    """Measure made-up days of these sizes, each in a process of its own, and tell by which power they grow."""
    rows = []
    for stops in sizes:
        command = [sys.executable, "-m", "bench.public.growth", str(stops), str(seconds)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600, check=True)
        rows.append(json.loads(done.stdout))
    powers = {
        key: _power([(row["stops"], row[key]) for row in rows]) for key in ("first_seconds", "near_seconds", "peak_mb")
    }
    return {"sizes": rows, "power": powers}


def _power(points: Sequence[tuple[float, float]]) -> float | None:
    """Return the slope of the straight line through the logarithms: 1 is in proportion to the stops, 2 squared."""
    logs = [(math.log(x), math.log(y)) for x, y in points if 0 < y < math.inf]
    if len(logs) < 2:
        return None
    across, up = mean(x for x, _ in logs), mean(y for _, y in logs)
    slope = sum((x - across) * (y - up) for x, y in logs) / sum((x - across) ** 2 for x, _ in logs)
    return round(slope, 2)


def _chosen(given: argparse.Namespace) -> list[Problem]:
    chosen = [each for each in problems(given.problems) if each.path.exists()]
    if given.only:
        names = set(given.only.split(","))
        chosen = [each for each in chosen if each.name in names or each.family in names]
    if given.sample:
        spread = [each for each in chosen if each.family == "solomon"]
        kept = random.Random(given.seed).sample(spread, min(given.sample, len(spread)))
        chosen = [each for each in chosen if each.family != "solomon" or each in kept]
    return chosen


def run(given: argparse.Namespace) -> dict[str, Any]:
    """Measure what is asked for."""
    began, chosen = time.monotonic(), _chosen(given)
    missing = [name for name in solvers.RIVALS if name in given.solvers and name in solvers.missing()]
    taking_part = [name for name in given.solvers if name not in missing]
    outcomes = []
    for problem in chosen:
        for solver in taking_part:
            outcomes.append(attempt(problem, solver, seconds=given.seconds, seed=given.seed))
            _tell(outcomes[-1])
    rivals = [name for name in solvers.RIVALS if name in taking_part]
    answer = {"problems": len(chosen), "seconds_each": given.seconds, **compare(outcomes, rivals), **_details(outcomes)}
    if given.sizes:
        answer["growth"] = growth(given.sizes, seconds=given.seconds)
    if missing:
        answer |= {"missing": missing, "install": solvers.INSTALL}
    answer["minutes"] = round((time.monotonic() - began) / 60, 1)
    return {"ok": _is_good(answer, outcomes, missing=missing), **answer}


def _details(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    ours = [each for each in outcomes if each.solver == "ours"]
    solomon = [each for each in ours if each.problem.family == "solomon"]
    pairs = [each for each in outcomes if each.problem.family == "sartori"]
    peaks: dict[str, int] = {}
    for each in outcomes:
        peaks[each.solver] = max(peaks.get(each.solver, 0), each.peak_mb)
    return {
        "optimal": sorted(each.problem.name for each in solomon if each.gap == 0),
        "below_optimum": sorted(each.problem.name for each in solomon if each.gap is not None and each.gap < 0),
        "vehicles": {f"{each.problem.name} {each.solver}": each.vehicles for each in pairs},
        "ways": {f"{each.problem.name} {each.solver}": each.way for each in pairs},
        "unfinished": {f"{each.problem.name} {each.solver}": each.fault for each in outcomes if each.fault},
        "slowest_seconds": {
            each.solver: max(o.seconds for o in outcomes if o.solver == each.solver) for each in outcomes
        },
        "peak_mb": peaks,
    }


def _is_good(answer: dict[str, Any], outcomes: Sequence[Outcome], *, missing: Sequence[str]) -> bool:
    ours = [each for each in outcomes if each.solver == "ours"]
    lower = [told for scope in answer["lower_than"].values() for told in scope.values()]
    return (
        bool(ours)
        and not missing
        and not answer["below_optimum"]
        and all(each.gap is not None for each in ours)
        and bool(lower)
        and all(told is not False for told in lower)
    )


def _tell(outcome: Outcome) -> None:
    told = outcome.fault or f"{outcome.gap:.3f} % ({outcome.vehicles} vehicles, {outcome.way:g})"
    print(f"{outcome.problem.name} {outcome.solver}: {told}, {outcome.seconds} s", file=sys.stderr)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print one line, and fail when ours are not the better plans."""
    asked = argparse.ArgumentParser(prog="bench.routes", description="Our planner beside others on public problems.")
    asked.add_argument("--problems", type=Path, default=PROBLEMS, help="the folder of the public problems")
    asked.add_argument("--seconds", type=float, default=10.0, help="wall clock for each plan")
    asked.add_argument("--only", default="", help="names of problems or families, with commas")
    asked.add_argument("--sample", type=int, default=0, help="so many of Solomon's problems, by chance")
    asked.add_argument("--solvers", type=lambda text: text.split(","), default=list(solvers.SOLVERS))
    asked.add_argument(
        "--sizes", type=lambda text: [int(each) for each in text.split(",") if each], default=list(SIZES)
    )
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--json", action="store_true", help="accepted; the answer is always one JSON line")
    answer = run(asked.parse_args(arguments))
    print(json.dumps(answer))
    return 0 if answer["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
