"""Doors that share a place are one parking stop, and nothing else is: no promise, load or doubt is walked over."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routes import parking
from routes.matrix import straight
from routes.model import Importance, Place, Stop, TimeWindow
from routes.parking import Habits, ParkingStop
from routes.timing import Visit

NINE = datetime(2026, 11, 16, 2, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
METRE = 1 / 111_195
"""A metre to the north, in degrees."""

MIDDLE_OF_A_COMMUNE = 2_000


def door(key: str, *, north_m: float = 0, unsure: int = 10, **more: object) -> Stop:
    place = Place(16.07 + north_m * METRE, 108.2, uncertainty_m=unsure)
    return replace(Stop(key=key, place=place, area="a"), **more)  # type: ignore[arg-type] # fields by name


def hours(opens: int, closes: int) -> TimeWindow:
    """Return a window in minutes after nine."""
    return TimeWindow(opens=NINE + opens * MINUTE, closes=NINE + closes * MINUTE)


def together(*doors: Stop, **more: object) -> list[str]:
    """Return the keys of the doors of each parking stop."""
    return [" ".join(sorted(each.key for each in parked.doors)) for parked in parking.gathered(doors, **more)]  # type: ignore[arg-type] # the arguments of `gathered` by name


def test_the_flats_of_a_block_are_one_stop_where_one_parks_once() -> None:
    (block,) = parking.gathered([door(f"d{number}") for number in range(5)])
    assert [each.key for each in block.doors] == ["d0", "d1", "d2", "d3", "d4"]
    assert block.walking == timedelta(seconds=5 * 20)
    assert block.stop.service == 5 * timedelta(minutes=4) - 4 * timedelta(seconds=90) + block.walking
    assert block.stop.service < 5 * timedelta(minutes=4)


def test_doors_that_lie_farther_apart_than_a_walk_stay_stops_of_their_own() -> None:
    assert together(door("a"), door("b", north_m=30)) == ["a b"]
    assert together(door("a"), door("b", north_m=130)) == ["a", "b"]


def test_an_alley_does_not_grow_into_a_street_door_by_door() -> None:
    alley = [door(f"d{number:02}", north_m=25 * number) for number in range(12)]
    for parked in parking.gathered(alley):
        places = [each.place for each in parked.doors if each.place]
        assert max(straight(one, other) for one in places for other in places) <= 100


def test_walking_must_not_take_longer_than_driving_on() -> None:
    far = Habits(walking_m=400, parking=timedelta())
    assert together(door("a"), door("b", north_m=300), habits=far) == ["a", "b"]


def test_doors_whose_commune_alone_is_known_are_never_gathered() -> None:
    middles = [door(f"d{number}", unsure=MIDDLE_OF_A_COMMUNE) for number in range(4)]
    assert together(*middles) == ["d0", "d1", "d2", "d3"]
    assert together(middles[0], door("known")) == ["d0", "known"]


def test_doors_whose_address_names_one_building_are_gathered_wherever_its_commune_lies() -> None:
    middles = [door(f"d{number}", unsure=MIDDLE_OF_A_COMMUNE) for number in range(3)]
    sites = {"d0": "chung cu a", "d1": "chung cu a", "d2": "chung cu b"}
    assert together(*middles, sites=sites) == ["d0 d1", "d2"]


def test_a_building_of_the_same_name_somewhere_else_is_another_building() -> None:
    sites = {"a": "chung cu hoa binh", "b": "chung cu hoa binh"}
    assert together(door("a"), door("b", north_m=900), sites=sites) == ["a", "b"]


def test_what_the_law_ties_to_the_day_takes_nothing_else_along() -> None:
    legal = door("a", importance=Importance.LEGAL)
    assert together(legal, door("b"), door("c")) == ["a", "b c"]


def test_doors_of_different_areas_or_drivers_stay_apart() -> None:
    assert together(door("a"), door("b", area="b")) == ["a", "b"]
    assert together(door("a"), door("b"), door("c"), apart={"a": "x", "b": "x"}) == ["a b", "c"]


def test_a_parking_stop_takes_no_longer_and_carries_no_more_than_it_may() -> None:
    block = [door(f"d{number:02}", load=2) for number in range(30)]
    assert all(each.stop.service <= timedelta(minutes=45) for each in parking.gathered(block))
    assert all(each.stop.load <= 6 for each in parking.gathered(block, habits=Habits(load=6)))


def test_hours_that_cannot_be_kept_together_keep_doors_apart() -> None:
    early, late = door("a", window=hours(0, 30)), door("b", window=hours(60, 90))
    assert together(early, late, door("c")) == ["a c", "b"]


def test_a_parking_stop_begins_when_every_door_has_its_hours() -> None:
    doors = [door("a"), door("b", window=hours(0, 60)), door("c", window=hours(10, 90))]
    (block,) = parking.gathered(doors)
    assert block.stop.window is not None
    for begins_at in (block.stop.window.opens, block.stop.window.closes):
        for each, after in zip(block.doors, block.begins_after, strict=True):
            assert each.window is None or each.window.opens <= begins_at + after <= each.window.closes


def test_a_stop_without_a_point_is_kept_as_it_is() -> None:
    lost = replace(door("a"), place=None)
    (alone, other) = parking.gathered([lost, door("b")])
    assert alone == ParkingStop(stop=lost, doors=(lost,), begins_after=(timedelta(),), walking=timedelta())
    assert not other.is_shared


def test_the_postman_gets_every_door_with_its_time_in_walking_order() -> None:
    parked = parking.gathered([door("a"), door("b"), door("far", north_m=5_000)])
    block = next(each for each in parked if each.is_shared)
    visit = Visit(
        stop=block.stop,
        arrives_at=NINE,
        begins_at=NINE + MINUTE,
        leaves_at=NINE + MINUTE + block.stop.service,
        late_by=timedelta(),
    )
    first, second = parking.expanded([visit], parked)
    assert (first.stop.key, first.arrives_at, first.begins_at) == ("a", NINE, NINE + MINUTE)
    assert (second.stop.key, second.begins_at) == ("b", first.leaves_at)
    assert second.leaves_at == visit.leaves_at


def test_yesterdays_order_of_doors_is_an_order_of_parking_stops() -> None:
    parked = parking.gathered([door("a"), door("b"), door("far", north_m=5_000)])
    assert parking.named(["b", "far", "a", "gone"], parked) == ("a", "far", "gone")


def test_what_finds_no_room_as_a_whole_is_taken_apart_again() -> None:
    doors = [door("a"), door("b"), door("far", north_m=5_000)]
    parked = parking.gathered(doors)
    assert [each.stop for each in parking.parted(parked, keys={"a"})] == doors


def test_habits_that_cannot_be_are_refused() -> None:
    for wrong in ({"walking_m": -1}, {"walking_kmh": 0.0}, {"parking": -MINUTE}, {"longest": timedelta()}, {"load": 0}):
        with pytest.raises(ValueError, match=r"way on foot|parking|carries"):
            Habits(**wrong)


@given(seed=st.integers(0, 10_000), count=st.integers(0, 25))
@settings(max_examples=40, deadline=None)
def test_every_door_is_in_one_parking_stop_which_nobody_reads_differently(seed: int, count: int) -> None:
    chance = random.Random(seed)
    doors = [
        door(
            f"d{number:02}",
            north_m=chance.choice((0, 10, 60, 400)) + 500 * chance.randrange(3),
            unsure=chance.choice((5, 50, MIDDLE_OF_A_COMMUNE)),
            importance=chance.choice(tuple(Importance)),
            load=chance.randrange(3),
            window=chance.choice((None, None, hours(0, 60), hours(30, 200))),
        )
        for number in range(count)
    ]
    parked = parking.gathered(doors)
    assert sorted(each.key for some in parked for each in some.doors) == [each.key for each in doors]
    assert parked == parking.gathered(chance.sample(doors, len(doors)))
    assert [each.stop.key for each in parked] == [min(door.key for door in each.doors) for each in parked]
    for each in parked:
        assert each.stop.load == sum(door.load for door in each.doors)
        assert {door.importance for door in each.doors} == {each.stop.importance}
        assert each.stop.service <= sum((door.service for door in each.doors), timedelta()) + 10 * MINUTE
        assert not each.is_shared or all(door.place and door.place.uncertainty_m <= 100 for door in each.doors)


def test_hundreds_of_doors_at_one_point_are_gathered_in_no_time() -> None:
    crowd = [door(f"d{number:04}") for number in range(400)]
    parked = parking.gathered(crowd)
    assert 27 <= len(parked) <= 29, "fifteen doors take three quarters of an hour"
    assert sum(len(each.doors) for each in parked) == 400
