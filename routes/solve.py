"""Plan a public routing problem: `python -m routes.solve FILE --seconds 10 --seed 1 --json`.

Reads Solomon's, VRPLIB's, Li and Lim's and Sartori and Buriol's files. The stops of `routes` are numbered as in the
files' published solutions: the depot is 0 and the others follow in the order of the file. A file that cannot be
understood, or says what cannot be, ends with one sentence and exit code 2. Ctrl-C gives the best plan so far.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from routes import formats
from routes.formats import BadFile, Rounding
from routes.instance import LARGEST, BadInstance, Fleet, Instance
from routes.search import measuring
from routes.search.engine import Engine, Found, Limit, Progress, Tour, Watch
from routes.why import Reason

PATIENCE = 0.5
"""Which part of the limit is spent on serving everything, before stops are left out where there is no room."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """A stop on no route, and why."""

    stop: int
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A plan as it is printed: cost in the units of the file, without what a vehicle counts for."""

    name: str
    cost: float
    vehicles: int
    feasible: bool
    seconds: float
    first_seconds: float | None
    iterations: int
    convention: str
    routes: tuple[tuple[int, ...], ...]
    unassigned: tuple[Left, ...]


def solve(
    instance: Instance,
    *,
    engine: Engine,
    limit: Limit,
    seed: int,
    watch: Watch | None = None,
) -> Answer:
    """Plan an instance; what cannot be served is left out, with a reason, and makes the answer infeasible."""
    impossible = _impossible(instance)
    found = _found(_without(instance, impossible), engine=engine, limit=limit, seed=seed, watch=watch)
    served = {at for tour in found.tours for at in tour.nodes}
    unassigned = tuple(
        Left(stop=at, reason=impossible.get(at, Reason.NO_DRIVER)) for at in instance.customers if at not in served
    )
    fixed = sum(instance.fleet[tour.fleet].fixed_cost for tour in found.tours)
    ways = sum(measuring.measure(instance, tour).cost for tour in found.tours) - fixed
    return Answer(
        name=instance.name,
        cost=ways / instance.scale if instance.scale > 1 else ways,
        vehicles=len(found.tours),
        feasible=found.feasible and not unassigned,
        seconds=round(found.seconds, 3),
        first_seconds=None if found.first_seconds is None else round(found.first_seconds, 3),
        iterations=found.iterations,
        convention=instance.units,
        routes=tuple(tour.nodes for tour in found.tours),
        unassigned=unassigned,
    )


def _impossible(instance: Instance) -> dict[int, Reason]:
    """Return the stops that no vehicle could serve even if it drove for them alone, and why."""
    reasons = {at: _alone(instance, (at,), load=abs(instance.nodes[at].demand)) for at in instance.singles}
    for pair in instance.pairs:
        reason = _alone(instance, (pair.pickup, pair.delivery), load=pair.amount)
        reasons |= {pair.pickup: reason, pair.delivery: reason}
    return {at: reason for at, reason in reasons.items() if reason}


def _alone(instance: Instance, nodes: tuple[int, ...], *, load: int) -> Reason | None:
    carrying = [at for at, each in enumerate(instance.fleet) if load <= _room(each)]
    if not carrying:
        return Reason.OVER_LOAD
    tours = [Tour(fleet=at, nodes=nodes) for at in carrying]
    return None if any(measuring.measure(instance, tour).feasible for tour in tours) else Reason.TOO_FAR


def _room(each: Fleet) -> int:
    return LARGEST if each.capacity is None else each.capacity


def _without(instance: Instance, impossible: dict[int, Reason]) -> Instance:
    """Return the instance in which what is impossible may be left out, for nothing."""
    if not impossible:
        return instance
    nodes = tuple(replace(each, prize=0) if at in impossible else each for at, each in enumerate(instance.nodes))
    return replace(instance, nodes=nodes)


def _found(instance: Instance, *, engine: Engine, limit: Limit, seed: int, watch: Watch | None) -> Found:
    """Return the best plan that serves everything; if none is found for long, one that serves as much as it can."""
    hope = _Hope(limit, watch)
    whole = engine.solve(instance, limit=limit, seed=seed, watch=hope) if _has_room(instance) else None
    if whole and (whole.feasible or hope.was_stopped):
        return whole
    found = engine.solve(_optional(instance), limit=_rest(limit, whole), seed=seed, watch=watch)
    if whole is None:
        return replace(found, feasible=False)
    seconds, iterations = found.seconds + whole.seconds, found.iterations + whole.iterations
    return replace(found, feasible=False, seconds=seconds, iterations=iterations)


def _rest(limit: Limit, spent: Found | None) -> Limit:
    """Return what is left of a limit."""
    if spent is None:
        return limit
    seconds = None if limit.seconds is None else max(0.0, limit.seconds - spent.seconds)
    iterations = None if limit.iterations is None else max(0, limit.iterations - spent.iterations)
    return Limit(seconds=seconds, iterations=iterations)


def _has_room(instance: Instance) -> bool:
    """Tell whether all loads together could fit into all vehicles, each loaded as often as it may be."""
    loads = sum(max(0, each.demand) for each in instance.nodes if each.prize is None)
    return loads <= sum(each.count * (each.reloads + 1) * _room(each) for each in instance.fleet)


def _optional(instance: Instance) -> Instance:
    """Return the instance in which everything may be left out, but nothing to save a way or a vehicle."""
    dearest = 1 + 2 * sum(int(table.max()) for table in instance.distances) * len(instance.nodes)
    prize = dearest + max(each.fixed_cost for each in instance.fleet)
    nodes = tuple(replace(each, prize=prize) if each.prize is None else each for each in instance.nodes)
    return replace(instance, nodes=nodes)


class _Hope:
    """Gives up looking for a plan that serves everything when there is none for a good part of the limit."""

    def __init__(self, limit: Limit, watch: Watch | None) -> None:
        self._limit, self._watch = limit, watch
        self.was_stopped = False

    def __call__(self, progress: Progress) -> bool:
        self.was_stopped = self.was_stopped or bool(self._watch and self._watch(progress))
        seconds, iterations = self._limit.seconds, self._limit.iterations
        is_late = bool(seconds and progress.seconds > PATIENCE * seconds)
        is_late = is_late or bool(iterations and progress.iterations > PATIENCE * iterations)
        return self.was_stopped or (is_late and not progress.feasible)


def main(arguments: Sequence[str] | None = None) -> int:
    """Read a file, plan it, print the plan."""
    given = _parser().parse_args(arguments)
    try:
        rounding = Rounding(given.rounding) if given.rounding else None
        instance = formats.read(given.file, kind=given.format, rounding=rounding)
        limit = _limit(given)
    except (BadFile, BadInstance) as problem:
        return _refuse(f"{given.file.name}: {problem}")
    except OSError as problem:
        return _refuse(f"{given.file}: {problem.strerror}")
    except ValueError as problem:
        return _refuse(str(problem))
    answer = solve(
        instance,
        engine=_engine(given.engine),
        limit=limit,
        seed=given.seed,
        watch=_until_interrupted(),
    )
    print(json.dumps(_as_json(answer)) if given.json else _in_words(answer))  # noqa: T201 - a command prints
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m routes.solve", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--seconds", type=float, help="wall clock to plan in; 10 unless iterations are given")
    parser.add_argument("--iterations", type=int, help="steps to plan in: the same answer comes out again")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    parser.add_argument("--format", choices=formats.KINDS, help="what the file is, where its first lines do not tell")
    parser.add_argument("--rounding", choices=[each.value for each in Rounding], help="how distances become numbers")
    parser.add_argument("--engine", choices=["improved", "plain"], default="improved")
    return parser


def _limit(given: argparse.Namespace) -> Limit:
    if given.seconds is None and given.iterations is None:
        return Limit(seconds=10)
    return Limit(seconds=given.seconds, iterations=given.iterations)


def _engine(name: str) -> Engine:
    from routes.search import improved, plain  # noqa: PLC0415 - half a second, which a bad file need not wait for

    return improved.Improved() if name == "improved" else plain.Plain()


def _until_interrupted() -> Watch:
    """Return a watch that ends the search at the first Ctrl-C; the second one ends the program."""
    pressed: list[int] = []

    def note(number: int, _: object) -> None:
        pressed.append(number)
        signal.signal(signal.SIGINT, signal.default_int_handler)

    signal.signal(signal.SIGINT, note)
    return lambda _: bool(pressed)


def _as_json(answer: Answer) -> dict[str, object]:
    left = [{"stop": each.stop, "reason": each.reason.value} for each in answer.unassigned]
    return asdict(answer) | {"unassigned": left}


def _in_words(answer: Answer) -> str:
    lines = [f"{answer.name}: {answer.cost:g} with {answer.vehicles} vehicles ({answer.convention})"]
    lines += [f"Route {number}: {' '.join(map(str, nodes))}" for number, nodes in enumerate(answer.routes, start=1)]
    lines += [f"Left out {each.stop}: {each.reason.value}" for each in answer.unassigned]
    state = "every stop is served within its limits" if answer.feasible else "not every stop is served"
    return "\n".join([*lines, f"{state}; {answer.seconds:g} s, {answer.iterations} iterations"])


def _refuse(sentence: str) -> int:
    print(sentence, file=sys.stderr)  # noqa: T201 - as above
    return 2


if __name__ == "__main__":
    sys.exit(main())
