"""The territory's order is kept; inside an area the shorter way is found, always the same one."""

import itertools
import random
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from routes import planner
from routes.matrix import GreatCircleMatrix, Matrix
from routes.model import Depot, Importance, Leg, Place, Route, Shift, Stop, TimeWindow, Vehicle
from routes.timing import Clock
from routes.why import Reason

OFFICE = Depot(key="550000", place=Place(16.0600, 108.1500), label="Bưu cục Hòa Khánh")
RANKING = ["to-1", "to-2", "to-3"]


class Line:
    """Places on a line, one metre and one second per degree of longitude, dearer towards the west."""

    def __init__(self, *, westwards: int = 1) -> None:
        self._westwards = westwards

    def leg(self, origin: Place, destination: Place) -> Leg:
        metres = round(destination.lon - origin.lon)
        cost = metres if metres >= 0 else -metres * self._westwards
        return Leg(metres=cost, seconds=cost)


def driver(depot: Depot, shift: Shift | None = None) -> Vehicle:
    """Return somebody who drives from a depot and back, however long it takes where no shift is named."""
    return Vehicle(key="d", shift=shift or shift_of(seconds=10**6, hours=300), start=depot, end=depot)


def on_line(key: str, lon: float, *, area: str = "to-1") -> Stop:
    return Stop(key=key, place=Place(0, lon), area=area, service=timedelta(seconds=10))


ORIGIN = Depot(key="o", place=Place(0, 0))


MORNING = datetime(2026, 11, 16, 0, 30, tzinfo=UTC)


def shift_of(*, seconds: int, hours: int = 8) -> Shift:
    return Shift(starts_at=MORNING, ends_at=MORNING + timedelta(hours=hours), longest=timedelta(seconds=seconds))


def window(opens: int, closes: int) -> TimeWindow:
    """Return a window in seconds after the start."""
    return TimeWindow(opens=MORNING + timedelta(seconds=opens), closes=MORNING + timedelta(seconds=closes))


def keys(plan: planner.Plan) -> list[str]:
    return [stop.key for stop in plan.route.stops]


def planned(stops: list[Stop], *, by: Vehicle, matrix: Matrix | None = None) -> planner.Plan:
    return planner.plan(stops, vehicle=by, ranking=RANKING, matrix=matrix or Line())


def scattered(count: int, *, areas: list[str], seed: int = 1) -> list[Stop]:
    chance = random.Random(seed)
    return [
        Stop(
            key=f"s{number:03}",
            place=Place(16.06 + chance.uniform(-0.03, 0.03), 108.15 + chance.uniform(-0.03, 0.03)),
            area=chance.choice(areas),
        )
        for number in range(count)
    ]


def length(stops: tuple[Stop, ...], matrix: GreatCircleMatrix) -> int:
    return planner.route_of(stops, depot=OFFICE, matrix=matrix).metres


def test_areas_are_served_in_the_order_of_the_territory_whatever_it_costs() -> None:
    stops = [on_line("far", 90, area="to-1"), on_line("near", 10, area="to-2"), on_line("farther", 95, area="to-3")]
    assert keys(planned(stops, by=driver(ORIGIN))) == [
        "far",
        "near",
        "farther",
    ]


def test_inside_an_area_the_nearest_comes_first_from_where_the_last_area_ended() -> None:
    stops = [on_line("a", 50), on_line("b", 20, area="to-2"), on_line("c", 40, area="to-2")]
    assert keys(planned(stops, by=driver(ORIGIN))) == ["a", "c", "b"]


def test_a_way_back_that_the_nearest_neighbour_leaves_for_last_is_taken_first() -> None:
    stops = [on_line("west", -11), on_line("east", 10), on_line("farther-east", 22), on_line("next", 60, area="to-2")]
    route = planned(stops, by=driver(ORIGIN)).route
    assert [stop.key for stop in route.stops] == ["west", "east", "farther-east", "next"]


def test_an_area_is_left_on_the_side_of_the_next_one() -> None:
    stops = [on_line("west", -11), on_line("east", 10), on_line("farther-east", 22), on_line("next", -60, area="to-2")]
    route = planned(stops, by=driver(ORIGIN)).route
    assert [stop.key for stop in route.stops] == ["east", "farther-east", "west", "next"]


@pytest.mark.parametrize("seed", range(8))
def test_the_route_of_one_area_is_close_to_the_best_there_is(seed: int) -> None:
    matrix = GreatCircleMatrix()
    stops = scattered(6, areas=["to-1"], seed=seed)
    best = min(length(order, matrix) for order in itertools.permutations(stops))
    found = planned(stops, by=driver(OFFICE), matrix=matrix).route.metres
    assert best <= found <= best * 1.1


@pytest.mark.parametrize("seed", range(5))
def test_no_reversal_of_a_stretch_makes_the_found_route_shorter(seed: int) -> None:
    matrix = GreatCircleMatrix()
    route = planned(scattered(25, areas=["to-1"], seed=seed), by=driver(OFFICE), matrix=matrix).route
    for first, last in itertools.combinations(range(len(route.stops) + 1), 2):
        other = route.stops[:first] + route.stops[first:last][::-1] + route.stops[last:]
        assert route.metres <= length(other, matrix)


def test_a_one_way_matrix_is_measured_in_the_direction_driven() -> None:
    stops = [on_line("a", 10), on_line("b", 20), on_line("c", 30)]
    route = planned(stops, by=driver(ORIGIN), matrix=Line(westwards=3)).route
    assert route.metres == 30 + 3 * 30


def test_the_same_stops_give_the_same_route_in_whatever_order_they_come() -> None:
    stops = scattered(40, areas=RANKING)
    first = planned(stops, by=driver(OFFICE), matrix=GreatCircleMatrix())
    for seed in range(3):
        shuffled = random.Random(seed).sample(stops, len(stops))
        assert planned(shuffled, by=driver(OFFICE), matrix=GreatCircleMatrix()) == first


def test_stops_of_one_house_stay_together_in_the_order_of_their_keys() -> None:
    stops = [on_line(key, 30) for key in ("c", "a", "b")]
    assert keys(planned(stops, by=driver(ORIGIN))) == ["a", "b", "c"]


def test_every_stop_is_on_the_route_or_has_a_reason() -> None:
    lost = Stop(key="lost", place=None, area="to-1")
    stranger = on_line("stranger", 5, area="another commune")
    nowhere = Stop(key="nowhere", place=None, area=None)
    plan = planned([on_line("a", 1), lost, stranger, nowhere], by=driver(ORIGIN), matrix=Line())
    assert keys(plan) == ["a"]
    assert {each.stop.key: each.reason for each in plan.unassigned} == {
        "lost": Reason.NO_POINT,
        "nowhere": Reason.OUTSIDE_TERRITORY,
        "stranger": Reason.OUTSIDE_TERRITORY,
    }


def test_what_does_not_fit_into_the_shift_is_left_out_from_the_end() -> None:
    stops = [on_line("a", 10), on_line("b", 20, area="to-2"), on_line("c", 30, area="to-3")]
    shift = shift_of(seconds=60)  # 20 there, 2 x 10 of service, 20 back
    plan = planned(stops, by=driver(ORIGIN, shift))
    assert keys(plan) == ["a", "b"]
    assert plan.route.duration == shift.longest
    assert [(each.stop.key, each.reason) for each in plan.unassigned] == [("c", Reason.OVER_SHIFT)]


def test_what_is_promised_for_the_day_stays_and_others_give_way() -> None:
    due = replace(on_line("c", 30, area="to-3"), importance=Importance.PROMISED)
    stops = [on_line("a", 10), on_line("b", 20, area="to-2"), due]
    plan = planned(stops, by=driver(ORIGIN, shift_of(seconds=80)))
    assert keys(plan) == ["a", "c"]
    assert [(each.stop.key, each.reason) for each in plan.unassigned] == [("b", Reason.OVER_SHIFT)]


def test_a_promised_window_is_met_by_leaving_the_order_of_areas_for_it_alone() -> None:
    early = replace(on_line("c", 30, area="to-3"), window=window(0, 35))
    stops = [on_line("a", 10), on_line("b", 20, area="to-2"), early]
    plan = planned(stops, by=driver(ORIGIN, shift_of(seconds=600)))
    assert keys(plan) == ["c", "a", "b"]
    assert plan.missed == ()


def test_a_window_that_opens_late_is_served_late_instead_of_waited_for() -> None:
    late = replace(on_line("a", 10), window=window(70, 200))
    stops = [late, on_line("b", 20, area="to-2"), on_line("c", 30, area="to-3")]
    plan = planned(stops, by=driver(ORIGIN, shift_of(seconds=600)))
    assert keys(plan) == ["b", "c", "a"]


def test_waiting_is_no_work_but_must_end_within_the_shift() -> None:
    late = replace(on_line("a", 10), window=window(3600, 3700), importance=Importance.PROMISED)
    shift = Shift(starts_at=MORNING, ends_at=MORNING + timedelta(seconds=3620), longest=timedelta(seconds=60))
    assert keys(planned([late], by=driver(ORIGIN, shift))) == ["a"]
    short = replace(shift, ends_at=MORNING + timedelta(seconds=3610))
    left = planned([late], by=driver(ORIGIN, short))
    assert [each.reason for each in left.unassigned] == [Reason.OVER_SHIFT]


def test_a_window_nobody_can_meet_says_whether_it_is_too_far_or_in_the_way_of_others() -> None:
    far = replace(on_line("far", 100), window=window(0, 50), importance=Importance.PROMISED)
    plan = planned([far], by=driver(ORIGIN, shift_of(seconds=600)))
    assert [(each.stop.key, each.late_by.seconds, each.reason) for each in plan.missed] == [("far", 50, Reason.TOO_FAR)]
    west, east = (
        replace(on_line(str(lon), lon), window=window(0, 20), importance=Importance.PROMISED) for lon in (-20, 20)
    )
    both = planned([west, east], by=driver(ORIGIN, shift_of(seconds=600)))
    assert [each.reason for each in both.missed] == [Reason.OTHER_PROMISES]


@pytest.mark.parametrize("seed", range(6))
def test_no_order_misses_fewer_windows_than_the_one_found(seed: int) -> None:
    chance = random.Random(seed)
    stops = []
    for number in range(6):
        opens = chance.randrange(300)
        stops.append(replace(on_line(f"s{number}", chance.randrange(-60, 60)), window=window(opens, opens + 40)))
    shift = shift_of(seconds=3600)
    clock = Clock(driver(ORIGIN, shift), matrix=Line())
    plan = planned(stops, by=driver(ORIGIN, shift))
    best = min(clock.outcome(order) for order in itertools.permutations(stops))
    assert (len(plan.missed), clock.outcome(plan.route.stops).late) == (best.missed, best.late)


def test_a_day_without_stops_is_a_route_without_legs() -> None:
    plan = planned([], by=driver(ORIGIN))
    assert (plan.route.stops, plan.route.legs, plan.route.metres, plan.unassigned) == ((), (), 0, ())


def test_an_order_set_by_hand_is_kept() -> None:
    stops = [on_line("b", 20), Stop(key="lost", place=None), on_line("a", 10)]
    route = planner.route_of(stops, depot=ORIGIN, matrix=Line())
    assert [stop.key for stop in route.stops] == ["b", "a"], "without the one whose place nobody knows"
    assert route.metres == 20 + 10 + 10


@pytest.mark.parametrize("areas", [RANKING, ["to-1"]], ids=["three areas", "one area"])
def test_a_hundred_stops_are_planned_well_under_a_second(areas: list[str]) -> None:
    stops = scattered(100, areas=areas)
    began = time.process_time()
    plan = planned(stops, by=driver(OFFICE), matrix=GreatCircleMatrix())
    assert time.process_time() - began < 1
    assert len(plan.route.stops) == 100


def test_a_route_knows_its_length_and_its_time() -> None:
    route = planned([on_line("a", 10), on_line("b", 20)], by=driver(ORIGIN), matrix=Line()).route
    assert route.metres == 40
    assert (route.driving, route.service) == (timedelta(seconds=40), timedelta(seconds=20))


def test_a_route_with_a_leg_too_few_cannot_exist() -> None:
    with pytest.raises(ValueError, match="one leg more"):
        Route(depot=ORIGIN, end=ORIGIN, stops=(on_line("a", 1),), legs=(Leg(1, 1),))
