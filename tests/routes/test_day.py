"""A depot's day: a first plan at once, better ones until told to stop, and as little change as a change asks for."""

import math
import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from routes import day
from routes.day import DayPlan, Known, Prior, Progress
from routes.model import Depot, Importance, Place, Shift, Stop, TimeWindow, Vehicle
from routes.search.engine import Limit
from routes.team import NEVER
from routes.why import Reason
from routes.yard import Round, Yard

OFFICE = Depot(key="551000", place=Place(16.07, 108.20))
MORNING = datetime(2026, 11, 16, 0, 30, tzinfo=UTC)
SHIFT = Shift(starts_at=MORNING, ends_at=MORNING + timedelta(hours=9), longest=timedelta(hours=8))
FIRST = Limit(iterations=0)


def round_of(number: int, *, of: int = 4, stops: int = 12, hours: float = 8, seed: int = 1) -> Round:
    """Return a standing round whose stops lie in one direction of the office."""
    chance, angle, key = random.Random(seed * 100 + number), math.tau * number / of, f"r{number}"
    middle = (16.07 + 0.04 * math.sin(angle), 108.20 + 0.04 * math.cos(angle))
    shift = replace(SHIFT, longest=timedelta(hours=hours))
    return Round(
        key=key,
        stops=tuple(
            Stop(
                key=f"{key}-{each:02}",
                place=Place(middle[0] + chance.gauss(0, 0.01), middle[1] + chance.gauss(0, 0.01)),
                area="abc"[each * 3 // stops],
            )
            for each in range(stops)
        ),
        ranking=("a", "b", "c"),
        vehicle=Vehicle(key=f"p{number}", shift=shift, start=OFFICE, end=OFFICE),
    )


def yard_of(rounds: int = 4, *, stops: int = 12, hours: float = 8, spare: Sequence[str] = ()) -> Yard:
    made = (round_of(number, of=rounds, stops=stops, hours=hours) for number in range(rounds))
    return Yard(rounds=tuple(made), spare=tuple(spare))


def served(plan: DayPlan) -> dict[str, list[str]]:
    return {each.driver: [stop.key for stop in each.route.stops] for each in plan.laid.driven}


def as_prior(plan: DayPlan, *, locked: Sequence[str] = (), loaded: Sequence[str] = ()) -> Prior:
    return Prior(
        routes=tuple(
            Known(
                round=each.round,
                part=each.part,
                driver=each.driver,
                stops=tuple(stop.key for stop in each.route.stops),
                locked=frozenset(stop.key for stop in each.route.stops if stop.key in locked),
                is_loaded=each.driver in loaded,
            )
            for each in plan.laid.driven
        )
    )


def without_driver(yard: Yard, key: str) -> Yard:
    return replace(yard, rounds=tuple(replace(each, has_driver=each.key != key) for each in yard.rounds))


def moved(before: DayPlan, after: DayPlan) -> set[str]:
    """Return the stops that were and are on a route, with another driver."""
    was = {stop: driver for driver, stops in served(before).items() for stop in stops}
    now = {stop: driver for driver, stops in served(after).items() for stop in stops}
    return {stop for stop in was.keys() & now.keys() if was[stop] != now[stop]}


def test_the_first_plan_is_told_before_any_other_and_may_be_all_one_waits_for() -> None:
    told: list[Progress] = []

    def stop_at_once(progress: Progress) -> bool:
        told.append(progress)
        return True

    plan = day.plan(yard_of(), limit=Limit(seconds=60), watch=stop_at_once)
    assert plan.is_stopped
    assert [(each.iterations, each.best) for each in told] == [(0, plan.score)]
    assert sum(map(len, served(plan).values())) == 48


def test_a_plan_only_ever_becomes_better() -> None:
    told: list[Progress] = []

    def listen(progress: Progress) -> bool:
        told.append(progress)
        return False

    plan = day.plan(yard_of(), limit=Limit(iterations=900), watch=listen)
    ranks = [each.best.rank for each in told]
    assert ranks == sorted(ranks, reverse=True)
    assert plan.score.rank <= plan.first.rank
    assert plan.score == told[-1].best


def test_the_same_day_and_seed_give_the_same_plan_under_a_limit_of_iterations() -> None:
    one, other = (day.plan(yard_of(), limit=Limit(iterations=450), seed=7) for _ in range(2))
    assert one.laid == other.laid


def test_every_stop_is_on_one_route_or_says_why_not() -> None:
    plan = day.plan(yard_of(stops=30, hours=1.5), limit=Limit(iterations=300))
    seen = [key for keys in served(plan).values() for key in keys] + [each.stop.key for each in plan.laid.unassigned]
    assert sorted(seen) == sorted(stop.key for round_ in yard_of(stops=30).rounds for stop in round_.stops)
    assert plan.laid.unassigned, "an hour and a half is not enough for thirty doors"
    for each in plan.laid.driven:
        assert each.timetable.returns_at - MORNING <= timedelta(hours=1.5)


def test_what_the_law_ties_to_the_day_goes_before_what_was_promised_and_that_before_the_rest() -> None:
    yard = yard_of(1, stops=30, hours=1.2)
    importance = {f"r0-{number:02}": Importance(number % 4) for number in range(30)}
    stops = tuple(replace(stop, importance=importance[stop.key]) for stop in yard.rounds[0].stops)
    plan = day.plan(replace(yard, rounds=(replace(yard.rounds[0], stops=stops),)), limit=Limit(iterations=300))
    kept = {importance[key] for keys in served(plan).values() for key in keys}
    left = {each.stop.importance for each in plan.laid.unassigned}
    assert Importance.LEGAL in kept
    assert max(left) <= min(kept), "nothing less important is kept while something more important is left"


def test_a_new_stop_changes_nothing_else() -> None:
    before = day.plan(yard_of(), limit=FIRST)
    new = Stop(key="new", place=Place(16.09, 108.21), area="b")
    first, *others = yard_of().rounds
    yard = Yard(rounds=(replace(first, stops=(*first.stops, new)), *others))
    after = day.plan(yard, limit=FIRST, prior=as_prior(before))
    assert not moved(before, after)
    assert served(after)["p0"] != served(before)["p0"]
    assert [key for key in served(after)["p0"] if key != "new"] == served(before)["p0"]


def test_the_stops_of_an_absent_driver_go_to_others_and_theirs_stay() -> None:
    before = day.plan(yard_of(), limit=FIRST)
    after = day.plan(without_driver(yard_of(), "r0"), limit=Limit(iterations=300), prior=as_prior(before))
    assert "p0" not in served(after)
    assert len(moved(before, after) - set(served(before)["p0"])) <= 2
    assert not after.laid.unassigned


def test_whoever_is_free_takes_over_a_whole_route() -> None:
    before = day.plan(yard_of(), limit=FIRST)
    yard = without_driver(yard_of(spare=["free"]), "r0")
    after = day.plan(yard, limit=FIRST, prior=as_prior(before))
    assert served(after)["free"] == served(before)["p0"]
    assert [each.by_spare for each in after.laid.driven if each.driver == "free"] == [True]


def test_a_loaded_route_is_never_touched() -> None:
    before = day.plan(yard_of(), limit=FIRST)
    yard = without_driver(yard_of(), "r1")
    after = day.plan(yard, limit=Limit(iterations=300), prior=as_prior(before, loaded=["p0"]))
    assert served(after)["p0"] == served(before)["p0"]


def test_a_loaded_route_takes_nothing_along_and_gives_nothing_away_while_others_are_made_better() -> None:
    first, second, *_ = yard_of(2, hours=0.8).rounds
    before = day.plan(Yard(rounds=(first, replace(second, stops=()))), limit=FIRST)
    after_hours = TimeWindow(opens=MORNING, closes=MORNING + timedelta(seconds=1))
    late = replace(first, stops=(replace(first.stops[0], window=after_hours), *first.stops[1:]))
    law = tuple(replace(stop, importance=Importance.LEGAL) for stop in round_of(1, of=2, stops=20).stops)
    yard = Yard(rounds=(late, replace(second, stops=law)))
    after = day.plan(yard, limit=Limit(iterations=20), prior=as_prior(before, loaded=["p0"]))
    assert after.laid.unassigned, "the other driver has too much to do"
    assert served(after)["p0"] == served(before)["p0"]


def test_a_locked_stop_stays_with_its_driver_also_where_another_would_be_nearer() -> None:
    before = day.plan(yard_of(), limit=FIRST)
    prior = as_prior(before, locked=["r1-00", "r1-05"])
    held = frozenset({"r1-00", "r1-05"})
    given, taken = (next(each for each in prior.routes if each.driver == who) for who in ("p0", "p1"))
    given = replace(given, stops=(*given.stops, "r1-00", "r1-05"), locked=held)
    taken = replace(taken, stops=tuple(key for key in taken.stops if key not in held), locked=frozenset())
    swapped = Prior(routes=(given, taken, *(each for each in prior.routes if each.driver not in {"p0", "p1"})))
    after = day.plan(yard_of(), limit=Limit(iterations=450), prior=swapped)
    assert [key for key in served(after)["p0"] if key.startswith("r1")] == ["r1-00", "r1-05"], "and in their order"


def test_locked_stops_stay_where_the_law_would_put_something_else() -> None:
    first = day.plan(yard_of(1, stops=3), limit=FIRST)
    held = served(first)["p0"]
    law = tuple(replace(stop, importance=Importance.LEGAL) for stop in round_of(1, of=4, stops=20).stops)
    (own,) = yard_of(1, stops=3, hours=1.2).rounds
    yard = Yard(rounds=(replace(own, stops=(*own.stops, *law)),))
    after = day.plan(yard, limit=Limit(iterations=60), prior=as_prior(first, locked=held))
    assert [key for key in served(after)["p0"] if key in held] == held
    assert after.laid.unassigned, "the law has no room here, and says so"


def test_what_was_locked_to_somebody_absent_is_locked_to_whoever_takes_his_route_over() -> None:
    before = day.plan(yard_of(2, stops=4), limit=FIRST)
    held = served(before)["p0"]
    yard = without_driver(yard_of(2, stops=4, spare=["free"]), "r0")
    after = day.plan(yard, limit=Limit(iterations=60), prior=as_prior(before, locked=held))
    assert served(after)["free"] == held
    assert after.score.cost < NEVER, "nothing is where it must not be"


def test_a_plan_that_names_things_twice_gives_every_stop_to_one_driver_and_every_driver_one_route() -> None:
    yard = yard_of(2, stops=4)
    keys = tuple(stop.key for stop in yard.rounds[0].stops)
    once = Known(round="r0", part=0, driver="p0", stops=(*keys, keys[0], "unknown"))
    twice = Known(round="r1", part=0, driver="p0", stops=(keys[1], "r1-00"))
    after = day.plan(yard, limit=FIRST, prior=Prior(routes=(once, twice, replace(once, driver="p1", round="gone"))))
    on_routes = [stop.key for each in after.laid.driven for stop in each.route.stops]
    assert sorted(on_routes) == sorted(stop.key for round_ in yard.rounds for stop in round_.stops)
    assert sorted(each.driver for each in after.laid.driven) == ["p0", "p1"]


def test_a_stop_that_has_lost_its_point_says_so_also_where_somebody_had_it() -> None:
    before = day.plan(yard_of(1, stops=4), limit=FIRST)
    (own,) = yard_of(1, stops=4).rounds
    yard = Yard(rounds=(replace(own, stops=(replace(own.stops[0], place=None), *own.stops[1:])),))
    after = day.plan(yard, limit=Limit(iterations=30), prior=as_prior(before))
    assert [(each.stop.key, each.reason) for each in after.laid.unassigned] == [("r0-00", Reason.NO_POINT)]


def test_a_stop_that_nobody_has_any_more_disappears_without_a_trace() -> None:
    before = day.plan(yard_of(), limit=FIRST)
    first, *others = yard_of().rounds
    yard = Yard(rounds=(replace(first, stops=first.stops[1:]), *others))
    after = day.plan(yard, limit=FIRST, prior=as_prior(before))
    gone = first.stops[0].key
    assert served(after) == {who: [key for key in keys if key != gone] for who, keys in served(before).items()}


def test_without_anybody_to_drive_every_stop_says_so() -> None:
    yard = yard_of(2)
    nobody = Yard(rounds=tuple(replace(each, has_driver=False) for each in yard.rounds))
    plan = day.plan(nobody, limit=Limit(iterations=150))
    assert not plan.laid.driven
    assert {each.reason for each in plan.laid.unassigned} == {Reason.NO_DRIVER}


def test_many_routes_are_worked_on_by_turns() -> None:
    plan = day.plan(yard_of(12, stops=14), limit=Limit(iterations=900))
    assert plan.score.rank < plan.first.rank
    assert sum(map(len, served(plan).values())) == 168
