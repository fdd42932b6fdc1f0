"""A day of work, hour by hour: who does what in which order, from the first sorting to the last van."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from postal.domain import calendars
from postal.services.demonstration import authority, counters, intake, last_mile, tills, transport
from postal.services.demonstration import supplements as asked_papers
from postal.services.demonstration.cases import Plan
from postal.services.demonstration.counters import Visit
from postal.services.demonstration.world import World, clock

Step = Callable[[datetime], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Newcomer:
    """Somebody who comes to a counter: what will become of the case, and where he comes if that matters."""

    plan: Plan
    visit: Visit | None = None


def work(world: World, day: date, newcomers: Sequence[Newcomer]) -> None:
    """Let everybody work through a day on which these citizens come to the counters."""
    agenda = [*_rounds(world, day), *_visits(world, day, newcomers)]
    for at, _, step in sorted(agenda, key=lambda entry: entry[:2]):
        step(at)
    world.forget()


def _rounds(world: World, day: date) -> list[tuple[datetime, int, Step]]:
    """Return the day's common rounds in their order."""
    rounds: tuple[tuple[int, int, Step], ...] = (
        (7, 32, lambda at: transport.sort_out(world, at=at)),
        (7, 40, lambda at: transport.unload_truck(world, at=at)),
        (8, 0, lambda at: transport.reach_offices(world, at=at)),
        (8, 20, lambda at: last_mile.keep_for_citizens(world, at=at)),
        (8, 40, lambda at: _set_out(world, at=at)),
        (9, 0, lambda at: transport.reach_desks(world, at=at)),
        (9, 5, lambda at: _ring(world, half=1, at=at)),
        (9, 40, lambda at: authority.receive(world, at=at)),
        (10, 35, lambda at: authority.bring_to_departments(world, at=at)),
        (10, 45, lambda at: authority.begin_work(world, at=at)),
        (10, 50, lambda at: asked_papers.bring(world, at=at)),
        (11, 5, lambda at: tills.take_fees(world, at=at)),
        (13, 35, lambda at: _ring(world, half=2, at=at)),
        (13, 40, lambda at: authority.decide(world, at=at)),
        (14, 0, lambda at: authority.apologise(world, at=at)),
        (14, 10, lambda at: last_mile.fetch(world, at=at)),
        (14, 40, lambda at: intake.take_over(world, at=at)),
        (14, 50, lambda at: authority.register_results(world, at=at)),
        (15, 50, lambda at: _come_back(world, at=at)),
        (16, 5, lambda at: transport.collect(world, at=at)),
        (16, 58, lambda at: tills.settle(world, at=at)),
    )
    return [(clock(day, hour, minute), number, step) for number, (hour, minute, step) in enumerate(rounds)]


def _visits(world: World, day: date, newcomers: Sequence[Newcomer]) -> list[tuple[datetime, int, Step]]:
    """Return when each of the day's citizens comes to a counter: mornings and early afternoons."""
    return [(_visiting_time(world, day), 100 + n, _serving(world, one)) for n, one in enumerate(newcomers)]


def _visiting_time(world: World, day: date) -> datetime:
    is_morning = world.chance.random() < 0.6
    opens, minutes = (clock(day, 7, 45), 220) if is_morning else (clock(day, 13, 35), 140)
    return opens + timedelta(seconds=world.chance.randrange(minutes * 60))


def _serving(world: World, newcomer: Newcomer) -> Step:
    return lambda at: serve(world, newcomer, at=at)


def serve(world: World, newcomer: Newcomer, *, at: datetime) -> None:
    """Serve somebody who came, and let the clerk keep what he left; a stranger comes to no counter."""
    if newcomer.plan.is_stranger:
        world.strangers.append(newcomer.plan)
        return
    visit = newcomer.visit or counters.visit(world)
    case = counters.serve(world, newcomer.plan, at=at, visit=visit)
    if case is not None:
        counters.deposit(world, case, clerk=visit.clerk, on=calendars.local(at).date())


def _set_out(world: World, *, at: datetime) -> None:
    """Plan the day's runs and let the postmen leave."""
    world.runs = last_mile.plan_runs(world, at=at)
    for run in world.runs:
        last_mile.start_run(world, run, at=at + timedelta(minutes=5))


def _ring(world: World, *, half: int, at: datetime) -> None:
    """Ring at the first or the second half of every run's doors."""
    for run in world.runs:
        middle = (len(run.items) + 1) // 2
        doors = run.items[:middle] if half == 1 else run.items[middle:]
        last_mile.visit_doors(world, run, doors, at=at, minutes=110)
        if half == 2:
            last_mile.do_the_rest(world, run, at=at + timedelta(minutes=112))


def _come_back(world: World, *, at: datetime) -> None:
    """End the day's runs."""
    for run in world.runs:
        last_mile.end_run(world, run, at=at)
    world.runs = []
